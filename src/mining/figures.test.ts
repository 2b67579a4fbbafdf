import { describe, expect, it } from 'vitest'
import { world } from './fixture.ts'

describe('figures', () => {
  it('come from what the threads counted over the last ten seconds', () => {
    const { miner, pool, clock } = world()
    expect(miner.status()).toMatchObject({ hashRate: 0, expectedSeconds: null, threads: 3, maxThreads: 4, kernel: 'typescript' })
    miner.start()
    for (let i = 0; i < 4; i++) {
      clock.advance(500)
      pool.events.emit('tried', { job: pool.job?.id ?? 0, count: 1000 })
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
    pool.events.emit('tried', { job: pool.job?.id ?? 0, count: 5000 })
    expect(miner.status().hashRate).toBe(500)
    miner.stop()
    expect(miner.status()).toMatchObject({ hashRate: 0, expectedSeconds: null })
  })
})
