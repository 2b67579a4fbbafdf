import type { Clock } from '../util/ports.ts'
import type { Policy } from './policy.ts'

/**
 * The least fee rate at this moment. After an eviction newcomers must pay more than what had to go, or one could make
 * members pass on for nothing what they throw away; with time that surcharge wears off.
 */
export class FeeFloor {
  readonly #policy: Policy
  readonly #clock: Clock
  #rate = 0
  #since = 0

  constructor(policy: Policy, clock: Clock) {
    this.#policy = policy
    this.#clock = clock
  }

  /** Crumbs a byte. */
  rate(): number {
    const surcharge = this.#rate * 2 ** -(Math.max(0, this.#clock.now() - this.#since) / this.#policy.floorHalfLifeMs)
    return Math.max(this.#policy.minFeeRate, surcharge)
  }

  /** Transfers of up to `rate` crumbs a byte had to go. */
  evicted(rate: number): void {
    this.#rate = Math.max(this.rate(), rate + this.#policy.minFeeRate)
    this.#since = this.#clock.now()
  }
}
