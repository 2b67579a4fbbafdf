/** What touched an address, numbered per address from 0 upwards in the order of the main stack. */
import { addressOf } from '../consensus/address.ts'
import type { AddressHex, Body, Transfer } from '../consensus/types.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import type { Steps } from '../util/steps.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { activityKey, countKey } from './keys.ts'
import { damaged, decodeU32, encodeU32 } from './records.ts'

const KINDS = ['sent', 'received', 'reward'] as const
export type ActivityKind = (typeof KINDS)[number]

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

function encodeItem(item: ActivityItem): Uint8Array {
  const out = new Uint8Array(FIXED + item.memo.length)
  const view = new DataView(out.buffer)
  view.setUint8(0, KINDS.indexOf(item.kind))
  view.setUint32(1, item.height)
  if (item.id) out.set(item.id, 5)
  view.setBigUint64(37, item.amount)
  view.setBigUint64(45, item.fee)
  if (item.counterparty) {
    out[53] = 1
    out.set(item.counterparty, 54)
  }
  out.set(item.memo, FIXED)
  return out
}

function decodeItem(bytes: Uint8Array): ActivityItem {
  const kind = bytes.length < FIXED ? undefined : KINDS[bytes[0] as number]
  if (kind === undefined) throw damaged('an activity entry')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    kind,
    height: view.getUint32(1),
    id: kind === 'reward' ? undefined : bytes.slice(5, 37),
    amount: view.getBigUint64(37),
    fee: view.getBigUint64(45),
    counterparty: bytes[53] === 1 ? bytes.slice(54, FIXED) : undefined,
    memo: bytes.slice(FIXED),
  }
}

/** What a payee gets of one transfer, all its payments to it together. */
function receipts(transfer: Transfer): Map<AddressHex, bigint> {
  const sums = new Map<AddressHex, bigint>()
  for (const { to, amount } of transfer.payments) {
    const hex = toHex(to)
    sums.set(hex, (sums.get(hex) ?? 0n) + amount)
  }
  return sums
}

/** Every entry that a connected cheese makes, in order. A payment to oneself is part of what was sent and no receipt. */
function* itemsOf(body: Body, ids: readonly Uint8Array[], reward: bigint): Iterable<readonly [AddressHex, ActivityItem]> {
  const { height } = body.reward
  const nothing = { fee: 0n, memo: new Uint8Array() }
  yield [toHex(body.reward.to), { kind: 'reward', height, id: undefined, amount: reward, counterparty: undefined, ...nothing }]
  for (const [i, transfer] of body.transfers.entries()) {
    const { fee, memo } = transfer
    const id = ids[i] as Uint8Array
    const from = addressOf(transfer.from)
    const paid = receipts(transfer)
    const [only] = paid.keys()
    const counterparty = paid.size === 1 && only !== undefined ? fromHex(only) : undefined
    let total = 0n
    for (const amount of paid.values()) total += amount
    const sender = toHex(from)
    yield [sender, { kind: 'sent', height, id, amount: total, fee, counterparty, memo }]
    paid.delete(sender)
    for (const [to, amount] of paid) yield [to, { kind: 'received', height, id, amount, fee: 0n, counterparty: from, memo }]
  }
}

/** How many entries an address has. */
export function activityCount(store: Store, address: Uint8Array): number {
  const bytes = store.get(countKey(address))
  return bytes ? decodeU32(bytes) : 0
}

/** The writes that add the entries of a cheese (`reward` = subsidy + fees) as it is connected, in steps. */
export function* addActivitySteps(store: Store, body: Body, ids: readonly Uint8Array[], reward: bigint): Steps<StoreOp[]> {
  const ops: StoreOp[] = []
  const counts = new Map<AddressHex, number>()
  for (const [hex, item] of itemsOf(body, ids, reward)) {
    const address = fromHex(hex)
    const number = counts.get(hex) ?? activityCount(store, address)
    counts.set(hex, number + 1)
    ops.push({ type: 'put', key: activityKey(address, number), value: encodeItem(item) })
    yield
  }
  for (const [hex, count] of counts) {
    ops.push({ type: 'put', key: countKey(fromHex(hex)), value: encodeU32(count) })
    yield
  }
  return ops
}

/** The writes that take the entries of the tip away again, in steps: its entries are the last of each address. */
export function* removeActivitySteps(store: Store, body: Body, ids: readonly Uint8Array[]): Steps<StoreOp[]> {
  const ops: StoreOp[] = []
  const counts = new Map<AddressHex, number>()
  for (const [hex] of itemsOf(body, ids, 0n)) {
    const address = fromHex(hex)
    const count = (counts.get(hex) ?? activityCount(store, address)) - 1
    if (count < 0) throw damaged('an activity count')
    counts.set(hex, count)
    ops.push({ type: 'del', key: activityKey(address, count) })
    yield
  }
  for (const [hex, count] of counts) {
    const key = countKey(fromHex(hex))
    ops.push(count === 0 ? { type: 'del', key } : { type: 'put', key, value: encodeU32(count) })
    yield
  }
  return ops
}

/** Entries of an address with numbers below `before`, newest first, at most `limit`. */
export function readActivity(store: Store, address: Uint8Array, before: number, limit: number): (ActivityItem & { readonly number: number })[] {
  const items: (ActivityItem & { readonly number: number })[] = []
  for (let number = before - 1; number >= 0 && items.length < limit; number--) {
    const bytes = store.get(activityKey(address, number))
    // One that has just been taken away by a batch on its way.
    if (bytes) items.push({ ...decodeItem(bytes), number })
  }
  return items
}
