import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { redisMissing, TestRedis } from '../tracker/testing/redis.ts'
import { parseStoreUrl, RedisStore } from './redis-store.ts'

describe('where a store is', () => {
  it.each([
    ['redis://127.0.0.1:6379', { url: 'redis://127.0.0.1:6379' }],
    ['rediss://user:secret@store.example/3', { url: 'rediss://user:secret@store.example/3' }],
    ['unix:///run/redis/s%20ock', { path: '/run/redis/s ock' }],
  ])('%s', (text, place) => expect(parseStoreUrl(text)).toEqual({ ok: true, value: place }))

  it.each(['', 'here', 'http://127.0.0.1:6379', 'redis://', 'redis://h/not-a-number', 'unix://', 'postgres://h'])('%j is none', (text) => {
    expect(parseStoreUrl(text)).toMatchObject({ ok: false, error: expect.stringContaining('redis://HOST:PORT') })
  })

  it('is told without its password', async () => {
    const store = await RedisStore.open({ url: 'redis://user:secret@127.0.0.1:1/3' })
    expect(store.name).toBe('redis://127.0.0.1:1/3')
    expect(store.up).toBe(false)
    await expect(store.run('return 1', [])).rejects.toThrow('does not answer')
    await store.close()
  })
})

const missing = redisMissing()
if (missing) console.log(missing)

describe.skipIf(missing !== undefined)('a store', () => {
  const redis = new TestRedis()
  beforeAll(() => redis.start())
  afterAll(() => redis.remove())

  it('runs scripts, also after it was started anew and knows none; tells of its end and its return', { timeout: 30_000 }, async () => {
    const store = await RedisStore.open({ path: redis.path })
    const told: boolean[] = []
    store.onChange((up) => told.push(up))
    const script = 'return { KEYS[1], ARGV[1] }'
    expect(store.up).toBe(true)
    expect(await store.run(script, ['a'])).toEqual(['{cheese-tracker}', 'a'])
    await redis.kill()
    await vi.waitFor(() => expect(told).toEqual([false]), { timeout: 5_000, interval: 5 })
    await expect(store.run(script, ['b'])).rejects.toThrow()
    await redis.start()
    await vi.waitFor(() => expect(told).toEqual([false, true]), { timeout: 15_000, interval: 5 })
    expect(await store.run(script, ['c'])).toEqual(['{cheese-tracker}', 'c'])
    await store.close()
  })

  it('that hangs counts as one that does not answer, until it does', { timeout: 30_000 }, async () => {
    const store = await RedisStore.open({ path: redis.path })
    redis.signal('SIGSTOP')
    await expect(store.run('return 1', [])).rejects.toThrow('no answer in time')
    expect(store.up).toBe(false)
    redis.signal('SIGCONT')
    await vi.waitFor(() => expect(store.up).toBe(true), { timeout: 15_000, interval: 5 })
    await store.close()
  })

  it('that takes no writes counts as one that does not answer, though it answers', { timeout: 30_000 }, async () => {
    const replica = new TestRedis()
    try {
      await replica.start('--replicaof', '127.0.0.1', '1')
      const store = await RedisStore.open({ path: replica.path })
      expect(store.up).toBe(false)
      await store.close()
    } finally {
      await replica.remove()
    }
  })
})
