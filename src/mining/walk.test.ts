import { describe, expect, it } from 'vitest'
import { searchNonces, typescriptKernel } from './search.ts'
import { NonceWalk } from './walk.ts'

const header = Uint8Array.from({ length: 116 }, (_, i) => i)
const NEVER = new Uint8Array(32)
const OFTEN = new Uint8Array(32).fill(0xff, 1)
OFTEN[0] = 7

describe('NonceWalk', () => {
  it('goes through its low halves one after the other, and finds what is there', () => {
    const walk = new NonceWalk(header, OFTEN, 3, 4)
    let at = 3n << 32n
    let found = 0
    for (let i = 0; i < 40; i++) {
      const { tried, hit } = walk.step(typescriptKernel, 50)
      expect(hit).toBe(searchNonces(header, at, 50, OFTEN))
      expect(tried).toBe(hit === undefined ? 50 : Number(hit - at) + 1)
      at += BigInt(tried)
      if (hit !== undefined) found += 1
    }
    expect(found).toBeGreaterThan(10)
  })

  it('goes on at its next high half, whatever the step, and shares none with another thread', () => {
    // So near the end of a low half that one step passes it.
    const walks = [0, 1].map((first) => new NonceWalk(header, OFTEN, first, 2, 0xffff_ff00))
    for (const [first, walk] of walks.entries()) {
      const seen: bigint[] = []
      for (let tried = 0; tried < 0x400; ) {
        const step = walk.step(typescriptKernel, 0x400 - tried)
        tried += step.tried
        if (step.hit !== undefined) seen.push(step.hit)
      }
      const highs = new Set(seen.map((nonce) => Number(nonce >> 32n)))
      expect(highs).toEqual(new Set([first, first + 2]))
      for (const nonce of seen) expect(searchNonces(header, nonce, 1, OFTEN)).toBe(nonce)
    }
  })

  it('stays within 64 bits', () => {
    const walk = new NonceWalk(header, NEVER, 0xffff_ffff, 2, 0xffff_fff0)
    expect(walk.step(typescriptKernel, 100)).toEqual({ tried: 16, hit: undefined })
    expect(walk.step(typescriptKernel, 100)).toEqual({ tried: 100, hit: undefined })
  })
})
