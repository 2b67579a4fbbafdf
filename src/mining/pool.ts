import type { Emitter } from '../util/events.ts'

/** One header to search; its own nonce is not looked at. */
export interface SearchJob {
  /** Names it in `hit`. */
  readonly id: number
  /** 116 bytes. */
  readonly header: Uint8Array
  /** 32 bytes, big-endian. */
  readonly target: Uint8Array
}

export interface SearchEvents {
  /** A nonce that meets the target. The thread that found it rests until the next job. */
  hit: { readonly job: number; readonly nonce: bigint }
  /** So many more nonces were tried, by any thread. */
  tried: { readonly count: number }
  /** A thread died, and is being replaced. */
  failed: { readonly message: string }
}

/** Threads that search nonces away from the event loop. The adapter is platform/mine-pool.ts. */
export interface SearchPool {
  readonly events: Emitter<SearchEvents>
  /** Which search they run. */
  readonly kernel: string
  /** As many as the machine has cores. */
  readonly maxThreads: number
  /** Starts or ends threads until there are `count`; 0 ends all. What is being searched is split anew. */
  setThreads(count: number): void
  /** Searches `job` instead of what was searched; undefined = nothing. */
  search(job: SearchJob | undefined): void
  /** Ends all threads, for good. */
  close(): Promise<void>
}
