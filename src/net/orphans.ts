import type { Clock } from '../util/ports.ts'
import type { Peer } from './peer.ts'

export interface OrphanLimits {
  /** Kept in all, and of one peer. */
  readonly most: number
  readonly perPeer: number
  readonly ttlMs: number
}

interface Orphan<T> {
  readonly parent: string
  readonly peer: Peer
  readonly item: T
  readonly until: number
}

/**
 * What came before the thing it builds on: kept for a while, and no more of one peer than its share, so that nobody can push out what others
 * gave. The oldest makes room.
 */
export class OrphanRoom<T> {
  readonly #clock: Clock
  readonly #limits: OrphanLimits
  #orphans: Orphan<T>[] = []

  constructor(clock: Clock, limits: OrphanLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  get size(): number {
    return this.#orphans.length
  }

  /** Keeps `item` until its parent is there. Of a peer that has its share already, the oldest goes. */
  put(parent: string, peer: Peer, item: T): void {
    this.#expire()
    const own = this.#orphans.filter((orphan) => orphan.peer === peer)
    if (own.length >= this.#limits.perPeer) this.#remove(own[0])
    // Somebody with more than others gives way first.
    if (this.#orphans.length >= this.#limits.most) this.#remove(this.#richest())
    this.#orphans.push({ parent, peer, item, until: this.#clock.now() + this.#limits.ttlMs })
  }

  /** Takes out everything whose parent is there now. */
  take(isThere: (parent: string) => boolean): { readonly peer: Peer; readonly item: T }[] {
    this.#expire()
    const ready = this.#orphans.filter(({ parent }) => isThere(parent))
    if (ready.length > 0) this.#orphans = this.#orphans.filter((orphan) => !ready.includes(orphan))
    return ready.map(({ peer, item }) => ({ peer, item }))
  }

  disconnected(peer: Peer): void {
    this.#orphans = this.#orphans.filter((orphan) => orphan.peer !== peer)
  }

  #expire(): void {
    const now = this.#clock.now()
    if (this.#orphans.some(({ until }) => until <= now)) this.#orphans = this.#orphans.filter(({ until }) => until > now)
  }

  /** The oldest one of whoever has most. */
  #richest(): Orphan<T> | undefined {
    const counts = new Map<Peer, number>()
    for (const { peer } of this.#orphans) counts.set(peer, (counts.get(peer) ?? 0) + 1)
    const most = Math.max(...counts.values())
    return this.#orphans.find(({ peer }) => counts.get(peer) === most)
  }

  #remove(orphan: Orphan<T> | undefined): void {
    this.#orphans = this.#orphans.filter((other) => other !== orphan)
  }
}
