import { Worker } from 'node:worker_threads'
import type { Verifier } from '../chain/verifier.ts'
import type { SignatureJob } from '../consensus/types.ts'
import { type Logger, silent } from '../util/ports.ts'
import { openNativeVerifier } from './native-verify.ts'
import { isWellFormed, packJobs, TINY } from './tiny-verify.ts'
import { openInlineVerifier } from './verify-inline.ts'
import type { VerifyWorkerData } from './workers/verify.ts'

export interface VerifyPoolOptions {
  /** The built or source file of workers/verify.ts, handed in by the host that knows where it is. */
  readonly workerUrl: URL
  readonly threads: number
  /** `layoutFrom().nativeAddon`: verifies where it has a verifier, tiny-secp256k1 where not. */
  readonly nativeAddon?: string | undefined
  readonly log?: Logger
}

export interface VerifyPool extends Verifier {
  /** What verifies in the threads: `libsecp256k1 0.2.0` of the native addon, or `tiny-secp256k1`. */
  readonly name: string
}

/** Jobs that go to a thread at once: some 13 ms of work, so that the pool stays even and messages stay few. */
const MAX_CHUNK = 64
/** Tries of one chunk in threads that die before it is verified on the calling thread. */
const MAX_TRIES = 3

interface Chunk {
  readonly jobs: readonly SignatureJob[]
  readonly resolve: (good: readonly boolean[]) => void
  readonly reject: (error: Error) => void
  tries: number
}

interface Thread {
  readonly worker: Worker
  /** What it is at: one chunk, or several small ones that were sent together. */
  chunks: readonly Chunk[]
}

/** The first chunk, and those behind it that go to a thread in one message with it: a message costs as much as half a signature. */
function takeTogether(waiting: Chunk[]): Chunk[] {
  const taken: Chunk[] = []
  let jobs = 0
  for (let next = waiting[0]; next; next = waiting[0]) {
    jobs += next.jobs.length
    // One that was in a thread that died goes alone: the others shall not die with it.
    if (taken.length > 0 && (jobs > MAX_CHUNK || next.tries > 0 || taken[0]?.tries !== 0)) break
    taken.push(next)
    waiting.shift()
  }
  return taken
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
  const threads = new Set<Thread>()
  const waiting: Chunk[] = []
  let closed = false
  /** Deaths since a thread last answered: a worker that cannot even start must not be started for ever. */
  let deathsInARow = 0

  const start = (): Thread => {
    const worker = new Worker(options.workerUrl, { workerData })
    const thread: Thread = { worker, chunks: [] }
    threads.add(thread)
    worker.unref()
    worker.on('message', (good: Uint8Array) => {
      const { chunks } = thread
      thread.chunks = []
      worker.unref()
      deathsInARow = 0
      let at = 0
      for (const { jobs, resolve } of chunks) {
        resolve(Array.from(good.subarray(at, at + jobs.length), (byte) => byte === 1))
        at += jobs.length
      }
      feed()
    })
    worker.on('error', (error) => log.error('a verifying thread failed', { error }))
    worker.on('exit', () => {
      threads.delete(thread)
      deathsInARow++
      if (closed) return
      for (const chunk of thread.chunks) chunk.tries++
      waiting.unshift(...thread.chunks)
      feed()
    })
    return thread
  }

  const runHere = (chunk: Chunk): void => {
    inline.verify(chunk.jobs).then(chunk.resolve, chunk.reject)
  }

  const feed = (): void => {
    while (waiting.length > 0) {
      const allDie = threads.size === 0 && deathsInARow >= MAX_TRIES * options.threads
      if (allDie || (waiting[0] as Chunk).tries >= MAX_TRIES) {
        runHere(waiting.shift() as Chunk)
        continue
      }
      const idle = [...threads].find(({ chunks }) => chunks.length === 0)
      if (!idle && threads.size >= options.threads) return
      const thread = idle ?? start()
      thread.chunks = takeTogether(waiting)
      const packed = packJobs(thread.chunks.flatMap(({ jobs }) => jobs))
      // Only a thread at work keeps the process alive.
      thread.worker.ref()
      thread.worker.postMessage(packed, [packed.buffer])
    }
  }

  const verifyWellFormed = async (jobs: readonly SignatureJob[]): Promise<readonly boolean[]> => {
    const size = Math.min(MAX_CHUNK, Math.max(1, Math.ceil(jobs.length / options.threads)))
    const answers: Promise<readonly boolean[]>[] = []
    for (let at = 0; at < jobs.length; at += size) {
      answers.push(new Promise((resolve, reject) => waiting.push({ jobs: jobs.slice(at, at + size), resolve, reject, tries: 0 })))
    }
    feed()
    return (await Promise.all(answers)).flat()
  }

  for (let i = 0; i < options.threads; i++) start()

  return {
    name: native ?? TINY,
    async verify(jobs) {
      if (closed) throw new Error('bug: the verifier is closed')
      const formed = jobs.map(isWellFormed)
      const good = await verifyWellFormed(formed.every(Boolean) ? jobs : jobs.filter((_, i) => formed[i]))
      let at = 0
      return formed.map((isFormed) => isFormed && good[at++] === true)
    },
    async close() {
      if (closed) return
      closed = true
      const ending = [...threads]
      const ended = new Error('the verifier was closed')
      for (const chunk of [...waiting.splice(0), ...ending.flatMap(({ chunks }) => chunks)]) chunk.reject(ended)
      await Promise.all(ending.map(({ worker }) => worker.terminate()))
    },
  }
}
