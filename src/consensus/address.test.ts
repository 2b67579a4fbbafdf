import { bech32, bech32m } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../util/bytes.ts'
import { addressOf, formatAddress, parseAddress } from './address.ts'
import { sha256 } from './hash.ts'
import { params } from './params.ts'

const main = params('main')
const address = fromHex('751e76e8199196d454941c45d1b3a323f1433bd6')
const text = formatAddress(address, main)

function refusal(input: string): string | undefined {
  const parsed = parseAddress(input, main)
  return parsed.ok ? undefined : parsed.error.code
}

describe('addresses', () => {
  it('are the first 20 bytes of a tagged hash of the key', () => {
    const key = sha256(Uint8Array.of(1))
    const tag = sha256(new TextEncoder().encode('Cheese/address'))
    expect(toHex(addressOf(key))).toBe(toHex(sha256(tag, tag, key)).slice(0, 40))
    expect(() => addressOf(new Uint8Array(33))).toThrow(/bug/)
  })

  it('go to text and back on every network', () => {
    for (const network of [main, params('test'), params('regtest')]) {
      for (const bytes of [address, new Uint8Array(20), new Uint8Array(20).fill(255)]) {
        const shown = formatAddress(bytes, network)
        expect(shown.startsWith(`${network.hrp}1q`)).toBe(true)
        expect(shown.length).toBe(network.hrp.length + 1 + 1 + 32 + 6)
        expect(parseAddress(shown, network)).toEqual({ ok: true, value: bytes })
        expect(parseAddress(shown.toUpperCase(), network)).toEqual({ ok: true, value: bytes })
      }
    }
  })

  it('tell a typo in any place from anything else', () => {
    for (let i = 'cheese1'.length; i < text.length; i++) {
      const wrong = text[i] === 'q' ? 'p' : 'q'
      expect(refusal(text.slice(0, i) + wrong + text.slice(i + 1))).toBe('typo')
    }
    expect(refusal(text.slice(0, -1))).toBe('typo')
    expect(refusal(`${text}q`)).toBe('typo')
    expect(refusal(text.slice(0, -1) + text.slice(-1).toUpperCase())).toBe('typo')
    expect(refusal(text.replace(/q/, 'b'))).toBe('typo')
  })

  it('tell another network’s address', () => {
    expect(refusal(formatAddress(address, params('regtest')))).toBe('other-network')
    const parsed = parseAddress(formatAddress(address, params('test')), main)
    expect(!parsed.ok && parsed.error.message).toMatch(/test network.*cheese1/)
  })

  it('tell what is no address', () => {
    const words = bech32m.toWords(address)
    const no = [
      '',
      'Alice',
      'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
      'acheese1q',
      ` ${text}`,
      bech32m.encode('cheese', [1, ...words]),
      bech32m.encode('cheese', []),
    ]
    no.push(bech32m.encode('cheese', [0, ...bech32m.toWords(address.subarray(1))]), bech32m.encode('cheese', [0, ...words, 0]))
    for (const input of no) expect(refusal(input), input).toBe('shape')
    expect(refusal(bech32.encode('cheese', [0, ...words]))).toBe('typo')
  })
})
