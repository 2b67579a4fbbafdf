import { encodeHeader } from '../consensus/codec.ts'
import { BoundedMap } from '../util/bounded.ts'
import { bytesToBigInt } from '../util/bytes.ts'
import { CompactCheese, layoutOf, transferAt } from './compact-layout.ts'
import type { NetContext } from './context.ts'
import type { Message } from './messages.ts'
import type { Peer } from './peer.ts'
import type { ChainEntry } from './ports.ts'

/** Deeper than this below the tip, cheeses are served whole: nobody puts those together from what waits. */
const DEPTH = 10
/** Compact cheeses that are remembered, without their bodies: some 250 kB each at most. */
const REMEMBERED = DEPTH + 2
/** Bodies that were passed on and are still being checked. */
const UNPROVEN = 3
/** Bytes of transfers that the receiver surely lacks and gets at once: about what a TCP connection sends without waiting. */
const PREFILLED_BYTES = 16_384

export interface OutboxPorts {
  /** Whether a transfer was not announced to this peer yet, though it is about to be. */
  isUntold(peer: Peer, relayId: string): boolean
}

/** Sends cheeses as short ids, and what of them others lack. */
export class CompactOutbox {
  readonly #context: NetContext
  readonly #ports: OutboxPorts
  readonly #made = new BoundedMap<string, CompactCheese>(REMEMBERED)
  /** Passed on, and not connected yet. */
  readonly #unproven = new BoundedMap<string, Uint8Array>(UNPROVEN)
  /** Places of transfers that we lacked ourselves, so that others may lack them too. */
  readonly #rare = new BoundedMap<string, ReadonlySet<number>>(REMEMBERED)

  constructor(context: NetContext, ports: OutboxPorts) {
    this.#context = context
    this.#ports = ports
  }

  /** The body of a cheese that was passed on to this peer before all of it was checked: anybody else would hold it against us. */
  unproven(peer: Peer, smell: string): Uint8Array | undefined {
    const wasPushed = peer.wants === 'high' && peer.cheeses.has(smell)
    return wasPushed && this.#context.chain.entry(smell)?.state !== 'invalid' ? this.#unproven.get(smell) : undefined
  }

  /**
   * Passes a cheese on to those who asked for that, before all its rules are checked: its header is good, its body has the header's root, and
   * it lies on our tip.
   */
  pushUnproven(entry: ChainEntry, body: Uint8Array, fetched: readonly number[]): void {
    if (fetched.length > 0) this.#rare.set(entry.smell, new Set(fetched))
    const waiting = [...this.#context.peers.values()].filter((peer) => this.#wants(peer, entry))
    if (waiting.length === 0) return
    this.#unproven.set(entry.smell, body)
    for (const peer of waiting) this.#push(peer, entry, body)
  }

  /** Sends connected cheeses to a peer that wants them at once. False: it does not, or has them, and is to be told by header. */
  push(peer: Peer, entries: readonly ChainEntry[]): boolean {
    for (const { smell } of entries) this.#unproven.delete(smell)
    if (!entries.every((entry) => this.#wants(peer, entry))) return false
    const bodies = entries.map(({ smell }) => this.#body(peer, smell))
    if (bodies.includes(undefined)) return false
    for (const [i, entry] of entries.entries()) this.#push(peer, entry, bodies[i] as Uint8Array)
    return true
  }

  /** The answer to `getCompact`; undefined when we do not have it. */
  compact(peer: Peer, smell: string): Message | undefined {
    const body = this.#body(peer, smell)
    const entry = body && this.#context.chain.entry(smell)
    if (!entry || !body) return undefined
    return this.#isDeep(entry) ? { type: 'body', smell, body } : this.#message(peer, entry, body)
  }

  /** The answer to `getMissing`. `outside`: a place that the cheese does not have. */
  missing(peer: Peer, smell: string, indexes: readonly number[]): Message | 'outside' | undefined {
    const body = this.#body(peer, smell)
    const entry = body && this.#context.chain.entry(smell)
    if (!entry || !body) return undefined
    if (this.#isDeep(entry)) return { type: 'body', smell, body }
    const layout = this.#made.get(smell)?.layout ?? layoutOf(body)
    if ((indexes.at(-1) ?? 0) >= layout.starts.length - 1) return 'outside'
    return { type: 'missing', smell, transfers: indexes.map((index) => transferAt(body, layout, index)) }
  }

  #wants(peer: Peer, entry: ChainEntry): boolean {
    return peer.wants === 'high' && peer.version >= 2 && !peer.congested && !peer.cheeses.has(entry.smell)
  }

  #push(peer: Peer, entry: ChainEntry, body: Uint8Array): void {
    peer.cheeses.add(entry.smell)
    peer.send(this.#message(peer, entry, body))
  }

  #message(peer: Peer, entry: ChainEntry, body: Uint8Array): Message {
    const made = this.#made.get(entry.smell) ?? new CompactCheese(encodeHeader(entry.header), body, bytesToBigInt(this.#context.random.bytes(8)))
    this.#made.set(entry.smell, made)
    const lacking: number[] = []
    const rare = this.#rare.get(entry.smell)
    for (const [index, id] of made.relayIds.entries()) {
      if (!peer.shown.has(id) && (rare?.has(index) || this.#ports.isUntold(peer, id))) lacking.push(index)
    }
    return made.message(body, lacking, PREFILLED_BYTES)
  }

  #isDeep(entry: ChainEntry): boolean {
    return this.#context.chain.tip.height - entry.height > DEPTH
  }

  #body(peer: Peer, smell: string): Uint8Array | undefined {
    return this.unproven(peer, smell) ?? this.#context.chain.body(smell)
  }
}
