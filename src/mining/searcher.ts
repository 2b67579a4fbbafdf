import type { Kernel } from './kernel.ts'
import { NonceWalk } from './walk.ts'

/** What a thread is to search: its share of one job's nonces. */
export interface Share {
  readonly job: number
  /** 116 bytes. */
  readonly header: Uint8Array
  /** 32 bytes, big-endian. */
  readonly target: Uint8Array
  /** High halves of the nonce from `first` on, every `stride`th. */
  readonly first: number
  readonly stride: number
}

/** What a thread tells: a nonce that meets the target of a job, or how many of a job's were tried in the last so many milliseconds, since it last told. */
export type Findings =
  | { readonly type: 'hit'; readonly job: number; readonly nonce: bigint }
  | { readonly type: 'tried'; readonly job: number; readonly count: number; readonly ms: number }

/** A thread as its searcher sees it. */
export interface SearcherPorts {
  /** Milliseconds, never backwards. */
  now(): number
  /** Calls `fn` after `ms`, and in any case not before messages that have come were handled. */
  later(ms: number, fn: () => void): void
  tell(findings: Findings): void
}

/**
 * How long a thread works without looking at its messages. With a slice that takes three times as long as it should, since others
 * took the processor away, new work still reaches the thread within 50 ms.
 */
export const SLICE_MS = 16
/** Work and rest together, at intensities so low that a whole slice would mean a long rest: new work does not wait longer for a thread that rests. */
const PERIOD_MS = 50
const REPORT_MS = 200
const FIRST_TRIES = 4_000
const LEAST_TRIES = 256

/** The loop of one mining thread: searches its share in slices of a few milliseconds, rests between them as it was told to, and tells what it finds. */
export class Searcher {
  readonly #ports: SearcherPorts
  readonly #leastRestMs: number
  #kernel: Kernel | undefined
  #intensity = 100
  #share: Share | undefined
  #walk: NonceWalk | undefined
  #scheduled = false
  #tries = FIRST_TRIES
  #unreported = 0
  #reportedAt = 0
  /** Rest that is due; below zero after one that took longer than it should. */
  #owedMs = 0

  /** @param leastRestMs rest after each slice whatever the intensity, for threads that cannot step back behind others */
  constructor(ports: SearcherPorts, leastRestMs = 0) {
    this.#ports = ports
    this.#leastRestMs = leastRestMs
  }

  /** What it searches with. It rests until there is one. */
  setKernel(kernel: Kernel): void {
    if (kernel === this.#kernel) return
    this.#kernel = kernel
    this.#tries = FIRST_TRIES
    this.#schedule()
  }

  /** The share of the time that it works, 1 to 100 percent. */
  setIntensity(percent: number): void {
    if (percent === this.#intensity) return
    this.#intensity = percent
    this.#owedMs = 0
  }

  /** Searches `share` from now on: from its beginning, or from where it is when that is what it searches already. undefined = nothing. */
  search(share: Share | undefined): void {
    if (share && this.#share && sameShare(share, this.#share)) return
    this.#report()
    this.#share = share
    this.#walk = share && new NonceWalk(share.header, share.target, share.first, share.stride)
    if (share) this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || !this.#walk || !this.#kernel) return
    this.#scheduled = true
    const from = this.#ports.now()
    const rest = this.#owedMs >= 1 ? this.#owedMs : 0
    this.#ports.later(rest, () => {
      this.#scheduled = false
      if (rest > 0) this.#owedMs = Math.max(-PERIOD_MS, this.#owedMs - (this.#ports.now() - from))
      this.#slice()
    })
  }

  #slice(): void {
    const [share, walk, kernel] = [this.#share, this.#walk, this.#kernel]
    if (!share || !walk || !kernel) return
    const start = this.#ports.now()
    const { tried, hit } = walk.step(kernel, this.#tries)
    const end = this.#ports.now()
    const took = Math.max(0.01, end - start)
    const wanted = Math.min(SLICE_MS, (PERIOD_MS * this.#intensity) / 100)
    // Twice as many at most: the first slices run before the search is compiled.
    if (hit === undefined) this.#tries = Math.max(LEAST_TRIES, Math.min(2 * this.#tries, Math.round((tried * wanted) / took)))
    this.#owedMs = Math.min(PERIOD_MS, this.#owedMs + Math.max(this.#leastRestMs, (took * (100 - this.#intensity)) / this.#intensity))
    this.#unreported += tried
    if (hit !== undefined || end - this.#reportedAt >= REPORT_MS) this.#report()
    if (hit !== undefined) {
      this.#walk = undefined
      this.#ports.tell({ type: 'hit', job: share.job, nonce: hit })
    }
    this.#schedule()
  }

  #report(): void {
    const now = this.#ports.now()
    if (this.#share && this.#unreported > 0) this.#ports.tell({ type: 'tried', job: this.#share.job, count: this.#unreported, ms: now - this.#reportedAt })
    this.#unreported = 0
    this.#reportedAt = now
  }
}

function sameShare(a: Share, b: Share): boolean {
  return a.job === b.job && a.first === b.first && a.stride === b.stride
}
