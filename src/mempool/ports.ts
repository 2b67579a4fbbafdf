import type { Account, Body } from '../consensus/types.ts'

/** What the mempool needs of the chain. Each answers for the tip as it stands when asked. */
export interface MempoolChain {
  /** The tip's height. */
  height(): number
  /** The account at a 20-byte address, or undefined where none is stored. */
  account(address: Uint8Array): Account | undefined
}

/** What a cheese that joined or left the main stack held. */
export interface MovedCheese {
  readonly body: Body
  /** Transfer ids in order, hex. */
  readonly ids: readonly string[]
}

/** A move of the tip. The chain answers for the new tip already. */
export interface StackChange {
  readonly disconnected: readonly MovedCheese[]
  readonly connected: readonly MovedCheese[]
}
