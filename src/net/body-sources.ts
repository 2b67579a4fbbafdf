import { BodySource } from './body-source.ts'
import type { NetContext } from './context.ts'
import type { Peer } from './peer.ts'
import type { SyncServer } from './sync-status.ts'

/** What is being ordered: which bodies were announced and by whom, what is about to be asked of whom, and what a body has on average. */
export interface Orders {
  readonly announced: ReadonlyMap<string, Peer>
  readonly orders: ReadonlyMap<Peer, readonly string[]>
  readonly meanBytes: number
}

/** All peers as those who give bodies, and the choice among them. */
export class BodySources {
  readonly #context: NetContext
  readonly #sources = new Map<Peer, BodySource>()

  constructor(context: NetContext) {
    this.#context = context
  }

  get size(): number {
    return this.#sources.size
  }

  [Symbol.iterator](): Iterator<readonly [Peer, BodySource]> {
    return this.#sources[Symbol.iterator]()
  }

  of(peer: Peer): BodySource {
    const known = this.#sources.get(peer)
    if (known) return known
    const source = new BodySource(peer, this.#context.clock)
    // A peer that is gone does nothing more, and must not be kept.
    if (this.#context.peers.get(peer.memberId) === peer) this.#sources.set(peer, source)
    return source
  }

  remove(peer: Peer): void {
    this.#sources.delete(peer)
  }

  /** Who is asked for something, gave something lately, or is one of `givers`: the fastest first. */
  servers(givers: ReadonlySet<Peer>): Omit<SyncServer, 'nickname'>[] {
    return [...this.#sources.values()]
      .map((source) => ({ source, bytesPerSecond: source.bytesPerSecond }))
      .filter(({ source, bytesPerSecond }) => source.asked.size > 0 || bytesPerSecond > 0 || givers.has(source.peer))
      .sort((a, b) => b.bytesPerSecond - a.bytesPerSecond)
      .map(({ source, bytesPerSecond }) => ({ memberId: source.peer.memberId, cheeses: source.given, bytesPerSecond }))
  }

  /** Who is to be asked: of those that have it and have room, whoever would be done with it first. undefined: nobody has it; `nobody`: nobody has room for anything. */
  choose(smell: string, { announced, orders, meanBytes }: Orders): Peer | 'nobody' | undefined {
    const announcer = announced.get(smell)
    let best: Peer | undefined
    let soonest = Number.POSITIVE_INFINITY
    let anyRoom = false
    for (const peer of this.#context.peers.values()) {
      const source = this.of(peer)
      const share = source.share(meanBytes)
      const load = source.asked.size + (orders.get(peer)?.length ?? 0)
      // What is no news waits until several can be asked for at once.
      if (load >= share || (source.asked.size > share / 2 && !announcer)) continue
      anyRoom = true
      if (!this.#has(peer, smell, announcer)) continue
      if (announcer === peer) return peer
      // Whoever has shown no speed is tried as if it were a fast one.
      const due = (load + 1) / (source.speed ?? this.#fastest())
      if (due >= soonest) continue
      best = peer
      soonest = due
    }
    return best ?? (anyRoom ? undefined : 'nobody')
  }

  /** Somebody else who has it, has room and was not asked for it yet. */
  another(than: Peer, smell: string, announcer: Peer | undefined, meanBytes: number): Peer | undefined {
    return [...this.#context.peers.values()].find((peer) => {
      const source = this.of(peer)
      return peer !== than && this.#has(peer, smell, announcer) && source.asked.size < source.share(meanBytes) && !source.owes(smell)
    })
  }

  #fastest(): number {
    let fastest = 1
    for (const { speed } of this.#sources.values()) fastest = Math.max(fastest, speed ?? 1)
    return fastest
  }

  #has(peer: Peer, smell: string, announcer: Peer | undefined): boolean {
    if (!this.of(peer).mayHave(smell)) return false
    if (announcer === peer) return true
    const entry = this.#context.chain.entry(smell)
    return entry !== undefined && peer.claim.work >= entry.work
  }
}
