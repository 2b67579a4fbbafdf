import { sizeOfTransferAt } from '../consensus/codec.ts'
import { sha256 } from '../consensus/hash.ts'
import { joinBody } from './compact-layout.ts'
import { MAX_BODY_LENGTH, SHORT_ID_LENGTH } from './limits.ts'
import type { CompactMessage } from './messages-compact.ts'
import { saltOf, shortId, shortIdAt } from './short-ids.ts'

/** A compact cheese that is being put together again: the places of its transfers, those found so far, those asked for. */
export class CompactFill {
  readonly #reward: Uint8Array
  readonly #salt: Uint8Array
  readonly #slots: (Uint8Array | undefined)[]
  /** Place by short id, of those that do not stand in the message as they are. */
  readonly #places = new Map<number, number>()
  /** Places of which two waiting transfers have the short id. */
  readonly #doubtful = new Set<number>()
  readonly #shortIds = new Map<number, number>()
  #open: number
  #asked: readonly number[] = []

  /** @param message whose counts and places were checked when it was read */
  constructor(message: CompactMessage) {
    this.#reward = message.reward
    this.#salt = saltOf(message.header, message.nonce)
    const open = message.shortIds.length / SHORT_ID_LENGTH
    this.#slots = Array.from({ length: open + message.prefilled.length })
    for (const { index, bytes } of message.prefilled) this.#slots[index] = bytes
    let next = 0
    for (let place = 0; place < this.#slots.length; place++) {
      if (this.#slots[place]) continue
      const id = shortIdAt(message.shortIds, next++)
      this.#places.set(id, place)
      this.#shortIds.set(place, id)
    }
    this.#open = open
  }

  /** Whether what stands in it as it is has the shape of transfers: whoever passed it on must have seen that. */
  get hasShape(): boolean {
    return this.#slots.every((bytes) => !bytes || isTransfer(bytes))
  }

  /** Whether two of its transfers have one short id: then it must be had whole. */
  get isAmbiguous(): boolean {
    return this.#places.size < this.#shortIds.size
  }

  get transfers(): number {
    return this.#slots.length
  }

  /** Whether every transfer was found. */
  get isFull(): boolean {
    return this.#open === 0
  }

  /** Places that are still empty, rising. */
  get missing(): number[] {
    const out: number[] = []
    for (let place = 0; place < this.#slots.length; place++) if (!this.#slots[place]) out.push(place)
    return out
  }

  /**
   * Puts a transfer that we know where it belongs, if it does.
   * @param relayId 32 bytes
   * @param bytes gives its encoding
   */
  offer(relayId: Uint8Array, bytes: () => Uint8Array | undefined): void {
    const place = this.#places.get(shortId(this.#salt, relayId))
    if (place === undefined || this.#doubtful.has(place)) return
    if (this.#slots[place]) {
      // Which of the two is meant, only the sender knows.
      this.#slots[place] = undefined
      this.#doubtful.add(place)
      this.#open++
      return
    }
    const found = bytes()
    if (!found) return
    this.#slots[place] = found
    this.#open--
  }

  /** Places of transfers that we lacked, once they have come. */
  get fetched(): readonly number[] {
    return this.#asked
  }

  /** Notes what is being asked for, to be answered by `take`. */
  ask(): readonly number[] {
    this.#asked = this.missing
    return this.#asked
  }

  /** Fills what was asked for. False: it is not what the short ids promised. */
  take(transfers: readonly Uint8Array[]): boolean {
    if (transfers.length !== this.#asked.length || this.isFull) return false
    for (const [i, place] of this.#asked.entries()) {
      const bytes = transfers[i] as Uint8Array
      if (!isTransfer(bytes) || shortId(this.#salt, sha256(bytes)) !== this.#shortIds.get(place)) return false
      this.#slots[place] = bytes
    }
    this.#open = 0
    return true
  }

  /** The leaves of the body's tree and the encoded body, once it is full; undefined when it would be longer than any body may be. */
  body(): { readonly leaves: readonly Uint8Array[]; readonly bytes: Uint8Array } | undefined {
    const transfers: Uint8Array[] = []
    let size = this.#reward.length + 4
    for (const slot of this.#slots) {
      if (!slot) throw new Error('bug: a body with an empty place')
      size += slot.length
      transfers.push(slot)
    }
    return size > MAX_BODY_LENGTH ? undefined : { leaves: [this.#reward, ...transfers], bytes: joinBody(this.#reward, transfers) }
  }
}

function isTransfer(bytes: Uint8Array): boolean {
  return sizeOfTransferAt(bytes, 0) === bytes.length
}
