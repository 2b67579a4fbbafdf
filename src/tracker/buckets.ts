import type { Clock } from '../util/ports.ts'

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
  readonly #maxKeys: number
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  /** @param maxKeys strangers remembered; when there are more, the one that was quiet longest is forgotten */
  constructor(clock: Clock, rate: BucketRate, maxKeys = 100_000) {
    this.#clock = clock
    this.#rate = rate
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#buckets.size
  }

  /** Takes one token of `key`'s: whether there was one. */
  take(key: string): boolean {
    const now = this.#clock.now()
    const bucket = this.#buckets.get(key)
    // A clock that was set back gives nothing.
    const tokens = bucket ? this.#filled(bucket, now) : this.#rate.burst
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    if (this.#buckets.size > this.#maxKeys) this.#buckets.delete(this.#buckets.keys().next().value as string)
    return tokens >= 1
  }

  /** Forgets the buckets that are full again. */
  sweep(): void {
    const now = this.#clock.now()
    for (const [key, bucket] of this.#buckets) if (this.#filled(bucket, now) >= this.#rate.burst) this.#buckets.delete(key)
  }

  #filled(bucket: { readonly tokens: number; readonly at: number }, now: number): number {
    return Math.min(this.#rate.burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * this.#rate.perSecond)
  }
}
