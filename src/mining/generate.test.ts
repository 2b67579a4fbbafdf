import { describe, expect, it } from 'vitest'
import { smellHex } from '../consensus/hash.ts'
import { params } from '../consensus/params.ts'
import { world } from './fixture.ts'

describe('the pace', () => {
  it('is at most one cheese in so many seconds, whoever moves the tip', async () => {
    const { miner, pool, clock, turn, cheeses, moveTip } = world({ paceSeconds: 2 })
    miner.start()
    pool.hit()
    await turn()
    expect(pool.job).toBeUndefined()
    clock.advance(1000)
    moveTip(new Uint8Array(32).fill(5))
    miner.handleBest()
    expect(pool.job).toBeUndefined()
    clock.advance(999)
    expect(pool.job).toBeUndefined()
    clock.advance(1)
    pool.hit()
    await turn()
    expect(cheeses).toHaveLength(2)
    expect(pool.job).toBeUndefined()
  })

  it('is for regtest alone', async () => {
    const { miner, pool, turn, cheeses } = world({ params: params('test'), paceSeconds: 2 })
    miner.start()
    pool.hit()
    await turn()
    expect(cheeses).toHaveLength(1)
    expect(pool.job).toBeDefined()
  })
})

describe('generate', () => {
  it('makes cheeses one after the other, mining or not, whatever the pace', async () => {
    const { miner, cheeses, pool } = world({ paceSeconds: 60 })
    const off = await miner.generate(3)
    expect(off).toEqual({ ok: true, value: cheeses.map(({ header, body }) => ({ height: body.reward.height, smell: smellHex(header) })) })
    expect(cheeses.map(({ body }) => body.reward.height)).toEqual([11, 12, 13])
    miner.start()
    const running = miner.generate(2)
    expect(pool.job).toBeUndefined()
    const both = await Promise.all([running, miner.generate(1)])
    expect(both.map((result) => result.ok && result.value.map(({ height }) => height))).toEqual([[14, 15], [16]])
    expect(pool.job).toBeDefined()
    expect(miner.status()).toMatchObject({ on: true, found: 6 })
    expect(await miner.generate(0)).toEqual({ ok: true, value: [] })
  })

  it('is refused on other networks, without an address, and when the stack refuses', async () => {
    expect(await world({ params: params('test') }).miner.generate(1)).toMatchObject({ ok: false, error: { code: 'not-regtest' } })
    const { miner, state } = world()
    state.outcome = 'disk'
    expect(await miner.generate(1)).toMatchObject({ ok: false, error: { code: 'refused' } })
    state.outcome = 'stored'
    expect(await miner.generate(1)).toMatchObject({ ok: false, error: { code: 'refused' } })
    state.address = undefined
    expect(await miner.generate(1)).toMatchObject({ ok: false, error: { code: 'no-address' } })
  })
})
