import { Failure } from '../api/errors.ts'
import { toHex } from '../util/bytes.ts'
import type { Clock, Random } from '../util/ports.ts'
import { drawWords, pickThree } from './words.ts'

/** Words of a wallet that is not made yet, and which of them (from 1) a person must quote first. */
export interface Draft {
  readonly draft: string
  readonly words: readonly string[]
  readonly ask: readonly number[]
}

const KEPT = 8
const GOOD_FOR_MS = 3_600_000

/** Drafts, in memory alone: the latest few, for an hour. */
export class Drafts {
  readonly #clock: Clock
  readonly #random: Random
  #drafts: readonly (Draft & { readonly madeAt: number })[] = []

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  draw(): Draft {
    const words = drawWords(this.#random)
    const draft = { draft: toHex(this.#random.bytes(8)), words, ask: pickThree(words.length, this.#random) }
    this.#drafts = [{ ...draft, madeAt: this.#clock.now() }, ...this.#drafts].slice(0, KEPT)
    return draft
  }

  /** The words of `draft` when `answers` are the words asked for, in their order. Throws `NOT_FOUND` or `WRONG_ANSWERS`. */
  check(draft: string, answers: readonly string[]): readonly string[] {
    const now = this.#clock.now()
    const found = this.#drafts.find((one) => one.draft === draft && now - one.madeAt <= GOOD_FOR_MS)
    if (!found)
      throw new Failure(
        'NOT_FOUND',
        'These words are no longer kept (they are for one hour, and until the app is closed). Draw new words and write those down.',
      )
    const wrong = found.ask.filter((number, i) => answers[i]?.trim().toLowerCase() !== found.words[number - 1])
    if (wrong.length > 0 || answers.length !== found.ask.length) {
      const which = wrong.length > 0 ? wrong.map((number) => `word ${number}`).join(' and ') : `${found.ask.length} words, not ${answers.length}`
      throw new Failure('WRONG_ANSWERS', `Not as in your words: ${which}. Look at what you wrote down and compare it with the words shown.`, { wrong })
    }
    return found.words
  }

  /** Forgets every draft: one of them has become the wallet. */
  clear(): void {
    this.#drafts = []
  }
}
