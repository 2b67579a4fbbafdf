import { describe, expect, it } from 'vitest'
import { TokenBucket, TokenBuckets } from './bucket.ts'
import type { Clock } from './ports.ts'

function handClock(): Clock & { advance(ms: number): void } {
  let now = 1_000_000
  return {
    now: () => now,
    after: () => () => undefined,
    advance(ms) {
      now += ms
    },
  }
}

describe('a token bucket', () => {
  it('allows a burst, then a rate', () => {
    const clock = handClock()
    const bucket = new TokenBucket(clock, 5, 2)
    expect(Array.from({ length: 7 }, () => bucket.take())).toEqual([true, true, true, true, true, false, false])
    clock.advance(1_000)
    expect(bucket.take(2)).toBe(true)
    expect(bucket.take()).toBe(false)
    expect(bucket.take(6)).toBe(false)
    clock.advance(2_400)
    expect(bucket.isFull).toBe(false)
    clock.advance(100)
    expect(bucket.isFull).toBe(true)
  })

  it('is given nothing by a clock that is set back', () => {
    const clock = handClock()
    const bucket = new TokenBucket(clock, 1, 1)
    expect(bucket.take()).toBe(true)
    clock.advance(-60_000)
    expect(bucket.take()).toBe(false)
    clock.advance(1_000)
    expect(bucket.take()).toBe(true)
  })
})

describe('token buckets', () => {
  it('give a burst and then so many a second, to each key', () => {
    const clock = handClock()
    const buckets = new TokenBuckets(clock, { burst: 3, perSecond: 0.5 })
    expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([true, true, true, false])
    expect(buckets.take('b')).toBe(true)
    clock.advance(1_900)
    expect(buckets.take('a')).toBe(false)
    clock.advance(200)
    expect(buckets.take('a')).toBe(true)
    expect(buckets.take('a')).toBe(false)
    clock.advance(4_000)
    buckets.sweep()
    // Of the second one everything has come back.
    expect(buckets.size).toBe(1)
    clock.advance(6_000)
    buckets.sweep()
    expect(buckets.size).toBe(0)
  })

  it('remember a bounded number of strangers, those that came last', () => {
    const buckets = new TokenBuckets(handClock(), { burst: 1, perSecond: 1 }, 10)
    for (let i = 0; i < 100; i++) expect(buckets.take(String(i))).toBe(true)
    expect(buckets.size).toBe(10)
    expect([buckets.take('99'), buckets.take('90'), buckets.take('89')]).toEqual([false, false, true])
    // The last one took the place of the one that was quiet longest.
    expect([buckets.take('99'), buckets.take('91')]).toEqual([false, true])
  })
})
