import type { MachineFacts } from '../util/machine.ts'

/** What the person chose, as far as yielding goes. */
export interface YieldingChoices {
  readonly threads: number
  readonly mineOnBattery: boolean
  readonly onlyWhenIdle: boolean
  readonly idleMinutes: number
}

export interface Yield {
  /** Why nothing is to be searched, or null. */
  readonly resting: 'battery' | 'in-use' | 'window' | null
  /** At most so many threads, at least one. */
  readonly limit: number
}

/** Somebody who waits so long on average, milliseconds, notices (every tenth time it is some three times as long). */
export const SLOW_MS = 30
/** And so long is nothing to speak of. Between the two nothing changes. */
export const QUICK_MS = 12
/** It is slow for so long before threads are taken away, and again before more are. */
const TAKE_MS = 3_000
/** It is quick for so long before threads are given back; twice as long each time when that was too early. */
const FIRST_PATIENCE_MS = 10_000
const MAX_PATIENCE_MS = 600_000
/** Slow again within this time of a giving back, that was too early; quick for longer, all is forgotten. */
const PROBATION_MS = 60_000
/** After a longer gap between two looks the machine slept: what was measured means nothing. */
const GAP_MS = 10_000

/**
 * Decides when mining steps aside: on battery, while somebody uses the machine (where the person wants that), and while the process that
 * answers the window is slow, by halves down to none. No clock, no machine: looked at about once a second with what both say.
 */
export class Yielding {
  #allowed = Number.POSITIVE_INFINITY
  #slowSince: number | undefined
  #quickSince: number | undefined
  #patienceMs = FIRST_PATIENCE_MS
  #givenAt = Number.NEGATIVE_INFINITY
  #lookedAt: number | undefined

  /** @param now milliseconds */
  look(facts: MachineFacts, choices: YieldingChoices, now: number): Yield {
    const slept = this.#lookedAt !== undefined && (now - this.#lookedAt > GAP_MS || now < this.#lookedAt)
    this.#lookedAt = now
    const outer = outerReason(facts, choices)
    if (slept) this.#forget()
    else this.#weigh(facts.waitMs, choices.threads, outer === null, now)
    const window = this.#allowed < 1 ? 'window' : null
    return { resting: outer ?? window, limit: Math.max(1, Math.min(choices.threads, this.#allowed)) }
  }

  #weigh(waitMs: number, threads: number, searching: boolean, now: number): void {
    if (waitMs >= SLOW_MS) {
      this.#quickSince = undefined
      // What is slow while nothing is searched is slow for other reasons: then there is nothing to take, nor to give.
      if (!searching || this.#allowed < 1) return
      this.#slowSince ??= now
      if (now - this.#slowSince >= TAKE_MS) this.#take(threads, now)
    } else if (waitMs <= QUICK_MS) {
      this.#slowSince = undefined
      this.#quickSince ??= now
      if (now - this.#quickSince >= this.#patienceMs && this.#allowed < threads) this.#give(threads, now)
      else if (this.#allowed >= threads && now - this.#givenAt > PROBATION_MS) this.#patienceMs = FIRST_PATIENCE_MS
    } else this.#forget()
  }

  #take(threads: number, now: number): void {
    if (now - this.#givenAt <= PROBATION_MS) this.#patienceMs = Math.min(MAX_PATIENCE_MS, 2 * this.#patienceMs)
    this.#allowed = Math.floor(Math.min(threads, this.#allowed) / 2)
    this.#slowSince = now
  }

  #give(threads: number, now: number): void {
    const more = Math.max(1, 2 * this.#allowed)
    this.#allowed = more >= threads ? Number.POSITIVE_INFINITY : more
    this.#givenAt = now
    this.#quickSince = now
  }

  #forget(): void {
    this.#slowSince = undefined
    this.#quickSince = undefined
  }
}

function outerReason({ onBattery, idleSeconds }: MachineFacts, choices: YieldingChoices): 'battery' | 'in-use' | null {
  if (onBattery && !choices.mineOnBattery) return 'battery'
  // A machine that cannot tell may be in use.
  if (choices.onlyWhenIdle && (idleSeconds ?? 0) < 60 * choices.idleMinutes) return 'in-use'
  return null
}
