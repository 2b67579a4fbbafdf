/** What touched an address, numbered per address from 0 upwards in the order of the main stack: the entries, and which a cheese makes. */
import { ADDRESS_BYTES, TRANSFER_LAYOUT } from '../consensus/codec.ts'
import { equalBytes } from '../util/bytes.ts'
import { Slabs } from '../util/slabs.ts'
import { damaged } from './records.ts'

const KINDS = ['sent', 'received', 'reward'] as const
export type ActivityKind = (typeof KINDS)[number]
const [SENT, RECEIVED, REWARD] = [0, 1, 2]

export interface ActivityItem {
  readonly kind: ActivityKind
  readonly height: number
  /** Transfer id, 32 bytes; undefined for a reward. */
  readonly id: Uint8Array | undefined
  /** Crumbs: all that a transfer pays, all of it that this address gets, or subsidy + fees. */
  readonly amount: bigint
  /** Paid by this address; zero unless it sent. */
  readonly fee: bigint
  /** The sender, or the one address that is paid; undefined for a reward and where several are paid. */
  readonly counterparty: Uint8Array | undefined
  readonly memo: Uint8Array
}

/** kind 1 · height 4 · id 32 · amount 8 · fee 8 · has counterparty 1 · counterparty 20 · memo */
const FIXED = 74
const [ID_AT, AMOUNT_AT, FEE_AT, COUNTERPARTY_AT] = [5, 37, 45, 53]

/** Of entries on their way into the store. */
const room = new Slabs(16_384)

/** An entry of an address, as it is stored. */
export interface EncodedEntry {
  readonly address: Uint8Array
  readonly value: Uint8Array
}

/** A transfer of a cheese, in bytes: nothing of it has to be decoded to make its entries. */
export interface EncodedTransfer {
  readonly height: number
  readonly encoding: Uint8Array
  /** Its id, 32 bytes. */
  readonly id: Uint8Array
  /** The address that sends, 20 bytes. */
  readonly from: Uint8Array
}

function begin(kind: number, height: number, memo: Uint8Array | undefined): Uint8Array {
  const out = room.take(FIXED + (memo?.length ?? 0))
  out[0] = kind
  out[1] = height >>> 24
  out[2] = height >>> 16
  out[3] = height >>> 8
  out[4] = height
  if (memo && memo.length > 0) out.set(memo, FIXED)
  return out
}

/** The entry of whoever a cheese's reward goes to. @param amount subsidy and fees, crumbs */
export function rewardEntry(height: number, amount: bigint): Uint8Array {
  const out = begin(REWARD, height, undefined)
  setAmount(out, amount)
  return out
}

/** What a payee gets of a transfer, all its payments to it together, in the order in which they are first paid. */
interface Receipt {
  readonly to: Uint8Array
  amount: bigint
}

function receiptsOf(encoding: Uint8Array): Receipt[] {
  const view = new DataView(encoding.buffer, encoding.byteOffset, encoding.byteLength)
  const { payments, paymentBytes } = TRANSFER_LAYOUT
  const count = encoding[TRANSFER_LAYOUT.count] as number
  const receipts = Array.from({ length: count }, (_, i): Receipt => {
    const at = payments + i * paymentBytes
    return { to: encoding.subarray(at, at + ADDRESS_BYTES), amount: view.getBigUint64(at + ADDRESS_BYTES) }
  })
  if (count === 1) return receipts
  const byPayee = new Map<string, Receipt>()
  for (const receipt of receipts) {
    const key = String.fromCharCode(...receipt.to)
    const known = byPayee.get(key)
    if (known) known.amount += receipt.amount
    else byPayee.set(key, receipt)
  }
  return [...byPayee.values()]
}

/**
 * The entries that a transfer makes, in order: its sender's first. A payment to oneself is part of what was sent and no receipt.
 * @param only the one address whose entries are wanted
 */
export function transferEntries({ height, encoding, id, from }: EncodedTransfer, only?: Uint8Array): EncodedEntry[] {
  const { fee, payments, paymentBytes } = TRANSFER_LAYOUT
  const count = encoding[TRANSFER_LAYOUT.count] as number
  const memoAt = payments + count * paymentBytes
  const memoLength = encoding[memoAt] as number
  const memo = memoLength > 0 ? encoding.subarray(memoAt + 1, memoAt + 1 + memoLength) : undefined
  const receipts = receiptsOf(encoding)
  const entries: EncodedEntry[] = []
  if (!only || equalBytes(only, from)) {
    const value = begin(SENT, height, memo)
    value.set(id, ID_AT)
    let total = 0n
    for (const { amount } of receipts) total += amount
    setAmount(value, total)
    value.set(encoding.subarray(fee, fee + 8), FEE_AT)
    if (receipts.length === 1) setCounterparty(value, (receipts[0] as Receipt).to)
    entries.push({ address: from, value })
  }
  for (const { to, amount } of receipts) {
    if ((only && !equalBytes(to, only)) || equalBytes(to, from)) continue
    const value = begin(RECEIVED, height, memo)
    value.set(id, ID_AT)
    setAmount(value, amount)
    setCounterparty(value, from)
    entries.push({ address: to, value })
  }
  return entries
}

function setAmount(value: Uint8Array, amount: bigint): void {
  new DataView(value.buffer, value.byteOffset).setBigUint64(AMOUNT_AT, amount)
}

function setCounterparty(value: Uint8Array, address: Uint8Array): void {
  value[COUNTERPARTY_AT] = 1
  value.set(address, COUNTERPARTY_AT + 1)
}

/** The entry that is stored as `bytes`. Throws a `StoreError` on what we cannot have written. */
export function decodeEntry(bytes: Uint8Array): ActivityItem {
  const kind = bytes.length < FIXED ? undefined : KINDS[bytes[0] as number]
  if (kind === undefined) throw damaged('an activity entry')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    kind,
    height: view.getUint32(1),
    id: kind === 'reward' ? undefined : bytes.slice(ID_AT, ID_AT + 32),
    amount: view.getBigUint64(AMOUNT_AT),
    fee: view.getBigUint64(FEE_AT),
    counterparty: bytes[COUNTERPARTY_AT] === 1 ? bytes.slice(COUNTERPARTY_AT + 1, FIXED) : undefined,
    memo: bytes.slice(FIXED),
  }
}
