/** What the mining pool and its threads say to each other. */
import type { KernelName } from '../mining/kernel.ts'
import type { KernelStatus } from '../mining/pool.ts'
import type { Findings, Share } from '../mining/searcher.ts'

/** What the pool hands to a thread when it starts it. */
export interface MiningThreadData {
  /** `search` mines until it is ended; `choose` measures the kernels once, answers, and ends. */
  readonly task: 'search' | 'choose'
  /** Where the native addon is, if there is one. */
  readonly nativeAddon: string | undefined
}

/** What a thread is to do from now on: all of it, each time. */
export interface ToMiningThread {
  /** null = rest until the kernels have been measured. */
  readonly kernel: KernelName | null
  /** Percent of the time. */
  readonly intensity: number
  /** null = nothing. */
  readonly search: Share | null
}

export type FromMiningThread = Findings | { readonly type: 'fell-back'; readonly wanted: KernelName; readonly to: KernelName }

/** What a thread with the task `choose` is asked, once. */
export interface ToChoosingThread {
  /** What was remembered of the last measurement, as it was written. */
  readonly remembered: string | undefined
  /** Of this app. */
  readonly version: string
  /** How long each kernel is measured. */
  readonly measureMs: number
}

export interface FromChoosingThread {
  /** What runs here, slowest first; none is chosen yet. */
  readonly kernels: readonly Omit<KernelStatus, 'chosen'>[]
  /** What to remember; undefined = what was remembered is still good. */
  readonly remember: string | undefined
  /** What the log is to say: kernels that gave wrong answers or could not be loaded. */
  readonly problems: readonly string[]
}
