import { describe, expect, it } from 'vitest'
import { params } from './params.ts'
import { ripeningHeight, subsidyAt } from './reward.ts'
import { aserti3, bitsToTarget, requiredBits, targetToBits, workOf } from './target.ts'

const main = params('main')
const BITS = 0x1c7fff00
const TARGET = bitsToTarget(BITS) as bigint

function next(seconds: number, bits = BITS): number {
  return requiredBits({ height: 3, parent: { time: 1_000_000 + seconds, bits }, grandparent: { time: 1_000_000 } }, main)
}

describe('the required bits', () => {
  it('are the easiest at heights 1 and 2, and on regtest throughout', () => {
    expect(requiredBits({ height: 1 }, main)).toBe(main.easiestBits)
    expect(requiredBits({ height: 2, parent: { time: 5, bits: BITS }, grandparent: { time: 0 } }, main)).toBe(main.easiestBits)
    const regtest = params('regtest')
    expect(requiredBits({ height: 1000, parent: { time: 1, bits: regtest.easiestBits }, grandparent: { time: 0 } }, regtest)).toBe(regtest.easiestBits)
  })

  it('stay after 60 s, double after an hour more, halve when the clock goes back an hour', () => {
    expect(next(60)).toBe(BITS)
    expect(next(3_660)).toBe(targetToBits(TARGET * 2n))
    expect(next(60 - 3_600)).toBe(targetToBits(TARGET / 2n))
  })

  it('move by 13 of 65,536 for a second more than 60', () => {
    // exponent 65,536 ÷ 3,600 = 18; the cubic makes 12.52 of it, rounded
    expect(next(61)).toBe(targetToBits((TARGET * 65_549n) >> 16n))
  })

  it('are never easier than the easiest', () => {
    expect(next(10 * 86_400)).toBe(main.easiestBits)
    expect(next(0xffffffff)).toBe(main.easiestBits)
    expect(next(3_660, main.easiestBits)).toBe(main.easiestBits)
  })

  it('never reach zero', () => {
    expect(next(-0xffffffff)).toBe(targetToBits(1n))
    expect(next(-86_400, 0x01010000)).toBe(0x01010000)
    expect(workOf(0x01010000)).toBe(1n << 255n)
  })

  it('need the two cheeses below', () => {
    expect(() => requiredBits({ height: 3, parent: { time: 1, bits: BITS } }, main)).toThrow(/bug/)
  })
})

describe('aserti3', () => {
  const input = { anchorTarget: TARGET, heightDifference: 0n, spacing: 60n, halfLife: 3_600n, easiestTarget: (1n << 256n) - 1n }

  it('truncates the exponent toward zero and floors the shift', () => {
    // −1 s: exponent −18 (not −19), shift −1, fraction 65,518
    const fraction = 65_518n
    const factor = 65_536n + ((195_766_423_245_049n * fraction + 971_821_376n * fraction ** 2n + 5_127n * fraction ** 3n + (1n << 47n)) >> 48n)
    expect(aserti3({ ...input, timeDifference: 59n })).toBe(((TARGET * factor) >> 1n) >> 16n)
  })

  it('stands any difference of time', () => {
    expect(aserti3({ ...input, timeDifference: 1n << 63n })).toBe(input.easiestTarget)
    expect(aserti3({ ...input, timeDifference: -(1n << 63n) })).toBe(1n)
  })
})

describe('compact bits', () => {
  it('go up to 2^256 − 1 and down to 1', () => {
    expect(targetToBits((1n << 256n) - 1n)).toBe(0x2100ffff)
    expect(bitsToTarget(0x2100ffff)).toBe(0xffffn << 240n)
    expect(targetToBits(1n)).toBe(0x01010000)
    expect(() => targetToBits(0n)).toThrow(/bug/)
    expect(() => targetToBits(1n << 256n)).toThrow(/bug/)
  })
})

describe('rewards', () => {
  it('halve every 2,102,400 heights until there is nothing left to halve', () => {
    expect(subsidyAt(1)).toBe(5_000_000_000n)
    expect(subsidyAt(2_102_399)).toBe(5_000_000_000n)
    expect(subsidyAt(2_102_400)).toBe(2_500_000_000n)
    expect(subsidyAt(2_102_400 * 32)).toBe(1n)
    expect(subsidyAt(2_102_400 * 33)).toBe(0n)
    expect(subsidyAt(0xffffffff)).toBe(0n)
  })

  it('ripen `ripening` heights above, the blue cheese’s never', () => {
    expect(ripeningHeight(20, main)).toBeUndefined()
    expect(ripeningHeight(21, main)).toBe(1)
    expect(ripeningHeight(2, params('regtest'))).toBeUndefined()
    expect(ripeningHeight(3, params('regtest'))).toBe(1)
  })
})
