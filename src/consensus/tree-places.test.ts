import { describe, expect, it } from 'vitest'
import { toHex } from '../util/bytes.ts'
import { below, keyHexOf, keyOf, placeBelow, ROOT } from './tree-places.ts'

describe('places in the tree', () => {
  it('tell depth and path at every depth, and no two are the same', () => {
    // The last path that a number could take for another one: all nibbles set.
    for (const path of ['f'.repeat(64), '0'.repeat(64), '0123456789abcdef'.repeat(4)]) {
      const seen = new Set()
      let where = ROOT
      for (let depth = 0; depth <= 64; depth++) {
        expect(where.depth).toBe(depth)
        const nibbles = path.slice(0, depth)
        const wanted = depth.toString(16).padStart(2, '0') + nibbles + (depth % 2 === 0 ? '' : '0')
        expect(keyHexOf(where.place)).toBe(wanted)
        expect(toHex(keyOf(where.place))).toBe(wanted)
        if (typeof where.place === 'number') expect(Number.isSafeInteger(where.place)).toBe(true)
        seen.add(where.place)
        if (depth === 64) break
        const children = new Set(Array.from({ length: 16 }, (_, nibble) => placeBelow(where, nibble)))
        expect(children.size).toBe(16)
        where = below(where, Number.parseInt(path[depth] ?? '', 16))
        expect(children.has(where.place)).toBe(true)
      }
      expect(seen.size).toBe(65)
    }
  })
})
