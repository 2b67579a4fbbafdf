import type { Random } from '../../../src/util/ports.ts'

/** Numbers that are the same for the same seed, with the draws that a simulation needs. */
export class Dice implements Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Dice of their own, so that what one part draws changes nothing for another. */
  fork(label: string): Dice {
    let seed = this.#state
    for (const character of label) seed = Math.imul(seed ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
    return new Dice(mix(seed))
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#next() & 0xff)
  }

  /** In [0, 1). */
  fraction(): number {
    return this.#next() / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.fraction()
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.fraction() * below)
  }

  /** Time to the next event of a Poisson process, in units of `mean`. */
  wait(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)]
    if (picked === undefined) throw new Error('bug: nothing to pick from')
    return picked
  }

  shuffled<T>(list: readonly T[]): T[] {
    const out = [...list]
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      ;[out[i], out[j]] = [out[j] as T, out[i] as T]
    }
    return out
  }

  /** One of these with chances in proportion to `weight`. */
  weighted<T>(list: readonly T[], weight: (item: T) => number): T {
    const total = list.reduce((sum, item) => sum + weight(item), 0)
    let left = this.fraction() * total
    for (const item of list) {
      left -= weight(item)
      if (left < 0) return item
    }
    return list.at(-1) as T
  }

  /** mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    return mix(this.#state)
  }
}

function mix(state: number): number {
  let t = state
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return (t ^ (t >>> 14)) >>> 0
}
