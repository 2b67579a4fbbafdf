import { Worker } from 'node:worker_threads'
import type { SearchEvents } from '../mining/pool.ts'
import type { Emitter } from '../util/events.ts'
import type { Logger } from '../util/ports.ts'
import type { FromMiningThread, MiningThreadData, ToMiningThread } from './mine-messages.ts'

/** How long a thread that died stays away: doubled each time it dies again before it has done anything. */
const FIRST_BACKOFF_MS = 200
const MAX_BACKOFF_MS = 30_000

export interface MiningThreadOptions {
  readonly workerUrl: URL
  readonly nativeAddon: string | undefined
  readonly events: Emitter<SearchEvents>
  readonly log: Logger
}

/** A worker that is there again after it died, and knows what it was to do. */
export class MiningThread {
  readonly #options: MiningThreadOptions
  #worker: Worker | undefined
  #last: ToMiningThread | undefined
  #ended = false
  #backoff = FIRST_BACKOFF_MS
  #retry: NodeJS.Timeout | undefined

  constructor(options: MiningThreadOptions) {
    this.#options = options
    this.#start()
  }

  send(message: ToMiningThread): void {
    this.#last = message
    this.#worker?.postMessage(message)
  }

  async end(): Promise<void> {
    this.#ended = true
    clearTimeout(this.#retry)
    await this.#worker?.terminate()
  }

  #start(): void {
    const { workerUrl, nativeAddon, events, log } = this.#options
    const workerData: MiningThreadData = { task: 'search', nativeAddon }
    const worker = new Worker(workerUrl, { workerData })
    this.#worker = worker
    let why = 'it ended by itself'
    // Mining alone does not keep the process alive.
    worker.unref()
    worker.on('message', (message: FromMiningThread) => {
      this.#backoff = FIRST_BACKOFF_MS
      if (this.#ended) return
      if (message.type === 'hit') events.emit('hit', { job: message.job, nonce: message.nonce })
      else if (message.type === 'tried') events.emit('tried', { job: message.job, count: message.count, ms: message.ms })
      else log.warn('a mining thread cannot run the kernel that was chosen', { wanted: message.wanted, runs: message.to })
    })
    worker.on('error', (error) => {
      why = error instanceof Error ? error.message : String(error)
    })
    worker.on('exit', () => {
      this.#worker = undefined
      if (this.#ended) return
      this.#retry = setTimeout(() => this.#start(), this.#backoff).unref()
      this.#backoff = Math.min(MAX_BACKOFF_MS, 2 * this.#backoff)
      events.emit('failed', { message: why })
    })
    if (this.#last) worker.postMessage(this.#last)
  }
}
