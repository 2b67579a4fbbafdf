import type { RuleError } from '../consensus/errors.ts'
import type { Cheese, Transfer } from '../consensus/types.ts'
import type { Result } from '../util/result.ts'
import type { Steps } from '../util/steps.ts'

/** What the next cheese must fit. */
export interface NextCheese {
  /** Smell of the tip, 32 bytes. */
  readonly parent: Uint8Array
  /** The next cheese's own. */
  readonly height: number
  readonly bits: number
  /** The least time it may have, Unix seconds: the median of the latest ancestors' times, and one. */
  readonly minTime: number
}

/** `connected`: it is on the main stack. `stored`: another was first. `known`: it was there already. */
export type SubmitOutcome = 'connected' | 'stored' | 'known'

/** What the miner needs of the chain and the mempool. */
export interface MiningPorts {
  /** For the tip as it stands. */
  next(): NextCheese
  /** The accounts root after a cheese of `transfers` on the tip, or the rule that one of them (`transfer`) breaks. Given up when the tip moves. */
  preview(transfers: readonly Transfer[]): Steps<Result<{ readonly accountsRoot: Uint8Array }, RuleError>>
  /** False while what waits is still being held against a new tip: `handleTip` is called when that is done. */
  ready(): boolean
  /** Transfers that wait, best first, of at most `maxBytes` together. */
  select(maxBytes: number): readonly Transfer[]
  /** What mining pays to, 20 bytes, or undefined while there is no wallet. */
  address(): Uint8Array | undefined
  /** Puts a cheese onto the stack and shares it. Rejects when the store fails. */
  submit(cheese: Cheese): Promise<Result<SubmitOutcome, RuleError>>
}
