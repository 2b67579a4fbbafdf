import { describe, expect, it } from 'vitest'
import type { MachineFacts, MachinePort } from '../util/machine.ts'
import { silent } from '../util/ports.ts'
import { world } from './fixture.ts'
import { ALONE_MS, Yielder } from './yielder.ts'
import { SLOW_MS } from './yielding.ts'

function yielding() {
  const mining = world()
  const { miner, clock, turn } = mining
  const facts = { onBattery: false, idleSeconds: 600 as number | undefined, waitMs: 0, watts: 30 as number | undefined, broken: false }
  const seen = { watched: 0, asked: 0, changed: () => {} }
  const machine: MachinePort = {
    knowsIdle: true,
    watch(changed) {
      seen.watched += 1
      seen.changed = changed
      return () => {
        seen.watched -= 1
      }
    },
    async facts(): Promise<MachineFacts> {
      seen.asked += 1
      if (facts.broken) throw new Error('the battery has no answer')
      return { ...facts }
    },
  }
  const choices = { mineOnBattery: false, onlyWhenIdle: false, idleMinutes: 5 }
  const yielder = new Yielder({ miner, machine, clock, log: silent, choices: () => ({ ...choices, threads: miner.status().threads }) })
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000)
      await turn()
    }
  }
  return { ...mining, facts, seen, choices, yielder, pass, resting: () => miner.status().resting }
}

describe('while it is on, mining', () => {
  it('begins when the machine has been looked at, and rests from the first moment where it should', async () => {
    const { yielder, facts, pool, miner, resting } = yielding()
    facts.onBattery = true
    const started = yielder.start()
    expect(pool.job).toBeUndefined()
    expect(await started).toMatchObject({ ok: true })
    expect([miner.status().on, resting(), pool.job, pool.searched]).toEqual([true, 'battery', undefined, 0])
  })

  it('looks again every second, and at once when it is told', async () => {
    const { yielder, facts, seen, pool, pass, resting, turn } = yielding()
    await yielder.start()
    expect([pool.job === undefined, seen.watched, yielder.watts]).toEqual([false, 1, 30])
    facts.onBattery = true
    await pass(1)
    expect([resting(), pool.job]).toEqual(['battery', undefined])
    facts.onBattery = false
    seen.changed()
    await turn()
    expect([resting(), pool.job === undefined]).toEqual([null, false])
  })

  it('works with fewer threads while the window is slow, and with all afterwards', async () => {
    const { yielder, facts, pool, pass, resting, miner } = yielding()
    await yielder.start()
    expect(pool.threads).toBe(3)
    facts.waitMs = SLOW_MS
    await pass(4)
    expect([pool.threads, miner.status().threads, miner.status().working]).toEqual([1, 3, 1])
    await pass(4)
    expect([resting(), pool.job]).toEqual(['window', undefined])
    facts.waitMs = 0
    await pass(60)
    expect([resting(), pool.threads]).toEqual([null, 3])
  })

  it('takes a machine that does not answer as it was last', async () => {
    const { yielder, facts, pass, resting } = yielding()
    facts.onBattery = true
    await yielder.start()
    facts.broken = true
    await pass(3)
    expect(resting()).toBe('battery')
    facts.broken = false
    facts.onBattery = false
    await pass(1)
    expect(resting()).toBeNull()
  })

  it('rests while the stack is behind, whatever the machine says', async () => {
    const { yielder, facts, pool, pass, resting } = yielding()
    await yielder.start()
    yielder.handleSync('bodies')
    expect([resting(), pool.job]).toEqual(['sync', undefined])
    facts.onBattery = true
    await pass(2)
    yielder.handleSync('headers')
    expect(resting()).toBe('sync')
    yielder.handleSync('synced')
    expect(resting()).toBe('battery')
  })

  it('asks the machine nothing more when it is off', async () => {
    const { yielder, seen, miner, pass, state } = yielding()
    await yielder.start()
    miner.stop()
    const { asked } = seen
    await pass(5)
    expect([seen.asked, seen.watched, yielder.watts]).toEqual([asked, 0, undefined])
    state.address = undefined
    expect(await yielder.start()).toMatchObject({ ok: false, error: { code: 'no-address' } })
    await pass(5)
    expect(seen.watched).toBe(0)
    state.address = new Uint8Array(20)
    await yielder.start()
    expect(seen.watched).toBe(1)
    yielder.close()
    expect(seen.watched).toBe(0)
  })
})

describe('mining that begins by itself', () => {
  it('waits for the stack to be in step with others', async () => {
    const { yielder, pool, resting, pass } = yielding()
    // Told before it is on: that must not end the wait.
    const starting = yielder.startWhenReady()
    yielder.handleSync('headers')
    await starting
    expect(resting()).toBe('sync')
    await pass(100)
    expect([resting(), pool.job]).toEqual(['sync', undefined])
    yielder.handleSync('alone')
    expect(resting()).toBe('starting')
    yielder.handleSync('synced')
    expect([resting(), pool.job === undefined]).toEqual([null, false])
    // Once begun it goes on, as any other mining.
    yielder.handleSync('alone')
    expect(resting()).toBeNull()
  })

  it('begins alone where nobody comes', async () => {
    const { yielder, pool, resting, clock } = yielding()
    await yielder.startWhenReady()
    clock.advance(ALONE_MS - 1)
    expect([resting(), pool.job]).toEqual(['starting', undefined])
    clock.advance(1)
    expect([resting(), pool.job === undefined]).toEqual([null, false])
  })

  it('does not wait where the stack is in step already, nor when somebody wants it now', async () => {
    const synced = yielding()
    synced.yielder.handleSync('synced')
    await synced.yielder.startWhenReady()
    expect(synced.resting()).toBeNull()
    const wanted = yielding()
    await wanted.yielder.startWhenReady()
    expect(wanted.resting()).toBe('starting')
    await wanted.yielder.start()
    expect(wanted.resting()).toBeNull()
  })

  it('is not begun when it was switched off meanwhile', async () => {
    const { yielder, miner, pool, clock } = yielding()
    await yielder.startWhenReady()
    miner.stop()
    clock.advance(2 * ALONE_MS)
    expect([miner.status().on, pool.job]).toEqual([false, undefined])
  })
})
