import { encodeHeader } from '../consensus/codec.ts'
import type { NetContext } from './context.ts'
import { headersAfter } from './locator.ts'
import type { Peer } from './peer.ts'
import type { ChainEntry } from './ports.ts'

/** A move of the tip is announced with this many headers at most: whoever lacks more asks. */
const ANNOUNCED = 8
/** This far below the best header we are catching up, and what we connect is no news. */
const CATCHING_UP = 3
/** What follows sooner is told together: others allow an announcer 20 a second. */
const PAUSE_MS = 100
/** Most bodies that may be asked of us and not sent yet. */
const MAX_OWED = 64
/** A body that we do not have counts as so many more: looking for it costs us more than asking does them. */
const MISSING_COST = 10

/** Tells everybody of a new tip, whoever found it, and serves headers and bodies. */
export class CheeseRelay {
  readonly #context: NetContext
  readonly #owed = new WeakMap<Peer, number>()
  readonly #off: () => void
  /** Connected and not told yet. */
  readonly #news: ChainEntry[] = []
  #cancel: (() => void) | undefined

  constructor(context: NetContext) {
    this.#context = context
    this.#off = context.chain.onTip((connected) => this.#announce(connected))
  }

  stop(): void {
    this.#off()
    this.#cancel?.()
  }

  onGetHeaders(peer: Peer, request: number, locator: readonly string[]): void {
    const { chain, punish } = this.#context
    const queued =
      peer.limits.getHeaders.take() && request !== 0 && peer.answer(async () => ({ type: 'headers', request, headers: await headersAfter(chain, locator) }))
    if (!queued) punish(peer, 'spam', 'asks for headers too often')
  }

  onGetBodies(peer: Peer, smells: readonly string[]): void {
    const { punish } = this.#context
    if (!peer.limits.bodies.take(Math.max(1, smells.length))) {
      if (peer.limits.complaint.take()) punish(peer, 'spam', 'asks for too many bodies')
      return
    }
    const missing: string[] = []
    for (const smell of smells) {
      const owed = this.#owed.get(peer) ?? 0
      // Counted before: an answer may be made at once.
      if (owed < MAX_OWED) this.#owed.set(peer, owed + 1)
      const queued =
        owed < MAX_OWED &&
        peer.answer(() => {
          this.#owed.set(peer, (this.#owed.get(peer) ?? 1) - 1)
          const body = this.#body(smell)
          if (body) return { type: 'body', smell, body }
          missing.push(smell)
          peer.limits.bodies.take(MISSING_COST)
          return undefined
        })
      if (!queued) {
        punish(peer, 'spam', 'asks for more bodies than it takes')
        return
      }
    }
    peer.answer(() => (missing.length > 0 ? { type: 'notFound', what: 'body', ids: missing } : undefined))
  }

  /** Nobody is sent what we have not checked ourselves, nor what cannot be read. */
  #body(smell: string): Uint8Array | undefined {
    const { chain, log } = this.#context
    try {
      return chain.entry(smell)?.state === 'valid' ? chain.body(smell) : undefined
    } catch (error) {
      log.error('a body that was asked for could not be read', { smell, error: String(error) })
      return undefined
    }
  }

  #announce(connected: readonly ChainEntry[]): void {
    const { chain, clock } = this.#context
    // Bodies that are withheld are no catching up: then we count as synced.
    if (connected.length === 0 || (chain.bestHeader.height - chain.tip.height > CATCHING_UP && !this.#context.isSynced())) return
    // More than are told in full: then the last stands for all.
    this.#news.push(...connected.slice(-1 - ANNOUNCED))
    if (this.#cancel) return
    this.#tell()
    this.#cancel = clock.after(PAUSE_MS, () => {
      this.#cancel = undefined
      this.#tell()
    })
  }

  #tell(): void {
    const { chain, peers } = this.#context
    const news = this.#news.splice(0).filter(({ height, smell }) => chain.entryAt(height)?.smell === smell)
    if (news.length === 0) return
    const headers = (news.length > ANNOUNCED ? news.slice(-1) : news).map((entry) => encodeHeader(entry.header))
    // Also to whoever told us: so that everybody knows how high everybody is.
    for (const peer of peers.values()) if (!peer.congested) peer.send({ type: 'headers', request: 0, headers })
  }
}
