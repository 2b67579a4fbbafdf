import { concatBytes } from './bytes.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** Reads big-endian fields from bytes of a stranger. After a field that is not there, `failed` stays true and every read gives zeros. */
export class WireReader {
  readonly #bytes: Uint8Array
  #at = 0
  #failed = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get failed(): boolean {
    return this.#failed
  }

  /** How far it has read. */
  get at(): number {
    return this.#at
  }

  /** Whether everything could be read and nothing is left over. */
  get done(): boolean {
    return !this.#failed && this.#at === this.#bytes.length
  }

  /** Notes that a field is not what it should be. */
  fail(): void {
    this.#failed = true
  }

  /** A copy of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    if (this.#failed || this.#bytes.length - this.#at < length) {
      this.#failed = true
      return new Uint8Array(length)
    }
    this.#at += length
    return this.#bytes.slice(this.#at - length, this.#at)
  }

  u8(): number {
    return this.bytes(1)[0] as number
  }

  u16(): number {
    const [a, b] = this.bytes(2)
    return ((a as number) << 8) | (b as number)
  }

  u32(): number {
    const b = this.bytes(4)
    return new DataView(b.buffer, b.byteOffset, 4).getUint32(0)
  }

  /** A u8 length of at most `max` and as many bytes. */
  bytes8(max: number): Uint8Array {
    const length = this.u8()
    if (length > max) this.#failed = true
    return this.#failed ? new Uint8Array() : this.bytes(length)
  }

  /** As bytes8, well-formed UTF-8. */
  text8(max: number): string {
    const text = decodeUtf8(this.bytes8(max))
    if (text === undefined) this.#failed = true
    return text ?? ''
  }
}

/** Collects big-endian fields. Throws on a value that does not fit its field: that is a bug. */
export class WireWriter {
  readonly #parts: Uint8Array[] = []

  bytes(bytes: Uint8Array, length = bytes.length): this {
    if (bytes.length !== length) throw new Error(`bug: ${bytes.length} bytes where ${length} belong`)
    this.#parts.push(bytes)
    return this
  }

  u8(value: number): this {
    return this.#uint(value, 1)
  }

  u16(value: number): this {
    return this.#uint(value, 2)
  }

  u32(value: number): this {
    return this.#uint(value, 4)
  }

  bytes8(bytes: Uint8Array): this {
    return this.u8(bytes.length).bytes(bytes)
  }

  text8(text: string): this {
    return this.bytes8(encodeUtf8(text))
  }

  done(): Uint8Array {
    return concatBytes(...this.#parts)
  }

  #uint(value: number, length: number): this {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * length)) throw new Error(`bug: ${value} in a field of ${length} bytes`)
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i++) out[i] = Math.floor(value / 2 ** (8 * (length - 1 - i))) % 256
    this.#parts.push(out)
    return this
  }
}
