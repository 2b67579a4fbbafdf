import { decodeHeader } from '../consensus/codec.ts'
import type { RuleError } from '../consensus/errors.ts'
import { smellHex } from '../consensus/hash.ts'
import type { Header } from '../consensus/types.ts'
import { toHex } from '../util/bytes.ts'
import { faultOfHeaders } from './blame.ts'
import type { NetContext } from './context.ts'
import { locatorFrom } from './locator.ts'
import { MAX_HEADERS } from './messages.ts'
import type { Peer } from './peer.ts'
import type { ChainEntry } from './ports.ts'
import { Presync, storeThreshold } from './presync.ts'

/** Longest wait for an answer. */
const ANSWER_MS = 30_000
/** An answer that takes longer than this ends its peer's turn when there are others to ask. */
const SLOW_MS = 10_000
/** A peer that made us wait, or whose branch changed under us, is left alone for so long. */
const PAUSE_MS = 60_000
/** When a header comes from the future, the peer is asked again after this. */
const EARLY_MS = 10_000
/** More headers than this are not an announcement. */
export const MAX_ANNOUNCED = 16

interface Session {
  readonly peer: Peer
  /** The request that is under way, or undefined while an answer is being checked. */
  request: number | undefined
  sentAt: number
  /** Of the last header that was stored: each answer must lead higher. */
  height: number
  presync: Presync | undefined
  /** In the second pass of the presync. */
  storing: boolean
}

/** Headers first: follows the peer that claims the most work, one at a time, and takes announcements from everybody. */
export class HeaderSync {
  readonly #context: NetContext
  readonly #onStored: (peer: Peer, entry: ChainEntry) => void
  readonly #notBefore = new WeakMap<Peer, number>()
  /** Peers that announced headers whose parents we do not know. */
  readonly #beyond = new Set<Peer>()
  /** Requests given up, whose answers may still come. */
  readonly #late = new WeakMap<Peer, Set<number>>()
  #session: Session | undefined
  #requests = 0

  /** @param onStored told of the last of some headers that `peer` gave and that are stored now (again, perhaps) */
  constructor(context: NetContext, onStored: (peer: Peer, entry: ChainEntry) => void) {
    this.#context = context
    this.#onStored = onStored
  }

  /**
   * Whether some peer may have a branch with more work than we know headers for. A claim costs nothing, so those whom we
   * chose ourselves are believed before those who came.
   */
  get behind(): boolean {
    const best = this.#context.chain.bestHeader.work
    return preferred([...this.#context.peers.values()]).some((peer) => peer.claim.work > best)
  }

  /** Height that has been checked, also of headers that are not stored yet. */
  get height(): number {
    return Math.max(this.#context.chain.bestHeader.height, this.#session?.presync?.height ?? 0)
  }

  /** Who gives headers now. */
  get server(): Peer | undefined {
    return this.#session?.peer
  }

  /** How high whoever gives headers says it is; undefined while nobody gives any. */
  get claimedHeight(): number | undefined {
    return this.#session?.peer.claim.height
  }

  /** Starts a session if somebody is worth one. */
  advance(): void {
    if (this.#session) return
    const { peers, chain, clock, random } = this.#context
    const due = [...peers.values()].filter(
      (peer) => (this.#notBefore.get(peer) ?? 0) <= clock.now() && (peer.claim.work > chain.bestHeader.work || this.#beyond.has(peer)),
    )
    let best: Peer[] = []
    for (const peer of preferred(due)) {
      const most = best[0]?.claim.work ?? -1n
      if (peer.claim.work > most) best = [peer]
      else if (peer.claim.work === most) best.push(peer)
    }
    const peer = best[Math.floor(random.fraction() * best.length)]
    if (!peer) return
    this.#session = { peer, request: undefined, sentAt: 0, height: -1, presync: undefined, storing: false }
    this.#request(this.#session, locatorFrom(chain, chain.bestHeader))
  }

  tick(): void {
    const session = this.#session
    if (session?.request !== undefined && this.#context.clock.now() - session.sentAt > ANSWER_MS) {
      this.#late.set(session.peer, (this.#late.get(session.peer) ?? new Set()).add(session.request))
      this.#end(session, PAUSE_MS)
      // It showed nothing for its claim: asked again later, and believed then.
      session.peer.claim = { ...session.peer.claim, work: 0n }
      this.#beyond.add(session.peer)
      this.#context.punish(session.peer, 'stall', 'no headers in time')
    }
    this.advance()
  }

  disconnected(peer: Peer): void {
    this.#beyond.delete(peer)
    if (this.#session?.peer === peer) this.#session = undefined
    this.advance()
  }

  async onHeaders(peer: Peer, request: number, raw: readonly Uint8Array[]): Promise<void> {
    const headers = raw.map(decoded)
    if (request === 0) return this.#announced(peer, headers)
    const session = this.#session
    if (session?.peer === peer && session.request === request) {
      session.request = undefined
      return this.#answered(session, headers)
    }
    if (!this.#late.get(peer)?.delete(request)) this.#context.punish(peer, 'unasked', 'headers that were not asked for')
  }

  async #announced(peer: Peer, headers: readonly Header[]): Promise<void> {
    const { chain, punish } = this.#context
    const first = headers[0]
    if (!first || headers.length > MAX_ANNOUNCED) return punish(peer, 'unasked', `${headers.length} headers announced`)
    const start = chain.entry(toHex(first.parent))
    if (!start) {
      this.#beyond.add(peer)
      return this.advance()
    }
    if (start.work <= storeThreshold(chain.tip)) {
      const checked = new Presync(chain.tip, start, this.#context.params).check(headers, this.#now())
      if (!checked.ok) return this.#broken(peer, checked.error)
      if (checked.value === 'more') return
    }
    const isNews = headers.length === 1 && start.smell === chain.tip.smell && this.#context.isSynced() && !chain.entry(smellHex(first))
    const last = await this.#store(peer, headers)
    if (!last) return
    if (isNews) this.#context.sawNew?.(last.smell, last.time)
    peer.claim = last
    peer.cheeses.add(last.smell)
    this.#onStored(peer, last)
  }

  async #answered(session: Session, headers: readonly Header[]): Promise<void> {
    const { chain, params, punish } = this.#context
    const { peer } = session
    const [first, last] = [headers[0], headers.at(-1)]
    if (!first || !last) {
      this.#settle(peer)
      return this.#end(session, session.presync ? PAUSE_MS : 0)
    }
    const full = headers.length === MAX_HEADERS
    if (!session.storing) {
      const start = session.presync?.start ?? chain.entry(toHex(first.parent))
      if (!start) {
        this.#end(session, PAUSE_MS)
        return punish(peer, 'unasked', 'headers that continue nothing that we named')
      }
      if (session.presync || start.work <= storeThreshold(chain.tip)) {
        const isFirst = !session.presync
        session.presync ??= new Presync(chain.tip, start, params)
        const checked = session.presync.check(headers, this.#now())
        if (!checked.ok) {
          this.#end(session, EARLY_MS)
          return this.#broken(peer, checked.error)
        }
        if (checked.value === 'more') {
          if (full) return this.#request(session, [smellHex(last)])
          // All that it has, and too little work to be kept: until it announces more, it has nothing for us.
          peer.claim = { ...peer.claim, work: 0n }
          return this.#end(session, 0)
        }
        session.storing = true
        if (!isFirst) return this.#request(session, [start.smell])
      }
    }
    if (session.presync && session.storing) {
      const verdict = session.presync.pass(headers)
      if (verdict === 'other') return this.#end(session, PAUSE_MS)
      if (verdict === 'finished') {
        session.presync = undefined
        session.storing = false
      }
    }
    const entry = await this.#store(peer, headers)
    if (this.#session !== session) return
    if (!entry) {
      this.#end(session, EARLY_MS)
      return
    }
    this.#onStored(peer, entry)
    // The same headers over and over, or ever so slowly, would keep everybody else's from us.
    const isLate = this.#context.clock.now() - session.sentAt > SLOW_MS && !session.presync && this.#hasOther(peer)
    if (full && (entry.height <= session.height || isLate)) return this.#end(session, PAUSE_MS)
    session.height = entry.height
    if (full) return this.#request(session, session.presync ? [entry.smell] : [entry.smell, ...locatorFrom(chain, chain.tip)])
    peer.claim = entry
    this.#end(session, 0)
  }

  /** The entry of the last of `headers` once all are stored; undefined when one was refused, which is dealt with. */
  async #store(peer: Peer, headers: readonly Header[]): Promise<ChainEntry | undefined> {
    const { chain, log } = this.#context
    try {
      const stored = await chain.addHeaders(headers)
      if (!stored.ok) {
        this.#broken(peer, stored.error)
        return undefined
      }
    } catch (error) {
      log.error('headers could not be stored', { error: String(error) })
      return undefined
    }
    const last = headers.at(-1)
    const entry = last && chain.entry(smellHex(last))
    if (last && !entry) {
      this.#context.sawNew?.(smellHex(last), last.time)
      this.#early(peer)
    }
    return entry
  }

  #broken(peer: Peer, error: RuleError | 'too-long'): void {
    if (error === 'too-long') return
    const fault = faultOfHeaders(error)
    if (fault) this.#context.punish(peer, fault, error.message)
    else this.#early(peer)
  }

  /** A header comes from the future by our clock: nobody's fault, and worth asking for again. */
  #early(peer: Peer): void {
    this.#notBefore.set(peer, this.#context.clock.now() + EARLY_MS)
    this.#beyond.add(peer)
  }

  #hasOther(than: Peer): boolean {
    const { peers, chain } = this.#context
    return [...peers.values()].some((peer) => peer !== than && peer.claim.work > chain.bestHeader.work)
  }

  /** The peer has nothing above what we named: what it claimed is corrected. */
  #settle(peer: Peer): void {
    const known = this.#context.chain.entry(peer.claim.smell)
    peer.claim = known ?? { ...peer.claim, work: 0n }
  }

  #request(session: Session, locator: readonly string[]): void {
    session.request = ++this.#requests
    session.sentAt = this.#context.clock.now()
    session.peer.send({ type: 'getHeaders', request: session.request, locator })
  }

  #end(session: Session, pauseMs: number): void {
    if (this.#session === session) this.#session = undefined
    this.#beyond.delete(session.peer)
    if (pauseMs > 0) this.#notBefore.set(session.peer, this.#context.clock.now() + pauseMs)
    this.advance()
  }

  #now(): number {
    return Math.floor(this.#context.clock.now() / 1000)
  }
}

/** Of some peers those whom we dialled, if there are any. */
function preferred(peers: readonly Peer[]): readonly Peer[] {
  const chosen = peers.filter(({ direction }) => direction === 'out')
  return chosen.length > 0 ? chosen : peers
}

function decoded(bytes: Uint8Array): Header {
  const header = decodeHeader(bytes)
  // The message decoder cut them to their one length, and any 116 bytes are a header.
  if (!header.ok) throw new Error(`bug: ${header.error.message}`)
  return header.value
}
