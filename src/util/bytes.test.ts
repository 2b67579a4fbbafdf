import { describe, expect, it } from 'vitest'
import { fromHex, toHex, tryFromHex } from './bytes.ts'

describe('hex', () => {
  it('is two lower-case digits a byte, however many bytes', () => {
    const bytes = Uint8Array.from({ length: 2500 }, (_, i) => i * 7)
    expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
    expect(toHex(new Uint8Array())).toBe('')
    expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes)
  })

  it('of anything else is nothing', () => {
    for (let code = 0; code < 0x10000; code++) {
      const digit = String.fromCharCode(code)
      const good = /[0-9a-fA-F]/.test(digit)
      if ((tryFromHex(`0${digit}`) !== undefined) !== good || (tryFromHex(`${digit}0`) !== undefined) !== good) throw new Error(`character ${code}`)
    }
    expect(tryFromHex('abc')).toBeUndefined()
    expect(() => fromHex('0x')).toThrow('not hex')
  })
})
