import { concatBytes } from '../util/bytes.ts'

/** Length of what stands before every message: u32 length of the payload, u16 type. */
export const FRAME_HEADER_BYTES = 6

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
 * more than was really sent: a length alone costs nothing.
 */
export class FrameDecoder {
  readonly #limitOf: (type: number) => number | undefined
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES)
  #headerLength = 0
  #type = 0
  #missing = 0
  /** Pieces of the payload, or undefined while skipping a message of unknown type. */
  #pieces: Uint8Array[] | undefined
  #broken: string | undefined

  /** @param limitOf longest payload of a type in bytes; undefined for a type that is not known */
  constructor(limitOf: (type: number) => number | undefined) {
    this.#limitOf = limitOf
  }

  /**
   * Takes the next piece of the stream and calls `onFrame` for each message that it completes (also with no payload kept
   * for a skipped one: `payload` is undefined). Returns a sentence when the stream breaks a limit; nothing is read after that.
   */
  push(chunk: Uint8Array, onFrame: (type: number, payload: Uint8Array | undefined) => void): string | undefined {
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
      if (take > 0) this.#pieces?.push(chunk.slice(at, at + take))
      this.#missing -= take
      at += take
      if (this.#missing > 0) return undefined
      const pieces = this.#pieces
      this.#headerLength = 0
      this.#pieces = undefined
      onFrame(this.#type, pieces && (pieces.length === 1 ? pieces[0] : concatBytes(...pieces)))
    }
    return this.#broken
  }

  #begin(): void {
    const view = new DataView(this.#header.buffer)
    const length = view.getUint32(0)
    this.#type = view.getUint16(4)
    this.#missing = length
    const limit = this.#limitOf(this.#type)
    this.#pieces = limit === undefined ? undefined : []
    if (length > (limit ?? MAX_UNKNOWN_BYTES))
      this.#broken = `a message of type ${this.#type} with ${length} bytes, at most ${limit ?? MAX_UNKNOWN_BYTES} are allowed`
  }
}
