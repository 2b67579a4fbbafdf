import { describe, expect, it } from 'vitest'
import { addressGroup } from './address-group.ts'
import { AddressTables, type Known } from './address-tables.ts'
import { FakeClock, seeded } from './testing/world.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

function known(host: string, lastHeard: number): Known {
  const group = addressGroup(host) ?? host
  return { host, port: 9875, key: `${host}:9875`, group, memberId: undefined, lastHeard, lastSuccess: 0, lastTry: 0, lastCounted: 0, failures: 0, readyAt: 0 }
}

function open(seed = 1) {
  const clock = new FakeClock()
  const random = seeded(seed)
  const tables = new AddressTables(random.bytes(32), clock, random)
  const add = (host: string, source: string) => tables.add(known(host, clock.now()), source)
  /** As if a member had been met there. */
  const meet = (host: string, source = 'tracker') => {
    const one = add(host, source)
    if (!one) return undefined
    one.lastSuccess = clock.now()
    one.failures = 0
    tables.answered(one)
    return one
  }
  const fail = (one: Known, times: number) => {
    one.failures += times
    one.lastTry = clock.now()
  }
  return { clock, tables, add, meet, fail }
}

const any = () => true
/** The `i`th of thousands of addresses in as many groups as wanted. */
const sybil = (i: number, groups: number) => `66.${i % groups}.${(i >> 8) & 0xff}.${i & 0xff}`
const honest = (i: number) => `${100 + (i >> 3)}.${i & 7}.1.1`

describe('the table of addresses that nobody answered at yet', () => {
  it('holds little of what one source tells, however much that is', () => {
    const { tables, add } = open()
    for (let i = 0; i < 60; i++) add(honest(i), `${i % 10}.honest`)
    for (let i = 0; i < 40_000; i++) add(`${1 + (i % 90)}.${(i >> 2) & 0xff}.${(i >> 8) & 0xff}.1`, 'villain')
    // 64 buckets of 64.
    expect(tables.size).toBeLessThanOrEqual(64 * 64 + 60)
    const left = Array.from({ length: 60 }, (_, i) => tables.get(`${honest(i)}:9875`)).filter((one) => one)
    expect(left.length).toBeGreaterThan(50)
  })

  it('holds little of one address group from one source: a bucket', () => {
    const { tables, add } = open()
    for (let i = 0; i < 5_000; i++) add(sybil(i, 1), 'villain')
    expect(tables.size).toBeLessThanOrEqual(64)
  })

  it('gives an address that many tell of a better chance, up to eight places', () => {
    const { tables, add } = open()
    for (let i = 0; i < 2_000; i++) add('8.8.8.8', `source ${i}`)
    const [entry] = [...tables]
    expect(entry?.sources.size).toBeGreaterThan(3)
    expect(entry?.sources.size).toBeLessThanOrEqual(8)
  })

  it('replaces what has failed for good or was not heard of for long, and nothing else', async () => {
    const { clock, tables, add, fail } = open()
    for (let i = 0; i < 3_000; i++) add(sybil(i, 1), 'villain')
    const full = [...tables].map(({ known: one }) => one)
    const count = () => full.filter((one) => tables.get(one.key)).length
    for (let i = 3_000; i < 6_000; i++) add(sybil(i, 1), 'villain')
    expect(count()).toBe(full.length)
    for (const one of full.slice(0, 10)) fail(one, 2)
    for (const one of full.slice(10, 20)) fail(one, 3)
    await clock.advance(2 * MINUTE)
    for (let i = 6_000; i < 9_000; i++) add(sybil(i, 1), 'villain')
    expect(count()).toBe(full.length - 10)
    await clock.advance(31 * DAY)
    for (let i = 9_000; i < 15_000; i++) add(sybil(i, 1), 'villain')
    expect(count()).toBe(0)
  })
})

describe('the table of addresses where somebody answered', () => {
  it('holds little of one address group: eight buckets', () => {
    const { tables, meet } = open()
    for (let i = 0; i < 20_000; i++) meet(sybil(i, 1), `source ${i % 50}`)
    expect(tables.tried).toBeLessThanOrEqual(8 * 64)
  })

  it('keeps those that still answer, whoever wants their place', async () => {
    const { clock, tables, add, meet } = open()
    const good = Array.from({ length: 150 }, (_, i) => honest(i))
    for (const host of good) expect(meet(host)).toBeDefined()
    let tests = 0
    for (let round = 0; round < 60; round++) {
      await clock.advance(5 * 60 * MINUTE)
      for (let i = 0; i < 400; i++) meet(sybil(round * 400 + i, 200), `villain ${i % 20}`)
      for (let feeler = 0; feeler < 20; feeler++) {
        const test = tables.toTest()
        if (!test) continue
        tests++
        test.lastTry = clock.now()
        // Honest members are there, and the sybils of before have gone.
        if (!test.host.startsWith('66.')) test.lastSuccess = clock.now()
        await clock.advance(2 * MINUTE)
      }
    }
    expect(tests).toBeGreaterThan(20)
    expect(add(good[0] as string, 'x')).toBeDefined()
    for (const host of good) expect(tables.isTried(`${host}:9875`)).toBe(true)
  })

  it('lets one go that does not answer the test: back among the untried', async () => {
    const { clock, tables, meet } = open()
    for (let i = 0; i < 4_000; i++) meet(sybil(i, 1), `source ${i % 50}`)
    // Those in place have just answered.
    expect(tables.toTest()).toBeUndefined()
    await clock.advance(5 * 60 * MINUTE)
    for (let i = 4_000; i < 8_000; i++) meet(sybil(i, 1), `source ${i % 50}`)
    const test = tables.toTest()
    if (!test) throw new Error('nobody to test')
    expect(tables.isTried(test.key)).toBe(true)
    test.lastTry = clock.now() + 1
    await clock.advance(2 * MINUTE)
    tables.toTest()
    expect(tables.isTried(test.key)).toBe(false)
    expect(tables.get(test.key)).toBeDefined()
  })
})

describe('a choice', () => {
  it('falls on few groups seldom, however many addresses they have', () => {
    const { tables, meet } = open()
    for (let i = 0; i < 60; i++) meet(honest(i))
    for (let i = 0; i < 20_000; i++) meet(sybil(i, 3), `villain ${i % 3}`)
    expect(tables.tried).toBeGreaterThan(500)
    let bad = 0
    for (let i = 0; i < 2_000; i++) if (tables.choose('tried', any)?.host.startsWith('66.')) bad++
    expect(bad / 2_000).toBeLessThan(0.45)
  })

  it('falls less often on what fails, and always on something that is due', async () => {
    const { clock, tables, add, fail } = open()
    const [often, never] = [add('8.8.8.8', 'a'), add('9.9.9.9', 'b')]
    if (!often || !never) throw new Error('no room')
    fail(often, 6)
    await clock.advance(20 * MINUTE)
    let chosen = 0
    for (let i = 0; i < 500; i++) if (tables.choose('fresh', any) === often) chosen++
    expect(chosen).toBeGreaterThan(0)
    expect(chosen).toBeLessThan(125)
    expect(tables.choose('fresh', (one) => one === often)).toBe(often)
    expect(tables.choose('fresh', () => false)).toBeUndefined()
    expect(tables.choose('tried', any)).toBeUndefined()
  })
})

it('nobody can tell without the secret what pushes out what', () => {
  const kept = (seed: number) => {
    const { tables, add } = open(seed)
    for (let i = 0; i < 3_000; i++) add(sybil(i, 1), 'villain')
    return new Set([...tables].map(({ known: { key } }) => key))
  }
  const [one, other] = [kept(1), kept(2)]
  expect([...one].filter((key) => other.has(key)).length).toBeLessThan(one.size / 2)
})
