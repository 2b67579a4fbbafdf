import { BoundedMap } from './bounded.ts'
import type { Clock } from './ports.ts'

/** Allows `perSecond` on average and `capacity` at once. */
export class TokenBucket {
  readonly #clock: Clock
  readonly #capacity: number
  readonly #perSecond: number
  #tokens: number
  #at: number

  constructor(clock: Clock, capacity: number, perSecond: number) {
    this.#clock = clock
    this.#capacity = capacity
    this.#perSecond = perSecond
    this.#tokens = capacity
    this.#at = clock.now()
  }

  /** Whether nothing of it is taken (any more). */
  get isFull(): boolean {
    this.#fill()
    return this.#tokens >= this.#capacity
  }

  /** Whether `count` more are allowed now; if so, they are counted. */
  take(count = 1): boolean {
    this.#fill()
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }

  /** Counts `count` in any case; what there was too little of is owed. */
  charge(count: number): void {
    this.#fill()
    this.#tokens -= count
  }

  /** Milliseconds until nothing is owed any more. */
  get owedMs(): number {
    this.#fill()
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#perSecond)
  }

  #fill(): void {
    const now = this.#clock.now()
    // A clock that was set back gives nothing.
    this.#tokens = Math.min(this.#capacity, this.#tokens + (Math.max(0, now - this.#at) * this.#perSecond) / 1000)
    this.#at = now
  }
}

export interface BucketRate {
  /** Most that can be taken at once. */
  readonly burst: number
  /** What comes back, a second. */
  readonly perSecond: number
}

/** Token buckets, one a key: how often each stranger may do a thing. A bucket that is full again is forgotten. */
export class TokenBuckets {
  readonly #clock: Clock
  readonly #rate: BucketRate
  readonly #buckets: BoundedMap<string, TokenBucket>

  /** @param maxKeys strangers remembered; when there are more, the one that was quiet longest is forgotten */
  constructor(clock: Clock, rate: BucketRate, maxKeys = 100_000) {
    this.#clock = clock
    this.#rate = rate
    this.#buckets = new BoundedMap(maxKeys)
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Takes one token of `key`'s: whether there was one. */
  take(key: string): boolean {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#clock, this.#rate.burst, this.#rate.perSecond)
    this.#buckets.set(key, bucket)
    return bucket.take()
  }

  /** Forgets the buckets that are full again. */
  sweep(): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull) this.#buckets.delete(key)
  }
}
