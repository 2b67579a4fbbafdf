import type { Emitter } from '../util/events.ts'
import type { KernelName } from './kernel.ts'

/** One header to search; its own nonce is not looked at. */
export interface SearchJob {
  /** Names it in `hit`. */
  readonly id: number
  /** 116 bytes. */
  readonly header: Uint8Array
  /** 32 bytes, big-endian. */
  readonly target: Uint8Array
}

/** A kernel that this machine can run. */
export interface KernelStatus {
  readonly name: KernelName
  /** Tries per second of one thread when it was last measured here; null = not yet, or it gave a wrong answer and is never used. */
  readonly hashRate: number | null
  /** Whether it is the one that searches. */
  readonly chosen: boolean
}

/** A kernel by name, or `auto`: the fastest that this machine runs. */
export type KernelChoice = KernelName | 'auto'

export interface SearchEvents {
  /** A nonce that meets the target. The thread that found it rests until the next job. */
  hit: { readonly job: number; readonly nonce: bigint }
  /** So many more nonces of a job were tried, by any thread, over the last so many milliseconds. */
  tried: { readonly job: number; readonly count: number; readonly ms: number }
  /** A thread died, and is being replaced. */
  failed: { readonly message: string }
  /** It was decided which kernel searches from now on: when the kernels have been measured, or when a person chose. */
  kernel: { readonly name: KernelName }
}

/** Threads that search nonces away from the event loop. The adapter is platform/mine-pool.ts. */
export interface SearchPool {
  readonly events: Emitter<SearchEvents>
  /** Which kernel searches. Until `kernel` is emitted for the first time it is the one that runs everywhere. */
  readonly kernel: KernelName
  /** As many as the machine has cores. */
  readonly maxThreads: number
  /** Starts or ends threads until there are `count`; 0 ends all. What is being searched is split anew. */
  setThreads(count: number): void
  /** The share of the time, 1 to 100 percent, that each thread works; it rests for the others after every few milliseconds. 100 until it is set. */
  setIntensity(percent: number): void
  /** The kernels that this machine runs, slowest first; until they have been measured, those that are known to run. */
  kernels(): readonly KernelStatus[]
  /** Has one kernel search, or the fastest. One that does not run here is not taken: the choice is then as with `auto`, and the log says so. */
  setKernel(choice: KernelChoice): void
  /** Searches `job` instead of what was searched; undefined = nothing. */
  search(job: SearchJob | undefined): void
  /** Ends all threads, for good. */
  close(): Promise<void>
}
