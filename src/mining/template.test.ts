import { describe, expect, it } from 'vitest'
import { encodeBody, encodeReward, MAX_BODY_BYTES } from '../consensus/codec.ts'
import type { Transfer } from '../consensus/types.ts'
import { person, transfer } from '../mempool/fixture.ts'
import { toHex } from '../util/bytes.ts'
import { world } from './fixture.ts'

describe('a template', () => {
  it('builds on the tip, pays the address, and holds what waits', async () => {
    const { miner, pool, state, cheeses, turn, clock } = world()
    state.waiting = [transfer({ from: person(2) }), transfer({ from: person(3) })]
    miner.start()
    const header = pool.header()
    expect(header).toMatchObject({ version: 1, time: Math.floor(clock.time / 1000), bits: 0x20010000, nonce: 0n })
    expect(toHex(header.parent)).toBe(toHex(state.parent))
    expect(header.accountsRoot[0]).toBe(2)
    pool.hit()
    await turn()
    const [cheese] = cheeses
    expect(cheese?.body.reward).toMatchObject({ height: 11, to: person(1).address })
    expect(cheese?.body.reward.extra.length).toBeLessThanOrEqual(32)
    expect(cheese?.body.transfers).toEqual(state.waiting)
    expect(state.room + encodeReward(cheese?.body.reward as never).length + 4).toBe(MAX_BODY_BYTES)
    expect(encodeBody(cheese?.body as never).length).toBeLessThanOrEqual(MAX_BODY_BYTES)
  })

  it('is never the same twice, and its time never lies before the least', () => {
    const { miner, pool, clock } = world()
    clock.time = 1_000_000_000_000
    miner.start()
    expect(pool.header().time).toBe(1_800_000_000 - 50)
    const roots = new Set([toHex(pool.header().bodyRoot)])
    for (let i = 0; i < 5; i++) {
      miner.stop()
      miner.start()
      roots.add(toHex(pool.header().bodyRoot))
    }
    expect(roots.size).toBe(6)
  })

  it('leaves out a sender whose transfers cannot be connected', () => {
    const { miner, pool, state } = world()
    state.waiting = [transfer({ from: person(2) }), transfer({ from: person(3) }), transfer({ from: person(2), sequence: 1 })]
    state.bad = state.waiting[0]
    miner.start()
    expect(state.previews).toEqual([3, 1])
    expect(pool.header().accountsRoot[0]).toBe(1)
  })
})

describe('a template that takes several turns of the event loop', () => {
  /** As many steps as take longer than one turn may. */
  function slow(state: { previewSteps: number; waiting: Transfer[] }): void {
    state.waiting = [transfer({ from: person(2) })]
    state.previewSteps = 1_000_000
  }
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve))
  }

  it('comes after one without transfers, which is searched at once', async () => {
    const { miner, pool, state, moveTip, turn } = world()
    slow(state)
    miner.start()
    expect([pool.header().accountsRoot[0], pool.searched]).toEqual([0, 1])
    // The tip goes before anybody is told: what is made for it must never be searched.
    state.parent = new Uint8Array(32).fill(7)
    await turn()
    moveTip(new Uint8Array(32).fill(8))
    expect([pool.header().parent[0], pool.header().accountsRoot[0], pool.searched]).toEqual([8, 0, 2])
    const empty = pool.job
    await until(() => pool.job !== empty)
    expect([pool.header().parent[0], pool.header().accountsRoot[0], pool.searched]).toEqual([8, 1, 3])
    // Of the tip that went, nothing was made to its end.
    expect(state.previews).toEqual([0, 0, 1])
  })

  it('is not even begun before the threads have something, where the last one took long', () => {
    const { pool, state, miner, moveTip } = world()
    state.waiting = [transfer({ from: person(2) })]
    const searched: number[] = []
    const search = pool.search.bind(pool)
    pool.search = (job) => {
      search(job)
      if (job) searched.push(pool.header().accountsRoot[0] ?? -1)
    }
    state.previewMs = 8
    miner.start()
    moveTip(new Uint8Array(32).fill(2))
    expect([searched, state.previews]).toEqual([
      [1, 1],
      [1, 1],
    ])
    state.previewMs = 9
    moveTip(new Uint8Array(32).fill(3))
    moveTip(new Uint8Array(32).fill(4))
    expect([searched, state.previews]).toEqual([
      [1, 1, 1, 0, 1],
      [1, 1, 1, 0, 1],
    ])
  })

  it('leaves the threads at the earlier one of the same tip, and looks again at what came meanwhile', async () => {
    const { miner, pool, state, clock } = world()
    miner.start()
    const old = pool.job
    clock.advance(3000)
    slow(state)
    miner.handleBest()
    miner.handleBest()
    expect(pool.job).toBe(old)
    await until(() => pool.job !== old)
    state.previewSteps = 0
    clock.advance(3000)
    expect([pool.searched, state.previews]).toEqual([3, [0, 1, 1]])
  })

  it('is begun anew for generate when the tip moves', async () => {
    const { miner, state, moveTip, cheeses, turn } = world()
    slow(state)
    const generating = miner.generate(1)
    await turn()
    expect(state.previews).toEqual([])
    state.previewSteps = 0
    moveTip(new Uint8Array(32).fill(9))
    expect((await generating).ok).toBe(true)
    expect(cheeses[0]?.header.parent[0]).toBe(9)
  })

  it('is called off when mining stops', async () => {
    const { miner, pool, state, turn } = world()
    slow(state)
    miner.start()
    miner.stop()
    for (let i = 0; i < 50; i++) await turn()
    expect([pool.job, state.previews]).toEqual([undefined, [0]])
  })
})
