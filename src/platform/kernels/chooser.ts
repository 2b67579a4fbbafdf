import { Worker } from 'node:worker_threads'
import type { Files } from '../../util/files.ts'
import { type Logger, silent } from '../../util/ports.ts'
import type { FromChoosingThread, MiningThreadData, ToChoosingThread } from '../mine-messages.ts'

export interface ChooserOptions {
  /** workers/mine.ts, as built or as a source. */
  readonly workerUrl: URL
  /** The native addon's file, where there is one. */
  readonly nativeAddon?: string | undefined
  /** Of this app: another version measures anew. */
  readonly version?: string
  /** Where rates are remembered between runs; nowhere when left out. */
  readonly remember?: { readonly files: Files; readonly path: string }
  /** How long each kernel is measured; 50 ms when left out. */
  readonly measureMs?: number
  readonly log?: Logger
}

type Kernels = FromChoosingThread['kernels']

const MEASURE_MS = 50
/** What is left when nothing can be measured. */
const NOTHING: Kernels = [{ name: 'typescript', hashRate: null }]

/** Finds out, in a thread of its own, which kernels run here and how fast, once. */
export class KernelChooser {
  readonly #options: ChooserOptions
  readonly #log: Logger
  #worker: Worker | undefined
  #measuring: Promise<Kernels> | undefined
  #closed = false

  constructor(options: ChooserOptions) {
    this.#options = options
    this.#log = options.log ?? silent
  }

  /** The kernels of this machine, slowest first. Never rejects: without the native addon when its code breaks the thread, and with the kernel that always runs in the end. */
  kernels(): Promise<Kernels> {
    this.#measuring ??= this.#measure()
    return this.#measuring
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#worker?.terminate()
  }

  async #measure(): Promise<Kernels> {
    const { nativeAddon } = this.#options
    const remembered = await this.#read()
    for (const addon of nativeAddon === undefined ? [undefined] : [nativeAddon, undefined]) {
      if (this.#closed) break
      try {
        const { kernels, remember, problems } = await this.#ask(addon, remembered)
        for (const problem of problems) this.#log.warn(problem)
        if (remember !== undefined) await this.#write(remember)
        return kernels
      } catch (error) {
        if (!this.#closed) this.#log.warn('the mining kernels could not be measured', { error: String(error), nativeAddon: addon ?? 'none' })
      }
    }
    return NOTHING
  }

  #ask(nativeAddon: string | undefined, remembered: string | undefined): Promise<FromChoosingThread> {
    const { workerUrl, version = '', measureMs = MEASURE_MS } = this.#options
    const workerData: MiningThreadData = { task: 'choose', nativeAddon }
    const worker = new Worker(workerUrl, { workerData })
    this.#worker = worker
    worker.unref()
    const asked: ToChoosingThread = { remembered, version, measureMs }
    worker.postMessage(asked)
    return new Promise((resolve, reject) => {
      worker.once('message', (answer: FromChoosingThread) => {
        resolve(answer)
        void worker.terminate()
      })
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the thread ended by itself')))
    })
  }

  async #read(): Promise<string | undefined> {
    const { remember } = this.#options
    try {
      const bytes = await remember?.files.read(remember.path)
      return bytes && new TextDecoder().decode(bytes)
    } catch (error) {
      this.#log.warn('the rates of the mining kernels could not be read', { error: String(error) })
      return undefined
    }
  }

  async #write(text: string): Promise<void> {
    const { remember } = this.#options
    try {
      await remember?.files.write(remember.path, new TextEncoder().encode(text))
    } catch (error) {
      this.#log.warn('the rates of the mining kernels could not be remembered', { error: String(error) })
    }
  }
}
