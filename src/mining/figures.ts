import { workOf } from '../consensus/target.ts'
import { BoundedMap } from '../util/bounded.ts'
import type { Clock } from '../util/ports.ts'
import { type ChartPoint, RateChart } from './chart.ts'
import { chanceWithin, type Luck, LuckCounter } from './luck.ts'
import { RateMeter } from './meter.ts'

/** What the search did, in numbers. */
export interface SearchFigures {
  /** Tries per second over the last ten seconds, all threads together. */
  readonly hashRate: number
  /** The same over ten minutes, or since mining began. */
  readonly hashRate10m: number
  /** Cheeses of ours that came onto the stack since this member started, generated ones included. */
  readonly found: number
  /** Hits that were for nothing: the tip had moved, or another's cheese was first. */
  readonly stale: number
  readonly tries: number
  /** Tries on a tip that was the tip no longer, or on one that had been found already. */
  readonly staleTries: number
  /** Mean seconds to the next cheese at this rate; null when the rate is zero. */
  readonly expectedSeconds: number | null
  /** How likely at least one is within the next hour, 0 to 1; null when the rate is zero. */
  readonly chanceNextHour: number | null
  readonly luck: Luck
}

const RATE_MS = 10_000
const LONG_RATE_MS = 600_000
const HOUR = 3600
/** Jobs whose work is remembered: threads tell of their tries within a fraction of a second. */
const MAX_JOBS = 32

/** Keeps the miner's numbers. */
export class Figures {
  readonly #rate: RateMeter
  readonly #longRate: RateMeter
  readonly #chart: RateChart
  readonly #luck: LuckCounter
  readonly #work = new BoundedMap<number, bigint>(MAX_JOBS)
  #found = 0
  #stale = 0
  #tries = 0
  #staleTries = 0

  /** @param luck what was counted in earlier runs */
  constructor(clock: Clock, luck: Luck | undefined) {
    this.#rate = new RateMeter(clock, RATE_MS)
    this.#longRate = new RateMeter(clock, LONG_RATE_MS)
    this.#chart = new RateChart(clock)
    this.#luck = new LuckCounter(luck ?? { found: 0, expected: 0, since: Math.floor(clock.now() / 1000) })
  }

  /** Mining begins. */
  start(): void {
    this.#rate.start()
    this.#longRate.start()
  }

  stop(): void {
    this.#rate.stop()
    this.#longRate.stop()
  }

  /** A job is searched from now on, at the target that `bits` mean. */
  begun(job: number, bits: number): void {
    this.#work.set(job, workOf(bits))
  }

  /** @param wasted how many of them were made when a hit would no longer have been taken */
  tried(job: number, count: number, wasted: number): void {
    this.#rate.add(count)
    this.#longRate.add(count)
    this.#chart.add(count)
    this.#tries += count
    this.#staleTries += wasted
    const work = this.#work.get(job)
    if (work) this.#luck.tried(count, work)
  }

  /** A nonce met its target. */
  hit(): void {
    this.#luck.hit()
  }

  /** A hit was for nothing. */
  wasted(): void {
    this.#stale += 1
  }

  /** A cheese of ours came onto the stack. */
  stacked(): void {
    this.#found += 1
  }

  chart(): ChartPoint[] {
    return this.#chart.points()
  }

  get luck(): Luck {
    return this.#luck.value
  }

  /** @param bits of the target that is searched for */
  now(bits: number): SearchFigures {
    const hashRate = this.#rate.rate()
    const work = workOf(bits)
    return {
      hashRate,
      hashRate10m: this.#longRate.rate(),
      found: this.#found,
      stale: this.#stale,
      tries: this.#tries,
      staleTries: this.#staleTries,
      expectedSeconds: hashRate > 0 ? Number(work) / hashRate : null,
      chanceNextHour: hashRate > 0 ? chanceWithin(HOUR, hashRate, work) : null,
      luck: this.luck,
    }
  }
}
