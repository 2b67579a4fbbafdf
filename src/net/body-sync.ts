import { BoundedSet } from './bounded.ts'
import type { NetContext } from './context.ts'
import { HeldBodies } from './held-bodies.ts'
import { MAX_BODIES } from './messages.ts'
import type { Peer } from './peer.ts'
import type { ChainEntry } from './ports.ts'

/** How far ahead of the stack bodies are fetched, and how many from one peer at once. */
const WINDOW = 512
const PER_PEER = MAX_BODIES
/** Bodies that wait for the ones below take at most so much memory (the next one needed is fetched in any case). */
const MAX_HELD_BYTES = 67_108_864
/** Without this much progress in this time, a peer has stalled. */
const STALL_MS = 10_000
const STALL_BYTES = 16_384
/** However busy the line: a body takes no longer than this. */
const SLOWEST_MS = 60_000
/** A body that everything waits for, or that was just announced, is asked of another peer after this. */
const IMPATIENT_MS = 5_000
/** A peer that stalled gets nothing more to do for so long. */
const COOLDOWN_MS = 20_000
const MAX_EXTRAS = 64

interface Worker {
  /** When each body was asked for. */
  readonly asked: Map<string, number>
  /** How often each body was asked for and not answered yet, lately: what comes too late is not unasked. */
  readonly owed: Map<string, number>
  /** What it said it does not have. */
  readonly lacks: BoundedSet<string>
  idleUntil: number
  progressBytes: number
  progressAt: number
}

/** Fetches bodies from several peers at once and gives them to the stack in order. */
export class BodySync {
  readonly #context: NetContext
  readonly #workers = new Map<Peer, Worker>()
  /** Who was asked for what. */
  readonly #inFlight = new Map<string, Peer>()
  readonly #held: HeldBodies
  /** Bodies wanted though they are not on the best header branch, with who announced them. */
  readonly #extras = new Map<string, Peer>()
  /** The stack's missing bodies as last asked, in order. */
  #window = new Set<string>()
  #windowTop = ''
  #meanBytes = 4_096
  #stopped = false

  constructor(context: NetContext) {
    this.#context = context
    this.#held = new HeldBodies(
      context,
      () => this.pump(),
      (smell) => this.#forget(smell),
    )
  }

  /** Gives up everything and resolves when nothing is being connected any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#held.stop()
  }

  /** `peer` has shown `entry`: its body is fetched from it first, if it is better than what we have. */
  shown(peer: Peer, entry: ChainEntry): void {
    const { chain } = this.#context
    const branch: string[] = []
    if (entry.work > chain.tip.work) {
      for (let at: ChainEntry | undefined = entry; at && !chain.hasBody(at.smell) && branch.length <= WINDOW; at = at.parent) branch.push(at.smell)
    }
    // A long branch is no news: it comes in order with the window.
    if (branch.length <= MAX_BODIES) for (const smell of branch.reverse()) this.#extras.set(smell, peer)
    for (const oldest of this.#extras.keys()) {
      if (this.#extras.size <= MAX_EXTRAS) break
      this.#extras.delete(oldest)
    }
    this.pump()
  }

  disconnected(peer: Peer): void {
    this.#release(peer)
    this.#workers.delete(peer)
    for (const [smell, from] of this.#extras) if (from === peer) this.#extras.delete(smell)
    this.pump()
  }

  onBody(peer: Peer, smell: string, body: Uint8Array): void {
    const worker = this.#workerOf(peer)
    const now = this.#context.clock.now()
    if (!paid(worker, smell)) {
      this.#context.punish(peer, 'unasked', 'a body that was not asked for')
      return
    }
    worker.progressAt = now
    worker.asked.delete(smell)
    if (this.#inFlight.get(smell) === peer) this.#inFlight.delete(smell)
    this.#meanBytes += (body.length - this.#meanBytes) / 16
    if (!this.#context.chain.hasBody(smell)) this.#held.add(smell, body, peer)
    this.pump()
  }

  onNotFound(peer: Peer, smells: readonly string[]): void {
    const worker = this.#workerOf(peer)
    for (const smell of smells) {
      if (!paid(worker, smell)) continue
      worker.asked.delete(smell)
      worker.lacks.add(smell)
      worker.progressAt = this.#context.clock.now()
      if (this.#inFlight.get(smell) === peer) this.#inFlight.delete(smell)
    }
    this.pump()
  }

  /** Called about once a second: takes work from peers that do not do it. */
  tick(): void {
    const now = this.#context.clock.now()
    const first = this.#next()
    for (const [peer, worker] of this.#workers) {
      const { bytesIn } = peer.channel.connection
      if (bytesIn - worker.progressBytes >= STALL_BYTES) {
        worker.progressBytes = bytesIn
        worker.progressAt = now
      }
      if (worker.asked.size === 0) continue
      const oldest = Math.min(...worker.asked.values())
      if (now - Math.max(oldest, worker.progressAt) > STALL_MS || now - oldest > SLOWEST_MS) {
        this.#release(peer)
        worker.idleUntil = now + COOLDOWN_MS
        this.#context.punish(peer, 'stall', 'no bodies in time')
        continue
      }
      for (const [smell, at] of [...worker.asked]) {
        if ((smell !== first && !this.#extras.has(smell)) || now - at <= IMPATIENT_MS || !this.#another(peer, smell)) continue
        worker.asked.delete(smell)
        this.#inFlight.delete(smell)
        this.#ask(this.#another(peer, smell) ?? peer, [smell])
      }
    }
    this.pump()
  }

  /** Hands out what is wanted to whoever has room. */
  pump(): void {
    if (this.#stopped) return
    const orders = new Map<Peer, string[]>()
    const first = this.#next()
    for (const smell of this.#wanted()) {
      if (this.#context.chain.hasBody(smell)) {
        this.#forget(smell)
        continue
      }
      const room = this.#held.bytes + this.#inFlight.size * this.#meanBytes < MAX_HELD_BYTES
      if (!room && smell !== first && !this.#extras.has(smell)) break
      const peer = this.#choose(smell, orders)
      if (peer === 'nobody') break
      if (!peer) continue
      this.#inFlight.set(smell, peer)
      const order = orders.get(peer) ?? []
      order.push(smell)
      orders.set(peer, order)
    }
    for (const [peer, smells] of orders) this.#ask(peer, smells)
  }

  /** What is wanted and neither here nor on its way: announced ones first, then the window in order. */
  *#wanted(): Iterable<string> {
    const { chain } = this.#context
    const isOpen = (smell: string) => !this.#inFlight.has(smell) && !this.#held.has(smell)
    for (const smell of this.#extras.keys()) if (isOpen(smell)) yield smell
    if (this.#workers.size === 0 && this.#context.peers.size === 0) return
    let open = 0
    for (const smell of this.#window) if (isOpen(smell)) open++
    // Asking the stack anew for every body would cost more than connecting it.
    if (open < PER_PEER || this.#windowTop !== chain.bestHeader.smell) {
      this.#window = new Set(chain.missingBodies(WINDOW))
      this.#windowTop = chain.bestHeader.smell
    }
    for (const smell of this.#window) if (isOpen(smell) && !this.#extras.has(smell)) yield smell
  }

  /** The body that the stack waits for. */
  #next(): string | undefined {
    for (const smell of this.#window) return smell
    return undefined
  }

  /** Who is to be asked; undefined: nobody has it; `nobody`: nobody has room for anything. */
  #choose(smell: string, orders: ReadonlyMap<Peer, readonly string[]>): Peer | 'nobody' | undefined {
    let best: Peer | undefined
    let least = PER_PEER
    let anyRoom = false
    for (const peer of this.#context.peers.values()) {
      const asked = this.#workerOf(peer).asked.size
      const load = asked + (orders.get(peer)?.length ?? 0)
      // What is no news waits until several can be asked for at once.
      const busy = asked > PER_PEER / 2 && !this.#extras.has(smell)
      if (load >= PER_PEER || busy) continue
      anyRoom = true
      if (!this.#has(peer, smell)) continue
      if (this.#extras.get(smell) === peer) return peer
      if (load >= least) continue
      best = peer
      least = load
    }
    return best ?? (anyRoom ? undefined : 'nobody')
  }

  #another(than: Peer, smell: string): Peer | undefined {
    return [...this.#context.peers.values()].find(
      (peer) => peer !== than && this.#has(peer, smell) && this.#workerOf(peer).asked.size < PER_PEER && !this.#workerOf(peer).owed.has(smell),
    )
  }

  #has(peer: Peer, smell: string): boolean {
    const worker = this.#workerOf(peer)
    if (worker.idleUntil > this.#context.clock.now() || worker.lacks.has(smell)) return false
    if (this.#extras.get(smell) === peer) return true
    const entry = this.#context.chain.entry(smell)
    return entry !== undefined && peer.claim.work >= entry.work
  }

  #ask(peer: Peer, smells: readonly string[]): void {
    const worker = this.#workerOf(peer)
    const now = this.#context.clock.now()
    if (worker.asked.size === 0) {
      worker.progressAt = now
      worker.progressBytes = peer.channel.connection.bytesIn
    }
    for (const smell of smells) {
      this.#inFlight.set(smell, peer)
      worker.asked.set(smell, now)
      worker.owed.set(smell, (worker.owed.get(smell) ?? 0) + 1)
    }
    for (const oldest of worker.owed.keys()) {
      if (worker.owed.size <= 2 * WINDOW) break
      worker.owed.delete(oldest)
    }
    peer.send({ type: 'getBodies', smells })
  }

  #release(peer: Peer): void {
    for (const [smell, from] of this.#inFlight) if (from === peer) this.#inFlight.delete(smell)
    this.#workers.get(peer)?.asked.clear()
  }

  #forget(smell: string): void {
    this.#window.delete(smell)
    this.#extras.delete(smell)
  }

  #workerOf(peer: Peer): Worker {
    const known = this.#workers.get(peer)
    if (known) return known
    const worker: Worker = { asked: new Map(), owed: new Map(), lacks: new BoundedSet(WINDOW), idleUntil: 0, progressBytes: 0, progressAt: 0 }
    // A peer that is gone does nothing more, and must not be kept.
    if (this.#context.peers.get(peer.memberId) === peer) this.#workers.set(peer, worker)
    return worker
  }
}

/** Takes one answer off what a worker owes; false when it owed none. */
function paid(worker: Worker, smell: string): boolean {
  const owed = worker.owed.get(smell) ?? 0
  if (owed > 1) worker.owed.set(smell, owed - 1)
  else worker.owed.delete(smell)
  return owed > 0
}
