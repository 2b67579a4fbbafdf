import { describe, expect, it } from 'vitest'
import type { MachineFacts } from '../util/machine.ts'
import { QUICK_MS, SLOW_MS, Yielding, type YieldingChoices } from './yielding.ts'

const FACTS: MachineFacts = { onBattery: false, idleSeconds: undefined, waitMs: 0, watts: undefined }
const CHOICES: YieldingChoices = { threads: 8, mineOnBattery: false, onlyWhenIdle: false, idleMinutes: 5 }

/** Looks once a second. */
function watched(choices: Partial<YieldingChoices> = {}) {
  const yielding = new Yielding()
  let now = 1_000_000
  const look = (facts: Partial<MachineFacts> = {}, seconds = 1) => {
    let last = yielding.look({ ...FACTS, ...facts }, { ...CHOICES, ...choices }, now)
    for (let i = 0; i < seconds; i++) {
      now += 1000
      last = yielding.look({ ...FACTS, ...facts }, { ...CHOICES, ...choices }, now)
    }
    return last
  }
  const sleep = (ms: number) => {
    now += ms
  }
  return { look, sleep }
}

describe('mining rests', () => {
  it('on battery, unless it may mine there', () => {
    expect(watched().look({ onBattery: true }).resting).toBe('battery')
    expect(watched({ mineOnBattery: true }).look({ onBattery: true }).resting).toBeNull()
    const { look } = watched()
    look({ onBattery: true })
    expect(look().resting).toBeNull()
  })

  it('while somebody uses the machine, where it is to mine only when nobody does', () => {
    const { look } = watched({ onlyWhenIdle: true, idleMinutes: 2 })
    expect(look({ idleSeconds: 119 }).resting).toBe('in-use')
    expect(look({ idleSeconds: 120 }).resting).toBeNull()
    expect(look({ idleSeconds: 0 }).resting).toBe('in-use')
    expect(look({ idleSeconds: Number.POSITIVE_INFINITY }).resting).toBeNull()
    // Who cannot tell may not.
    expect(look({ idleSeconds: undefined }).resting).toBe('in-use')
    expect(watched().look({ idleSeconds: 0 }).resting).toBeNull()
  })
})

describe('while the window is slow', () => {
  it('half the threads go every three seconds, down to none', () => {
    const { look } = watched()
    expect(look({ waitMs: SLOW_MS }, 2)).toEqual({ resting: null, limit: 8 })
    expect(look({ waitMs: SLOW_MS }, 1)).toEqual({ resting: null, limit: 4 })
    expect(look({ waitMs: SLOW_MS }, 3)).toEqual({ resting: null, limit: 2 })
    expect(look({ waitMs: SLOW_MS }, 3)).toEqual({ resting: null, limit: 1 })
    expect(look({ waitMs: SLOW_MS }, 3)).toEqual({ resting: 'window', limit: 1 })
    expect(look({ waitMs: SLOW_MS }, 60)).toEqual({ resting: 'window', limit: 1 })
  })

  it('none goes for what is short, or between slow and quick', () => {
    const { look } = watched()
    for (let i = 0; i < 20; i++) {
      look({ waitMs: SLOW_MS + 100 }, 1)
      look({ waitMs: QUICK_MS + 1 }, 1)
    }
    expect(look({ waitMs: SLOW_MS - 1 }, 60)).toEqual({ resting: null, limit: 8 })
  })

  it('they come back when it has been quick for ten seconds, twice as many each time', () => {
    const { look } = watched()
    look({ waitMs: SLOW_MS }, 15)
    // Between slow and quick nothing comes back either.
    expect(look({ waitMs: SLOW_MS - 1 }, 100)).toEqual({ resting: 'window', limit: 1 })
    look({ waitMs: QUICK_MS }, 0)
    expect(look({ waitMs: QUICK_MS }, 9)).toEqual({ resting: 'window', limit: 1 })
    expect(look({ waitMs: QUICK_MS }, 1)).toEqual({ resting: null, limit: 1 })
    expect(look({ waitMs: QUICK_MS }, 10)).toEqual({ resting: null, limit: 2 })
    expect(look({ waitMs: QUICK_MS }, 20)).toEqual({ resting: null, limit: 8 })
  })

  it('they come back later and later while that makes it slow again', () => {
    const { look } = watched({ threads: 1 })
    const waits: number[] = []
    for (let round = 0; round < 10; round++) {
      while (look({ waitMs: SLOW_MS }, 1).resting === null);
      let seconds = 0
      while (look({ waitMs: 0 }, 1).resting !== null) seconds++
      waits.push(seconds + 1)
    }
    expect(waits.slice(0, 4)).toEqual([10, 20, 40, 80])
    expect(waits.at(-1)).toBe(600)
    // After a good minute it is as it was at first.
    look({ waitMs: 0 }, 70)
    while (look({ waitMs: SLOW_MS }, 1).resting === null);
    look({ waitMs: 0 }, 0)
    expect(look({ waitMs: 0 }, 10).resting).toBeNull()
  })

  it('nothing is taken for a slowness that mining has no part in, nor for what was measured over a sleep', () => {
    const { look, sleep } = watched({ onlyWhenIdle: true })
    look({ idleSeconds: 0, waitMs: 500 }, 30)
    expect(look({ idleSeconds: 900 }, 1)).toEqual({ resting: null, limit: 8 })
    look({ idleSeconds: 900, waitMs: 500 }, 2)
    sleep(3_600_000)
    expect(look({ idleSeconds: 900, waitMs: 5_000 }, 2)).toEqual({ resting: null, limit: 8 })
  })
})
