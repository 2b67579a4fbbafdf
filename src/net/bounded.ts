import { BoundedMap } from '../util/bounded.ts'
import type { Clock } from '../util/ports.ts'

/** A set that forgets its oldest element when it is full. Adding an element again makes it the youngest. */
export class BoundedSet<T> {
  readonly #items: BoundedMap<T, true>

  constructor(max: number) {
    this.#items = new BoundedMap(max)
  }

  get size(): number {
    return this.#items.size
  }

  has(item: T): boolean {
    return this.#items.has(item)
  }

  add(item: T): void {
    this.#items.set(item, true)
  }

  delete(item: T): boolean {
    return this.#items.delete(item)
  }

  clear(): void {
    this.#items.clear()
  }
}

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

  /** Whether `count` more are allowed now; if so, they are counted. */
  take(count = 1): boolean {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#capacity, this.#tokens + (Math.max(0, now - this.#at) * this.#perSecond) / 1000)
    this.#at = now
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }
}
