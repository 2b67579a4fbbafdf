/** What the mining pool and its threads say to each other. */

export interface ToMiningThread {
  /** Search this from now on; null = nothing. */
  readonly search: {
    readonly job: number
    readonly header: Uint8Array
    readonly target: Uint8Array
    /** The thread's share: high halves of the nonce from `first` on, every `stride`th. */
    readonly first: number
    readonly stride: number
  } | null
}

export type FromMiningThread = { readonly type: 'hit'; readonly job: number; readonly nonce: bigint } | { readonly type: 'tried'; readonly count: number }
