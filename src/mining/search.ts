import { K as CONSTANTS } from '../consensus/sha256-wasm.ts'
import { assertSearchable, HEADER_BYTES, type Kernel, stretches } from './kernel.ts'

/**
 * The nonce search as plain TypeScript: SHA-256d over the 116-byte header. It runs everywhere, and is what is left when
 * no faster kernel does.
 *
 * Only the last word of the header changes between two tries. So the first 64-byte block is compressed once a call,
 * and of the second block the first twelve rounds too (they do not see that word). SHA-256 is FIPS 180-4.
 */

/** FIPS 180-4, section 4.2.2. */
const K = Int32Array.from(CONSTANTS)

/** FIPS 180-4, section 5.3.3. */
const IV = new Int32Array([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19])

/** The words of the second block that hold the nonce's halves: the header's bytes 108..111 and 112..115. */
const NONCE_HIGH = 11
const NONCE_LOW = 12

/**
 * SHA-256's compression of the 16 words in `w`: `out` gets `feed` plus the working variables that start as `s`
 * (section 6.2.2). Sixteen rounds are written out, so that the variables change their roles by name and the message
 * schedule stays in locals: half again as fast as a loop of single rounds over arrays.
 * @param from 0, or 12 when `s` is what `firstTwelve` made and those rounds are to be left out
 */
// biome-ignore format: one line a step
function compress(s: Int32Array, w: Int32Array, feed: Int32Array, out: Int32Array, from: 0 | 12): void {
  let t = 0
  let a = s[0] as number
  let b = s[1] as number
  let c = s[2] as number
  let d = s[3] as number
  let e = s[4] as number
  let f = s[5] as number
  let g = s[6] as number
  let h = s[7] as number
  let w0 = w[0] as number
  let w1 = w[1] as number
  let w2 = w[2] as number
  let w3 = w[3] as number
  let w4 = w[4] as number
  let w5 = w[5] as number
  let w6 = w[6] as number
  let w7 = w[7] as number
  let w8 = w[8] as number
  let w9 = w[9] as number
  let w10 = w[10] as number
  let w11 = w[11] as number
  let w12 = w[12] as number
  let w13 = w[13] as number
  let w14 = w[14] as number
  let w15 = w[15] as number
  for (let i = 0; ; i += 16) {
    if (i !== 0 || from === 0) {
      t = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + (g ^ (e & (f ^ g))) + (K[i] as number) + w0) | 0
      d = (d + t) | 0
      h = (t + (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) | (c & (a | b)))) | 0
      t = (g + (((d >>> 6) | (d << 26)) ^ ((d >>> 11) | (d << 21)) ^ ((d >>> 25) | (d << 7))) + (f ^ (d & (e ^ f))) + (K[i + 1] as number) + w1) | 0
      c = (c + t) | 0
      g = (t + (((h >>> 2) | (h << 30)) ^ ((h >>> 13) | (h << 19)) ^ ((h >>> 22) | (h << 10))) + ((h & a) | (b & (h | a)))) | 0
      t = (f + (((c >>> 6) | (c << 26)) ^ ((c >>> 11) | (c << 21)) ^ ((c >>> 25) | (c << 7))) + (e ^ (c & (d ^ e))) + (K[i + 2] as number) + w2) | 0
      b = (b + t) | 0
      f = (t + (((g >>> 2) | (g << 30)) ^ ((g >>> 13) | (g << 19)) ^ ((g >>> 22) | (g << 10))) + ((g & h) | (a & (g | h)))) | 0
      t = (e + (((b >>> 6) | (b << 26)) ^ ((b >>> 11) | (b << 21)) ^ ((b >>> 25) | (b << 7))) + (d ^ (b & (c ^ d))) + (K[i + 3] as number) + w3) | 0
      a = (a + t) | 0
      e = (t + (((f >>> 2) | (f << 30)) ^ ((f >>> 13) | (f << 19)) ^ ((f >>> 22) | (f << 10))) + ((f & g) | (h & (f | g)))) | 0
      t = (d + (((a >>> 6) | (a << 26)) ^ ((a >>> 11) | (a << 21)) ^ ((a >>> 25) | (a << 7))) + (c ^ (a & (b ^ c))) + (K[i + 4] as number) + w4) | 0
      h = (h + t) | 0
      d = (t + (((e >>> 2) | (e << 30)) ^ ((e >>> 13) | (e << 19)) ^ ((e >>> 22) | (e << 10))) + ((e & f) | (g & (e | f)))) | 0
      t = (c + (((h >>> 6) | (h << 26)) ^ ((h >>> 11) | (h << 21)) ^ ((h >>> 25) | (h << 7))) + (b ^ (h & (a ^ b))) + (K[i + 5] as number) + w5) | 0
      g = (g + t) | 0
      c = (t + (((d >>> 2) | (d << 30)) ^ ((d >>> 13) | (d << 19)) ^ ((d >>> 22) | (d << 10))) + ((d & e) | (f & (d | e)))) | 0
      t = (b + (((g >>> 6) | (g << 26)) ^ ((g >>> 11) | (g << 21)) ^ ((g >>> 25) | (g << 7))) + (a ^ (g & (h ^ a))) + (K[i + 6] as number) + w6) | 0
      f = (f + t) | 0
      b = (t + (((c >>> 2) | (c << 30)) ^ ((c >>> 13) | (c << 19)) ^ ((c >>> 22) | (c << 10))) + ((c & d) | (e & (c | d)))) | 0
      t = (a + (((f >>> 6) | (f << 26)) ^ ((f >>> 11) | (f << 21)) ^ ((f >>> 25) | (f << 7))) + (h ^ (f & (g ^ h))) + (K[i + 7] as number) + w7) | 0
      e = (e + t) | 0
      a = (t + (((b >>> 2) | (b << 30)) ^ ((b >>> 13) | (b << 19)) ^ ((b >>> 22) | (b << 10))) + ((b & c) | (d & (b | c)))) | 0
      t = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + (g ^ (e & (f ^ g))) + (K[i + 8] as number) + w8) | 0
      d = (d + t) | 0
      h = (t + (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) | (c & (a | b)))) | 0
      t = (g + (((d >>> 6) | (d << 26)) ^ ((d >>> 11) | (d << 21)) ^ ((d >>> 25) | (d << 7))) + (f ^ (d & (e ^ f))) + (K[i + 9] as number) + w9) | 0
      c = (c + t) | 0
      g = (t + (((h >>> 2) | (h << 30)) ^ ((h >>> 13) | (h << 19)) ^ ((h >>> 22) | (h << 10))) + ((h & a) | (b & (h | a)))) | 0
      t = (f + (((c >>> 6) | (c << 26)) ^ ((c >>> 11) | (c << 21)) ^ ((c >>> 25) | (c << 7))) + (e ^ (c & (d ^ e))) + (K[i + 10] as number) + w10) | 0
      b = (b + t) | 0
      f = (t + (((g >>> 2) | (g << 30)) ^ ((g >>> 13) | (g << 19)) ^ ((g >>> 22) | (g << 10))) + ((g & h) | (a & (g | h)))) | 0
      t = (e + (((b >>> 6) | (b << 26)) ^ ((b >>> 11) | (b << 21)) ^ ((b >>> 25) | (b << 7))) + (d ^ (b & (c ^ d))) + (K[i + 11] as number) + w11) | 0
      a = (a + t) | 0
      e = (t + (((f >>> 2) | (f << 30)) ^ ((f >>> 13) | (f << 19)) ^ ((f >>> 22) | (f << 10))) + ((f & g) | (h & (f | g)))) | 0
    }
    t = (d + (((a >>> 6) | (a << 26)) ^ ((a >>> 11) | (a << 21)) ^ ((a >>> 25) | (a << 7))) + (c ^ (a & (b ^ c))) + (K[i + 12] as number) + w12) | 0
    h = (h + t) | 0
    d = (t + (((e >>> 2) | (e << 30)) ^ ((e >>> 13) | (e << 19)) ^ ((e >>> 22) | (e << 10))) + ((e & f) | (g & (e | f)))) | 0
    t = (c + (((h >>> 6) | (h << 26)) ^ ((h >>> 11) | (h << 21)) ^ ((h >>> 25) | (h << 7))) + (b ^ (h & (a ^ b))) + (K[i + 13] as number) + w13) | 0
    g = (g + t) | 0
    c = (t + (((d >>> 2) | (d << 30)) ^ ((d >>> 13) | (d << 19)) ^ ((d >>> 22) | (d << 10))) + ((d & e) | (f & (d | e)))) | 0
    t = (b + (((g >>> 6) | (g << 26)) ^ ((g >>> 11) | (g << 21)) ^ ((g >>> 25) | (g << 7))) + (a ^ (g & (h ^ a))) + (K[i + 14] as number) + w14) | 0
    f = (f + t) | 0
    b = (t + (((c >>> 2) | (c << 30)) ^ ((c >>> 13) | (c << 19)) ^ ((c >>> 22) | (c << 10))) + ((c & d) | (e & (c | d)))) | 0
    t = (a + (((f >>> 6) | (f << 26)) ^ ((f >>> 11) | (f << 21)) ^ ((f >>> 25) | (f << 7))) + (h ^ (f & (g ^ h))) + (K[i + 15] as number) + w15) | 0
    e = (e + t) | 0
    a = (t + (((b >>> 2) | (b << 30)) ^ ((b >>> 13) | (b << 19)) ^ ((b >>> 22) | (b << 10))) + ((b & c) | (d & (b | c)))) | 0
    if (i === 48) break
    w0 = (w0 + (((w1 >>> 7) | (w1 << 25)) ^ ((w1 >>> 18) | (w1 << 14)) ^ (w1 >>> 3)) + w9 + (((w14 >>> 17) | (w14 << 15)) ^ ((w14 >>> 19) | (w14 << 13)) ^ (w14 >>> 10))) | 0
    w1 = (w1 + (((w2 >>> 7) | (w2 << 25)) ^ ((w2 >>> 18) | (w2 << 14)) ^ (w2 >>> 3)) + w10 + (((w15 >>> 17) | (w15 << 15)) ^ ((w15 >>> 19) | (w15 << 13)) ^ (w15 >>> 10))) | 0
    w2 = (w2 + (((w3 >>> 7) | (w3 << 25)) ^ ((w3 >>> 18) | (w3 << 14)) ^ (w3 >>> 3)) + w11 + (((w0 >>> 17) | (w0 << 15)) ^ ((w0 >>> 19) | (w0 << 13)) ^ (w0 >>> 10))) | 0
    w3 = (w3 + (((w4 >>> 7) | (w4 << 25)) ^ ((w4 >>> 18) | (w4 << 14)) ^ (w4 >>> 3)) + w12 + (((w1 >>> 17) | (w1 << 15)) ^ ((w1 >>> 19) | (w1 << 13)) ^ (w1 >>> 10))) | 0
    w4 = (w4 + (((w5 >>> 7) | (w5 << 25)) ^ ((w5 >>> 18) | (w5 << 14)) ^ (w5 >>> 3)) + w13 + (((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10))) | 0
    w5 = (w5 + (((w6 >>> 7) | (w6 << 25)) ^ ((w6 >>> 18) | (w6 << 14)) ^ (w6 >>> 3)) + w14 + (((w3 >>> 17) | (w3 << 15)) ^ ((w3 >>> 19) | (w3 << 13)) ^ (w3 >>> 10))) | 0
    w6 = (w6 + (((w7 >>> 7) | (w7 << 25)) ^ ((w7 >>> 18) | (w7 << 14)) ^ (w7 >>> 3)) + w15 + (((w4 >>> 17) | (w4 << 15)) ^ ((w4 >>> 19) | (w4 << 13)) ^ (w4 >>> 10))) | 0
    w7 = (w7 + (((w8 >>> 7) | (w8 << 25)) ^ ((w8 >>> 18) | (w8 << 14)) ^ (w8 >>> 3)) + w0 + (((w5 >>> 17) | (w5 << 15)) ^ ((w5 >>> 19) | (w5 << 13)) ^ (w5 >>> 10))) | 0
    w8 = (w8 + (((w9 >>> 7) | (w9 << 25)) ^ ((w9 >>> 18) | (w9 << 14)) ^ (w9 >>> 3)) + w1 + (((w6 >>> 17) | (w6 << 15)) ^ ((w6 >>> 19) | (w6 << 13)) ^ (w6 >>> 10))) | 0
    w9 = (w9 + (((w10 >>> 7) | (w10 << 25)) ^ ((w10 >>> 18) | (w10 << 14)) ^ (w10 >>> 3)) + w2 + (((w7 >>> 17) | (w7 << 15)) ^ ((w7 >>> 19) | (w7 << 13)) ^ (w7 >>> 10))) | 0
    w10 = (w10 + (((w11 >>> 7) | (w11 << 25)) ^ ((w11 >>> 18) | (w11 << 14)) ^ (w11 >>> 3)) + w3 + (((w8 >>> 17) | (w8 << 15)) ^ ((w8 >>> 19) | (w8 << 13)) ^ (w8 >>> 10))) | 0
    w11 = (w11 + (((w12 >>> 7) | (w12 << 25)) ^ ((w12 >>> 18) | (w12 << 14)) ^ (w12 >>> 3)) + w4 + (((w9 >>> 17) | (w9 << 15)) ^ ((w9 >>> 19) | (w9 << 13)) ^ (w9 >>> 10))) | 0
    w12 = (w12 + (((w13 >>> 7) | (w13 << 25)) ^ ((w13 >>> 18) | (w13 << 14)) ^ (w13 >>> 3)) + w5 + (((w10 >>> 17) | (w10 << 15)) ^ ((w10 >>> 19) | (w10 << 13)) ^ (w10 >>> 10))) | 0
    w13 = (w13 + (((w14 >>> 7) | (w14 << 25)) ^ ((w14 >>> 18) | (w14 << 14)) ^ (w14 >>> 3)) + w6 + (((w11 >>> 17) | (w11 << 15)) ^ ((w11 >>> 19) | (w11 << 13)) ^ (w11 >>> 10))) | 0
    w14 = (w14 + (((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3)) + w7 + (((w12 >>> 17) | (w12 << 15)) ^ ((w12 >>> 19) | (w12 << 13)) ^ (w12 >>> 10))) | 0
    w15 = (w15 + (((w0 >>> 7) | (w0 << 25)) ^ ((w0 >>> 18) | (w0 << 14)) ^ (w0 >>> 3)) + w8 + (((w13 >>> 17) | (w13 << 15)) ^ ((w13 >>> 19) | (w13 << 13)) ^ (w13 >>> 10))) | 0
  }
  out[0] = (a + (feed[0] as number)) | 0
  out[1] = (b + (feed[1] as number)) | 0
  out[2] = (c + (feed[2] as number)) | 0
  out[3] = (d + (feed[3] as number)) | 0
  out[4] = (e + (feed[4] as number)) | 0
  out[5] = (f + (feed[5] as number)) | 0
  out[6] = (g + (feed[6] as number)) | 0
  out[7] = (h + (feed[7] as number)) | 0
}

/** The working variables of `compress` after twelve rounds over `w` that start as `s`, under the names that they have there by then. */
function firstTwelve(s: Int32Array, w: Int32Array): Int32Array {
  let [a, b, c, d, e, f, g, h] = s as unknown as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < 12; i++) {
    const t =
      (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + (g ^ (e & (f ^ g))) + (K[i] as number) + (w[i] as number)) | 0
    const u = (t + (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) | (c & (a | b)))) | 0
    ;[a, b, c, d, e, f, g, h] = [u, a, b, c, (d + t) | 0, e, f, g]
  }
  return Int32Array.of(e, f, g, h, a, b, c, d)
}

/** Whether the digest in `words` is at most `target`, both as big-endian numbers of unsigned words. */
function atMost(words: Int32Array, target: Uint32Array): boolean {
  for (let i = 0; i < 8; i++) {
    const word = (words[i] as number) >>> 0
    const limit = target[i] as number
    if (word !== limit) return word < limit
  }
  return true
}

/** The search of the `typescript` kernel (see `Kernel`). Takes about half a microsecond a try on one thread. */
export function searchNonces(header: Uint8Array, start: bigint, count: number, target: Uint8Array): bigint | undefined {
  assertSearchable(header, count, target)
  const view = new DataView(header.buffer, header.byteOffset, header.length)
  const targetView = new DataView(target.buffer, target.byteOffset, target.length)
  const limit = Uint32Array.from({ length: 8 }, (_, i) => targetView.getUint32(4 * i))
  const block = Int32Array.from({ length: 16 }, (_, i) => view.getInt32(4 * i))
  const midstate = new Int32Array(8)
  compress(IV, block, IV, midstate, 0)
  // The second block: the rest of the header, then SHA-256's padding for 116 bytes.
  for (let i = 0; i < NONCE_HIGH; i++) block[i] = view.getInt32(64 + 4 * i)
  block[13] = 0x80000000
  block[14] = 0
  block[15] = 8 * HEADER_BYTES

  for (const { high, low, tries } of stretches(start, count)) {
    block[NONCE_HIGH] = high
    const hit = searchLow(midstate, block, low, tries, limit)
    if (hit !== undefined) return (BigInt(high) << 32n) | BigInt(hit)
  }
  return undefined
}

export const typescriptKernel: Kernel = { name: 'typescript', search: searchNonces }

/** The search with the high half of the nonce fixed: the low half that hits among `tries` from `low` on, which stay below 2^32. */
function searchLow(midstate: Int32Array, block: Int32Array, low: number, tries: number, limit: Uint32Array): number | undefined {
  const early = firstTwelve(midstate, block)
  // The second SHA-256: one block, the first digest and the padding for 32 bytes. `compress` writes words 0..7 alone.
  const inner = new Int32Array(16)
  inner[8] = 0x80000000
  inner[15] = 8 * 32
  const digest = new Int32Array(8)
  const top = limit[0] as number
  const end = low + tries
  for (let nonce = low; nonce < end; nonce++) {
    block[NONCE_LOW] = nonce
    compress(early, block, midstate, inner, 12)
    compress(IV, inner, IV, digest, 0)
    if ((digest[0] as number) >>> 0 <= top && atMost(digest, limit)) return nonce
  }
  return undefined
}
