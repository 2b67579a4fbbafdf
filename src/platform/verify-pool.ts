import { Worker } from 'node:worker_threads'
import type { Verifier } from '../chain/verifier.ts'
import { type Logger, silent } from '../util/ports.ts'
import { openNativeVerifier } from './native-verify.ts'
import { TINY } from './tiny-verify.ts'
import { openInlineVerifier } from './verify-inline.ts'
import { Batch, type Chunk, MessageSize, packChunks, takeTogether } from './verify-queue.ts'
import type { FromVerifyingThread, VerifyWorkerData } from './workers/verify.ts'

export interface VerifyPoolOptions {
  /** The built or source file of workers/verify.ts, handed in by the host that knows where it is. */
  readonly workerUrl: URL
  readonly threads: number
  /** `layoutFrom().nativeAddon`: verifies where it has a verifier, tiny-secp256k1 where not. */
  readonly nativeAddon?: string | undefined
  readonly log?: Logger
}

export interface VerifyPool extends Verifier {
  /** What verifies in the threads: as `libsecp256k1 0.2.0` of the native addon, or `tiny-secp256k1`. */
  readonly name: string
}

/** Messages that a thread has at once: while it is at one the next lies there, however busy the calling thread is. */
const MAX_SENT = 2
/** Tries of one chunk in threads that die before it is verified on the calling thread. */
const MAX_TRIES = 3

interface Thread {
  readonly worker: Worker
  /** The messages that it has not answered: the chunks of each. It answers in order. */
  readonly sent: (readonly Chunk[])[]
}

/**
 * Verifies in `threads` worker threads. A thread that dies is replaced and its work done again; when threads keep dying,
 * the calling thread does it. After `close`, waiting calls reject.
 */
export function openVerifyPool(options: VerifyPoolOptions): VerifyPool {
  const log = options.log ?? silent
  const inline = openInlineVerifier()
  const native = openNativeVerifier(options.nativeAddon, log)?.name
  const workerData: VerifyWorkerData = { nativeAddon: native ? options.nativeAddon : undefined }
  log.info('signatures are verified', { by: native ?? TINY, threads: options.threads })
  const size = new MessageSize(native !== undefined)
  const threads = new Set<Thread>()
  const waiting: Chunk[] = []
  let closed = false
  /** Deaths since a thread last answered: a worker that cannot even start must not be started for ever. */
  let deathsInARow = 0

  const start = (): Thread => {
    const worker = new Worker(options.workerUrl, { workerData })
    const thread: Thread = { worker, sent: [] }
    threads.add(thread)
    worker.unref()
    worker.on('message', ({ good, ms }: FromVerifyingThread) => {
      const chunks = thread.sent.shift() ?? []
      if (thread.sent.length === 0) worker.unref()
      deathsInARow = 0
      size.took(good.length, ms)
      let at = 0
      for (const chunk of chunks) {
        chunk.batch.answer(chunk, good, at)
        at += chunk.count
      }
      feed()
    })
    worker.on('error', (error) => log.error('a verifying thread failed', { error }))
    worker.on('exit', () => {
      threads.delete(thread)
      deathsInARow++
      if (closed) return
      const lost = thread.sent.flat()
      for (const chunk of lost) chunk.tries++
      waiting.unshift(...lost)
      feed()
    })
    return thread
  }

  const runHere = (chunk: Chunk): void => {
    const { batch, from, count } = chunk
    inline.verify(batch.jobs.slice(from, from + count)).then((good) => batch.answer(chunk, Uint8Array.from(good, Number), 0), batch.reject)
  }

  /** The thread that has least to do; undefined when all have enough. */
  const nextThread = (): Thread | undefined => {
    let least: Thread | undefined
    for (const thread of threads) if (thread.sent.length < (least?.sent.length ?? MAX_SENT)) least = thread
    return least?.sent.length !== 0 && threads.size < options.threads ? start() : least
  }

  const feed = (): void => {
    while (waiting.length > 0) {
      const allDie = threads.size === 0 && deathsInARow >= MAX_TRIES * options.threads
      if (allDie || (waiting[0] as Chunk).tries >= MAX_TRIES) {
        runHere(waiting.shift() as Chunk)
        continue
      }
      const thread = nextThread()
      if (!thread) return
      const chunks = takeTogether(waiting, size.jobs)
      const packed = packChunks(chunks)
      // Only a thread at work keeps the process alive.
      thread.worker.ref()
      thread.sent.push(chunks)
      thread.worker.postMessage(packed, [packed.buffer])
    }
  }

  for (let i = 0; i < options.threads; i++) start()

  return {
    name: native ?? TINY,
    async verify(jobs) {
      if (closed) throw new Error('bug: the verifier is closed')
      if (jobs.length === 0) return []
      const batch = new Batch(jobs)
      waiting.push(...batch.chunks(Math.min(size.jobs, Math.ceil(jobs.length / options.threads))))
      feed()
      return batch.answers
    },
    async close() {
      if (closed) return
      closed = true
      const ended = new Error('the verifier was closed')
      for (const { batch } of [...waiting.splice(0), ...[...threads].flatMap(({ sent }) => sent.flat())]) batch.reject(ended)
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}
