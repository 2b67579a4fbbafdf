import type { Clock } from '../util/ports.ts'

/** How often a sample is kept: more would be no truer. */
const STEP_MS = 250

/** Counts something and knows how fast it went lately. */
export class Meter {
  readonly #clock: Clock
  readonly #spanMs: number
  /** When, and the total by then; the oldest first. The first may lie before the span. */
  #samples: { readonly at: number; readonly total: number }[]
  #total = 0

  /** @param spanMs what `lately` is, milliseconds */
  constructor(clock: Clock, spanMs: number) {
    this.#clock = clock
    this.#spanMs = spanMs
    this.#samples = [{ at: clock.now(), total: 0 }]
  }

  /** Everything that was counted since it was made. */
  get total(): number {
    return this.#total
  }

  add(amount: number): void {
    this.#total += amount
    this.#look()
  }

  /** How much a second, over the span or since the beginning when that is less; undefined in the first second. */
  rate(): number | undefined {
    this.#look()
    const now = this.#clock.now()
    const [first] = this.#samples
    if (!first || now - first.at < 1000) return undefined
    return ((this.#total - first.total) * 1000) / (now - first.at)
  }

  /** Begins anew: what was before is not counted any more. */
  restart(): void {
    this.#total = 0
    this.#samples = [{ at: this.#clock.now(), total: 0 }]
  }

  #look(): void {
    const now = this.#clock.now()
    const last = this.#samples.at(-1)
    if (!last || now - last.at >= STEP_MS) this.#samples.push({ at: now, total: this.#total })
    // A clock that was set back has no history.
    if (last && now < last.at) this.#samples = [{ at: now, total: this.#total }]
    let first = 0
    while (first + 1 < this.#samples.length && now - (this.#samples[first + 1]?.at ?? now) >= this.#spanMs) first++
    if (first > 0) this.#samples.splice(0, first)
  }
}

/** A cheese costs something besides its bytes: as much as so many of them. */
const CHEESE_WEIGHT = 1_000

/** What checking and connecting a body costs, in bytes of transfers: what time left is told from. */
export function weightOf(bodyBytes: number): number {
  return bodyBytes + CHEESE_WEIGHT
}

/** How fast cheeses are connected. */
export class ConnectMeters {
  readonly cheeses: Meter
  readonly transfers: Meter
  readonly bytes: Meter
  readonly weight: Meter

  constructor(clock: Clock, spanMs: number) {
    this.cheeses = new Meter(clock, spanMs)
    this.transfers = new Meter(clock, spanMs)
    this.bytes = new Meter(clock, spanMs)
    this.weight = new Meter(clock, spanMs)
  }

  /** @param body an encoded body that was taken */
  add(body: Uint8Array): void {
    this.cheeses.add(1)
    this.transfers.add(transfersIn(body))
    this.bytes.add(body.length)
    this.weight.add(weightOf(body.length))
  }

  restart(): void {
    for (const meter of [this.cheeses, this.transfers, this.bytes, this.weight]) meter.restart()
  }
}

/** The count of transfers in a body whose shape is right: it stands behind the reward (height 4, to 20, extra 1 + n). */
function transfersIn(body: Uint8Array): number {
  const at = 25 + (body[24] ?? 0)
  return new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(at)
}
