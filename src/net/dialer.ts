import type { AddressBook, Avoid } from './address-book.ts'
import { addressGroup, isLocal } from './address-group.ts'
import type { Connector } from './connector.ts'
import type { NetContext } from './context.ts'
import type { Peer } from './peer.ts'
import { formatHostPort, type HostPort } from './transport.ts'

/** Dials under way at once. */
const MAX_DIALLING = 4
/** Outbound peers of the own network, who cannot be told apart by their addresses' groups. */
const MAX_LOCAL = 4
const MINUTE_MS = 60_000
/** Without a new cheese for so long, others may know of one: one peer more is looked for, so often. */
const STALE_MS = 30 * MINUTE_MS
const EXTRA_EVERY_MS = 10 * MINUTE_MS
/** A peer may show what it has for so long before it can be the worst. */
const TRIAL_MS = MINUTE_MS
/** Short looks at addresses that nobody was seen at yet, one so often on average. */
const FEELER_MS = 2 * MINUTE_MS
/** Addresses of those who are connected are noted as good so often. */
const NOTE_MS = 10 * MINUTE_MS

export interface DialerOptions {
  readonly context: NetContext
  readonly connector: Connector
  readonly book: AddressBook
  readonly banned: Avoid['banned']
  /** Outbound peers wanted, besides those that a person asked for. */
  readonly target: number
  /** Dialled before all others. */
  readonly anchors: readonly HostPort[]
  /** Looks who answers at an address: its member id, or undefined when nobody of our network does. */
  readonly look: (endpoint: HostPort, signal: AbortSignal) => Promise<string | 'self' | undefined>
  /** Hangs up on a peer that is one too many. */
  readonly drop: (peer: Peer) => void
}

/** Keeps enough outbound peers: pinned addresses always, others from the address book, one of a group; and tests addresses for later. */
export class Dialer {
  readonly #options: DialerOptions
  readonly #dialling = new Map<string, HostPort>()
  readonly #abort = new AbortController()
  readonly #anchors: HostPort[]
  readonly #stopListening: () => void
  #lastTipAt: number
  #nextExtraAt = 0
  #nextFeelerAt: number
  #notedAt: number

  constructor(options: DialerOptions) {
    const { clock, chain } = options.context
    this.#options = options
    this.#anchors = [...options.anchors]
    this.#lastTipAt = clock.now()
    this.#notedAt = clock.now()
    this.#nextFeelerAt = this.#feelerTime()
    this.#stopListening = chain.onTip(() => {
      this.#lastTipAt = clock.now()
    })
  }

  stop(): void {
    this.#abort.abort()
    this.#stopListening()
  }

  /** Called about once a second. */
  tick(): void {
    if (this.#abort.signal.aborted) return
    const { context, book, target } = this.#options
    const now = context.clock.now()
    for (const endpoint of book.duePinned(() => this.#avoid())) if (this.#dialling.size < 2 * MAX_DIALLING) void this.#dial(endpoint, true)
    const outbound = this.#outbound()
    this.#note(now)
    if (outbound.length > target) this.#dropWorst(outbound, now)
    let room = Math.min(this.#wanted(outbound.length, now) - outbound.length - this.#dialling.size, MAX_DIALLING - this.#dialling.size)
    for (; room > 0; room--) {
      const endpoint = this.#nextAnchor() ?? book.choose(this.#avoid())
      if (!endpoint) break
      void this.#dial(endpoint, false)
    }
    if (now < this.#nextFeelerAt) return
    this.#nextFeelerAt = this.#feelerTime()
    const test = book.chooseToTest(this.#avoid(), outbound.length >= target)
    if (test) void this.#feel(test)
  }

  async #dial(endpoint: HostPort, manual: boolean): Promise<void> {
    const key = formatHostPort(endpoint)
    const { book, connector, context } = this.#options
    this.#dialling.set(key, endpoint)
    book.dialling(endpoint)
    try {
      const dialled = await connector.dial(endpoint, manual, this.#abort.signal)
      if (dialled.ok) return book.succeeded(endpoint, dialled.value.memberId)
      if (dialled.error.code === 'self') book.isOwn(endpoint)
      context.log.debug('could not reach a member', { endpoint: key, why: dialled.error.message })
    } finally {
      this.#dialling.delete(key)
    }
  }

  async #feel(endpoint: HostPort): Promise<void> {
    const { book, look } = this.#options
    book.dialling(endpoint)
    const memberId = await look(endpoint, this.#abort.signal)
    if (memberId === 'self') book.isOwn(endpoint)
    else if (memberId !== undefined) book.succeeded(endpoint, memberId)
  }

  /** Exponentially distributed, so that nobody can tell when. */
  #feelerTime(): number {
    const { clock, random } = this.#options.context
    return clock.now() + Math.min(10, -Math.log(1 - random.fraction())) * FEELER_MS
  }

  #nextAnchor(): HostPort | undefined {
    const avoid = this.#avoid()
    for (let anchor = this.#anchors.shift(); anchor; anchor = this.#anchors.shift()) {
      const { host } = anchor
      // The rules hold for it as for every other; a book that was lost learns of it anew.
      const isKnown = this.#options.book.has(anchor) || this.#options.book.add(anchor, 'peer', { from: host })
      if (isKnown && !avoid.banned(undefined, host) && !avoid.endpoints.has(formatHostPort(anchor))) return anchor
    }
    return undefined
  }

  #outbound(): Peer[] {
    return [...this.#options.context.peers.values()].filter((peer) => peer.direction === 'out' && !peer.manual)
  }

  /** How many outbound peers are wanted now: one more from time to time while no cheese comes. */
  #wanted(count: number, now: number): number {
    const { target } = this.#options
    if (count < target || now - this.#lastTipAt < STALE_MS || now < this.#nextExtraAt) return target
    this.#nextExtraAt = now + EXTRA_EVERY_MS
    this.#options.context.log.info('no new cheese for long: looking for one more peer')
    return target + 1
  }

  /** The one goes whose last cheese is the longest ago; of those that gave none, the latest connected. */
  #dropWorst(outbound: readonly Peer[], now: number): void {
    const [worst] = outbound.filter((peer) => now - peer.connectedAt >= TRIAL_MS).sort((a, b) => a.gave.cheese - b.gave.cheese || b.connectedAt - a.connectedAt)
    if (worst && outbound.every((peer) => now - peer.connectedAt >= TRIAL_MS)) this.#options.drop(worst)
  }

  #note(now: number): void {
    if (now - this.#notedAt < NOTE_MS) return
    this.#notedAt = now
    for (const { endpoint, memberId } of this.#outbound()) if (endpoint) this.#options.book.succeeded(endpoint, memberId)
  }

  #avoid(): Avoid {
    const peers = [...this.#options.context.peers.values()]
    const outbound = peers.filter((peer) => peer.direction === 'out')
    const endpoints = peers.flatMap((peer) => (peer.endpoint ? [formatHostPort(peer.endpoint)] : []))
    const dialled = [...outbound.map((peer) => peer.remote), ...this.#dialling.values()]
    return {
      endpoints: new Set([...endpoints, ...this.#dialling.keys()]),
      memberIds: new Set(peers.map((peer) => peer.memberId)),
      groups: new Set(dialled.flatMap(({ host }) => addressGroup(host) ?? [])),
      lan: this.#options.context.params.network !== 'regtest' && dialled.filter(({ host }) => isLocal(host)).length >= MAX_LOCAL,
      banned: this.#options.banned,
    }
  }
}
