import { randomBytes } from 'node:crypto'
import { schnorr } from '@noble/curves/secp256k1.js'
import { signSchnorr } from 'tiny-secp256k1'
import { describe, expect, it } from 'vitest'
import { BIP340 } from '../../test/vectors/bip340.ts'
import { publicKeyOf, verifySignature } from '../consensus/signature.ts'
import type { SignatureJob } from '../consensus/types.ts'
import { layoutFrom } from '../server/layout.ts'
import { bigIntToBytes, bytesToBigInt, concatBytes, fromHex } from '../util/bytes.ts'
import type { Logger } from '../util/ports.ts'
import { silent } from '../util/ports.ts'
import type { NativeAddon } from './native-addon.ts'
import { loadNative } from './native-addon.ts'
import { openNativeVerifier, type VerifyPacked } from './native-verify.ts'
import { verifyPacked as verifyByTiny } from './tiny-verify.ts'
import { Batch, packChunks } from './verify-queue.ts'

const path = layoutFrom(new URL('../main/index.ts', import.meta.url).href).nativeAddon
const native = openNativeVerifier(path)
const { Point } = schnorr
const P = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

const ask = (verify: VerifyPacked, jobs: readonly SignatureJob[]) => [...verify(packChunks(new Batch(jobs).chunks(jobs.length)))].map((byte) => byte === 1)
const word = (value: bigint) => bigIntToBytes(value, 32)
const below = (limit: bigint) => (bytesToBigInt(new Uint8Array(randomBytes(40))) % (limit - 1n)) + 1n
const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T
const challenge = (r: Uint8Array, key: Uint8Array, message: Uint8Array) =>
  bytesToBigInt(schnorr.utils.taggedHash('BIP0340/challenge', concatBytes(r, key, message))) % N

/** A signature made by hand: with the secret k of R and the secret key d as they are, so that R or P may have an odd y. */
function signedWith(k: bigint, d: bigint): SignatureJob {
  const message = new Uint8Array(randomBytes(32))
  const publicKey = Point.BASE.multiply(d).toBytes(true).subarray(1)
  const r = k === 0n ? word(below(P)) : Point.BASE.multiply(k).toBytes(true).subarray(1)
  return { publicKey, message, signature: concatBytes(r, word((k + challenge(r, publicKey, message) * d) % N)) }
}

/** Secrets whose points have an even y, and those with an odd one. */
function secretOf(odd: boolean): bigint {
  const secret = below(N)
  return (Point.BASE.multiply(secret).toBytes(true)[0] === 3) === odd ? secret : N - secret
}

/** A good job that was changed in one of the ways that BIP 340 cares about. */
function changed(good: SignatureJob): SignatureJob {
  const { publicKey, message, signature } = good
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)]
  const edge = () => word(pick([0n, 1n, 2n, N - 1n, N, N + 1n, N + below(P - N), P - 1n, P, P + 1n, P + below(2n ** 256n - P), 2n ** 256n - 1n, below(N)]))
  const flip = (bytes: Uint8Array) => {
    const out = bytes.slice()
    const bit = Math.floor(Math.random() * 8 * out.length)
    out[bit >> 3] = (out[bit >> 3] as number) ^ (1 << (bit & 7))
    return out
  }
  return pick<() => SignatureJob>([
    () => ({ ...good, signature: flip(signature) }),
    () => ({ ...good, message: flip(message) }),
    () => ({ ...good, publicKey: flip(publicKey) }),
    () => ({ ...good, signature: concatBytes(edge(), s) }),
    () => ({ ...good, signature: concatBytes(r, edge()) }),
    () => ({ ...good, signature: concatBytes(edge(), edge()) }),
    () => ({ ...good, publicKey: edge() }),
    () => ({ ...good, publicKey: new Uint8Array(randomBytes(32)) }),
    () => ({ ...good, signature: concatBytes(s, r) }),
    () => ({ ...good, signature: concatBytes(r, word(N - bytesToBigInt(s))) }),
    () => ({ publicKey: message, message: publicKey, signature }),
    // R at infinity, whatever r says; R with an odd y; and a key whose y is odd, which is not the one that r and s speak of.
    () => signedWith(0n, secretOf(false)),
    () => signedWith(secretOf(true), secretOf(false)),
    () => signedWith(secretOf(false), secretOf(true)),
  ])()
}

describe('what verifies signatures', () => {
  it('is one and the same: libsecp256k1, tiny-secp256k1 and noble agree on thousands of good, changed and odd ones', { timeout: 120_000 }, () => {
    const goods = Array.from({ length: 60 }, () => {
      const secret = word(below(N))
      const message = new Uint8Array(randomBytes(32))
      return { publicKey: publicKeyOf(secret), message, signature: signSchnorr(message, secret) }
    })
    const odd = Array.from({ length: 40 }, () => signedWith(secretOf(false), secretOf(false)))
    const vectors = BIP340.map(({ publicKey, message, signature }) => ({
      publicKey: fromHex(publicKey),
      message: fromHex(message),
      signature: fromHex(signature),
    }))
    const jobs = [...goods, ...odd, ...vectors, ...Array.from({ length: 3000 }, () => changed(pick(goods)))]
    const oracle = jobs.map(verifySignature)
    expect(oracle.slice(0, 100 + vectors.length)).toEqual([...Array<boolean>(100).fill(true), ...BIP340.map(({ valid }) => valid)])
    expect(oracle.slice(100 + vectors.length)).not.toContain(true)
    expect(ask(verifyByTiny, jobs)).toEqual(oracle)
    if (native) expect(ask(native.verifyPacked, jobs)).toEqual(oracle)
  })
})

describe('the native verifier', () => {
  /** An addon with this verifier, and what the log says when it is opened. */
  function opened(addon: Partial<NativeAddon>): { name: string | undefined; said: string[] } {
    const said: string[] = []
    const log: Logger = { ...silent, warn: (text) => said.push(text), error: (text) => said.push(text) }
    return { name: openNativeVerifier('somewhere', log, () => addon as NativeAddon)?.name, said }
  }

  it('is not there without an addon, or in one that was built without', () => {
    expect(openNativeVerifier(undefined)).toBeUndefined()
    expect(opened({ verifier: null })).toEqual({ name: undefined, said: [] })
  })

  it('is used when it answers rightly, which is asked before', () => {
    expect(opened({ verifier: 'good', verifyPacked: verifyByTiny })).toEqual({ name: 'good', said: [] })
  })

  it('is not used when it takes everything or nothing, fails, or takes one changed bit', () => {
    const wrongly = { name: undefined, said: ['the native verifier answers wrongly and is not used'] }
    expect(opened({ verifier: 'all', verifyPacked: (packed) => new Uint8Array(packed.length / 128).fill(1) })).toEqual(wrongly)
    expect(opened({ verifier: 'none', verifyPacked: (packed) => new Uint8Array(packed.length / 128) })).toEqual(wrongly)
    expect(opened({ verifier: 'short', verifyPacked: () => Uint8Array.of(1) })).toEqual(wrongly)
    for (let at = 0; at < 8; at++) {
      const verifyPacked: VerifyPacked = (packed) => verifyByTiny(packed).map((byte, i) => (i === 1 + at ? 1 : byte))
      expect(opened({ verifier: 'nearly', verifyPacked })).toEqual(wrongly)
    }
    const broken = () => {
      throw new Error('broken')
    }
    expect(opened({ verifier: 'broken', verifyPacked: broken })).toEqual({ name: undefined, said: ['the native verifier cannot be loaded'] })
  })

  it('is not used when its file is missing or is no addon', () => {
    for (const file of ['/nowhere/cheese.node', import.meta.filename]) {
      const said: string[] = []
      expect(openNativeVerifier(file, { ...silent, warn: (text) => said.push(text) }, loadNative)).toBeUndefined()
      expect(said).toEqual(['the native verifier cannot be loaded'])
    }
  })
})
