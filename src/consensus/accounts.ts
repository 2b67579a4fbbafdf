/** What transfers and rewards do to accounts. */
import { toHex } from '../util/bytes.ts'
import { addressOf } from './address.ts'
import { type RuleError, ruleError } from './errors.ts'
import type { Account, AccountChanges, AccountsReader, AddressHex, Params, Transfer } from './types.ts'

/** Crumbs that the first payment to an address must bring, so that storing an account costs something. Rewards are exempt. */
export const NEW_ACCOUNT_MINIMUM = 100_000n

const NO_ACCOUNT: Account = { balance: 0n, sequence: 0 }

/** Accounts as they would be: changes on top of a reader, which is never written to. What is not changed is read through. */
export class AccountsOverlay implements AccountsReader {
  readonly #base: AccountsReader
  readonly #changed = new Map<AddressHex, Account | undefined>()

  constructor(base: AccountsReader) {
    this.#base = base
  }

  /** @param key the address in hex, where it is known already */
  get(address: Uint8Array, key: AddressHex = toHex(address)): Account | undefined {
    const changed = this.#changed.get(key)
    return changed !== undefined || this.#changed.has(key) ? changed : this.#base.get(address)
  }

  /**
   * Replaces an account. One with nothing in it is the same as none.
   * @param key the address in hex, where it is known already
   */
  set(address: Uint8Array, account: Account | undefined, key: AddressHex = toHex(address)): void {
    const empty = account === undefined || (account.balance === 0n && account.sequence === 0)
    this.#changed.set(key, empty ? undefined : account)
  }

  /** Everything set so far, by address: a copy. */
  changes(): AccountChanges {
    return new Map(this.#changed)
  }

  /** A new overlay on top of this one, to try something and throw it away. */
  fork(): AccountsOverlay {
    return new AccountsOverlay(this)
  }
}

/** Adds crumbs to an account, as a reward that ripens does: with no least amount. */
export function credit(overlay: AccountsOverlay, address: Uint8Array, amount: bigint): void {
  const { balance, sequence } = overlay.get(address) ?? NO_ACCOUNT
  overlay.set(address, { balance: balance + amount, sequence })
}

/**
 * Does what `transfer` says, in a cheese at `height`: all of it or, when a rule is broken (`transfer-expired`,
 * `transfer-sequence`, `transfer-balance`, `payment-new-account`, in this order), none of it.
 * The transfer must have passed `checkTransferShape`; its signature is the caller's to verify.
 * @param _params so far these rules are the same on every network
 */
export function applyTransfer(overlay: AccountsOverlay, transfer: Transfer, height: number, _params?: Params): RuleError | undefined {
  const { expiry, fee, payments } = transfer
  if (expiry !== 0 && height > expiry) {
    return ruleError('transfer-expired', `the transfer was good up to height ${expiry}, and the cheese is at ${height}`)
  }
  const from = addressOf(transfer.from)
  const fromKey = toHex(from)
  const sender = overlay.get(from, fromKey) ?? NO_ACCOUNT
  if (transfer.sequence !== sender.sequence) {
    return ruleError('transfer-sequence', `the sender's next sequence is ${sender.sequence}, not ${transfer.sequence}`)
  }
  let debit = fee
  for (const { amount } of payments) debit += amount
  if (debit > sender.balance) {
    return ruleError('transfer-balance', `the transfer takes ${debit} crumbs from an account of ${sender.balance}`)
  }
  // Kept apart until all is known to be right. The sender comes first: he may pay himself.
  const after = new Map<AddressHex, { address: Uint8Array; account: Account }>()
  after.set(fromKey, { address: from, account: { balance: sender.balance - debit, sequence: sender.sequence + 1 } })
  for (const [index, { to, amount }] of payments.entries()) {
    const key = toHex(to)
    const account = after.get(key)?.account ?? overlay.get(to, key)
    if (account === undefined && amount < NEW_ACCOUNT_MINIMUM) {
      return ruleError('payment-new-account', `payment ${index} makes a new account, which takes ${NEW_ACCOUNT_MINIMUM} crumbs, with ${amount}`)
    }
    const { balance, sequence } = account ?? NO_ACCOUNT
    after.set(key, { address: to, account: { balance: balance + amount, sequence } })
  }
  for (const [key, { address, account }] of after) overlay.set(address, account, key)
  return undefined
}
