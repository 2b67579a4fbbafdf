import type { Sighting } from '../net/own-address.ts'
import type { PortWord } from '../net/port-check.ts'
import type { Word } from '../net/verdict.ts'
import type { Clock } from '../util/ports.ts'

/** Looked at again so long after a verdict, and so long after a look that came to none: others dial us once a minute. */
const AGAIN_MS = 30 * 60_000
const UNDECIDED_MS = 70_000
/** What was said longer ago says nothing any more. */
const BELIEVED_MS = 2 * 3_600_000
const MAX_WORDS = 32

export interface PortWordsOptions {
  readonly clock: Clock
  /** Has others dial our port; empty when nobody can be asked. */
  readonly ask: (port: number) => Promise<readonly PortWord[]>
  /** The first look, after so long, milliseconds: there must be somebody to ask. */
  readonly firstMs: number
  readonly onChange: () => void
}

/** What members said who dialled a port of ours: asked for from time to time, and forgotten when it may be true no longer. */
export class PortWords {
  readonly #options: PortWordsOptions
  readonly #words = new Map<string, PortWord & { readonly at: number }>()
  #port: number | undefined
  #nextAt: number
  #asking: Promise<void> | undefined

  constructor(options: PortWordsOptions) {
    this.#options = options
    this.#nextAt = options.clock.now() + options.firstMs
  }

  /** Whether somebody is being asked now. */
  get asking(): boolean {
    return this.#asking !== undefined
  }

  /** Asks when it is time to. To be called every few seconds, with the port that others have to dial. */
  tick(port: number | undefined, decided: boolean): void {
    const now = this.#options.clock.now()
    for (const [memberId, { at }] of this.#words) if (now - at > BELIEVED_MS) this.#words.delete(memberId)
    if (port !== this.#port) this.forget()
    this.#port = port
    if (port === undefined || now < this.#nextAt) return
    this.#nextAt = now + (decided ? AGAIN_MS : UNDECIDED_MS)
    void this.ask(port)
  }

  /** Asks now; resolves when all who were asked have answered, or had their time. */
  ask(port: number): Promise<void> {
    this.#asking ??= this.#ask(port).finally(() => {
      this.#asking = undefined
      this.#options.onChange()
    })
    return this.#asking
  }

  /** We are somewhere else now, or at another port: asked anew in `ms`. */
  forget(ms = this.#options.firstMs): void {
    this.#words.clear()
    this.#nextAt = Math.min(this.#nextAt, this.#options.clock.now() + ms)
  }

  /** Those that tried. */
  words(): Word[] {
    return [...this.#words.values()].flatMap(({ verdict, group, at }) =>
      verdict === 'not-tried' ? [] : [{ from: 'member', group, answers: verdict === 'answers', at }],
    )
  }

  /** Where they saw us. */
  sightings(): Sighting[] {
    return [...this.#words.values()].flatMap(({ verdict, group, dialled }) =>
      dialled.length === 0 ? [] : [{ ip: dialled, group, answers: verdict === 'not-tried' ? null : verdict === 'answers' }],
    )
  }

  async #ask(port: number): Promise<void> {
    this.#options.onChange()
    const words = await this.#options.ask(port)
    if (this.#port !== undefined && this.#port !== port) return
    for (const word of words) {
      // One that does not try now takes nothing back.
      const before = this.#words.get(word.memberId)
      if (word.verdict === 'not-tried' && before) continue
      this.#words.delete(word.memberId)
      this.#words.set(word.memberId, { ...word, at: this.#options.clock.now() })
    }
    for (const memberId of this.#words.keys()) if (this.#words.size > MAX_WORDS) this.#words.delete(memberId)
  }
}
