/** Length of what stands before every message: u32 length of the payload, u16 type. */
export const FRAME_HEADER_BYTES = 6

/** Room that is made for a payload before any of it has come. */
const FIRST_BYTES = 4_096

/** Longest message of a type that we do not know; it is skipped without being kept. */
export const MAX_UNKNOWN_BYTES = 1_048_576

/** The bytes of one message. */
export function encodeFrame(type: number, payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(FRAME_HEADER_BYTES + payload.length)
  const view = new DataView(out.buffer)
  view.setUint32(0, payload.length)
  view.setUint16(4, type)
  out.set(payload, FRAME_HEADER_BYTES)
  return out
}

/**
 * Cuts a byte stream into messages. What it keeps is never more than the limit of the type being received, and never
 * more than twice what was really sent, or a few kilobytes: a length alone costs nothing.
 */
export class FrameDecoder {
  readonly #limitOf: (type: number) => number | undefined
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES)
  #headerLength = 0
  #type = 0
  #missing = 0
  #length = 0
  /** Room for the payload, which grows as it comes; undefined while skipping a message of unknown type. */
  #payload: Uint8Array | undefined
  #broken: string | undefined
  #whole = 0

  /** @param limitOf longest payload of a type in bytes; undefined for a type that is not known */
  constructor(limitOf: (type: number) => number | undefined) {
    this.#limitOf = limitOf
  }

  /** Messages that came to their end. */
  get whole(): number {
    return this.#whole
  }

  /** Whether a message has begun and not ended. */
  get isInside(): boolean {
    return this.#headerLength > 0
  }

  /**
   * Takes the next piece of the stream and calls `onFrame` for each message that it completes (also with no payload kept
   * for a skipped one: `payload` is undefined). Returns a sentence when the stream breaks a limit; nothing is read after that.
   */
  push(chunk: Uint8Array, onFrame: (type: number, payload: Uint8Array | undefined, length: number) => void): string | undefined {
    let at = 0
    while (!this.#broken) {
      if (this.#headerLength < FRAME_HEADER_BYTES) {
        const take = Math.min(FRAME_HEADER_BYTES - this.#headerLength, chunk.length - at)
        this.#header.set(chunk.subarray(at, at + take), this.#headerLength)
        this.#headerLength += take
        at += take
        if (this.#headerLength < FRAME_HEADER_BYTES) return undefined
        this.#begin()
        continue
      }
      const take = Math.min(this.#missing, chunk.length - at)
      if (this.#payload) this.#keep(this.#payload, chunk.subarray(at, at + take))
      this.#missing -= take
      at += take
      if (this.#missing > 0) return undefined
      const payload = this.#payload
      this.#headerLength = 0
      this.#payload = undefined
      this.#whole++
      onFrame(this.#type, payload, this.#length)
    }
    return this.#broken
  }

  /** Copies what came: pieces kept as they are would cost a hundred times their size when they are of one byte. */
  #keep(payload: Uint8Array, piece: Uint8Array): void {
    const have = this.#length - this.#missing
    const need = have + piece.length
    if (need > payload.length) {
      const room = new Uint8Array(Math.min(this.#length, Math.max(need, 2 * payload.length)))
      room.set(payload.subarray(0, have))
      this.#payload = room
    }
    this.#payload?.set(piece, have)
  }

  #begin(): void {
    const view = new DataView(this.#header.buffer)
    const length = view.getUint32(0)
    this.#type = view.getUint16(4)
    this.#length = length
    this.#missing = length
    const limit = this.#limitOf(this.#type)
    this.#payload = limit === undefined ? undefined : new Uint8Array(Math.min(length, FIRST_BYTES))
    if (length > (limit ?? MAX_UNKNOWN_BYTES))
      this.#broken = `a message of type ${this.#type} with ${length} bytes, at most ${limit ?? MAX_UNKNOWN_BYTES} are allowed`
  }
}
