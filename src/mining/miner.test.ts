import { describe, expect, it } from 'vitest'
import { smellHex } from '../consensus/hash.ts'
import type { Cheese } from '../consensus/types.ts'
import { person, transfer } from '../mempool/fixture.ts'
import { toHex } from '../util/bytes.ts'
import { world } from './fixture.ts'

describe('the search', () => {
  it('turns to a new tip at once, and drops what is found for the old one', async () => {
    const { miner, pool, moveTip, cheeses, turn } = world()
    miner.start()
    const old = pool.job
    moveTip(new Uint8Array(32).fill(2))
    expect(pool.header().parent[0]).toBe(2)
    pool.hit(old)
    await turn()
    expect([cheeses.length, miner.status().found, miner.status().stale]).toEqual([0, 0, 1])
  })

  it('takes what is found on an older template of the same tip', async () => {
    const { miner, pool, state, clock, cheeses, turn } = world()
    miner.start()
    const old = pool.job
    clock.advance(3000)
    state.waiting = [transfer({ from: person(2) })]
    miner.handleBest()
    expect(pool.job).not.toBe(old)
    pool.hit(old)
    await turn()
    expect(cheeses).toHaveLength(1)
    expect(cheeses[0]?.body.transfers).toEqual([])
    expect(miner.status()).toMatchObject({ found: 1, stale: 0 })
  })

  it('takes one cheese a tip: nothing is searched or taken while one is on its way', async () => {
    const { miner, pool, state, cheeses, turn } = world()
    let open = () => {}
    state.gate = new Promise((resolve) => {
      open = resolve
    })
    miner.start()
    const job = pool.job
    pool.hit()
    expect(pool.job).toBeUndefined()
    miner.handleBest()
    pool.hit(job)
    expect(pool.job).toBeUndefined()
    open()
    await turn()
    expect(cheeses).toHaveLength(1)
    expect(miner.status().stale).toBe(1)
    expect(toHex(pool.header().parent)).toBe(smellHex((cheeses[0] as Cheese).header))
  })

  it('goes on after its own cheese also when nobody tells it of the tip', async () => {
    const { miner, pool, cheeses, turn } = world({ silent: true })
    miner.start()
    pool.hit()
    await turn()
    pool.hit()
    await turn()
    expect(cheeses.map(({ body }) => body.reward.height)).toEqual([11, 12])
  })

  it('looks at the mempool again at once, then not more often than every two seconds', () => {
    const { miner, pool, clock } = world()
    miner.start()
    clock.advance(5000)
    expect(pool.searched).toBe(1)
    miner.handleBest()
    expect(pool.searched).toBe(2)
    for (let i = 0; i < 10; i++) {
      clock.advance(100)
      miner.handleBest()
    }
    expect(pool.searched).toBe(2)
    clock.advance(1000)
    expect(pool.searched).toBe(3)
    clock.advance(5000)
    expect(pool.searched).toBe(3)
  })

  it('renews the time, and nothing but the time', () => {
    const { miner, pool, clock, state } = world()
    miner.start()
    const before = pool.header()
    const previews = state.previews.length
    clock.advance(35_000)
    expect(pool.searched).toBe(4)
    expect(pool.header()).toEqual({ ...before, time: before.time + 30 })
    expect(state.previews.length).toBe(previews)
    clock.time -= 3_600_000
    clock.advance(10_000)
    expect(pool.header().time).toBe(before.time + 30)
  })

  it('rests while it is held, off, or without an address', () => {
    const { miner, pool, state } = world()
    state.address = undefined
    expect(miner.start()).toMatchObject({ ok: false, error: { code: 'no-address' } })
    expect([miner.status().on, pool.threads, pool.job]).toEqual([false, 0, undefined])
    state.address = person(1).address
    expect(miner.start().ok).toBe(true)
    expect([miner.status().on, pool.threads]).toEqual([true, 3])
    miner.setResting('sync')
    expect([miner.status().on, pool.job]).toEqual([true, undefined])
    miner.handleTip()
    miner.handleBest()
    expect(pool.job).toBeUndefined()
    miner.setResting(null)
    expect(pool.job).toBeDefined()
    state.address = undefined
    miner.handleAddress()
    expect(pool.job).toBeUndefined()
    state.address = person(2).address
    miner.handleAddress()
    expect(pool.job).toBeDefined()
    miner.stop()
    miner.handleTip()
    expect([miner.status().on, pool.threads, pool.job]).toEqual([false, 0, undefined])
  })

  it('turns to a new tip without transfers while what waits is still being held against it', async () => {
    const { miner, pool, state, clock, moveTip } = world()
    state.waiting = [transfer({ from: person(2) })]
    miner.start()
    expect(pool.header().accountsRoot[0]).toBe(1)
    state.ready = false
    moveTip(new Uint8Array(32).fill(3))
    miner.handleBest()
    expect([pool.header().parent[0], pool.header().accountsRoot[0], pool.searched]).toEqual([3, 0, 2])
    state.ready = true
    miner.handleSettled()
    expect([pool.header().parent[0], pool.header().accountsRoot[0], pool.searched]).toEqual([3, 1, 3])
    // Told again, it has nothing to do.
    miner.handleSettled()
    expect(pool.searched).toBe(3)
    // It also finds out by itself: a stack that moves and comes back tells nobody.
    state.ready = false
    moveTip(new Uint8Array(32).fill(4))
    state.ready = true
    clock.advance(2000)
    expect([pool.header().parent[0], pool.header().accountsRoot[0]]).toEqual([4, 1])
  })

  it('generates only when what waits is held against the tip', async () => {
    const { miner, state, turn } = world()
    state.ready = false
    const generating = miner.generate(1)
    await turn()
    expect(state.previews).toEqual([])
    state.ready = true
    expect((await generating).ok).toBe(true)
  })

  it('rests on a tip that cannot be read, and goes on at the next', () => {
    const { miner, pool, state, moveTip } = world()
    miner.start()
    state.broken = true
    moveTip(new Uint8Array(32).fill(3))
    expect(pool.job).toBeUndefined()
    state.broken = false
    moveTip(new Uint8Array(32).fill(4))
    expect(pool.header().parent[0]).toBe(4)
  })

  it('changes the number of threads while it runs', async () => {
    const { miner, pool } = world({ threads: 2 })
    const changes: boolean[] = []
    miner.events.on('changed', ({ on }) => changes.push(on))
    miner.setThreads(3)
    expect(pool.threads).toBe(0)
    miner.start()
    expect(pool.threads).toBe(3)
    miner.setThreads(1)
    expect([pool.threads, miner.status().threads]).toEqual([1, 1])
    miner.setThreads(0)
    expect(miner.status().threads).toBe(1)
    expect(changes).toEqual([false, true, true])
    await miner.close()
    expect([pool.closed, miner.status().on]).toEqual([true, false])
  })
})

describe('a cheese that is not taken', () => {
  it('counts as stale when another was first', async () => {
    const { miner, pool, state, turn, problems } = world()
    state.outcome = 'stored'
    miner.start()
    pool.hit()
    await turn()
    expect(miner.status()).toMatchObject({ found: 0, stale: 1 })
    expect(problems).toEqual([])
  })

  it('is reported, and mining rests for a while and goes on', async () => {
    for (const [outcome, words] of [
      ['refused', 'accounts-root'],
      ['disk', 'the disk is full'],
    ] as const) {
      const { miner, pool, state, turn, problems, clock } = world()
      state.outcome = outcome
      miner.start()
      pool.hit()
      await turn()
      expect(problems).toHaveLength(1)
      expect(problems[0]).toContain(words)
      expect(pool.job).toBeUndefined()
      clock.advance(4999)
      expect(pool.job).toBeUndefined()
      clock.advance(1)
      expect(pool.job).toBeDefined()
      expect(miner.status()).toMatchObject({ found: 0, stale: 0 })
    }
  })

  it('so is a thread that died', () => {
    const { pool, problems } = world()
    pool.events.emit('failed', { message: 'out of memory' })
    expect(problems).toEqual(['A mining thread failed and was started again: out of memory'])
  })
})
