import { describe, expect, it } from 'vitest'
import { wedgeOf } from './wedge.ts'
import { wheelOf } from './wheel.ts'

const smells = Array.from({ length: 300 }, (_, i) => i.toString(16).padStart(64, '0'))

describe('wheels', () => {
  it('follow from the smell alone', () => {
    expect(wheelOf('00ab')).toEqual(wheelOf('00ab'))
  })

  it('look different for each of 300 neighbouring smells', () => {
    expect(new Set(smells.map((smell) => JSON.stringify(wheelOf(smell)))).size).toBe(300)
  })

  it('have holes that lie inside and apart', () => {
    for (const smell of smells) {
      const { holes } = wheelOf(smell)
      expect(holes.length).toBeGreaterThanOrEqual(5)
      for (const [i, hole] of holes.entries()) {
        expect(Math.hypot(hole.x, hole.y) + hole.r).toBeLessThan(1)
        for (const other of holes.slice(i + 1)) expect(Math.hypot(hole.x - other.x, hole.y - other.y)).toBeGreaterThan(hole.r + other.r)
      }
    }
  })

  it('are blue at height 0 alone', () => {
    expect(wheelOf('00', true).hole).toMatch(/^hsl\(212 /)
    for (const smell of smells) expect(wheelOf(smell).hole).toMatch(/^hsl\([234]\d /)
  })
})

describe('wedges', () => {
  it('follow from the key alone, and differ with it', () => {
    expect(wedgeOf('cheese1abc')).toEqual(wedgeOf('cheese1abc'))
    expect(new Set(smells.map((key) => JSON.stringify(wedgeOf(key)))).size).toBe(300)
  })

  it('show a changed key by colour at a glance, mostly', () => {
    const looks = smells.map((key) => wedgeOf(key)).map(({ plate, face, rind, flip }) => [plate, face, rind, flip].join())
    expect(new Set(looks).size).toBeGreaterThan(200)
  })
})
