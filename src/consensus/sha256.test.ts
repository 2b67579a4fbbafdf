import { sha256 as noble } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { concatBytes, toHex } from '../util/bytes.ts'
import { plainCompression, Sha256 } from './sha256.ts'
import { openCompression } from './sha256-wasm.ts'

/** Bytes that look random and are the same each time. */
function bytesOf(length: number, seed: number): Uint8Array {
  let state = seed + 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

const fast = openCompression()

it('has the compression in WebAssembly where there is WebAssembly, as here', () => {
  expect(fast).toBeDefined()
})

describe.each([
  ['in WebAssembly', fast ?? plainCompression()],
  ['in JavaScript', plainCompression()],
])('SHA-256 %s', (_name, compression) => {
  const sha = new Sha256(compression)
  const prefix = bytesOf(64, 99)
  const state = sha.stateAfter(prefix)

  it('gives the digest of the standard', () => {
    expect(toHex(sha.hash(0, [Uint8Array.of(0x61, 0x62, 0x63)]))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it("agrees with noble's at every length up to five blocks, from either initial state", () => {
    for (let length = 0; length <= 320; length++) {
      const bytes = bytesOf(length, length)
      expect(toHex(sha.hash(0, [bytes]))).toBe(toHex(noble(bytes)))
      const [head, tail] = [bytes.subarray(0, length >> 1), bytes.subarray(length >> 1)]
      expect(toHex(sha.hash(state, [head, tail]))).toBe(toHex(noble(concatBytes(prefix, bytes))))
    }
  })

  it("agrees with noble's where input does not fit the memory at once", () => {
    const piece = 65_536 - 4_096 - 128
    for (const length of [piece - 10, piece - 9, piece - 1, piece, piece + 1, 2 * piece, 2 * piece + 55, 300_000]) {
      const bytes = bytesOf(length, length)
      for (const cut of [0, 1, 70, length - 3]) {
        const parts = [bytes.subarray(0, cut), bytes.subarray(cut)]
        expect(toHex(sha.hash(0, parts))).toBe(toHex(noble(bytes)))
        expect(toHex(sha.hash(state, parts))).toBe(toHex(noble(concatBytes(prefix, bytes))))
      }
    }
  })

  it('hashes nodes, by themselves and in a page', () => {
    const [left, right] = [bytesOf(32, 1), bytesOf(32, 2)]
    const wanted = toHex(noble(concatBytes(Uint8Array.of(1), left, right)))
    expect(toHex(sha.node(left, right))).toBe(wanted)
    const { page } = sha
    page.set(left, 640)
    page.set(right, 672)
    sha.nodeInPage(640, 96)
    expect(toHex(page.subarray(96, 128))).toBe(wanted)
    // Neither a hash before nor one after it is in its way.
    sha.hash(0, [bytesOf(1000, 3)])
    expect(toHex(sha.node(left, right))).toBe(wanted)
  })

  it('hashes nodes whatever their last byte is, on which the second block depends', () => {
    for (let last = 0; last < 256; last++) {
      const [left, right] = [bytesOf(32, last), bytesOf(32, last + 1000)]
      right[31] = last
      const wanted = toHex(noble(concatBytes(Uint8Array.of(1), left, right)))
      expect(toHex(sha.node(left, right))).toBe(wanted)
      const { page } = sha
      page.fill(last)
      page.set(left)
      page.set(right, 32)
      sha.nodeInPage(0, 1_024)
      expect(toHex(page.subarray(1_024, 1_056))).toBe(wanted)
      expect([...page.subarray(0, 64)]).toEqual([...left, ...right])
      expect(page.subarray(1_056).every((byte) => byte === last)).toBe(true)
    }
  })

  it('makes no more initial states than there is room for', () => {
    const other = new Sha256(compression === fast ? (openCompression() ?? compression) : plainCompression())
    for (let i = 0; i < 15; i++) other.stateAfter(bytesOf(64, i))
    expect(() => other.stateAfter(prefix)).toThrow('bug')
    expect(() => new Sha256(plainCompression()).stateAfter(new Uint8Array(63))).toThrow('bug')
    expect(toHex(other.hash(3, []))).toBe(toHex(noble(bytesOf(64, 2))))
  })
})
