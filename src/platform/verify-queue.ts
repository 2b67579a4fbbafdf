import type { SignatureJob } from '../consensus/types.ts'
import { isWellFormed, JOB_BYTES } from './tiny-verify.ts'

/** Some neighbouring jobs of one call, which go to a thread together. */
export interface Chunk {
  readonly batch: Batch
  readonly from: number
  readonly count: number
  /** Threads that died over it. */
  tries: number
}

/** The jobs of one call, and their answers as they come. */
export class Batch {
  readonly jobs: readonly SignatureJob[]
  /** One answer a job, in order. */
  readonly answers: Promise<readonly boolean[]>
  readonly reject: (error: Error) => void
  readonly #resolve: (answers: readonly boolean[]) => void
  readonly #good: boolean[]
  #left: number

  /** @param jobs one at least */
  constructor(jobs: readonly SignatureJob[]) {
    const { promise, resolve, reject } = withResolvers()
    this.jobs = jobs
    this.answers = promise
    this.#resolve = resolve
    this.reject = reject
    this.#good = new Array<boolean>(jobs.length).fill(false)
    this.#left = jobs.length
  }

  /** All jobs, so many at a time. */
  chunks(size: number): Chunk[] {
    const { length } = this.jobs
    return Array.from({ length: Math.ceil(length / size) }, (_, i) => ({ batch: this, from: i * size, count: Math.min(size, length - i * size), tries: 0 }))
  }

  /** Takes the answers for one chunk: `bytes[at]` and so on, 1 = good. */
  answer({ from, count }: Chunk, bytes: Uint8Array, at: number): void {
    for (let i = 0; i < count; i++) this.#good[from + i] = bytes[at + i] === 1 && isWellFormed(this.jobs[from + i] as SignatureJob)
    this.#left -= count
    if (this.#left === 0) this.#resolve(this.#good)
  }
}

function withResolvers() {
  let resolve: (answers: readonly boolean[]) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<readonly boolean[]>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/**
 * Takes off the first chunk, and those behind it that go to a thread in one message with it, up to so many jobs: a message costs as
 * much as half a signature.
 */
export function takeTogether(waiting: Chunk[], size: number): Chunk[] {
  let jobs = 0
  let taken = 0
  for (const chunk of waiting) {
    jobs += chunk.count
    // One that was in a thread that died goes alone: the others shall not die with it.
    if (taken > 0 && (jobs > size || chunk.tries > 0 || waiting[0]?.tries !== 0)) break
    taken++
  }
  return waiting.splice(0, taken)
}

/** The jobs of some chunks as one message (tiny-verify.ts). One whose fields have not the lengths that they must have leaves zeros, which are no good signature. */
export function packChunks(chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(chunks.reduce((sum, { count }) => sum + count, 0) * JOB_BYTES)
  let at = 0
  for (const { batch, from, count } of chunks) {
    for (let i = from; i < from + count; i++, at += JOB_BYTES) {
      const job = batch.jobs[i] as SignatureJob
      if (!isWellFormed(job)) continue
      out.set(job.publicKey, at)
      out.set(job.message, at + 32)
      out.set(job.signature, at + 64)
    }
  }
  return out
}

/** How long a thread is to work on one message: long enough that messages stay few, short enough that the threads end together. */
const MESSAGE_MS = 8
const LEAST_JOBS = 16
const MOST_JOBS = 1024
/** How much the latest message counts. */
const WEIGHT = 0.2

/** How many jobs make a message, from what the threads have shown to be able to. */
export class MessageSize {
  /** Jobs a millisecond of one thread. */
  #rate: number

  /** @param native whether libsecp256k1 verifies, which is some four times as fast as tiny-secp256k1 */
  constructor(native: boolean) {
    this.#rate = native ? 20 : 5
  }

  get jobs(): number {
    return Math.max(LEAST_JOBS, Math.min(MOST_JOBS, Math.round(MESSAGE_MS * this.#rate)))
  }

  /** Learns from a message. Short ones, and those of a thread that is just getting warm, say little. */
  took(jobs: number, ms: number): void {
    if (jobs >= LEAST_JOBS && ms > 0) this.#rate += WEIGHT * (jobs / ms - this.#rate)
  }
}
