import { encodeHeader } from '../consensus/codec.ts'
import type { CompactOutbox } from './compact-outbox.ts'
import type { NetContext } from './context.ts'
import { OUTSTANDING } from './limits.ts'
import { headersAfter } from './locator.ts'
import type { Message } from './messages.ts'
import type { Peer } from './peer.ts'
import type { ChainEntry } from './ports.ts'

/** A move of the tip is announced with this many headers at most: whoever lacks more asks. */
const ANNOUNCED = 8
/** And so many cheeses are told as compact ones, to those who want that. */
const PUSHED = 2
/** This far below the best header we are catching up, and what we connect is no news. */
const CATCHING_UP = 3
/** What follows sooner is told together: others allow an announcer 20 a second. */
const PAUSE_MS = 100
/** Most bodies that may be asked of us and not sent yet. */
const MAX_OWED = OUTSTANDING.bodies
/** Looking for a smell costs as much as so many headers that are read in a row. */
const LOCATOR_COST = 10
/** What reading a whole body for a part of it costs, as bytes of an answer. */
const PART_COST = 131_072
/** A body that we do not have counts as so many more: looking for it costs us more than asking does them. */
const MISSING_COST = 10

/** Tells everybody of a new tip, whoever found it, and serves headers and bodies. */
export class CheeseRelay {
  readonly #context: NetContext
  readonly #compacts: CompactOutbox
  readonly #owed = new WeakMap<Peer, number>()
  readonly #off: () => void
  /** Connected and not told yet. */
  readonly #news: ChainEntry[] = []
  #cancel: (() => void) | undefined

  constructor(context: NetContext, compacts: CompactOutbox) {
    this.#context = context
    this.#compacts = compacts
    this.#off = context.chain.onTip((connected) => this.#safely(() => this.#announce(connected)))
  }

  stop(): void {
    this.#off()
    this.#cancel?.()
  }

  onGetHeaders(peer: Peer, request: number, locator: readonly string[]): void {
    const queued = peer.limits.getHeaders.take() && request !== 0 && peer.answer(() => this.#headers(peer, request, locator))
    if (!queued) this.#context.punish(peer, 'spam', 'asks for headers too often')
  }

  /** Reading thousands of headers is the dearest thing that one may ask for: who has had many waits for more. */
  async #headers(peer: Peer, request: number, locator: readonly string[]): Promise<Message> {
    const { chain, clock } = this.#context
    const { served } = peer.limits
    if (served.owedMs > 0) await new Promise<void>((resolve) => clock.after(served.owedMs, resolve))
    served.charge(LOCATOR_COST * locator.length)
    const headers = await headersAfter(chain, locator)
    served.charge(headers.length)
    return { type: 'headers', request, headers }
  }

  onGetBodies(peer: Peer, smells: readonly string[]): void {
    if (!this.#isWithinShare(peer, smells.length)) return
    const missing: string[] = []
    for (const smell of smells) {
      const queued = this.#owe(peer, smell, missing, () => {
        const body = this.#body(peer, smell)
        return body && { type: 'body', smell, body }
      })
      if (!queued) return
    }
    this.#sayMissing(peer, missing)
  }

  onGetCompact(peer: Peer, smell: string): void {
    if (!this.#isWithinShare(peer, 1)) return
    const missing: string[] = []
    const queued = this.#owe(peer, smell, missing, () => {
      peer.charge(PART_COST)
      return this.#compacts.compact(peer, smell)
    })
    if (queued) this.#sayMissing(peer, missing)
  }

  onGetMissing(peer: Peer, smell: string, indexes: readonly number[]): void {
    if (!this.#isWithinShare(peer, 1)) return
    const missing: string[] = []
    const queued = this.#owe(peer, smell, missing, () => {
      peer.charge(PART_COST)
      const made = this.#compacts.missing(peer, smell, indexes)
      if (made !== 'outside') return made
      this.#context.punish(peer, 'malformed', 'asks for a transfer that the cheese does not have')
      return undefined
    })
    if (queued) this.#sayMissing(peer, missing)
  }

  #isWithinShare(peer: Peer, bodies: number): boolean {
    if (peer.limits.bodies.take(Math.max(1, bodies))) return true
    if (peer.limits.complaint.take()) this.#context.punish(peer, 'spam', 'asks for too many bodies')
    return false
  }

  /** Puts an answer in the peer's queue; false when it has asked for more than it takes. What there is no answer to goes to `missing`. */
  #owe(peer: Peer, smell: string, missing: string[], make: () => Message | undefined): boolean {
    const owed = this.#owed.get(peer) ?? 0
    // Counted before: an answer may be made at once.
    if (owed < MAX_OWED) this.#owed.set(peer, owed + 1)
    const queued =
      owed < MAX_OWED &&
      peer.answer(() => {
        this.#owed.set(peer, (this.#owed.get(peer) ?? 1) - 1)
        const message = this.#tried(smell, make)
        if (message) {
          peer.cheeses.add(smell)
          return message
        }
        missing.push(smell)
        peer.limits.bodies.take(MISSING_COST)
        return undefined
      })
    if (!queued) this.#context.punish(peer, 'spam', 'asks for more bodies than it takes')
    return queued
  }

  #sayMissing(peer: Peer, missing: readonly string[]): void {
    peer.answer(() => (missing.length > 0 ? { type: 'notFound', what: 'body', ids: missing } : undefined))
  }

  /** Nobody is sent what we have not checked ourselves, but those who asked for it unchecked. */
  #body(peer: Peer, smell: string): Uint8Array | undefined {
    const { chain } = this.#context
    return chain.entry(smell)?.state === 'valid' ? chain.body(smell) : this.#compacts.unproven(peer, smell)
  }

  /** What cannot be read from the disk is not sent. */
  #tried(smell: string, make: () => Message | undefined): Message | undefined {
    try {
      return make()
    } catch (error) {
      this.#context.log.error('a body that was asked for could not be read', { smell, error: String(error) })
      return undefined
    }
  }

  /** A store that is damaged keeps us from telling, and from nothing else. */
  #safely(job: () => void): void {
    try {
      job()
    } catch (error) {
      this.#context.log.error('a new cheese could not be told', { error: String(error) })
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
      this.#safely(() => this.#tell())
    })
  }

  #tryPush(peer: Peer, news: readonly ChainEntry[]): boolean {
    try {
      return this.#compacts.push(peer, news)
    } catch (error) {
      this.#context.log.error('a new cheese could not be read', { error: String(error) })
      return false
    }
  }

  #tell(): void {
    const { chain, peers } = this.#context
    const news = this.#news.splice(0).filter(({ height, smell }) => chain.entryAt(height)?.smell === smell)
    if (news.length === 0) return
    const headers = (news.length > ANNOUNCED ? news.slice(-1) : news).map((entry) => encodeHeader(entry.header))
    // Also to whoever told us: so that everybody knows how high everybody is.
    for (const peer of peers.values()) {
      if (peer.congested || (news.length <= PUSHED && this.#tryPush(peer, news))) continue
      peer.send({ type: 'headers', request: 0, headers })
    }
  }
}
