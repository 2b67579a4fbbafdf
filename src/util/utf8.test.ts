import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from './bytes.ts'
import { decodeUtf8, encodeUtf8, isUtf8 } from './utf8.ts'

describe('UTF-8', () => {
  it.each(['', 'cheese', 'Käse', 'фета', 'チーズ', '🧀', '\u0000', '\ufeffbom', '\uffff', '\u{10ffff}'])(
    '%j there and back, as TextEncoder does it',
    (text) => {
      expect(toHex(encodeUtf8(text))).toBe(toHex(new TextEncoder().encode(text)))
      expect(decodeUtf8(encodeUtf8(text))).toBe(text)
    },
  )

  it('puts a replacement character for a lone surrogate', () => {
    expect(toHex(encodeUtf8('a\ud800b'))).toBe('61efbfbd62')
  })

  it.each([
    ['80', 'a continuation byte alone'],
    ['c3', 'cut short'],
    ['e282', 'cut short'],
    ['f09fa7', 'cut short'],
    ['c328', 'no continuation byte'],
    ['c080', 'overlong NUL'],
    ['c1bf', 'overlong'],
    ['e08080', 'overlong'],
    ['e09fbf', 'overlong'],
    ['f0808080', 'overlong'],
    ['f08fbfbf', 'overlong'],
    ['eda080', 'surrogate U+D800'],
    ['edbfbf', 'surrogate U+DFFF'],
    ['eda0bdedb880', 'a pair of surrogates'],
    ['f4908080', 'above U+10FFFF'],
    ['f5808080', 'above U+10FFFF'],
    ['fe', 'never a byte of UTF-8'],
    ['ff', 'never a byte of UTF-8'],
    ['61c0af62', 'overlong slash among letters'],
  ])('refuses %s: %s', (hex) => {
    expect(decodeUtf8(fromHex(hex))).toBeUndefined()
    expect(isUtf8(fromHex(hex))).toBe(false)
  })

  it('agrees with TextDecoder on every sequence of two bytes and every lead of three', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const reference = (bytes: Uint8Array) => {
      try {
        return strict.decode(bytes)
      } catch {
        return undefined
      }
    }
    for (let a = 0; a < 256; a++) {
      for (let b = 0; b < 256; b++) {
        for (const bytes of [Uint8Array.of(a, b), Uint8Array.of(a, b, 0x80), Uint8Array.of(a, b, 0xbf, 0x80)]) {
          expect(decodeUtf8(bytes)).toBe(reference(bytes))
        }
      }
    }
  })
})
