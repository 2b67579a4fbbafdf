import { signingHash, transferId } from '../consensus/hash.ts'
import type { Params } from '../consensus/params.ts'
import { sign } from '../consensus/signature.ts'
import type { Transfer } from '../consensus/types.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { Random } from '../util/ports.ts'

/** Height above the tip at which a transfer expires when nothing is said: about a day of 60-second cheeses. */
export const DEFAULT_EXPIRY = 1440

/** The least that can be paid to an address that holds nothing yet, crumbs (design, section 2). */
export const NEW_ACCOUNT_MINIMUM = 100_000n

export const MAX_MEMO_BYTES = 80
export const MAX_SEQUENCE = 2 ** 32 - 2

/** What a cancelling transfer pays to its sender, crumbs. */
export const CANCEL_AMOUNT = 1n

const UNSIGNED = new Uint8Array(64)

/** A transfer from `publicKey` to one address, not signed yet. */
export function draftTransfer(fields: {
  readonly publicKey: Uint8Array
  readonly sequence: number
  readonly expiry: number
  readonly fee: bigint
  readonly to: Uint8Array
  readonly amount: bigint
  readonly memo: Uint8Array
}): Transfer {
  const { publicKey, sequence, expiry, fee, to, amount, memo } = fields
  return { version: 1, from: publicKey, sequence, expiry, fee, payments: [{ to, amount }], memo, signature: UNSIGNED }
}

/** `transfer` signed for `params`' network. */
export function signTransfer(transfer: Transfer, secretKey: Uint8Array, params: Params, random: Random): Transfer {
  return { ...transfer, signature: sign(signingHash(transfer, params), secretKey, random.bytes(32)) }
}

/** Transfer id, hex. */
export function idOf(transfer: Transfer, params: Params): string {
  return toHex(transferId(transfer, params))
}

/** Amounts and fee: what leaves the sender's account, crumbs. */
export function debitOf(transfer: Transfer): bigint {
  return transfer.payments.reduce((sum, { amount }) => sum + amount, transfer.fee)
}

/** What `transfer` pays to `address`, crumbs. */
export function paidTo(transfer: Transfer, address: Uint8Array): bigint {
  return transfer.payments.reduce((sum, payment) => (equalBytes(payment.to, address) ? sum + payment.amount : sum), 0n)
}

/** Whether a transfer of `address`' owner does nothing but spend its sequence. */
export function isCancel(transfer: Transfer, address: Uint8Array): boolean {
  const [payment] = transfer.payments
  return transfer.payments.length === 1 && payment !== undefined && payment.amount === CANCEL_AMOUNT && equalBytes(payment.to, address)
}

/** Whether a cheese above a tip of `height` may still hold it. */
export function isExpired(transfer: Transfer, height: number): boolean {
  return transfer.expiry !== 0 && transfer.expiry <= height
}
