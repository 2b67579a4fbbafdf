import type { Files } from '../util/files.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { AddressBook } from './address-book.ts'
import { Anchors } from './anchors.ts'
import type { BookCounts } from './network-types.ts'
import type { Peer } from './peer.ts'
import { Reputation } from './reputation.ts'

const SAVE_EVERY_MS = 30_000
/** A run that lasted so long has good anchors: one that ends us does so sooner. */
const ANCHORS_AFTER_MS = 10 * 60_000

export interface KeepingOptions {
  readonly files: Files
  readonly folder: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly relaxed: boolean
  readonly nameOf: (memberId: string) => string
}

/** What the network keeps across restarts: addresses, reputations with bans, and anchors. */
export class Keeping {
  readonly book: AddressBook
  readonly reputation: Reputation
  readonly anchors: Anchors
  readonly #clock: Clock
  readonly #startedAt: number
  #savedAt: number
  #anchorsAt: number

  private constructor(clock: Clock, book: AddressBook, reputation: Reputation, anchors: Anchors) {
    this.#clock = clock
    this.book = book
    this.reputation = reputation
    this.anchors = anchors
    this.#startedAt = clock.now()
    this.#savedAt = clock.now()
    this.#anchorsAt = clock.now()
  }

  static async open({ files, folder, clock, random, log, relaxed, nameOf }: KeepingOptions): Promise<Keeping> {
    const book = await AddressBook.open({ files, path: `${folder}/peers.json`, clock, random, log, relaxed })
    const reputation = await Reputation.open({ files, path: `${folder}/reputation.json`, clock, log, byAddress: !relaxed, nameOf })
    return new Keeping(clock, book, reputation, await Anchors.take({ files, path: `${folder}/anchors.json`, log }))
  }

  counts(): BookCounts {
    return { ...this.book.counts(), anchors: this.anchors.list.length }
  }

  /** Called about once a second: writes what changed, from time to time. */
  tick(peers: Iterable<Peer>): void {
    const now = this.#clock.now()
    if (now - this.#savedAt < SAVE_EVERY_MS) return
    this.#savedAt = now
    void this.book.save()
    void this.reputation.save()
    if (now - this.#startedAt < ANCHORS_AFTER_MS || now - this.#anchorsAt < ANCHORS_AFTER_MS) return
    this.#anchorsAt = now
    void this.anchors.keep(peers)
  }

  /** Writes everything; `peers` are those connected to the end. */
  async close(peers: readonly Peer[]): Promise<void> {
    await this.anchors.keep(peers)
    await this.book.save(true)
    await this.reputation.save()
  }
}
