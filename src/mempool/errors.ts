import type { RuleError } from '../consensus/errors.ts'

/**
 * Why a transfer may not wait.
 * - `shape`: it breaks a limit of fields that holds in every cheese (`rule` says which)
 * - `signature`: its signature is not the sender's
 * - `known`: it waits already
 * - `expired`: the next cheese is above its expiry
 * - `expires-soon`: it would expire within the next cheeses
 * - `fee-too-low`: below the least fee rate (`fee` is what it takes)
 * - `sequence-used`: its sequence is spent in the stack
 * - `sequence-far`: its sequence is so far ahead that it cannot be kept
 * - `too-many`: the sender has as many waiting as one may have
 * - `balance`: the confirmed balance, less what waits before it, does not cover it
 * - `new-account`: it opens an account with less than 100,000 crumbs
 * - `replacement-fee`: another with its sequence waits, and its fee does not outbid that (`fee` is what it takes)
 * - `full`: there is no room for its fee rate
 */
export type MempoolCode =
  | 'shape'
  | 'signature'
  | 'known'
  | 'expired'
  | 'expires-soon'
  | 'fee-too-low'
  | 'sequence-used'
  | 'sequence-far'
  | 'too-many'
  | 'balance'
  | 'new-account'
  | 'replacement-fee'
  | 'full'

/** Why a transfer was not taken: a value that is returned, never thrown. */
export interface MempoolError {
  readonly kind: 'mempool'
  readonly code: MempoolCode
  /** One sentence for a person: what happened and what to do. */
  readonly message: string
  /** `sender`: whoever sent these bytes should have known. `none`: members may honestly differ about it. */
  readonly fault: 'sender' | 'none'
  /** The broken rule, for `shape`. */
  readonly rule?: RuleError
  /** Crumbs: the least fee that would do, for `fee-too-low` and `replacement-fee`. */
  readonly fee?: bigint
}

/** A `MempoolError` of `code`; only bytes that no honest member passes on are the sender's fault. */
export function mempoolError(code: MempoolCode, message: string, more: { readonly rule?: RuleError; readonly fee?: bigint } = {}): MempoolError {
  return { kind: 'mempool', code, message, fault: code === 'shape' || code === 'signature' ? 'sender' : 'none', ...more }
}

/** What a rule that a transfer breaks on top of the stack means for the mempool. */
export function fromRule(rule: RuleError): MempoolError {
  switch (rule.code) {
    case 'transfer-expired':
      return mempoolError('expired', `${rule.message}. Make a new transfer.`)
    case 'transfer-balance':
      return mempoolError('balance', `${rule.message}. Only confirmed crumbs count, less what already waits: send less, or wait.`)
    case 'transfer-sequence':
      return mempoolError('sequence-far', `${rule.message}. Send the transfers before it first.`)
    case 'payment-new-account':
      return mempoolError('new-account', `${rule.message}. Send at least as much as a new account takes.`)
    default:
      return mempoolError('shape', rule.message, { rule })
  }
}

/**
 * Why a transfer waits no longer.
 * `confirmed`: it is in a cheese. `expired`: its expiry height or the longest wait has passed. `replaced`: one of the same
 * sequence with a higher fee took its place. `evicted`: no room, or what it waited behind has left. `conflict`: its
 * sequence was spent by another transfer in the stack. `invalid`: the accounts below changed so that it no longer fits.
 */
export type RemovedReason = 'confirmed' | 'expired' | 'replaced' | 'evicted' | 'conflict' | 'invalid'
