import { availableParallelism } from 'node:os'
import type { KernelName } from '../mining/kernel.ts'
import type { KernelChoice, KernelStatus, SearchEvents, SearchJob, SearchPool } from '../mining/pool.ts'
import { Emitter } from '../util/events.ts'
import { silent } from '../util/ports.ts'
import { type ChooserOptions, KernelChooser } from './kernels/chooser.ts'
import { MiningThread } from './mining-thread.ts'

export interface MinePoolOptions extends ChooserOptions {
  /** Measures the kernels now, and not only when threads are wanted for the first time. */
  readonly measureAtOnce?: boolean
}

/** The kernel that runs everywhere, which is told of until the kernels have been measured. */
const EVERYWHERE: KernelStatus = { name: 'typescript', hashRate: null, chosen: true }

/**
 * Searches nonces in worker threads. None runs until `setThreads`; a thread that dies is reported and started again. Threads begin
 * to search when it is known which kernel is the fastest: at once where that is remembered, else after about a second.
 */
export function openMinePool(options: MinePoolOptions): SearchPool {
  const { workerUrl, nativeAddon, log = silent } = options
  const events = new Emitter<SearchEvents>()
  const threads: MiningThread[] = []
  const chooser = new KernelChooser(options)
  let job: SearchJob | undefined
  let intensity = 100
  let choice: KernelChoice = 'auto'
  let kernels: readonly KernelStatus[] | undefined
  let kernel: KernelName | undefined
  let closed = false

  const assign = () => {
    for (const [first, thread] of threads.entries()) {
      thread.send({
        kernel: kernel ?? null,
        intensity,
        search: job ? { job: job.id, header: job.header, target: job.target, first, stride: threads.length } : null,
      })
    }
  }
  /** Takes the kernel that is wanted, of those that run here. */
  const choose = (from: readonly Omit<KernelStatus, 'chosen'>[]) => {
    const good = from.filter(({ hashRate }) => hashRate !== null)
    const wanted = good.find(({ name }) => name === choice)
    if (choice !== 'auto' && !wanted) log.warn(`the kernel ${choice} does not run here, so the fastest is taken`)
    // The last is the fastest; the list is empty when nothing could be measured.
    const name = (wanted ?? good.at(-1) ?? EVERYWHERE).name
    kernels = from.map((one) => ({ name: one.name, hashRate: one.hashRate, chosen: one.name === name }))
    kernel = name
    log.info('the mining kernel', { kernel: name, hashRate: kernels.find(({ chosen }) => chosen)?.hashRate ?? null, choice })
    assign()
    events.emit('kernel', { name })
  }
  const measure = () => {
    void chooser.kernels().then((measured) => {
      if (!closed && !kernels) choose(measured)
    })
  }
  if (options.measureAtOnce) measure()

  return {
    events,
    get kernel() {
      return kernel ?? EVERYWHERE.name
    },
    maxThreads: availableParallelism(),
    kernels: () => kernels ?? [EVERYWHERE],
    setKernel(next) {
      if (next === choice) return
      choice = next
      if (kernels) choose(kernels)
    },
    setIntensity(percent) {
      intensity = Math.max(1, Math.min(100, Math.round(percent)))
      assign()
    },
    setThreads(count) {
      if (count > 0 && !kernels) measure()
      for (const thread of threads.splice(count)) void thread.end()
      while (threads.length < count) threads.push(new MiningThread({ workerUrl, nativeAddon, events, log }))
      assign()
    },
    search(next) {
      job = next
      assign()
    },
    async close() {
      closed = true
      job = undefined
      await Promise.all([chooser.close(), ...threads.splice(0).map((thread) => thread.end())])
    },
  }
}
