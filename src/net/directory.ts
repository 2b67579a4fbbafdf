import { sha256 } from '../consensus/hash.ts'
import { BoundedSet } from '../util/bounded.ts'
import { toHex } from '../util/bytes.ts'
import { Emitter } from '../util/events.ts'
import type { Clock } from '../util/ports.ts'
import { SerialQueue } from '../util/queue.ts'
import { type Card, type CardErrorCode, checkCard, isCardFresh, replacesCard } from './card.ts'
import type { NetworkVerifier } from './identity.ts'

const MAX_CARDS = 5_000
/** What no honest member passes on. */
const FORGERIES: ReadonlySet<CardErrorCode> = new Set<CardErrorCode>(['malformed', 'other-network', 'signature'])

/** A member that we know of, connected or not. */
export interface DirectoryEntry {
  readonly card: Card
  /** When this card came, milliseconds since 1970. */
  readonly learnedAt: number
}

/** `new`: a member not known before; `newer`: in place of an older card; `old`: we have that or a newer one; `ours`: our own; `bad`: not to be believed. */
export type CardVerdict = 'new' | 'newer' | 'old' | 'ours' | 'bad'

/** What became of a card, and which one it is where it was taken. */
export interface Learned {
  readonly verdict: CardVerdict
  readonly card?: Card
  /** Time of the card that it replaced, Unix seconds; 0 where there was none. */
  readonly before?: number
}

export interface DirectoryOptions {
  readonly memberId: string
  readonly blueSmell: Uint8Array
  readonly clock: Clock
  readonly verifier?: NetworkVerifier | undefined
}

/** Cards of the network's members, from peers and trackers. Every one was checked; none is older than 24 hours. */
export class Directory {
  readonly events = new Emitter<{ changed: { readonly memberId: string } }>()
  readonly #options: DirectoryOptions
  readonly #entries = new Map<string, DirectoryEntry>()
  /** Hashes of cards looked at already: the same ones come round again and again. */
  readonly #seen = new BoundedSet<string>(4 * MAX_CARDS)
  readonly #checks = new SerialQueue()

  constructor(options: DirectoryOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  /** The member's card, if it is known and still good. */
  get(memberId: string): DirectoryEntry | undefined {
    const entry = this.#entries.get(memberId)
    return entry && isCardFresh(entry.card, this.#now()) ? entry : undefined
  }

  /** Everybody but ourselves. */
  list(): DirectoryEntry[] {
    const now = this.#now()
    return [...this.#entries.values()].filter(({ card }) => isCardFresh(card, now))
  }

  /** Checks the bytes of a card and takes it if it is good and newer. Signatures are checked one a turn, so that a flood of cards holds nothing up. */
  add(bytes: Uint8Array): Promise<Learned> {
    const hash = toHex(sha256(bytes))
    return this.#checks.run(async () => {
      if (this.#seen.has(hash)) return { verdict: 'old' }
      await new Promise<void>((resolve) => this.#options.clock.after(0, resolve))
      const { blueSmell, verifier, memberId } = this.#options
      const now = this.#now()
      const checked = checkCard(bytes, { now, params: { blueSmell }, ...(verifier ? { verifier } : {}) })
      // What a clock that differs, or a newer version, can explain is not held against anybody.
      if (!checked.ok) return { verdict: FORGERIES.has(checked.error.code) ? 'bad' : 'old' }
      this.#seen.add(hash)
      const card = checked.value
      if (card.memberId === memberId) return { verdict: 'ours' }
      const current = this.#entries.get(card.memberId)
      if (!replacesCard(card, current?.card)) return { verdict: 'old' }
      if (!current && this.#entries.size >= MAX_CARDS) this.#forgetOldest()
      this.#entries.set(card.memberId, { card, learnedAt: this.#options.clock.now() })
      this.events.emit('changed', { memberId: card.memberId })
      return { verdict: current ? 'newer' : 'new', card, before: current?.card.time ?? 0 }
    })
  }

  /** Forgets cards that are too old. */
  prune(): void {
    const now = this.#now()
    for (const [memberId, { card }] of this.#entries) {
      if (isCardFresh(card, now)) continue
      this.#entries.delete(memberId)
      this.events.emit('changed', { memberId })
    }
  }

  #forgetOldest(): void {
    let oldest: Card | undefined
    for (const { card } of this.#entries.values()) if (!oldest || card.time < oldest.time) oldest = card
    if (oldest) this.#entries.delete(oldest.memberId)
  }

  #now(): number {
    return Math.floor(this.#options.clock.now() / 1000)
  }
}
