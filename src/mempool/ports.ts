import type { Account, Body } from '../consensus/types.ts'

/** What the mempool needs of the chain. Each answers for the tip as it stands when asked. */
export interface MempoolChain {
  /** The tip's height. */
  height(): number
  /** The account at a 20-byte address, or undefined where none is stored. */
  account(address: Uint8Array): Account | undefined
}

/** A move of the tip: what left the main stack and what joined it. The chain answers for the new tip already. */
export interface StackChange {
  readonly disconnected: readonly { readonly body: Body }[]
  readonly connected: readonly { readonly body: Body }[]
}
