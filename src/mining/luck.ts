/** What this member's own search found, and how much it should have found on average. */
export interface Luck {
  /** Nonces that met their target, whatever became of the cheese afterwards. */
  readonly found: number
  /** Tries, each divided by the work of the target that it was tried against. */
  readonly expected: number
  /** When the count began, Unix seconds. */
  readonly since: number
}

/** Counts luck. Tries and finds are counted alike, also those on a tip that was the tip no longer: else the figure would flatter or complain. */
export class LuckCounter {
  #found: number
  #expected: number
  readonly #since: number

  constructor({ found, expected, since }: Luck) {
    this.#found = found
    this.#expected = expected
    this.#since = since
  }

  /** @param work tries that a cheese takes on average at the target they were made against */
  tried(count: number, work: bigint): void {
    this.#expected += count / Number(work)
  }

  hit(): void {
    this.#found += 1
  }

  get value(): Luck {
    return { found: this.#found, expected: this.#expected, since: this.#since }
  }
}

/** How likely at least one cheese is within `seconds` at `hashRate` tries per second, 0 to 1: finds come as a Poisson process does. */
export function chanceWithin(seconds: number, hashRate: number, work: bigint): number {
  return -Math.expm1((-hashRate * seconds) / Number(work))
}
