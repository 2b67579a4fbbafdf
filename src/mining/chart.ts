import type { Clock } from '../util/ports.ts'

/** One point of the chart is so long, and so many are kept: an hour. */
export const CHART_SECONDS = 10
const POINTS = 360

export interface ChartPoint {
  /** When its ten seconds began, Unix seconds. */
  readonly at: number
  /** Tries per second, the mean of its ten seconds. */
  readonly hashRate: number
}

/** The hash rate of the last hour. It goes on while mining is off: what was not searched is zero. */
export class RateChart {
  readonly #clock: Clock
  /** Tries by the number of their ten seconds since 1970, oldest first. */
  readonly #tries = new Map<number, number>()
  readonly #first: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#first = this.#slot()
  }

  add(count: number): void {
    const slot = this.#slot()
    this.#tries.set(slot, (this.#tries.get(slot) ?? 0) + count)
    for (const old of this.#tries.keys()) if (old < slot - POINTS || old > slot) this.#tries.delete(old)
  }

  /** Oldest first, from when this began or an hour ago up to the last ten seconds that are over. */
  points(): ChartPoint[] {
    const end = this.#slot()
    const points: ChartPoint[] = []
    for (let slot = Math.max(this.#first, end - POINTS); slot < end; slot++) {
      points.push({ at: slot * CHART_SECONDS, hashRate: (this.#tries.get(slot) ?? 0) / CHART_SECONDS })
    }
    return points
  }

  #slot(): number {
    return Math.floor(this.#clock.now() / (1000 * CHART_SECONDS))
  }
}
