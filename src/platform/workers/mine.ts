/** A thread of the mining pool (mine-pool.ts): searches its share of a header's nonces, or measures the kernels once. */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { KernelName } from '../../mining/kernel.ts'
import { Searcher } from '../../mining/searcher.ts'
import { chooseKernels } from '../kernels/choose.ts'
import { findKernel } from '../kernels/kernels.ts'
import type { FromChoosingThread, FromMiningThread, MiningThreadData, ToChoosingThread, ToMiningThread } from '../mine-messages.ts'

/** Where a thread cannot step back behind the others, it rests this long after each slice. */
const REST_MS = 1

if (!parentPort) throw new Error('bug: this file runs as a worker thread')
const port = parentPort
const { task, nativeAddon } = workerData as MiningThreadData

if (task === 'choose') {
  port.once('message', (asked: ToChoosingThread) => {
    const answer: FromChoosingThread = chooseKernels({ ...asked, nativeAddon })
    port.postMessage(answer)
  })
} else {
  const tell = (message: FromMiningThread) => port.postMessage(message)
  const searcher = new Searcher(
    {
      now: () => performance.now(),
      // An immediate comes after the messages that wait, and so does a timer.
      later: (ms, fn) => (ms === 0 ? setImmediate(fn) : setTimeout(fn, ms)),
      tell,
    },
    stepBack() ? 0 : REST_MS,
  )
  let asked: KernelName | undefined
  port.on('message', ({ kernel, intensity, search }: ToMiningThread) => {
    searcher.setIntensity(intensity)
    searcher.search(search ?? undefined)
    if (kernel === null || kernel === asked) return
    asked = kernel
    const found = findKernel(kernel, nativeAddon)
    searcher.setKernel(found)
    if (found.name !== kernel) tell({ type: 'fell-back', wanted: kernel, to: found.name })
  })
}

/** Lets everything else on the machine go first. Linux alone counts priority by thread; elsewhere it would slow the whole process. */
function stepBack(): boolean {
  if (process.platform !== 'linux') return false
  try {
    setPriority(10)
    return true
  } catch {
    return false
  }
}
