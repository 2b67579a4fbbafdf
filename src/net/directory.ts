import { sha256 } from '../consensus/hash.ts'
import { BoundedMap } from '../util/bounded.ts'
import { toHex } from '../util/bytes.ts'
import { Emitter } from '../util/events.ts'
import { FairMap } from '../util/fair-map.ts'
import type { Clock } from '../util/ports.ts'
import { SerialQueue } from '../util/queue.ts'
import { addressGroup, addressOwner } from './address-group.ts'
import { type Card, type CardErrorCode, checkCard, isCardFresh, replacesCard } from './card.ts'
import type { NetworkVerifier } from './identity.ts'

const MAX_CARDS = 5_000
/** So many groups that told of a member are remembered. */
const MAX_TELLERS = 4
/** What no honest member passes on. */
const FORGERIES: ReadonlySet<CardErrorCode> = new Set<CardErrorCode>(['malformed', 'other-network', 'signature'])

/** A member that we know of, connected or not. */
export interface DirectoryEntry {
  readonly card: Card
  /** When this card came, milliseconds since 1970. */
  readonly learnedAt: number
}

interface Entry extends DirectoryEntry {
  /** When the member's first card came, milliseconds since 1970. */
  readonly knownSince: number
  /** Groups of whoever told of it; itself counts as one of its own. */
  readonly tellers: Set<string>
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
  /** Cards kept; 5,000 when left out. */
  readonly max?: number
}

/**
 * Cards of the network's members, from peers and trackers. Every one was checked; none is older than 24 hours. Keys cost nothing, so anybody can make up thousands of members: when it
 * is full, one goes of the group that told of the most, the one that the fewest others told of and that came last.
 */
export class Directory {
  readonly events = new Emitter<{ changed: { readonly memberId: string } }>()
  readonly #options: DirectoryOptions
  readonly #entries: FairMap<string, Entry>
  /** Hashes of cards looked at already, and whose they are: the same ones come round again and again. */
  readonly #seen: BoundedMap<string, string>
  readonly #checks = new SerialQueue()

  constructor(options: DirectoryOptions) {
    this.#options = options
    const { max = MAX_CARDS } = options
    this.#entries = new FairMap(max, leastVouchedFor)
    this.#seen = new BoundedMap(4 * max)
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

  /**
   * Checks the bytes of a card and takes it if it is good and newer. Signatures are checked one a turn, so that a flood of cards holds nothing up.
   * @param from address or name of whoever tells of it
   * @param teller id of the member that tells of it, if it is one
   */
  add(bytes: Uint8Array, from: string, teller?: string): Promise<Learned> {
    const hash = toHex(sha256(bytes))
    return this.#checks.run(async () => {
      const group = addressGroup(from) ?? addressOwner(from)
      const told = this.#entries.get(this.#seen.get(hash) ?? '')
      if (told) this.#vouch(told, group, teller)
      if (this.#seen.has(hash)) return { verdict: 'old' }
      await new Promise<void>((resolve) => this.#options.clock.after(0, resolve))
      const { blueSmell, verifier, memberId } = this.#options
      const now = this.#now()
      const checked = checkCard(bytes, { now, params: { blueSmell }, ...(verifier ? { verifier } : {}) })
      // What a clock that differs, or a newer version, can explain is not held against anybody.
      if (!checked.ok) return { verdict: FORGERIES.has(checked.error.code) ? 'bad' : 'old' }
      const card = checked.value
      this.#seen.set(hash, card.memberId)
      if (card.memberId === memberId) return { verdict: 'ours' }
      const current = this.#entries.get(card.memberId)
      if (current) this.#vouch(current, group, teller)
      if (!replacesCard(card, current?.card)) return { verdict: 'old' }
      const learnedAt = this.#options.clock.now()
      const entry = { card, learnedAt, knownSince: current?.knownSince ?? learnedAt, tellers: current?.tellers ?? new Set<string>() }
      this.#vouch(entry, group, teller)
      const gone = this.#entries.set(card.memberId, entry, this.#entries.groupOf(card.memberId) ?? group)
      if (gone && gone.key !== card.memberId) this.events.emit('changed', { memberId: gone.key })
      if (gone?.key === card.memberId) return { verdict: 'old' }
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

  #vouch({ card, tellers }: Entry, group: string, teller: string | undefined): void {
    if (tellers.size < MAX_TELLERS) tellers.add(group)
    if (teller === card.memberId) tellers.add('itself')
  }

  #now(): number {
    return Math.floor(this.#options.clock.now() / 1000)
  }
}

/** The member that the fewest told of; of those, the one that is known for the shortest time. */
function leastVouchedFor(memberIds: Iterable<string>, get: (memberId: string) => Entry): string | undefined {
  let worst: Entry | undefined
  for (const memberId of memberIds) {
    const one = get(memberId)
    const isWorse = !worst || one.tellers.size < worst.tellers.size || (one.tellers.size === worst.tellers.size && one.knownSince >= worst.knownSince)
    if (isWorse) worst = one
  }
  return worst?.card.memberId
}
