import { expect, it } from 'vitest'
import { Slabs } from './slabs.ts'

it('gives arrays of zeros that do not touch each other, whatever their lengths', () => {
  const slabs = new Slabs(1024)
  const given: Uint8Array[] = []
  for (let i = 0; i < 200; i++) {
    const one = i % 3 === 0 ? slabs.copy(new Uint8Array(i).fill(7)) : slabs.take((i * 37) % 400)
    expect(one.every((byte) => byte === (i % 3 === 0 ? 7 : 0))).toBe(true)
    expect(one.length).toBe(i % 3 === 0 ? i : (i * 37) % 400)
    one.fill(i)
    given.push(one)
  }
  for (const [i, one] of given.entries()) expect(one.every((byte) => byte === i)).toBe(true)
  // Small ones share their memory.
  expect(new Set(given.map(({ buffer }) => buffer)).size).toBeLessThan(given.length / 2)
})
