import { Pacer } from '../chain/pause.ts'
import { decodeHeader } from '../consensus/codec.ts'
import { sha256d } from '../consensus/hash.ts'
import { merkleRootSteps } from '../consensus/merkle.ts'
import { bitsToTarget } from '../consensus/target.ts'
import type { Header } from '../consensus/types.ts'
import { BoundedSet } from '../util/bounded.ts'
import { bytesToBigInt, equalBytes, fromHex, toHex } from '../util/bytes.ts'
import { CompactFill } from './compact-fill.ts'
import type { NetContext } from './context.ts'
import { OUTSTANDING } from './limits.ts'
import type { Message } from './messages.ts'
import type { CompactMessage } from './messages-compact.ts'
import { OrphanRoom } from './orphans.ts'
import type { Peer } from './peer.ts'
import type { ChainEntry } from './ports.ts'

/** Attempts to put cheeses together. Each holds a body and its short ids at most. */
const { perCheese: PER_CHEESE, perPeer: PER_PEER, inAll: MAX_ATTEMPTS } = OUTSTANDING.compacts
/** An attempt that came to nothing is forgotten after this. */
const TTL_MS = 15_000
/** Cheeses that are wanted whole, since short ids led nowhere. */
const MAX_WHOLE = 64
const MAX_PUSHED = 256
/** How often a peer's short ids may lead to another body than the header's: once is chance, and that hardly ever. */
const FORGIVEN_MISSES = 1

interface Attempt {
  readonly peer: Peer
  readonly smell: string
  readonly fill: CompactFill
  readonly header: Header
  readonly since: number
  /** The missing transfers were asked for and did not come yet. */
  waits: boolean
}

/** What the rest of the network does for it. */
export interface InboxPorts {
  /** Takes the header as if it had been announced; resolves when it is stored or was refused, which is dealt with. */
  header(peer: Peer, header: Uint8Array): Promise<void>
  /** Whether the peer was asked for this cheese; what it gave counts as an answer. */
  answered(peer: Peer, smell: string): boolean
  /** Whether this body is wanted and not here. */
  isWanted(smell: string): boolean
  /** Asks a peer for a cheese, or for what of it is missing: it owes it then. */
  ask(peer: Peer, smell: string, message: Message): void
  /** Transfers that do not wait, but may be in a cheese. */
  spare(): Iterable<readonly [relayId: string, bytes: Uint8Array]>
  /** The body of a cheese that is wanted. */
  done(peer: Peer, smell: string, body: Uint8Array): void
  /** The body, which has the root that its header names and lies on our tip, before any other rule was checked. `fetched`: the places of transfers that we lacked. */
  proven(entry: ChainEntry, body: Uint8Array, fetched: readonly number[]): void
  /** There may be something to ask for now. */
  pump(): void
}

/** Puts cheeses together again from short ids and the transfers that wait here. */
export class CompactInbox {
  readonly #context: NetContext
  readonly #ports: InboxPorts
  #attempts: Attempt[] = []
  readonly #whole = new BoundedSet<string>(MAX_WHOLE)
  /** Who pushed what lately. */
  readonly #pushed = new BoundedSet<string>(MAX_PUSHED)
  readonly #misses = new WeakMap<Peer, number>()
  readonly #orphans: OrphanRoom<CompactMessage>

  constructor(context: NetContext, ports: InboxPorts) {
    this.#context = context
    this.#ports = ports
    this.#orphans = new OrphanRoom(context.clock, OUTSTANDING.orphans)
  }

  /** Cheeses whose parent is not known yet. */
  get orphans(): number {
    return this.#orphans.size
  }

  get attempts(): number {
    return this.#attempts.length
  }

  /** Whether a cheese is being put together, and nobody need be asked for it now. */
  isBusyWith(smell: string): boolean {
    return this.#attempts.some((attempt) => attempt.smell === smell && !attempt.waits)
  }

  /** Whether a peer may be asked for this cheese as a compact one. */
  mayAsk(peer: Peer, smell: string): boolean {
    return peer.version >= 2 && !this.#whole.has(smell) && (this.#misses.get(peer) ?? 0) <= FORGIVEN_MISSES
  }

  /** From now on this cheese is wanted whole. */
  giveUp(smell: string): void {
    this.#whole.add(smell)
    this.#attempts = this.#attempts.filter((attempt) => attempt.smell !== smell)
  }

  disconnected(peer: Peer): void {
    this.#attempts = this.#attempts.filter((attempt) => attempt.peer !== peer)
    this.#orphans.disconnected(peer)
  }

  tick(): void {
    const { clock, chain } = this.#context
    this.#attempts = this.#attempts.filter(({ since, smell }) => clock.now() - since <= TTL_MS && !chain.hasBody(smell))
    this.adopt()
  }

  /** Looks at those whose parent is known now. */
  adopt(): void {
    const { chain, log } = this.#context
    for (const { peer, item } of this.#orphans.take((parent) => chain.entry(parent) !== undefined))
      this.#begin(peer, item).catch((error: unknown) => log.error('a compact cheese could not be looked at', { error: String(error) }))
  }

  async onCompact(peer: Peer, message: CompactMessage): Promise<void> {
    const smell = toHex(sha256d(message.header))
    const asked = this.#ports.answered(peer, smell)
    if (!asked && !peer.mayPush) return this.#context.punish(peer, 'unasked', 'a compact cheese that was not asked for')
    if (!asked) this.#pushed.add(pushKey(peer, smell))
    // What is not asked for any more, or cannot be put together yet, is an announcement all the same.
    if ((!asked && peer.relay !== 'high') || !this.#context.isSynced()) return this.#ports.header(peer, message.header)
    await this.#begin(peer, message)
  }

  /** Whether a peer gave this cheese unasked, so that it may not have checked more of it than header and root. */
  wasPushed(peer: Peer, smell: string): boolean {
    return this.#pushed.has(pushKey(peer, smell))
  }

  async onMissing(peer: Peer, smell: string, transfers: readonly Uint8Array[]): Promise<void> {
    const owed = this.#ports.answered(peer, smell)
    const attempt = this.#attempts.find((one) => one.peer === peer && one.smell === smell && one.waits)
    if (!attempt) {
      // Too late, but asked for all the same.
      if (!owed) this.#context.punish(peer, 'unasked', 'transfers of a cheese that were not asked for')
      return
    }
    attempt.waits = false
    if (!attempt.fill.take(transfers)) {
      this.#drop(attempt)
      this.#context.punish(peer, 'malformed', 'transfers of a cheese that are not those of its short ids')
      return this.#ports.pump()
    }
    await this.#finish(attempt)
  }

  async #begin(peer: Peer, message: CompactMessage): Promise<void> {
    const { chain, punish } = this.#context
    const header = decodeHeader(message.header)
    if (!header.ok) throw new Error(`bug: ${header.error.message}`)
    const smell = toHex(sha256d(message.header))
    if (!chain.entry(toHex(header.value.parent))) {
      // It says itself what work it has: that much at least must be true before it is kept.
      const target = bitsToTarget(header.value.bits)
      if (target === undefined || bytesToBigInt(fromHex(smell)) > target) return punish(peer, 'broken-header', 'a compact cheese without work')
      this.#orphans.put(toHex(header.value.parent), peer, message)
      return this.#ports.header(peer, message.header)
    }
    const fill = new CompactFill(message)
    if (!fill.hasShape) return punish(peer, 'malformed', 'a compact cheese with something that is no transfer')
    const attempt: Attempt = { peer, smell, fill, header: header.value, since: this.#context.clock.now(), waits: false }
    // Before the header is stored: nobody else is asked for it then.
    const kept = this.#keep(attempt)
    await this.#ports.header(peer, message.header)
    const entry = chain.entry(smell)
    if (!kept || !entry || !this.#attempts.includes(attempt) || !this.#ports.isWanted(smell)) return this.#leave(attempt)
    if (fill.isAmbiguous || this.#whole.has(smell)) return this.#missed(attempt)
    await this.#search(attempt)
    if (!this.#attempts.includes(attempt)) return
    if (fill.isFull) return this.#finish(attempt)
    attempt.waits = true
    this.#ports.ask(peer, smell, { type: 'getMissing', smell, indexes: fill.ask() })
  }

  /** Looks which of the transfers that wait here are in it. */
  async #search({ fill }: Attempt): Promise<void> {
    const { mempool } = this.#context
    const pacer = new Pacer()
    for (const [id, bytes] of this.#ports.spare()) fill.offer(fromHex(id), () => bytes)
    for (const id of mempool.ids()) {
      if (fill.isFull) return
      fill.offer(fromHex(id), () => mempool.kept(id))
      if (pacer.isLate) await pacer.pause()
    }
  }

  async #finish(attempt: Attempt): Promise<void> {
    const { peer, smell, fill, header } = attempt
    const body = fill.body()
    const root = body && (await new Pacer().run(merkleRootSteps(body.leaves)))
    if (!body || !root || !equalBytes(root, header.bodyRoot)) return this.#missed(attempt)
    if (!this.#attempts.includes(attempt)) return
    const { chain } = this.#context
    const entry = chain.entry(smell)
    if (!entry || !this.#ports.isWanted(smell)) return this.#leave(attempt)
    this.#attempts = this.#attempts.filter((one) => one.smell !== smell)
    if (entry.parent?.smell === chain.tip.smell) this.#ports.proven(entry, body.bytes, fill.fetched)
    this.#ports.done(peer, smell, body.bytes)
  }

  /** Short ids that stand for more than one transfer, or for others than the cheese has: nobody's fault, unless it happens again. */
  #missed(attempt: Attempt): void {
    const { peer, smell } = attempt
    const there = this.#attempts.includes(attempt)
    this.giveUp(smell)
    const misses = (this.#misses.get(peer) ?? 0) + 1
    this.#misses.set(peer, misses)
    if (misses > FORGIVEN_MISSES) this.#context.punish(peer, 'malformed', 'short ids that are not those of the cheese')
    if (there && this.#ports.isWanted(smell) && !peer.channel.ended) this.#ports.ask(peer, smell, { type: 'getBodies', smells: [smell] })
    this.#ports.pump()
  }

  #keep(attempt: Attempt): boolean {
    const count = (same: (one: Attempt) => boolean) => this.#attempts.filter(same).length
    // A newer one of the same peer takes the place of its oldest.
    const own = this.#attempts.filter(({ peer }) => peer === attempt.peer)
    if (own.some(({ smell }) => smell === attempt.smell)) return false
    if (own.length >= PER_PEER) this.#drop(own[0])
    if (count(({ smell }) => smell === attempt.smell) >= PER_CHEESE || this.#attempts.length >= MAX_ATTEMPTS) return false
    this.#attempts.push(attempt)
    return true
  }

  #leave(attempt: Attempt): void {
    this.#drop(attempt)
    this.#ports.pump()
  }

  #drop(attempt: Attempt | undefined): void {
    this.#attempts = this.#attempts.filter((one) => one !== attempt)
  }
}

function pushKey(peer: Peer, smell: string): string {
  return `${peer.memberId}:${smell}`
}
