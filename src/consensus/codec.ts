/**
 * Bytes ↔ values: headers, transfers, rewards and bodies, as docs/protocol.md lays them out. All integers are
 * big-endian and of fixed width. Decoders take what can be parsed, consume it exactly and never throw; limits of
 * fields are checked afterwards (limits.ts). Encoders throw on what no layout can hold: that is a bug of ours.
 */
import { assert, err, ok, type Result } from '../util/result.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'
import { type RuleError, ruleError } from './errors.ts'
import type { Body, Header, Payment, Reward, Transfer } from './types.ts'

export const HEADER_BYTES = 116
export const MAX_BODY_BYTES = 1_000_000
export const ADDRESS_BYTES = 20
export const SIGNATURE_BYTES = 64

const PAYMENT_BYTES = 28
/** version 1 · from 32 · sequence 4 · expiry 4 · fee 8 · count 1 · memo length 1 · signature 64 */
const TRANSFER_FIXED_BYTES = 115
const COUNT_OFFSET = 49
const PAYMENTS_OFFSET = 50
/** height 4 · to 20 · extra length 1 */
const REWARD_FIXED_BYTES = 25
const U64_LIMIT = 1n << 64n

/** The 116 bytes of a header. */
export function encodeHeader(header: Header): Uint8Array {
  const out = new Uint8Array(HEADER_BYTES)
  const view = new DataView(out.buffer)
  putU32(view, 0, header.version)
  putBytes(out, 4, header.parent, 32)
  putBytes(out, 36, header.accountsRoot, 32)
  putBytes(out, 68, header.bodyRoot, 32)
  putU32(view, 100, header.time)
  putU32(view, 104, header.bits)
  putU64(view, 108, header.nonce)
  return out
}

/** The header that exactly these 116 bytes are; any other length is `header-length`. */
export function decodeHeader(bytes: Uint8Array): Result<Header, RuleError> {
  if (bytes.length !== HEADER_BYTES) return err(ruleError('header-length', `a header has ${HEADER_BYTES} bytes, not ${bytes.length}`))
  const own = bytes.slice()
  const view = viewOf(own)
  return ok({
    version: view.getUint32(0),
    parent: own.subarray(4, 36),
    accountsRoot: own.subarray(36, 68),
    bodyRoot: own.subarray(68, 100),
    time: view.getUint32(100),
    bits: view.getUint32(104),
    nonce: view.getBigUint64(108),
  })
}

/** Encodings that are known already, so that ids, signatures and roots do not encode a transfer again. */
const encodings = new WeakMap<Transfer, Uint8Array>()

/** Bytes of a transfer's encoding. */
export function transferSize(transfer: Transfer): number {
  return TRANSFER_FIXED_BYTES + PAYMENT_BYTES * transfer.payments.length + transfer.memo.length
}

/** The bytes of a transfer, signature last. The same array each time: not to be changed. */
export function encodeTransfer(transfer: Transfer): Uint8Array {
  const known = encodings.get(transfer)
  if (known) return known
  const { payments, memo } = transfer
  assert(payments.length <= 255, 'a transfer has at most 255 payments')
  assert(memo.length <= 255, 'a memo has at most 255 bytes on the wire')
  const out = new Uint8Array(transferSize(transfer))
  const view = new DataView(out.buffer)
  putU8(view, 0, transfer.version)
  putBytes(out, 1, transfer.from, 32)
  putU32(view, 33, transfer.sequence)
  putU32(view, 37, transfer.expiry)
  putU64(view, 41, transfer.fee)
  view.setUint8(COUNT_OFFSET, payments.length)
  let at = PAYMENTS_OFFSET
  for (const { to, amount } of payments) {
    putBytes(out, at, to, ADDRESS_BYTES)
    putU64(view, at + ADDRESS_BYTES, amount)
    at += PAYMENT_BYTES
  }
  view.setUint8(at, memo.length)
  out.set(memo, at + 1)
  putBytes(out, at + 1 + memo.length, transfer.signature, SIGNATURE_BYTES)
  encodings.set(transfer, out)
  return out
}

/** The transfer that exactly these bytes are; anything cut short or left over is `body-shape`. */
export function decodeTransfer(bytes: Uint8Array): Result<Transfer, RuleError> {
  const size = sizeOfTransferAt(bytes, 0)
  if (size === undefined) return err(ruleError('body-shape', `${bytes.length} bytes are not a whole transfer`))
  if (size !== bytes.length) return err(ruleError('body-shape', `${bytes.length - size} bytes are left over after the transfer`))
  return ok(readTransfer(bytes.slice()))
}

/** Where the fields of a transfer's encoding begin, and how long a payment is: an address and an amount. */
export const TRANSFER_LAYOUT = { from: 1, fee: 41, count: COUNT_OFFSET, payments: PAYMENTS_OFFSET, paymentBytes: PAYMENT_BYTES } as const

/** The encodings of an encoded body's transfers, in order: parts of `bytes`, which nobody may change. Undefined where it is no body. */
export function transferEncodings(bytes: Uint8Array): Uint8Array[] | undefined {
  let at = REWARD_FIXED_BYTES + (bytes[24] ?? 0) + 4
  const encodings: Uint8Array[] = []
  while (at < bytes.length) {
    const size = sizeOfTransferAt(bytes, at)
    if (size === undefined) return undefined
    encodings.push(bytes.subarray(at, at + size))
    at += size
  }
  return at === bytes.length ? encodings : undefined
}

/** Bytes of the transfer that begins at `at`, or undefined where the input ends before it does. */
export function sizeOfTransferAt(bytes: Uint8Array, at: number): number | undefined {
  const count = bytes[at + COUNT_OFFSET]
  if (count === undefined) return undefined
  const memoAt = PAYMENTS_OFFSET + count * PAYMENT_BYTES
  const memoLength = bytes[at + memoAt]
  if (memoLength === undefined) return undefined
  const size = TRANSFER_FIXED_BYTES + count * PAYMENT_BYTES + memoLength
  return at + size <= bytes.length ? size : undefined
}

/** Reads a transfer whose size is known to fit; it keeps `own`, which nobody else may change. */
function readTransfer(own: Uint8Array): Transfer {
  const view = viewOf(own)
  const count = view.getUint8(COUNT_OFFSET)
  const payments: Payment[] = []
  let at = PAYMENTS_OFFSET
  for (let i = 0; i < count; i++, at += PAYMENT_BYTES) {
    payments.push({ to: own.subarray(at, at + ADDRESS_BYTES), amount: view.getBigUint64(at + ADDRESS_BYTES) })
  }
  const transfer: Transfer = {
    version: view.getUint8(0),
    from: own.subarray(1, 33),
    sequence: view.getUint32(33),
    expiry: view.getUint32(37),
    fee: view.getBigUint64(41),
    payments,
    memo: own.subarray(at + 1, own.length - SIGNATURE_BYTES),
    signature: own.subarray(own.length - SIGNATURE_BYTES),
  }
  encodings.set(transfer, own)
  return transfer
}

/** The bytes of a reward. */
export function encodeReward(reward: Reward): Uint8Array {
  assert(reward.extra.length <= 255, 'an extra has at most 255 bytes on the wire')
  const out = new Uint8Array(REWARD_FIXED_BYTES + reward.extra.length)
  const view = new DataView(out.buffer)
  putU32(view, 0, reward.height)
  putBytes(out, 4, reward.to, ADDRESS_BYTES)
  view.setUint8(24, reward.extra.length)
  out.set(reward.extra, REWARD_FIXED_BYTES)
  return out
}

/** The bytes of a body: reward · u32 count · transfers. */
export function encodeBody(body: Body): Uint8Array {
  const reward = encodeReward(body.reward)
  let size = reward.length + 4
  for (const transfer of body.transfers) size += transferSize(transfer)
  const out = new Uint8Array(size)
  out.set(reward)
  putU32(new DataView(out.buffer), reward.length, body.transfers.length)
  let at = reward.length + 4
  for (const transfer of body.transfers) {
    const bytes = encodeTransfer(transfer)
    out.set(bytes, at)
    at += bytes.length
  }
  return out
}

/** The body that exactly these bytes are: `body-size` above 1,000,000 bytes, `body-shape` for what cannot be parsed. */
export function decodeBody(bytes: Uint8Array): Result<Body, RuleError> {
  return allAtOnce(decodeBodySteps(bytes))
}

/** `decodeBody` in steps. */
export function* decodeBodySteps(bytes: Uint8Array): Steps<Result<Body, RuleError>> {
  if (bytes.length > MAX_BODY_BYTES) return err(ruleError('body-size', `a body has at most ${MAX_BODY_BYTES} bytes, not ${bytes.length}`))
  const extraLength = bytes[24]
  const countAt = REWARD_FIXED_BYTES + (extraLength ?? 0)
  if (extraLength === undefined || countAt + 4 > bytes.length) return err(ruleError('body-shape', 'the body ends within its reward or count'))
  const view = viewOf(bytes)
  const head = bytes.slice(0, countAt)
  const reward: Reward = { height: view.getUint32(0), to: head.subarray(4, 24), extra: head.subarray(REWARD_FIXED_BYTES) }
  const count = view.getUint32(countAt)
  let at = countAt + 4
  if (count > (bytes.length - at) / TRANSFER_FIXED_BYTES) return err(ruleError('body-shape', `${count} transfers cannot fit the body`))
  const transfers: Transfer[] = []
  for (let i = 0; i < count; i++) {
    const size = sizeOfTransferAt(bytes, at)
    if (size === undefined) return err(ruleError('body-shape', 'the body ends within a transfer', i))
    transfers.push(readTransfer(bytes.slice(at, at + size)))
    at += size
    yield
  }
  if (at !== bytes.length) return err(ruleError('body-shape', `${bytes.length - at} bytes are left over after the body`))
  return ok({ reward, transfers })
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function putU8(view: DataView, at: number, value: number): void {
  assert(Number.isInteger(value) && value >= 0 && value <= 0xff, `${value} is not a u8`)
  view.setUint8(at, value)
}

function putU32(view: DataView, at: number, value: number): void {
  assert(Number.isInteger(value) && value >= 0 && value <= 0xffffffff, `${value} is not a u32`)
  view.setUint32(at, value)
}

function putU64(view: DataView, at: number, value: bigint): void {
  assert(value >= 0n && value < U64_LIMIT, `${value} is not a u64`)
  view.setBigUint64(at, value)
}

function putBytes(out: Uint8Array, at: number, bytes: Uint8Array, length: number): void {
  assert(bytes.length === length, `${bytes.length} bytes where ${length} are wanted`)
  out.set(bytes, at)
}
