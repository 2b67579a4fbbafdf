/**
 * Room for many small arrays in pieces of memory that they share: an array of more than 64 bytes with memory of its own costs
 * more to make, and to free, than to fill. A piece is freed with the last of its arrays, so those should live about as long.
 */
export class Slabs {
  readonly #bytes: number
  #slab = new Uint8Array(0)
  #used = 0

  /** @param bytes of a piece */
  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** An array of zeros that nobody else has. */
  take(length: number): Uint8Array {
    if (4 * length > this.#bytes) return new Uint8Array(length)
    if (this.#used + length > this.#slab.length) {
      this.#slab = new Uint8Array(this.#bytes)
      this.#used = 0
    }
    this.#used += length
    return this.#slab.subarray(this.#used - length, this.#used)
  }

  /** A copy that nobody else has. */
  copy(bytes: Uint8Array): Uint8Array {
    const out = this.take(bytes.length)
    out.set(bytes)
    return out
  }
}
