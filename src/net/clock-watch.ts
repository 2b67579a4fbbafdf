import { BoundedMap } from '../util/bounded.ts'
import type { Clock } from '../util/ports.ts'

/** Cheeses whose times are compared, and how many it takes to say anything. */
const SAMPLES = 11
const ENOUGH = 5
/** Seconds: half of what a header may be ahead. Less may be the miners' clocks. */
const OFF_SECONDS = 300

/**
 * Whether this machine's clock is right, by the median of the times of the latest cheeses as they came in: each costs its proof of work, so nobody makes up many. A clock that is slow makes every
 * cheese look as if it came from the future.
 */
export class ClockWatch {
  readonly #clock: Clock
  /** Seconds that a cheese's time was ahead of our clock when it came, by its smell. */
  readonly #ahead = new BoundedMap<string, number>(SAMPLES)

  readonly #onChange: (offset: number) => void
  #told = 0

  /** @param onChange told the offset when it begins or ceases to matter */
  constructor(clock: Clock, onChange: (offset: number) => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  /** Notes a cheese that has just been found, as far as we know. `time`: its own, Unix seconds. */
  saw(smell: string, time: number): void {
    if (this.#ahead.has(smell)) return
    this.#ahead.set(smell, time - Math.floor(this.#clock.now() / 1000))
    const { offset } = this
    if ((offset === 0) === (this.#told === 0)) return
    this.#told = offset
    this.#onChange(offset)
  }

  /** Seconds by which our clock is slow (fast where negative), when that is so much that it matters; else 0. */
  get offset(): number {
    const sorted = [...this.#ahead].map(([, ahead]) => ahead).sort((a, b) => a - b)
    const median = sorted.length < ENOUGH ? 0 : (sorted[sorted.length >> 1] ?? 0)
    return Math.abs(median) >= OFF_SECONDS ? median : 0
  }
}
