import { addressOf } from '../consensus/address.ts'
import { transferSize } from '../consensus/codec.ts'
import { relayId, transferId } from '../consensus/hash.ts'
import type { AddressHex, Params, Transfer } from '../consensus/types.ts'
import { toHex } from '../util/bytes.ts'

/** A transfer that waits, with what is asked of it often. */
export interface Waiting {
  readonly transfer: Transfer
  /** Transfer id, hex: what people and wallets speak of. */
  readonly id: string
  /** Relay id, hex: what inventories speak of. */
  readonly relayId: string
  readonly sender: AddressHex
  /** Whom it pays, each once. */
  readonly payees: readonly AddressHex[]
  /** Bytes of its encoding. */
  readonly size: number
  /** Crumbs: amounts and fee. */
  readonly debit: bigint
  /** Crumbs a byte. */
  readonly rate: number
  /** Milliseconds since 1970. */
  readonly addedAt: number
  /** Whether this member's own user made it. */
  readonly local: boolean
}

export function makeWaiting(transfer: Transfer, params: Pick<Params, 'blueSmell'>, addedAt: number, local: boolean): Waiting {
  const size = transferSize(transfer)
  let debit = transfer.fee
  for (const { amount } of transfer.payments) debit += amount
  return {
    transfer,
    id: toHex(transferId(transfer, params)),
    relayId: toHex(relayId(transfer)),
    sender: toHex(addressOf(transfer.from)),
    payees: [...new Set(transfer.payments.map(({ to }) => toHex(to)))],
    size,
    debit,
    rate: Number(transfer.fee) / size,
    addedAt,
    local,
  }
}
