import { Pacer } from '../chain/pause.ts'
import { sha256 } from '../consensus/hash.ts'
import { BoundedMap, BoundedSet } from '../util/bounded.ts'
import { toHex } from '../util/bytes.ts'
import { Announcer } from './announcer.ts'
import type { NetContext } from './context.ts'
import { MAX_INVENTORY, OUTSTANDING } from './limits.ts'
import type { Seen } from './network-types.ts'
import type { Peer } from './peer.ts'

const ANSWER_MS = 10_000
/** Most transfers asked of one peer and not answered yet, and of all. */
const { transfers: PER_PEER, allTransfers: MAX_REQUESTS } = OUTSTANDING
/** Others who announced the same, to be asked when the first does not answer. */
const MAX_OTHERS = 8
/** Refused transfers that are kept for cheeses that have them all the same. */
const MAX_SPARE = 100
/** So long a refused transfer is offered to the mempool again when the tip has moved: what it spends may come a moment later. */
const AGAIN_MS = 60_000
/** A line that hangs loses many answers; that counts once in this time. */
const STALL_EVERY_MS = 30_000
/** Most relay ids told to one who asks what waits. */
const MAX_TOLD = 5_000

interface Request {
  peer: Peer
  at: number
  readonly others: Peer[]
}

/** A refused transfer, with when it came and from whom. */
interface Spare {
  readonly bytes: Uint8Array
  readonly at: number
  readonly memberId: string
}

interface Side {
  outstanding: number
  /** Announced by it and not asked for yet, since enough is outstanding or we are too low to judge it. */
  readonly backlog: Set<string>
  /** Asked for, and not answered in time or at all. */
  readonly late: BoundedSet<string>
  stalledAt: number
  askedInventory: boolean
}

/** Passes transfers on: ids to everybody, contents to whoever asks; everything is checked by the mempool first. */
export class TransferRelay {
  readonly #context: NetContext
  readonly #announcer: Announcer
  readonly #sides = new Map<Peer, Side>()
  readonly #requests = new Map<string, Request>()
  /** Refused lately: not worth fetching again until the stack changes. */
  readonly #refused = new BoundedSet<string>(10_000)
  readonly #spare = new BoundedMap<string, Spare>(MAX_SPARE)
  /** The tip has moved since those that came in lately were last offered to the mempool. */
  #hasMoved = false
  /** What came in and was not looked at yet. */
  readonly #arrived: (() => Promise<void>)[] = []
  #busy = false
  readonly #off: readonly (() => void)[]

  constructor(context: NetContext) {
    this.#context = context
    this.#announcer = new Announcer(context)
    this.#off = [context.mempool.onAdded((id) => this.#added(id)), context.chain.onTip(() => this.#moved())]
  }

  stop(): void {
    for (const off of this.#off) off()
    this.#arrived.length = 0
    this.#announcer.stop()
  }

  connected(peer: Peer): void {
    this.#announcer.connected(peer)
    this.#sides.set(peer, {
      outstanding: 0,
      backlog: new Set(),
      late: new BoundedSet(PER_PEER),
      stalledAt: 0,
      askedInventory: false,
    })
    this.#askInventory(peer)
  }

  disconnected(peer: Peer): void {
    this.#announcer.disconnected(peer)
    this.#sides.delete(peer)
    for (const [id, request] of this.#requests) if (request.peer === peer) this.#next(id, request)
  }

  /** Connected peers that showed that they have a transfer, the first to show it first. */
  seenBy(id: string): Seen[] {
    const seen: Seen[] = []
    for (const peer of this.#context.peers.values()) {
      const at = peer.shown.get(id)
      if (at !== undefined) seen.push({ memberId: peer.memberId, at })
    }
    return seen.sort((a, b) => a.at - b.at)
  }

  /** Whether a transfer is about to be announced to a peer that did not show it. */
  isUntold(peer: Peer, id: string): boolean {
    return this.#announcer.isUntold(peer, id)
  }

  /** What was refused lately, and may be in a cheese all the same: relay id and encoding. */
  *spare(): Iterable<readonly [string, Uint8Array]> {
    for (const [id, { bytes }] of this.#spare) yield [id, bytes]
  }

  /** Announces a waiting transfer to everybody, also to those that were told before. */
  broadcast(id: string): void {
    if (!this.#context.mempool.get(id)) return
    this.#announcer.queueForAll(id)
  }

  tick(): void {
    const now = this.#context.clock.now()
    for (const peer of this.#sides.keys()) this.#askInventory(peer)
    if (this.#context.isSynced()) for (const [peer, side] of this.#sides) if (side.outstanding <= PER_PEER / 2) this.#refill(peer, side)
    if (this.#hasMoved) void this.#tryAgain()
    const stalled = new Set<Peer>()
    for (const [id, request] of [...this.#requests]) {
      if (now - request.at <= ANSWER_MS) continue
      this.#sides.get(request.peer)?.late.add(id)
      stalled.add(request.peer)
      this.#next(id, request)
    }
    for (const peer of stalled) {
      const side = this.#sides.get(peer)
      if (!side || now - side.stalledAt < STALL_EVERY_MS) continue
      side.stalledAt = now
      this.#context.punish(peer, 'stall', 'no transfers in time')
    }
  }

  onInventory(peer: Peer, ids: readonly string[]): void {
    const side = this.#sides.get(peer)
    if (!side) return
    if (!peer.limits.ids.take(ids.length)) {
      this.#context.punish(peer, 'spam', 'too many announcements')
      return
    }
    const wanted: string[] = []
    for (const id of ids) {
      peer.showed(id)
      if (this.#context.mempool.has(id)) {
        // The echo: so that whoever shares its own transfer learns who has it.
        if (!peer.told.has(id)) this.#announcer.queue(peer, id)
      } else if (!this.#refused.has(id)) {
        const request = this.#requests.get(id)
        if (request && request.peer !== peer && request.others.length < MAX_OTHERS) request.others.push(peer)
        if (request) continue
        if (this.#context.isSynced() && side.outstanding < PER_PEER && this.#requests.size < MAX_REQUESTS) {
          this.#expect(peer, id, [])
          wanted.push(id)
          // Who was not asked yet what waits will be, once we are high enough.
        } else if (side.askedInventory && side.backlog.size < OUTSTANDING.backlog) side.backlog.add(id)
      }
    }
    if (wanted.length > 0) peer.send({ type: 'getTransfers', ids: wanted })
  }

  onGetTransfers(peer: Peer, ids: readonly string[]): void {
    const missing: string[] = []
    const { mempool, punish } = this.#context
    // What we do not have costs us more to look for than it costs them to invent.
    if (!peer.limits.transfers.take(Math.max(1, ids.length))) {
      if (peer.limits.complaint.take()) punish(peer, 'spam', 'asks for too many transfers')
      return
    }
    for (const id of ids) {
      const queued = peer.answer(() => {
        const bytes = mempool.get(id)
        if (!bytes) {
          missing.push(id)
          return undefined
        }
        peer.told.add(id)
        peer.showed(id)
        return { type: 'transfer', bytes }
      })
      if (!queued) {
        punish(peer, 'spam', 'asks for more than it takes')
        return
      }
    }
    peer.answer(() => (missing.length > 0 ? { type: 'notFound', what: 'transfer', ids: missing } : undefined))
  }

  /** Resolves when it has been dealt with: soon, but not while what came with it is still being read. */
  onTransfer(peer: Peer, bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#arrived.push(() => this.#take(peer, bytes).then(resolve, reject))
      if (!this.#busy) void this.#work()
      // More than can have been asked for: then nothing more is read before it is dealt with.
      while (this.#arrived.length > MAX_REQUESTS) void this.#arrived.shift()?.()
    })
  }

  async #work(): Promise<void> {
    this.#busy = true
    const pacer = new Pacer()
    await pacer.pause()
    for (let next = this.#arrived.shift(); next; next = this.#arrived.shift()) {
      void next()
      if (pacer.isLate) await pacer.pause()
    }
    this.#busy = false
  }

  async #take(peer: Peer, bytes: Uint8Array): Promise<void> {
    const id = toHex(sha256(bytes))
    const side = this.#sides.get(peer)
    if (!side) return
    const request = this.#requests.get(id)
    const isAnswer = request?.peer === peer
    if (isAnswer) this.#done(id, request)
    else if (!side.late.delete(id)) return this.#context.punish(peer, 'unasked', 'a transfer that was not asked for')
    peer.showed(id)
    const { mempool, clock, log, punish } = this.#context
    if (mempool.has(id)) return
    try {
      const verdict = await mempool.add(bytes, peer.memberId)
      if (verdict === 'added') peer.gave.transfer = clock.now()
      if (verdict === 'refused' || verdict === 'broken') this.#refused.add(id)
      if (verdict === 'refused') this.#spare.set(id, { bytes, at: clock.now(), memberId: peer.memberId })
      if (verdict === 'broken') punish(peer, 'broken-transfer', `transfer ${id.slice(0, 16)}`)
    } catch (error) {
      log.error('a transfer could not be checked', { error: String(error) })
    }
  }

  onNotFound(peer: Peer, ids: readonly string[]): void {
    for (const id of ids) {
      const request = this.#requests.get(id)
      if (request?.peer === peer) this.#next(id, request)
    }
  }

  onGetInventory(peer: Peer): void {
    if (!peer.limits.inventory.take()) return
    const ids = this.#context.mempool.inventory(MAX_TOLD)
    for (let at = 0; at < ids.length; at += MAX_INVENTORY) this.#announcer.tell(peer, ids.slice(at, at + MAX_INVENTORY))
  }

  /** Once we are high enough to judge transfers, everybody is asked what waits. */
  #askInventory(peer: Peer): void {
    const side = this.#sides.get(peer)
    if (!side || side.askedInventory || !this.#context.isSynced()) return
    side.askedInventory = true
    peer.send({ type: 'getInventory' })
  }

  #moved(): void {
    this.#refused.clear()
    this.#hasMoved = true
  }

  /** Offers what was refused a moment ago to the mempool again, which may know of the cheese by now that pays for it. */
  async #tryAgain(): Promise<void> {
    this.#hasMoved = false
    const { mempool, clock, log } = this.#context
    for (const [id, { bytes, at, memberId }] of [...this.#spare]) {
      if (clock.now() - at > AGAIN_MS || mempool.has(id)) continue
      await mempool.add(bytes, memberId).then(
        (verdict) => void (verdict === 'refused' && this.#refused.add(id)),
        (error: unknown) => log.error('a transfer could not be checked', { error: String(error) }),
      )
    }
  }

  #added(id: string): void {
    for (const peer of this.#sides.keys()) if (!peer.shown.has(id) && !peer.told.has(id)) this.#announcer.queue(peer, id)
  }

  #expect(peer: Peer, id: string, others: Peer[]): void {
    this.#requests.set(id, { peer, at: this.#context.clock.now(), others })
    const side = this.#sides.get(peer)
    if (side) side.outstanding++
  }

  #done(id: string, request: Request): void {
    this.#requests.delete(id)
    const side = this.#sides.get(request.peer)
    if (!side) return
    side.outstanding--
    if (side.backlog.size > 0 && side.outstanding <= PER_PEER / 2) this.#refill(request.peer, side)
  }

  /** Asks for what there was no room for when it was announced. */
  #refill(peer: Peer, side: Side): void {
    const wanted: string[] = []
    for (const id of side.backlog) {
      if (side.outstanding >= PER_PEER || this.#requests.size >= MAX_REQUESTS) break
      side.backlog.delete(id)
      if (this.#context.mempool.has(id) || this.#refused.has(id) || this.#requests.has(id)) continue
      this.#expect(peer, id, [])
      wanted.push(id)
    }
    if (wanted.length > 0) peer.send({ type: 'getTransfers', ids: wanted })
  }

  /** Asks the next one who announced it, or gives up. */
  #next(id: string, request: Request): void {
    this.#done(id, request)
    for (let other = request.others.shift(); other; other = request.others.shift()) {
      if (!this.#sides.has(other) || other === request.peer) continue
      this.#expect(other, id, request.others)
      other.send({ type: 'getTransfers', ids: [id] })
      return
    }
  }
}
