import { encode } from 'uqr'
import { describe, expect, it } from 'vitest'
import { qrPath } from './qr.ts'

/** The modules that a path of runs covers. */
function modulesOf(path: string): Set<string> {
  const dark = new Set<string>()
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let i = 0; i < Number(width); i++) dark.add(`${Number(x) + i} ${y}`)
  }
  return dark
}

describe('a QR code', () => {
  it.each(['cheese-tracker:192.0.2.7:9876', 'cheese-tracker:[2001:db8:85a3:8d3:1319:8a2e:370:7348]:65535', 'ü'.repeat(60)])(
    'draws every module of %s',
    (text) => {
      const { size, path } = qrPath(text)
      const { data } = encode(text, { ecc: 'M', border: 4 })
      expect(size).toBe(data.length)
      const dark = modulesOf(path)
      for (const [y, row] of data.entries()) for (const [x, module] of row.entries()) expect(dark.has(`${x} ${y}`)).toBe(module)
    },
  )

  it('keeps four modules of white around it, and its three corners', () => {
    const { size, path } = qrPath('cheese-tracker:192.0.2.7:9876')
    const dark = [...modulesOf(path)].map((at) => at.split(' ').map(Number) as [number, number])
    expect(dark.every(([x, y]) => Math.min(x, y) >= 4 && Math.max(x, y) < size - 4)).toBe(true)
    for (const corner of ['4 4', `${size - 5} 4`, `4 ${size - 5}`]) expect(modulesOf(path).has(corner)).toBe(true)
  })
})
