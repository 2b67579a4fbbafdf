import type { Clock } from '../util/ports.ts'

/** What is counted within so much of the window is one sample. */
const GRAIN = 100

/** Counts tries and tells their rate over the last while: what was counted, divided by the time that it took, rests included. */
export class RateMeter {
  readonly #clock: Clock
  readonly #windowMs: number
  #samples: { readonly at: number; count: number }[] = []
  #since: number | undefined

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock
    this.#windowMs = windowMs
  }

  /** Begins to measure. */
  start(): void {
    this.#since = this.#clock.now()
    this.#samples = []
  }

  /** Ends it: from now on the rate is zero. */
  stop(): void {
    this.#since = undefined
    this.#samples = []
  }

  add(count: number): void {
    if (this.#since === undefined) return
    const now = this.#clock.now()
    const last = this.#samples.at(-1)
    if (last && now >= last.at && now - last.at < this.#windowMs / GRAIN) last.count += count
    else this.#samples.push({ at: now, count })
    this.#forget()
  }

  /** Tries per second; over at least one second, so that the first sample does not mislead. */
  rate(): number {
    if (this.#since === undefined) return 0
    this.#forget()
    const ms = Math.min(this.#windowMs, Math.max(1000, this.#clock.now() - this.#since))
    return (1000 * this.#samples.reduce((sum, { count }) => sum + count, 0)) / ms
  }

  #forget(): void {
    const from = this.#clock.now() - this.#windowMs
    const first = this.#samples.findIndex(({ at }) => at > from)
    this.#samples = first < 0 ? [] : this.#samples.slice(first)
  }
}
