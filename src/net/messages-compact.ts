/** Messages that carry a cheese as short ids of its transfers (after BIP 152). */
import { bigIntToBytes, bytesToBigInt, concatBytes, fromHex, toHex } from '../util/bytes.ts'
import type { WireReader } from '../util/wire.ts'
import { HEADER_LENGTH, MAX_BODY_LENGTH, MAX_BODY_TRANSFERS, MAX_PREFILLED_BYTES, MAX_TRANSFER_LENGTH, SHORT_ID_LENGTH } from './limits.ts'
import { atMost, type Codecs, many } from './messages-codec.ts'

/** A transfer that stands in a compact cheese as it is: its place among all transfers of the body, and its encoding. */
export interface Prefilled {
  readonly index: number
  readonly bytes: Uint8Array
}

export interface CompactMessage {
  readonly type: 'compact'
  /** 116 bytes. */
  readonly header: Uint8Array
  /** Chosen at random by the sender, so that nobody can make ids collide for everybody. */
  readonly nonce: bigint
  /** The encoded reward (height, to, extra). */
  readonly reward: Uint8Array
  /** Of the transfers that are not prefilled, in order: `SHORT_ID_LENGTH` bytes each. */
  readonly shortIds: Uint8Array
  /** Rising by index. */
  readonly prefilled: readonly Prefilled[]
}

export type CompactFamily =
  /** How the sender wants to hear of new cheeses: `high`: as a compact cheese at once; `low`: by header. */
  | { readonly type: 'sendCompact'; readonly mode: 'low' | 'high' }
  | CompactMessage
  /** Answered with `missing`, or with a `body` when the cheese lies deeper. Places of transfers, rising. */
  | { readonly type: 'getMissing'; readonly smell: string; readonly indexes: readonly number[] }
  | { readonly type: 'missing'; readonly smell: string; readonly transfers: readonly Uint8Array[] }
  /** Answered with `compact`, or with a `body` when the cheese lies deeper. */
  | { readonly type: 'getCompact'; readonly smell: string }

export const COMPACT_CODECS: Codecs<CompactFamily> = {
  sendCompact: {
    write: (out, m) => void out.u8(m.mode === 'high' ? 2 : 1),
    read(input) {
      const mode = input.u8()
      if (mode !== 1 && mode !== 2) input.fail()
      return { type: 'sendCompact', mode: mode === 2 ? 'high' : 'low' }
    },
  },
  compact: {
    write(out, m) {
      out.bytes(m.header, HEADER_LENGTH).bytes(bigIntToBytes(m.nonce, 8)).bytes(m.reward)
      out.u16(m.shortIds.length / SHORT_ID_LENGTH).bytes(m.shortIds)
      out.u16(m.prefilled.length)
      for (const { index, bytes } of m.prefilled) out.u16(index).u16(bytes.length).bytes(bytes)
    },
    read: readCompact,
  },
  getMissing: {
    write(out, m) {
      out.bytes(fromHex(m.smell), 32).u16(m.indexes.length)
      for (const index of m.indexes) out.u16(index)
    },
    read(input) {
      const smell = toHex(input.bytes(32))
      let last = -1
      const index = () => {
        last = rising(input, input.u16(), last, MAX_BODY_TRANSFERS)
        return last
      }
      return { type: 'getMissing', smell, indexes: many(atMost(input, input.u16(), MAX_BODY_TRANSFERS), index, input) }
    },
  },
  missing: {
    write(out, m) {
      out.bytes(fromHex(m.smell), 32).u16(m.transfers.length)
      for (const bytes of m.transfers) out.u16(bytes.length).bytes(bytes)
    },
    read(input) {
      const smell = toHex(input.bytes(32))
      let left = MAX_BODY_LENGTH
      const transfer = () => {
        const bytes = readTransfer(input, left)
        left -= bytes.length
        return bytes
      }
      return { type: 'missing', smell, transfers: many(atMost(input, input.u16(), MAX_BODY_TRANSFERS), transfer, input) }
    },
  },
  getCompact: {
    write: (out, m) => void out.bytes(fromHex(m.smell), 32),
    read: (input) => ({ type: 'getCompact', smell: toHex(input.bytes(32)) }),
  },
}

/** Counts, lengths and indexes are within bounds afterwards: all places below the number of transfers, rising, none twice. */
function readCompact(input: WireReader): CompactMessage {
  const header = input.bytes(HEADER_LENGTH)
  const nonce = bytesToBigInt(input.bytes(8))
  const reward = readReward(input)
  const count = atMost(input, input.u16(), MAX_BODY_TRANSFERS)
  const shortIds = input.bytes(count * SHORT_ID_LENGTH)
  const filled = atMost(input, input.u16(), MAX_BODY_TRANSFERS - count)
  let last = -1
  let left = MAX_PREFILLED_BYTES
  const one = (): Prefilled => {
    last = rising(input, input.u16(), last, count + filled)
    const bytes = readTransfer(input, left - 4)
    left -= bytes.length + 4
    return { index: last, bytes }
  }
  return { type: 'compact', header, nonce, reward, shortIds, prefilled: many(filled, one, input) }
}

/** The bytes of a reward: height 4, to 20, extra with its length. */
function readReward(input: WireReader): Uint8Array {
  const fixed = input.bytes(24)
  const extra = input.bytes8(32)
  return concatBytes(fixed, Uint8Array.of(extra.length), extra)
}

function readTransfer(input: WireReader, most: number): Uint8Array {
  return input.bytes(atMost(input, input.u16(), Math.min(MAX_TRANSFER_LENGTH, most)))
}

/** `value`, which must be above `last` and below `end`. */
function rising(input: WireReader, value: number, last: number, end: number): number {
  if (value <= last || value >= end) input.fail()
  return value
}
