import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { SearchEvents, SearchJob, SearchPool } from '../mining/pool.ts'
import { typescriptKernel } from '../mining/search.ts'
import { Emitter } from '../util/events.ts'
import type { FromMiningThread, ToMiningThread } from './mine-messages.ts'

export interface MinePoolOptions {
  /** The built or source file of workers/mine.ts, handed in by the host that knows where it is. */
  readonly workerUrl: URL
}

/** How long a thread that died stays away: doubled each time it dies again before it has done anything. */
const FIRST_BACKOFF_MS = 200
const MAX_BACKOFF_MS = 30_000

/** Searches nonces in worker threads. None runs until `setThreads`; a thread that dies is reported and started again. */
export function openMinePool({ workerUrl }: MinePoolOptions): SearchPool {
  const events = new Emitter<SearchEvents>()
  const threads: MiningThread[] = []
  let job: SearchJob | undefined

  const assign = () => {
    for (const [first, thread] of threads.entries()) {
      thread.send({ search: job ? { job: job.id, header: job.header, target: job.target, first, stride: threads.length } : null })
    }
  }
  return {
    events,
    kernel: typescriptKernel.name,
    maxThreads: availableParallelism(),
    setThreads(count) {
      for (const thread of threads.splice(count)) void thread.end()
      while (threads.length < count) threads.push(new MiningThread(workerUrl, events))
      assign()
    },
    search(next) {
      job = next
      assign()
    },
    async close() {
      job = undefined
      await Promise.all(threads.splice(0).map((thread) => thread.end()))
    },
  }
}

/** A worker that is there again after it died, and knows what it was to do. */
class MiningThread {
  readonly #url: URL
  readonly #events: Emitter<SearchEvents>
  #worker: Worker | undefined
  #last: ToMiningThread = { search: null }
  #ended = false
  #backoff = FIRST_BACKOFF_MS
  #retry: NodeJS.Timeout | undefined

  constructor(url: URL, events: Emitter<SearchEvents>) {
    this.#url = url
    this.#events = events
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
    const worker = new Worker(this.#url)
    this.#worker = worker
    let why = 'it ended by itself'
    // Mining alone does not keep the process alive.
    worker.unref()
    worker.on('message', (message: FromMiningThread) => {
      this.#backoff = FIRST_BACKOFF_MS
      if (this.#ended) return
      if (message.type === 'hit') this.#events.emit('hit', { job: message.job, nonce: message.nonce })
      else this.#events.emit('tried', { count: message.count })
    })
    worker.on('error', (error) => {
      why = error instanceof Error ? error.message : String(error)
    })
    worker.on('exit', () => {
      this.#worker = undefined
      if (this.#ended) return
      this.#retry = setTimeout(() => this.#start(), this.#backoff).unref()
      this.#backoff = Math.min(MAX_BACKOFF_MS, 2 * this.#backoff)
      this.#events.emit('failed', { message: why })
    })
    worker.postMessage(this.#last)
  }
}
