import { TokenBucket } from '../util/bucket.ts'
import { equalBytes } from '../util/bytes.ts'
import { formatIp } from '../util/ip.ts'
import type { AddressBook } from './address-book.ts'
import type { NetContext } from './context.ts'
import type { CardVerdict, Directory } from './directory.ts'
import { MAX_CARDS } from './messages.ts'
import type { Peer } from './peer.ts'

/** One peer is asked for cards this often; as long as no answer tells of anybody new, half as often each time, down to the longest pause. */
const ASK_EVERY_MS = 60_000
const LONGEST_PAUSE_MS = 16 * ASK_EVERY_MS
/** A card that is this much newer than the one before is news to others too, seconds. */
const NEWS_SECONDS = 300
/** So many others are told of a card that is news. */
const FAN_OUT = 3
/** Most cards that one peer is told unasked, at once and a second: well within the share that members allow each other. */
const TELL = { burst: 128, perSecond: 1 } as const
const PRUNE_EVERY_MS = 60_000

/** Members tell each other of members: cards are asked for, and new ones are passed on. */
export class Gossip {
  readonly #context: NetContext
  readonly #directory: Directory
  readonly #book: AddressBook
  readonly #ownCard: () => Uint8Array | undefined
  #lastOwn: Uint8Array | undefined
  #askedAt = 0
  #askEvery = ASK_EVERY_MS
  #prunedAt = 0
  readonly #pace = new WeakMap<Peer, TokenBucket>()
  /** Answers that are expected: cards beyond them are unasked, and rationed. */
  readonly #expected = new WeakMap<Peer, number>()

  constructor(context: NetContext, directory: Directory, book: AddressBook, ownCard: () => Uint8Array | undefined) {
    this.#context = context
    this.#directory = directory
    this.#book = book
    this.#ownCard = ownCard
    this.#lastOwn = ownCard()
  }

  connected(peer: Peer): void {
    if (peer.hello.card.length > 0) void this.#take(peer, [peer.hello.card])
    this.#ask(peer)
  }

  tick(): void {
    const { clock, random, peers } = this.#context
    const now = clock.now()
    this.shareOwn()
    if (now - this.#askedAt >= this.#askEvery) {
      this.#askedAt = now
      // Sixty-four cards that are all known are most of what a quiet member would send. Whoever is new makes it a minute again.
      this.#askEvery = Math.min(LONGEST_PAUSE_MS, 2 * this.#askEvery)
      const all = [...peers.values()]
      const peer = all[Math.floor(random.fraction() * all.length)]
      if (peer) this.#ask(peer)
    }
    if (now - this.#prunedAt >= PRUNE_EVERY_MS) {
      this.#prunedAt = now
      this.#directory.prune()
    }
  }

  /** Sends our own card to everybody, if it is another than before. */
  shareOwn(): void {
    const card = this.#ownCard()
    if (!card || (this.#lastOwn && equalBytes(card, this.#lastOwn))) return
    this.#lastOwn = card
    for (const peer of this.#context.peers.values()) if (!peer.congested) peer.send({ type: 'cards', cards: [card] })
  }

  onGetCards(peer: Peer): void {
    if (!peer.limits.getCards.take()) return
    const own = this.#ownCard()
    const others = this.#directory.list().filter(({ card }) => card.memberId !== peer.memberId)
    const cards = [...(own ? [own] : []), ...this.#sample(others, MAX_CARDS - 1).map(({ card }) => card.bytes)]
    peer.answer(() => ({ type: 'cards', cards }))
  }

  onCards(peer: Peer, cards: readonly Uint8Array[]): void {
    const expected = this.#expected.get(peer) ?? 0
    if (expected > 0) this.#expected.set(peer, expected - 1)
    else if (!peer.limits.cards.take(Math.max(1, cards.length))) {
      if (peer.limits.complaint.take()) this.#context.punish(peer, 'spam', 'too many cards')
      return
    }
    void this.#take(peer, cards)
  }

  /** A card from elsewhere: a tracker, whose address or name `from` is. */
  async add(bytes: Uint8Array, from: string): Promise<void> {
    await this.#learn(bytes, from)
  }

  async #take(peer: Peer, cards: readonly Uint8Array[]): Promise<void> {
    for (const bytes of cards) {
      // What a peer that has left sent is not worth the work.
      if (peer.channel.ended) return
      if ((await this.#learn(bytes, peer)) !== 'bad') continue
      return this.#context.punish(peer, 'malformed', 'a card that is not what it says')
    }
  }

  async #learn(bytes: Uint8Array, from: Peer | string): Promise<CardVerdict> {
    const teller = typeof from === 'string' ? from : from.remote.host
    const { verdict, card, before = 0 } = await this.#directory.add(bytes, teller, typeof from === 'string' ? undefined : from.memberId)
    if (!card) return verdict
    if (verdict === 'new' && typeof from !== 'string') this.#askEvery = ASK_EVERY_MS
    for (const { ip, port } of card.endpoints) this.#book.add({ host: formatIp(ip), port }, 'card', { memberId: card.memberId, from: teller })
    if (card.time - before < NEWS_SECONDS) return verdict
    const others = [...this.#context.peers.values()].filter((peer) => peer !== from && peer.memberId !== card.memberId && !peer.congested)
    for (const peer of this.#sample(others, FAN_OUT)) if (this.#mayTell(peer)) peer.send({ type: 'cards', cards: [bytes] })
    return verdict
  }

  /** A stranger who floods us with good cards must not make us flood others: they would hold it against us. */
  #mayTell(peer: Peer): boolean {
    const pace = this.#pace.get(peer) ?? new TokenBucket(this.#context.clock, TELL.burst, TELL.perSecond)
    this.#pace.set(peer, pace)
    return pace.take()
  }

  #ask(peer: Peer): void {
    this.#expected.set(peer, (this.#expected.get(peer) ?? 0) + 1)
    peer.send({ type: 'getCards' })
  }

  #sample<T>(from: readonly T[], count: number): T[] {
    const pool = [...from]
    const wanted = Math.min(count, pool.length)
    for (let i = 0; i < wanted; i++) {
      const j = i + Math.floor(this.#context.random.fraction() * (pool.length - i))
      ;[pool[i], pool[j]] = [pool[j] as T, pool[i] as T]
    }
    return pool.slice(0, wanted)
  }
}
