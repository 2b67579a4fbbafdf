import { describe, expect, it } from 'vitest'
import { FakeClock } from '../mempool/fixture.ts'
import { RateChart } from './chart.ts'
import { energyHint } from './energy.ts'
import { world } from './fixture.ts'
import { KERNEL_NAMES } from './kernel.ts'
import { chanceWithin } from './luck.ts'

describe('figures', () => {
  it('come from what the threads counted over the last ten seconds', () => {
    const { miner, pool, clock } = world()
    expect(miner.status()).toMatchObject({ hashRate: 0, expectedSeconds: null, threads: 3, maxThreads: 4, kernel: 'typescript' })
    miner.start()
    for (let i = 0; i < 4; i++) {
      clock.advance(500)
      pool.events.emit('tried', { job: pool.job?.id ?? 0, count: 1000, ms: 200 })
    }
    expect(miner.status().hashRate).toBe(2000)
    // 0x20010000: a target of 2^248, so 2^256 ÷ (2^248 + 1) tries
    expect(miner.status().expectedSeconds).toBeCloseTo(255 / 2000, 9)
    clock.advance(8000)
    expect(miner.status().hashRate).toBe(400)
    clock.advance(1000)
    expect(miner.status().hashRate).toBe(200)
    clock.advance(10_000)
    expect(miner.status().hashRate).toBe(0)
    pool.events.emit('tried', { job: pool.job?.id ?? 0, count: 5000, ms: 200 })
    expect(miner.status().hashRate).toBe(500)
    miner.stop()
    expect(miner.status()).toMatchObject({ hashRate: 0, expectedSeconds: null })
  })

  it('tell of ten minutes too, and of the chance within the hour', () => {
    const { miner, pool, clock } = world()
    expect(miner.status()).toMatchObject({ hashRate10m: 0, chanceNextHour: null })
    miner.start()
    for (let second = 0; second < 300; second++) {
      clock.advance(1000)
      pool.events.emit('tried', { job: pool.job?.id ?? 0, count: 10, ms: 200 })
    }
    expect(miner.status().hashRate10m).toBe(10)
    clock.advance(300_000)
    expect(miner.status()).toMatchObject({ hashRate: 0, hashRate10m: 5, expectedSeconds: null, chanceNextHour: null })
    pool.events.emit('tried', { job: pool.job?.id ?? 0, count: 1, ms: 200 })
    // 0.1 tries a second for an hour at 255 tries a cheese
    expect(miner.status().chanceNextHour).toBeCloseTo(1 - Math.exp(-360 / 255), 9)
    clock.advance(400_000)
    expect(miner.status().hashRate10m).toBeCloseTo(1 / 600, 9)
  })

  it('count what is for nothing: tries and hits on an old tip, and races lost', async () => {
    const { miner, pool, state, clock, moveTip, turn } = world()
    miner.start()
    const old = pool.job
    pool.events.emit('tried', { job: old?.id ?? 0, count: 500, ms: 200 })
    moveTip(new Uint8Array(32).fill(2))
    // What threads tried until the new work reached them, a fifth of it after the tip had moved; and a hit among it.
    clock.advance(40)
    pool.events.emit('tried', { job: old?.id ?? 0, count: 100, ms: 200 })
    pool.hit(old)
    expect(miner.status()).toMatchObject({ tries: 600, staleTries: 20, stale: 1 })
    clock.advance(500)
    pool.events.emit('tried', { job: old?.id ?? 0, count: 7, ms: 200 })
    expect(miner.status()).toMatchObject({ tries: 607, staleTries: 27 })
    state.outcome = 'stored'
    const late: number[] = []
    miner.events.on('late', ({ height }) => late.push(height))
    pool.hit()
    await turn()
    expect([miner.status().stale, miner.status().found, late]).toEqual([2, 0, [12]])
  })
})

describe('luck', () => {
  it('is what was found against the work of what was tried, old tips and earlier runs included', async () => {
    const { miner, pool, moveTip, turn } = world({ luck: { found: 3, expected: 2, since: 1_700_000_000 } })
    miner.start()
    const old = pool.job
    pool.events.emit('tried', { job: old?.id ?? 0, count: 255, ms: 200 })
    expect(miner.luck).toEqual({ found: 3, expected: 3, since: 1_700_000_000 })
    moveTip(new Uint8Array(32).fill(2))
    pool.events.emit('tried', { job: old?.id ?? 0, count: 510, ms: 200 })
    pool.hit(old)
    pool.hit()
    await turn()
    expect(miner.status().luck).toEqual({ found: 5, expected: 5, since: 1_700_000_000 })
  })

  it('begins now where none is remembered, and cheeses on demand are none', async () => {
    const { miner, clock } = world()
    await miner.generate(4)
    expect([miner.status().found, miner.luck]).toEqual([4, { found: 0, expected: 0, since: Math.floor(clock.time / 1000) }])
  })

  it('in the next hour is what a Poisson process has', () => {
    expect(chanceWithin(3600, 1000, 3_600_000n)).toBeCloseTo(1 - Math.exp(-1), 12)
    // Where 1 - e^-x would have no digits left.
    expect(chanceWithin(3600, 1, 10n ** 20n)).toBeCloseTo(3.6e-17, 25)
  })
})

describe('the chart', () => {
  it('holds the mean of each ten seconds, and zero where nothing was searched', () => {
    const { miner, pool, clock } = world()
    clock.advance(10_000)
    miner.start()
    pool.events.emit('tried', { job: 1, count: 300, ms: 200 })
    clock.advance(9_000)
    pool.events.emit('tried', { job: 1, count: 700, ms: 200 })
    expect(miner.chart().map(({ hashRate }) => hashRate)).toEqual([0])
    miner.stop()
    clock.advance(21_000)
    miner.start()
    pool.events.emit('tried', { job: 1, count: 50, ms: 200 })
    clock.advance(10_000)
    const from = 1_800_000_000
    expect(miner.chart()).toEqual([0, 100, 0, 0, 5].map((hashRate, i) => ({ at: from + 10 * i, hashRate })))
  })

  it('goes back one hour', () => {
    const clock = new FakeClock()
    const chart = new RateChart(clock)
    for (let i = 0; i < 500; i++) {
      chart.add(10 * i)
      clock.advance(10_000)
    }
    const points = chart.points()
    expect([points.length, points[0]?.hashRate, points.at(-1)?.hashRate]).toEqual([360, 140, 499])
    expect((points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0)).toBe(3590)
    // A clock that is put back leaves nothing that is yet to come.
    clock.time -= 3_600_000
    chart.add(7)
    expect(chart.points().length).toBeLessThanOrEqual(360)
  })
})

describe('the energy hint', () => {
  it('is per kernel, threads and intensity, and says that it is a guess', () => {
    for (const kernel of KERNEL_NAMES) {
      const one = energyHint({ kernel, threads: 1, intensity: 100 })
      expect(one.watts).toBeGreaterThan(0)
      expect(energyHint({ kernel, threads: 4, intensity: 50 }).watts).toBeCloseTo(2 * one.watts)
      expect(one.basis).toMatch(/rough estimate.*Nothing was measured/)
      expect(one.basis).toContain(kernel)
    }
  })

  it('is what the processor says, where it does', () => {
    const hint = energyHint({ kernel: 'wasm', threads: 4, intensity: 100, measured: 23.456 })
    expect(hint).toMatchObject({ watts: 23.5, basis: expect.stringMatching(/own meter.*everything else/) })
  })
})
