import { describe, expect, it } from 'vitest'
import { solve, TestStack } from '../../test/support/cheeses.ts'
import { smellOf } from './hash.ts'
import { checkHeader, type HeaderContext, medianTime, meetsTarget } from './header.ts'
import { params } from './params.ts'
import type { Header } from './types.ts'

const regtest = params('regtest')
const stack = new TestStack(regtest)
stack.addEmpty(12)
const good = stack.build().header

function contextAt(height: number): HeaderContext {
  const below = (n: number) => stack.cheeses[height - n]!.header
  return {
    height,
    parentSmell: smellOf(below(1)),
    parent: below(1),
    ...(height > 1 && { grandparent: below(2) }),
    ancestorTimes: stack.cheeses.slice(Math.max(0, height - 11), height).map(({ header }) => header.time),
  }
}

const context = contextAt(13)

function code(header: Header, over: Partial<HeaderContext> = {}, network = regtest): string | undefined {
  return checkHeader(header, { ...context, ...over }, network)?.code
}

/** The header with a nonce that does not do. */
function unsolve(header: Header): Header {
  for (let bad = header; ; bad = { ...bad, nonce: bad.nonce + 1n }) if (!meetsTarget(smellOf(bad), regtest.easiestTarget)) return bad
}

describe('a header', () => {
  it('that keeps every rule is good, at every height', () => {
    for (let height = 1; height <= 12; height++) expect(checkHeader(stack.cheeses[height]!.header, contextAt(height), regtest)).toBeUndefined()
    expect(code(good)).toBeUndefined()
  })

  it('has version 1', () => {
    expect(code(solve({ ...good, version: 0 }))).toBe('header-version')
    expect(code(solve({ ...good, version: 2 }))).toBe('header-version')
  })

  it('names the cheese below', () => {
    expect(code(solve({ ...good, parent: new Uint8Array(32) }))).toBe('header-parent')
  })

  it('is above the median of its ancestors, not above its parent', () => {
    const median = medianTime(context.ancestorTimes)
    expect(median).toBeLessThan(context.parent.time)
    expect(code(solve({ ...good, time: median }))).toBe('header-time-old')
    expect(code(solve({ ...good, time: 0 }))).toBe('header-time-old')
    expect(code(solve({ ...good, time: median + 1 }))).toBeUndefined()
    expect(code(solve({ ...good, time: 0xffffffff }))).toBeUndefined()
  })

  it('is at most 600 s ahead of our clock, and held back, not condemned', () => {
    const strict = { ...regtest, maxFutureSeconds: 600 }
    expect(code(good, { now: good.time - 600 }, strict)).toBeUndefined()
    const early = checkHeader(good, { ...context, now: good.time - 601 }, strict)
    expect(early).toMatchObject({ code: 'header-time-future', fault: 'early' })
    expect(code(good, {}, strict)).toBeUndefined()
    expect(code(good, { now: 0 })).toBeUndefined()
  })

  it('has exactly the required bits', () => {
    expect(code(solve({ ...good, bits: 0x2000ffff }))).toBe('header-bits')
    expect(code(solve({ ...good, bits: 0x2100ffff }))).toBe('header-bits')
    // the same target, not in its canonical form, and a negative one
    for (const bits of [0x21000100, 0x20810000, 0, 0xffffffff]) expect(code({ ...good, bits })).toBe('header-bits')
  })

  it('has a smell at or below the target', () => {
    const error = checkHeader(unsolve(good), context, regtest)
    expect(error).toMatchObject({ code: 'header-work', fault: 'sender' })
    const smell = new Uint8Array(32)
    smell[0] = 1
    expect(meetsTarget(smell, 1n << 248n)).toBe(true)
    smell[31] = 1
    expect(meetsTarget(smell, 1n << 248n)).toBe(false)
  })

  it('that breaks several rules is told the first', () => {
    const wrong: [Partial<Header>, string][] = [
      [{ bits: 1 }, 'header-bits'],
      [{ time: 1 }, 'header-time-old'],
      [{ parent: new Uint8Array(32) }, 'header-parent'],
      [{ version: 9 }, 'header-version'],
    ]
    let header = unsolve(good)
    for (const [fields, first] of wrong) {
      header = { ...header, ...fields }
      expect(code(header)).toBe(first)
    }
  })
})

describe('the median time', () => {
  it('is element ⌊n/2⌋ of the sorted times', () => {
    expect(medianTime([5])).toBe(5)
    expect(medianTime([9, 5])).toBe(9)
    expect(medianTime([9, 5, 7])).toBe(7)
    expect(medianTime([4, 1, 3, 2])).toBe(3)
    expect(medianTime([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])).toBe(6)
    expect(medianTime([100, 20, 3])).toBe(20)
    expect(() => medianTime([])).toThrow(/bug/)
  })
})
