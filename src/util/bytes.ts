/** Helpers for `Uint8Array`, the only byte type in pure code. */

const DIGITS = '0123456789abcdef'
/** The character codes of each byte's two digits. */
const CODES = Uint8Array.from({ length: 512 }, (_, i) => DIGITS.charCodeAt(i % 2 === 0 ? i >> 5 : (i >> 1) & 15))
/** The value of a digit by its character code, −1 of anything else. */
const VALUES = Int8Array.from({ length: 256 }, (_, code) => DIGITS.indexOf(String.fromCharCode(code).toLowerCase()))
/** Bytes that become text at once: far fewer than a call may have arguments. */
const PIECE = 1024

/** Lower-case hex of `bytes`, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length > PIECE) {
    let out = ''
    for (let at = 0; at < bytes.length; at += PIECE) out += toHex(bytes.subarray(at, at + PIECE))
    return out
  }
  // All digits at once: a text put together bit by bit is put together again when it becomes a key.
  const codes: number[] = []
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    codes.push(CODES[2 * byte] as number, CODES[2 * byte + 1] as number)
  }
  return String.fromCharCode.apply(null, codes)
}

/** The bytes of a hex string, or undefined when it is not an even number of hex digits. */
export function tryFromHex(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0) return undefined
  const out = new Uint8Array(hex.length / 2)
  for (let i = 0; i < out.length; i++) {
    // Past the table's end is undefined, which is no digit either.
    const high = VALUES[hex.charCodeAt(2 * i)] ?? -1
    const low = VALUES[hex.charCodeAt(2 * i + 1)] ?? -1
    if (high < 0 || low < 0) return undefined
    out[i] = (high << 4) | low
  }
  return out
}

/** The bytes of a hex string that we wrote ourselves. Throws on anything else. */
export function fromHex(hex: string): Uint8Array {
  const bytes = tryFromHex(hex)
  if (!bytes) throw new Error(`not hex: ${hex.slice(0, 80)}`)
  return bytes
}

/** All `parts`, one after the other. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Whether `a` and `b` hold the same bytes. Not constant time: never for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Lexicographic order, shorter first: below, at or above zero. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const d = (a[i] as number) - (b[i] as number)
    if (d !== 0) return d
  }
  return a.length - b.length
}

/** `bytes` as an unsigned big-endian number. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`)
}

/** `value` as `length` big-endian bytes. Throws when it does not fit. */
export function bigIntToBytes(value: bigint, length: number): Uint8Array {
  const hex = value.toString(16)
  if (value < 0n || hex.length > 2 * length) throw new Error(`${value} does not fit ${length} bytes`)
  return fromHex(hex.padStart(2 * length, '0'))
}
