import { sizeOfTransferAt } from '../consensus/codec.ts'
import { sha256 } from '../consensus/hash.ts'
import { toHex } from '../util/bytes.ts'
import { MAX_PREFILLED_BYTES, SHORT_ID_LENGTH } from './limits.ts'
import type { CompactMessage, Prefilled } from './messages-compact.ts'
import { putShortId, saltOf, shortId } from './short-ids.ts'

/** Reward without its extra: height 4 · to 20 · extra's length 1; and the count of transfers behind it. */
const REWARD_FIXED = 25
const COUNT_LENGTH = 4

/** Where the parts of an encoded body lie. */
export interface BodyLayout {
  /** Bytes of the reward, which comes first. */
  readonly rewardLength: number
  /** Where each transfer begins; the last is where the body ends. */
  readonly starts: Uint32Array
}

/** The layout of a body whose shape was checked before. Throws where it has another: a bug, or a damaged store. */
export function layoutOf(body: Uint8Array): BodyLayout {
  const rewardLength = REWARD_FIXED + (body[REWARD_FIXED - 1] ?? 0)
  const count = new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(rewardLength)
  const starts = new Uint32Array(count + 1)
  let at = rewardLength + COUNT_LENGTH
  for (let i = 0; i < count; i++) {
    starts[i] = at
    const size = sizeOfTransferAt(body, at)
    if (size === undefined) throw new Error('a body ends within a transfer')
    at += size
  }
  starts[count] = at
  if (at !== body.length) throw new Error('bytes are left over after a body')
  return { rewardLength, starts }
}

/** The encoding of one transfer of a body: a view of it. */
export function transferAt(body: Uint8Array, { starts }: BodyLayout, index: number): Uint8Array {
  return body.subarray(starts[index], starts[index + 1])
}

/** The encoded body of a reward and transfers. */
export function joinBody(reward: Uint8Array, transfers: readonly Uint8Array[]): Uint8Array {
  let size = reward.length + COUNT_LENGTH
  for (const transfer of transfers) size += transfer.length
  const out = new Uint8Array(size)
  out.set(reward)
  new DataView(out.buffer).setUint32(reward.length, transfers.length)
  let at = reward.length + COUNT_LENGTH
  for (const transfer of transfers) {
    out.set(transfer, at)
    at += transfer.length
  }
  return out
}

/** A cheese as short ids: what is sent to everybody who asks, but for what is prefilled. */
export class CompactCheese {
  readonly layout: BodyLayout
  readonly #header: Uint8Array
  readonly #nonce: bigint
  readonly #reward: Uint8Array
  /** Of all transfers. */
  readonly #shortIds: Uint8Array
  readonly #relayIds: readonly string[]

  /**
   * @param header 116 bytes
   * @param nonce random: the salt of the short ids
   */
  constructor(header: Uint8Array, body: Uint8Array, nonce: bigint) {
    this.layout = layoutOf(body)
    this.#header = header
    this.#nonce = nonce
    this.#reward = body.slice(0, this.layout.rewardLength)
    const count = this.layout.starts.length - 1
    this.#shortIds = new Uint8Array(count * SHORT_ID_LENGTH)
    const salt = saltOf(header, nonce)
    this.#relayIds = Array.from({ length: count }, (_, i) => {
      const id = sha256(transferAt(body, this.layout, i))
      putShortId(this.#shortIds, i, shortId(salt, id))
      return toHex(id)
    })
  }

  /** Relay ids (hex) of its transfers, in order. */
  get relayIds(): readonly string[] {
    return this.#relayIds
  }

  /**
   * The message.
   * @param lacking places of transfers that the receiver surely lacks, rising; as many as fit `room` bytes stand in it as they are
   */
  message(body: Uint8Array, lacking: readonly number[] = [], room = MAX_PREFILLED_BYTES): CompactMessage {
    const prefilled: Prefilled[] = []
    let left = Math.min(room, MAX_PREFILLED_BYTES)
    for (const index of lacking) {
      const bytes = transferAt(body, this.layout, index)
      left -= bytes.length + 4
      if (left < 0) break
      prefilled.push({ index, bytes })
    }
    return { type: 'compact', header: this.#header, nonce: this.#nonce, reward: this.#reward, shortIds: this.#without(prefilled), prefilled }
  }

  #without(prefilled: readonly Prefilled[]): Uint8Array {
    if (prefilled.length === 0) return this.#shortIds
    const out = new Uint8Array(this.#shortIds.length - prefilled.length * SHORT_ID_LENGTH)
    let from = 0
    let at = 0
    for (const index of [...prefilled.map((one) => one.index), this.layout.starts.length - 1]) {
      out.set(this.#shortIds.subarray(from * SHORT_ID_LENGTH, index * SHORT_ID_LENGTH), at)
      at += (index - from) * SHORT_ID_LENGTH
      from = index + 1
    }
    return out
  }
}
