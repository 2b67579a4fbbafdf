import { describe, expect, it } from 'vitest'
import { answerTo, COMPARED } from '../model-page.ts'
import { readOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { page } from './report/page.ts'
import { churn } from './scenarios/churn.ts'
import { spam } from './scenarios/flood.ts'
import { quiet } from './scenarios/flow.ts'
import { hashRate } from './scenarios/hash-rate.ts'
import { partition } from './scenarios/partition.ts'

/** Simulations work a lot, and other tests run beside them. */
const LONG = { timeout: 300_000 }

function broken({ invariants }: Outcome): string[] {
  return invariants.filter(({ holds }) => !holds).map(({ name, detail }) => `${name}: ${detail}`)
}

describe('a simulated network', () => {
  it('does the same again for the same seed, and something else for another', LONG, async () => {
    const wanted = { members: 10, seed: 7, hours: 0.05 }
    const once = await quiet.run(wanted)
    expect(broken(once)).toEqual([])
    expect(once.facts['transfer p50']).toBeGreaterThan(0)
    expect(await quiet.run(wanted)).toEqual(once)
    const other = await quiet.run({ ...wanted, seed: 8 })
    expect(broken(other)).toEqual([])
    expect(other.turns).not.toBe(once.turns)
    expect(page(once)).toContain('| cheeses |')
    expect(once.charts.every(({ svg }) => svg.startsWith('<svg ') && svg.includes('prefers-color-scheme'))).toBe(true)
    expect(globalThis.setImmediate.name).toBe('setImmediate')
  })

  it('is what the model says it is', LONG, async () => {
    const outcome = await quiet.run({ members: 25, seed: 3, hours: 0.15 })
    expect(broken(outcome)).toEqual([])
    const answer = answerTo(outcome)
    const off = Object.fromEntries(COMPARED.map(({ what, model, run }) => [what, Math.abs(model(answer) / run(outcome.facts) - 1)]))
    // Few members and few cheeses leave much to chance; numbers that chance has no part in are near.
    for (const what of ['pings', 'announces/s', 'with the tracker']) expect(off[what], what).toBeLessThan(0.2)
    for (const what of ['cheese p50', 'transfer p50', 'cheeses', 'inventories', 'bytes, together']) expect(off[what], what).toBeLessThan(0.4)
  })

  it('comes to one stack after a cut, and loses no transfer', LONG, async () => {
    const outcome = await partition.run({ members: 12, seed: 2, hours: 0.15 })
    expect(broken(outcome)).toEqual([])
    expect(outcome.facts.leftAcross).toBe(0)
    expect(outcome.facts.orphaned).toBeGreaterThan(0)
  })

  it('takes in those who come while others go', LONG, async () => {
    const outcome = await churn.run({ members: 16, seed: 4, hours: 0.6 })
    expect(broken(outcome)).toEqual([])
    expect(outcome.facts.fresh).toBeGreaterThan(0)
    expect(outcome.facts.crashed).toBeGreaterThan(0)
  })

  it('bans those who flood it, and confirms what others send', LONG, async () => {
    const outcome = await spam.run({ members: 12, seed: 5, hours: 0.5 })
    expect(broken(outcome)).toEqual([])
    expect(outcome.facts.cheap).toBeGreaterThan(0)
  })

  it('finds its pace again when the hash rate steps up', LONG, async () => {
    const outcome = await hashRate.run({ members: 8, seed: 6, hours: 4 })
    expect(broken(outcome)).toEqual([])
    expect(outcome.facts.upMinutes).toBeGreaterThan(0)
  })
})

describe('what is asked of it', () => {
  const defaults = { members: 200, seed: 1, hours: undefined, scenario: 'all', out: 'x', jobs: 2, json: undefined }

  it('is read from key=value', () => {
    expect(readOptions(['members=50', 'scenario=quiet', 'hours=0.5'], defaults)).toEqual({
      ok: true,
      value: { ...defaults, members: 50, scenario: 'quiet', hours: 0.5 },
    })
  })

  it.each(['members=2', 'members=', 'seed=1.5', 'people=3', 'hours=x', 'scenario='])('is refused in a sentence: %s', (word) => {
    const read = readOptions([word], defaults)
    expect(read.ok).toBe(false)
    expect(!read.ok && read.error).toMatch(/\.$|help\.$/)
  })
})
