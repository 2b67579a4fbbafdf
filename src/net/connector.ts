import { bytesToBigInt } from '../util/bytes.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { addressGroup, addressOwner } from './address-group.ts'
import type { Admission } from './admission.ts'
import { candidateOf, chooseEviction } from './eviction.ts'
import { type Handshake, type HandshakeError, shakeHands } from './handshake.ts'
import { PEER_LIMITS } from './limits.ts'
import { FEATURE, type GoodbyeCode, type Hello } from './messages.ts'
import { Peer } from './peer.ts'
import type { Reputation } from './reputation.ts'
import { type Connection, formatHostPort, type HostPort, type Transport, type TransportError } from './transport.ts'

const DIAL_MS = 10_000
const { handshakeMs: HANDSHAKE_MS, probeMs: PROBE_MS } = PEER_LIMITS
/** Connections that have not said hello yet. */
const MAX_STRANGERS = 32

/** `banned`: we refuse it. The message says what happened and what to do. */
export interface ConnectError {
  readonly kind: 'connect'
  readonly code: TransportError['code'] | HandshakeError['code'] | 'banned' | 'closing'
  readonly message: string
  /** What the other side said instead of hello, where it was that. */
  readonly goodbye?: GoodbyeCode
}

export interface ConnectorOptions {
  readonly transport: Transport
  readonly reputation: Reputation
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly maxInbound: number
  readonly admission: Admission
  /** What we say, but for the two random numbers. */
  readonly hello: () => Omit<Hello, 'type' | 'instance' | 'nonce'>
  /** A peer to be served from now on: it must put its own handlers on the channel before it returns. */
  readonly onPeer: (peer: Peer) => void
  /** A peer whose place another connection to it is about to take; `remove` it. */
  readonly onReplaced: (peer: Peer) => void
  /** A peer that has to make room for another who came in: hang up on it. */
  readonly onEvicted: (peer: Peer) => void
  /** What became of a dial. */
  readonly onDialled?: (endpoint: HostPort, error: ConnectError | undefined) => void
}

/** Turns connections into peers: admission, handshake, and one connection a member. */
export class Connector {
  readonly peers = new Map<string, Peer>()
  readonly #options: ConnectorOptions
  readonly #instance: bigint
  readonly #strangers = new Set<Connection>()
  /** For draws that nobody can foresee. */
  readonly #secret: Uint8Array
  #closed = false

  constructor(options: ConnectorOptions) {
    this.#options = options
    this.#instance = this.random64()
    this.#secret = options.random.bytes(32)
  }

  random64(): bigint {
    return bytesToBigInt(this.#options.random.bytes(8))
  }

  close(): void {
    this.#closed = true
    for (const connection of this.#strangers) connection.close('closing')
  }

  /** Whether a connection from this address may come in. */
  admit(host: string): boolean {
    return this.#mayStay(host) && this.#options.admission.mayTry(host)
  }

  #mayStay(host: string): boolean {
    const { reputation, admission } = this.#options
    if (this.#closed || reputation.banned(undefined, host)) return false
    const inbound = [...this.#strangers, ...[...this.peers.values()].map((peer) => peer.channel.connection)].filter(({ direction }) => direction === 'in')
    const hosts = inbound.map(({ remote }) => remote.host)
    return admission.hasRoom(host, hosts)
  }

  /** Takes a connection that came in. */
  accept(connection: Connection): void {
    // Asked again: many that dial at once are all let in before the first of them has done with TLS.
    if (!this.#mayStay(connection.remote.host)) {
      connection.close('no room')
      return
    }
    this.#makeRoomForStranger()
    this.#strangers.add(connection)
    this.#shake(connection, undefined, false, (result) => {
      this.#strangers.delete(connection)
      if (!result.ok) this.#options.log.debug('a connection came to nothing', { from: formatHostPort(connection.remote), why: result.error.message })
    })
  }

  /** Dials a member. Resolves once it is a peer (it may have been one already). */
  async dial(endpoint: HostPort, manual: boolean, signal?: AbortSignal): Promise<Result<Peer, ConnectError>> {
    const dialled = await this.#dial(endpoint, manual, signal)
    this.#options.onDialled?.(endpoint, dialled.ok ? undefined : dialled.error)
    return dialled
  }

  async #dial(endpoint: HostPort, manual: boolean, signal?: AbortSignal): Promise<Result<Peer, ConnectError>> {
    const { transport, reputation } = this.#options
    const connected = await transport.connect(endpoint, { timeoutMs: DIAL_MS, ...(signal ? { signal } : {}) })
    if (!connected.ok) return err({ kind: 'connect', code: connected.error.code, message: connected.error.message })
    const connection = connected.value
    const fail = (code: ConnectError['code'], message: string) => {
      connection.close(message)
      return err({ kind: 'connect', code, message } as const)
    }
    if (this.#closed) return fail('closing', 'This member is shutting down.')
    const ban = reputation.banned(connection.remoteId, connection.remote.host)
    if (ban) return fail('banned', `${formatHostPort(endpoint)} is banned until ${new Date(ban.until).toISOString()} (${ban.reason}): lift the ban to connect.`)
    this.#strangers.add(connection)
    const shaken = await new Promise<Result<Peer, HandshakeError>>((resolve) => this.#shake(connection, endpoint, manual, resolve))
    this.#strangers.delete(connection)
    if (shaken.ok) return shaken
    const existing = this.peers.get(connection.remoteId)
    if (existing && shaken.error.goodbye === 'duplicate') return ok(existing)
    const { code, message, goodbye } = shaken.error
    return err({ kind: 'connect', code, message, ...(goodbye === undefined ? {} : { goodbye }) })
  }

  /** Forgets a peer whose connection has ended. */
  remove(peer: Peer): boolean {
    return this.peers.get(peer.memberId) === peer && this.peers.delete(peer.memberId)
  }

  #shake(connection: Connection, dialled: HostPort | undefined, manual: boolean, done: (result: Result<Peer, HandshakeError>) => void): void {
    const { clock, transport } = this.#options
    const hello: Hello = { ...this.#options.hello(), type: 'hello', instance: this.#instance, nonce: this.random64() }
    const terms = { memberId: transport.memberId, hello, clock, timeoutMs: HANDSHAKE_MS, refuse: (theirs: Hello) => this.#refuse(connection, theirs) }
    shakeHands(connection, terms, (result) => {
      if (!result.ok) return done(result)
      if (isProbe(result.value.hello)) return done(this.#letProbe(result.value))
      const dialNonce = dialled ? hello.nonce : result.value.hello.nonce
      done(ok(this.#welcome(result.value, dialled, manual, dialNonce)))
    })
  }

  /** Of connections that came in. */
  #refuse(connection: Connection, theirs: Hello): { readonly code: GoodbyeCode; readonly reason: string } | undefined {
    const { reputation, maxInbound } = this.#options
    if (this.#closed) return { code: 'closing', reason: 'shutting down' }
    const ban = reputation.banned(connection.remoteId, connection.remote.host)
    if (ban) return { code: 'banned', reason: ban.reason }
    if (isProbe(theirs)) return undefined
    const existing = this.peers.get(connection.remoteId)
    if (existing) {
      if (this.#replaces('in', theirs, theirs.nonce, existing)) return undefined
      // Why does it dial again? The connection that we know may have died with its sleep, or in its other network.
      existing.doubt()
      return { code: 'duplicate', reason: 'connected already' }
    }
    const inbound = [...this.peers.values()].filter((peer) => peer.direction === 'in')
    return inbound.length < maxInbound || this.#evict(inbound) ? undefined : { code: 'full', reason: 'no room for another peer' }
  }

  /** Has one of those who came in make room. False when none has to. */
  #evict(inbound: readonly Peer[]): boolean {
    const candidates = inbound.flatMap((peer) => candidateOf(peer) ?? [])
    const peer = this.peers.get(chooseEviction(candidates, this.#secret) ?? '')
    if (!peer) return false
    this.#options.onEvicted(peer)
    return true
  }

  /** Of too many who have not said hello, the first of the most numerous group goes: who only waits keeps nobody out. */
  #makeRoomForStranger(): void {
    const strangers = [...this.#strangers].filter(({ direction }) => direction === 'in')
    if (strangers.length < MAX_STRANGERS) return
    const groupOf = ({ remote }: Connection) => addressGroup(remote.host) ?? addressOwner(remote.host)
    const groups = new Map<string, Connection[]>()
    for (const one of strangers) groups.set(groupOf(one), [...(groups.get(groupOf(one)) ?? []), one])
    const [crowd] = [...groups.values()].sort((a, b) => b.length - a.length)
    const first = crowd?.[0]
    if (!first) return
    this.#strangers.delete(first)
    first.close('too many who have not said hello')
  }

  /** A probe has seen who we are: it is given a moment to leave. */
  #letProbe({ channel }: Handshake): Result<Peer, HandshakeError> {
    const cancel = this.#options.clock.after(PROBE_MS, () => channel.goodbye('timeout', 'a probe says goodbye'))
    const end = () => {
      cancel()
      channel.connection.close('a probe has ended')
    }
    channel.handlers = { message: end, unknown() {}, malformed: end, closed: cancel }
    return err({ kind: 'handshake', code: 'closed', message: 'It only looked who is here.' })
  }

  #welcome({ channel, hello, version }: Handshake, dialled: HostPort | undefined, manual: boolean, dialNonce: bigint): Peer {
    const { connection } = channel
    const existing = this.peers.get(connection.remoteId)
    if (existing && !this.#replaces(connection.direction, hello, dialNonce, existing)) {
      channel.goodbye('duplicate', 'connected already')
      return existing
    }
    const { host } = connection.remote
    const endpoint = dialled ?? (hello.listenPort > 0 ? { host, port: hello.listenPort } : undefined)
    const peer = new Peer({
      channel,
      hello,
      version,
      clock: this.#options.clock,
      random64: () => this.random64(),
      endpoint,
      manual: manual || (existing?.manual ?? false),
      dialNonce,
    })
    if (existing) {
      this.#options.onReplaced(existing)
      existing.goodbye('duplicate', 'another connection of ours is kept')
    }
    this.peers.set(peer.memberId, peer)
    this.#options.onPeer(peer)
    return peer
  }

  /**
   * Whether a new connection is kept and the old one closed. Both sides come to the same answer: a restarted member has
   * but the new one; else it is the one that the member with the lower id dialled; else the one with the lower nonce.
   */
  #replaces(direction: 'in' | 'out', hello: Hello, dialNonce: bigint, old: Peer): boolean {
    if (hello.instance !== old.hello.instance) return true
    if (direction === old.direction) return dialNonce < old.dialNonce
    const weAreLower = this.#options.transport.memberId < old.memberId
    return (direction === 'out') === weAreLower
  }
}

function isProbe(hello: Hello): boolean {
  return (hello.features & FEATURE.probe) !== 0
}
