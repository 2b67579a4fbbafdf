import { type Kernel, TWO_32 } from './kernel.ts'

/** What one step of a walk did: how many nonces it tried, and the one that hit. */
export interface Step {
  readonly tried: number
  readonly hit: bigint | undefined
}

/**
 * One thread's share of the nonces of one header: of the high halves every `stride`th from `first` on, each with all low
 * halves. So threads never try the same nonce, and none runs out before the header's time is renewed.
 */
export class NonceWalk {
  readonly #header: Uint8Array
  readonly #target: Uint8Array
  readonly #stride: number
  #high: number
  #low: number

  constructor(header: Uint8Array, target: Uint8Array, first: number, stride: number, low = 0) {
    this.#header = header
    this.#target = target
    this.#high = first
    this.#stride = stride
    this.#low = low
  }

  /** Tries up to `count` more nonces with `kernel` (fewer at the end of a high half), up to the first that hits. */
  step(kernel: Kernel, count: number): Step {
    const tries = Math.min(count, TWO_32 - this.#low)
    const start = (BigInt(this.#high) << 32n) | BigInt(this.#low)
    const hit = kernel.search(this.#header, start, tries, this.#target)
    const tried = hit === undefined ? tries : Number(hit - start) + 1
    this.#low += tried
    if (this.#low === TWO_32) {
      this.#low = 0
      this.#high = (this.#high + this.#stride) % TWO_32
    }
    return { tried, hit }
  }
}
