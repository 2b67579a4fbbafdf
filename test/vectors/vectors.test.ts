/** Every rule against facts that were not made by this code. Each data file names its source. */
import { bech32m } from '@scure/base'
import { HDKey } from '@scure/bip32'
import { entropyToMnemonic, mnemonicToSeedSync } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { describe, expect, it } from 'vitest'
import { sha256, sha256d } from '../../src/consensus/hash.ts'
import { merkleRoot } from '../../src/consensus/merkle.ts'
import { publicKeyOf, sign, verifySignature } from '../../src/consensus/signature.ts'
import { aserti3, bitsToTarget, targetToBits, workOf } from '../../src/consensus/target.ts'
import { fromHex, toHex } from '../../src/util/bytes.ts'
import { ASERT } from './asert.ts'
import { BECH32M_DATA, BECH32M_INVALID, BECH32M_VALID } from './bech32m.ts'
import { BIP32 } from './bip32.ts'
import { BIP39, BIP39_PASSPHRASE } from './bip39.ts'
import { BIP340 } from './bip340.ts'
import { BITCOIN_HEADERS, CANONICAL_BITS, REFUSED_BITS, WORK } from './bitcoin.ts'
import { CT_LEAVES, CT_ROOTS } from './rfc6962.ts'
import { SHA256, SHA256_MILLION_A } from './sha256.ts'

describe('SHA-256', () => {
  it.each(SHA256)('of %s', (message, digest) => {
    expect(toHex(sha256(fromHex(message)))).toBe(digest)
  })

  it('of a million letters, whole and in parts', () => {
    expect(toHex(sha256(new Uint8Array(1_000_000).fill(0x61)))).toBe(SHA256_MILLION_A)
    expect(toHex(sha256(...Array.from({ length: 1000 }, () => new Uint8Array(1000).fill(0x61))))).toBe(SHA256_MILLION_A)
  })
})

describe('BIP 340', () => {
  it.each(BIP340)('vector $index verifies: $valid', ({ publicKey, message, signature, valid }) => {
    const job = { publicKey: fromHex(publicKey), message: fromHex(message), signature: fromHex(signature) }
    expect(verifySignature(job)).toBe(valid)
  })

  it.each(BIP340.filter(({ secretKey }) => secretKey !== ''))('vector $index is signed alike', ({ secretKey, publicKey, aux, message, signature }) => {
    expect(toHex(publicKeyOf(fromHex(secretKey)))).toBe(publicKey)
    expect(toHex(sign(fromHex(message), fromHex(secretKey), fromHex(aux)))).toBe(signature)
  })
})

describe('BIP 350', () => {
  it.each(BECH32M_VALID)('%s is Bech32m', (text) => {
    const { prefix, words } = bech32m.decode(text)
    expect(bech32m.encode(prefix, words)).toBe(text.toLowerCase())
  })

  it.each(BECH32M_INVALID)('%j is not: %s', (text) => {
    expect(bech32m.decodeUnsafe(text)).toBeUndefined()
  })

  it.each(BECH32M_DATA)('%s has version %i and its program', (text, version, program) => {
    const { words } = bech32m.decode(text as `${string}1${string}`)
    expect(words[0]).toBe(version)
    expect(toHex(bech32m.fromWords(words.slice(1)))).toBe(program)
  })
})

describe('BIP 39', () => {
  it.each(BIP39)('%s', (entropy, words, seed, rootKey) => {
    expect(entropyToMnemonic(fromHex(entropy), wordlist)).toBe(words)
    const made = mnemonicToSeedSync(words, BIP39_PASSPHRASE)
    expect(toHex(made)).toBe(seed)
    expect(HDKey.fromMasterSeed(made).privateExtendedKey).toBe(rootKey)
  })
})

describe('BIP 32', () => {
  for (const { seed, keys } of BIP32) {
    const root = HDKey.fromMasterSeed(fromHex(seed))
    it.each(keys)(`${seed.slice(0, 8)}… %s`, (path, publicKey, privateKey) => {
      const key = root.derive(path)
      expect(key.publicExtendedKey).toBe(publicKey)
      expect(key.privateExtendedKey).toBe(privateKey)
    })
  }
})

describe('RFC 6962', () => {
  it.each(CT_ROOTS.map((root, n) => [n, root] as const))('%i leaves', (n, root) => {
    expect(toHex(merkleRoot(CT_LEAVES.slice(0, n).map(fromHex)))).toBe(root)
  })
})

describe('aserti3-2d', () => {
  for (const { run, anchorHeight, anchorParentTime, anchorBits, rows } of ASERT) {
    it(run, () => {
      for (const [height, time, bits] of rows) {
        const target = aserti3({
          anchorTarget: bitsToTarget(anchorBits) as bigint,
          timeDifference: time - anchorParentTime,
          heightDifference: height - anchorHeight,
          spacing: 600n,
          halfLife: 172_800n,
          easiestTarget: bitsToTarget(0x1d00ffff) as bigint,
        })
        expect(targetToBits(target).toString(16), `height ${height}`).toBe(bits.toString(16))
      }
    })
  }
})

describe("Bitcoin's proof of work", () => {
  it.each(BITCOIN_HEADERS)('header %s', (header, hash, bits) => {
    expect(toHex(sha256d(fromHex(header)).reverse())).toBe(hash)
    expect(BigInt(`0x${hash}`) <= (bitsToTarget(bits) as bigint)).toBe(true)
  })

  it.each(CANONICAL_BITS)('bits %i stand for %s, and back', (bits, target) => {
    expect(bitsToTarget(bits)?.toString(16)).toBe(target)
    expect(targetToBits(BigInt(`0x${target}`))).toBe(bits)
  })

  it.each(REFUSED_BITS)('bits %i are refused: %s', (bits) => {
    expect(bitsToTarget(bits)).toBeUndefined()
    expect(workOf(bits)).toBe(0n)
  })

  it.each(WORK)('bits %i are work %i', (bits, work) => {
    expect(workOf(bits)).toBe(work)
  })
})
