import { BodySources } from './body-sources.ts'
import { CompactChoice } from './compact-choice.ts'
import { CompactInbox, type InboxPorts } from './compact-inbox.ts'
import type { NetContext } from './context.ts'
import { HeldBodies } from './held-bodies.ts'
import { MAX_BODIES, type Message } from './messages.ts'
import { ConnectMeters, weightOf } from './meter.ts'
import type { Peer } from './peer.ts'
import type { ChainEntry } from './ports.ts'
import type { SyncServer } from './sync-status.ts'

/** How far ahead of the stack bodies are fetched. */
const WINDOW = 512
/** When fewer of the window are open than this, the stack is asked for the next. */
const FEW = 48
/** Bodies that wait for the ones below, and those on their way, take at most so much memory (the next one needed is fetched in any case). */
const MAX_HELD_BYTES = 67_108_864
/** What a body is thought to have before any has come. */
const GUESSED_BYTES = 65_536
/** Higher above the tip than this a cheese is asked for whole: what waits here says nothing about it. */
const NEAR = 3
/** A body that everything waits for, or that was just announced, is asked of another peer after this. */
const IMPATIENT_MS = 5_000
const MAX_EXTRAS = 64
/** Rates are those of the last so many milliseconds. */
const RATE_MS = 10_000

/** Fetches bodies from several peers at once and gives them to the stack in order. */
export class BodySync {
  /** What was connected lately. */
  readonly connected: ConnectMeters
  readonly #context: NetContext
  readonly #sources: BodySources
  /** Who was asked for what. */
  readonly #inFlight = new Map<string, Peer>()
  readonly #held: HeldBodies
  /** Cheeses that come as short ids. */
  readonly compacts: CompactInbox
  readonly #choice = new CompactChoice()
  /** Bodies wanted though they are not on the best header branch, with who announced them. */
  readonly #extras = new Map<string, Peer>()
  /** The stack's missing bodies as last asked, in order. */
  #window = new Set<string>()
  #windowTop = ''
  /** Of the bodies that came lately. */
  #meanBytes: number | undefined
  #stopped = false

  constructor(context: NetContext, ports: Pick<InboxPorts, 'header' | 'spare' | 'proven'>) {
    this.#context = context
    this.#sources = new BodySources(context)
    this.connected = new ConnectMeters(context.clock, RATE_MS)
    this.compacts = new CompactInbox(context, {
      ...ports,
      answered: (peer, smell) => this.#answered(peer, smell),
      isWanted: (smell) => this.#isWanted(smell),
      ask: (peer, smell, message) => this.#askFor(peer, smell, message),
      done: (peer, smell, body) => this.#take(peer, smell, body),
      pump: () => this.pump(),
    })
    this.#held = new HeldBodies(context, {
      progress: () => this.pump(),
      done: (smell, taken) => {
        // Whoever gave what was just announced is quick.
        if (taken && this.#extras.has(smell) && context.isSynced()) this.#choice.helped(taken.from)
        this.#forget(smell)
        if (taken) this.connected.add(taken.body)
      },
    })
  }

  /** Gives up everything and resolves when nothing is being connected any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#held.stop()
  }

  /** Who is asked for something, gave something lately, or gave what is being connected: the fastest first. */
  servers(): Omit<SyncServer, 'nickname'>[] {
    return this.#sources.servers(this.#held.givers())
  }

  /** What the next `cheeses` will cost to connect, as `connected.weight` counts it: those that are here are known. */
  weightOf(cheeses: number): number {
    const unseen = Math.max(0, cheeses - this.#held.count)
    return this.#held.weight + unseen * weightOf(this.#meanBytes ?? GUESSED_BYTES)
  }

  /** `peer` has shown `entry`: its body is fetched from it first, if it is better than what we have. */
  shown(peer: Peer, entry: ChainEntry): void {
    this.compacts.adopt()
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
    this.#sources.remove(peer)
    this.compacts.disconnected(peer)
    this.#choice.disconnected(peer)
    for (const [smell, from] of this.#extras) if (from === peer) this.#extras.delete(smell)
    this.pump()
  }

  onBody(peer: Peer, smell: string, body: Uint8Array): void {
    if (!this.#sources.of(peer).gave(smell, body.length)) {
      this.#context.punish(peer, 'unasked', 'a body that was not asked for')
      return
    }
    this.#take(peer, smell, body)
  }

  #take(peer: Peer, smell: string, body: Uint8Array): void {
    peer.cheeses.add(smell)
    // Whoever else was asked for it is late.
    this.#inFlight.delete(smell)
    const mean = this.#meanBytes ?? body.length
    // Growing sizes are believed sooner: memory is what they cost.
    this.#meanBytes = mean + (body.length - mean) / (body.length > mean ? 4 : 16)
    if (!this.#context.chain.hasBody(smell)) this.#held.add(smell, body, peer, this.compacts.wasPushed(peer, smell))
    this.pump()
  }

  /** It gave short ids, or transfers, of a body that it was asked for. */
  #answered(peer: Peer, smell: string): boolean {
    const owed = this.#sources.of(peer).answered(smell)
    if (owed && this.#inFlight.get(smell) === peer) this.#inFlight.delete(smell)
    return owed
  }

  #isWanted(smell: string): boolean {
    const { chain } = this.#context
    const entry = chain.entry(smell)
    return entry !== undefined && entry.state === 'header' && entry.work > chain.tip.work && !this.#held.has(smell)
  }

  onNotFound(peer: Peer, smells: readonly string[]): void {
    const source = this.#sources.of(peer)
    for (const smell of smells) if (source.hasNot(smell) && this.#inFlight.get(smell) === peer) this.#inFlight.delete(smell)
    this.pump()
  }

  /** Called about once a second: takes work from peers that do not do it. */
  tick(): void {
    const now = this.#context.clock.now()
    const first = this.#next()
    this.compacts.tick()
    for (const [peer, source] of this.#sources) {
      if (source.hasStalled()) {
        this.#release(peer)
        source.rest()
        this.#context.punish(peer, 'stall', 'no bodies in time')
        continue
      }
      for (const [smell, at] of [...source.asked]) {
        if ((smell !== first && !this.#extras.has(smell)) || now - at <= IMPATIENT_MS) continue
        const other = this.#sources.another(peer, smell, this.#extras.get(smell), this.#meanBytes ?? GUESSED_BYTES)
        if (!other) continue
        source.asked.delete(smell)
        this.compacts.giveUp(smell)
        this.#ask(other, [smell])
        if (smell !== first || !source.heldUp()) continue
        this.#release(peer)
        source.rest()
        break
      }
    }
    this.pump()
  }

  /** Hands out what is wanted to whoever has room. */
  pump(): void {
    if (this.#stopped) return
    try {
      this.#handOut()
    } catch (error) {
      // It reads headers: what a disk has lost is no reason to end. It is tried again in a second.
      this.#context.log.error('bodies could not be asked for', { error: String(error) })
    }
  }

  #handOut(): void {
    const orders = new Map<Peer, string[]>()
    const first = this.#next()
    const meanBytes = this.#meanBytes ?? GUESSED_BYTES
    for (const smell of this.#wanted()) {
      if (this.#context.chain.hasBody(smell)) {
        this.#forget(smell)
        continue
      }
      const room = this.#held.bytes + this.#inFlight.size * meanBytes < MAX_HELD_BYTES
      if (!room && smell !== first && !this.#extras.has(smell)) break
      const peer = this.#sources.choose(smell, { announced: this.#extras, orders, meanBytes })
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
    const isOpen = (smell: string) => !this.#inFlight.has(smell) && !this.#held.has(smell) && !this.compacts.isBusyWith(smell)
    for (const smell of this.#extras.keys()) if (isOpen(smell)) yield smell
    if (this.#sources.size === 0 && this.#context.peers.size === 0) return
    let open = 0
    for (const smell of this.#window) if (isOpen(smell) && ++open === FEW) break
    // Asking the stack anew for every body would cost more than connecting it.
    if (open < FEW || this.#windowTop !== chain.bestHeader.smell) {
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

  #ask(peer: Peer, smells: readonly string[]): void {
    const whole: string[] = []
    for (const smell of smells) {
      if (this.#mayBeCompact(peer, smell)) this.#askFor(peer, smell, { type: 'getCompact', smell })
      else whole.push(smell)
    }
    this.#sources.of(peer).ask(whole)
    for (const smell of whole) this.#inFlight.set(smell, peer)
    for (let at = 0; at < whole.length; at += MAX_BODIES) peer.send({ type: 'getBodies', smells: whole.slice(at, at + MAX_BODIES) })
  }

  /** Asks for one cheese, in whatever shape. */
  #askFor(peer: Peer, smell: string, message: Message): void {
    this.#sources.of(peer).ask([smell])
    this.#inFlight.set(smell, peer)
    peer.send(message)
  }

  /** Whether most of its transfers probably wait here. */
  #mayBeCompact(peer: Peer, smell: string): boolean {
    const { chain, isSynced } = this.#context
    if (!this.#extras.has(smell) || !this.compacts.mayAsk(peer, smell)) return false
    const height = chain.entry(smell)?.height ?? 0
    return height > chain.tip.height && height - chain.tip.height <= NEAR && isSynced()
  }

  #release(peer: Peer): void {
    for (const [smell, from] of this.#inFlight) if (from === peer) this.#inFlight.delete(smell)
  }

  #forget(smell: string): void {
    this.#window.delete(smell)
    this.#extras.delete(smell)
  }
}
