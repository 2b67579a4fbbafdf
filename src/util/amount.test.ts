import { describe, expect, it } from 'vitest'
import { formatCheese, parseCheese } from './amount.ts'

describe('amounts', () => {
  it.each([
    [0n, '0'],
    [1n, '0.00000001'],
    [150_000_000n, '1.5'],
    [5_000_000_000n, '50'],
    [-25_000_000n, '-0.25'],
    [(1n << 64n) - 1n, '184467440737.09551615'],
  ])('writes %s crumbs as %s', (crumbs, text) => {
    expect(formatCheese(crumbs)).toBe(text)
  })

  it.each([
    ['0', 0n],
    ['.5', 50_000_000n],
    ['3.', 300_000_000n],
    [' 12.00000001 ', 1_200_000_001n],
    ['184467440737.09551615', (1n << 64n) - 1n],
  ])('reads %s', (text, crumbs) => {
    expect(parseCheese(text)).toEqual({ ok: true, value: crumbs })
  })

  it('says what to do about a comma', () => {
    for (const text of ['1,5', '1,000', '1,000.5'])
      expect(parseCheese(text)).toEqual({ ok: false, error: 'Leave commas out, and write decimals after a point, such as 12.5.' })
  })

  it.each(['', '.', '-1', '+1', '1e3', '1,5', '0.000000001', '1 000', '184467440737.09551616', '99999999999999', '٣'])('refuses %j with a sentence', (text) => {
    const result = parseCheese(text)
    expect(result.ok).toBe(false)
    expect(result.ok ? '' : result.error).toMatch(/\.$/)
  })
})
