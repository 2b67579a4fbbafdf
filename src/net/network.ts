import { Emitter } from '../util/events.ts'
import { rationed } from '../util/rationed-log.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { AddressBook, EndpointSource } from './address-book.ts'
import { Admission } from './admission.ts'
import { BodySync } from './body-sync.ts'
import { CheeseRelay } from './cheese-relay.ts'
import { ClockWatch } from './clock-watch.ts'
import { CompactOutbox } from './compact-outbox.ts'
import { type ConnectError, Connector } from './connector.ts'
import type { NetContext } from './context.ts'
import { Dialer } from './dialer.ts'
import { Directory } from './directory.ts'
import { dispatch, type Parts } from './dispatch.ts'
import { Doors } from './doors.ts'
import { Gossip } from './gossip.ts'
import { HeaderSync } from './header-sync.ts'
import { Judge } from './judge.ts'
import { Keeping } from './keeping.ts'
import { type GoodbyeCode, type Hello, LOWEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from './messages.ts'
import type { PortAnswer, PortKind } from './messages-members.ts'
import { LIMITS, type NetworkEvents, type NetworkOptions, type PeerInfo, type Seen } from './network-types.ts'
import { infoOf, News } from './news.ts'
import type { Peer } from './peer.ts'
import { PortCheck, type PortWord, portProbe } from './port-check.ts'
import { probe } from './probe.ts'
import { TransferRelay } from './relay.ts'
import type { Reputation } from './reputation.ts'
import { SyncMonitor } from './sync-monitor.ts'
import type { SyncStatus } from './sync-status.ts'
import type { HostPort, Listener, TransportError } from './transport.ts'

const TICK_MS = 1_000
/** For looking who answers at an address. */
const LOOK_MS = 10_000

export type { BookCounts, NetworkEvents, NetworkLimits, NetworkOptions, PeerInfo, Seen } from './network-types.ts'
export type { Ban, Offence } from './reputation.ts'

/** The members' network as one member sees it. */
export class Network extends Doors {
  readonly events: Emitter<NetworkEvents>
  readonly directory: Directory
  readonly #options: NetworkOptions
  readonly #keeping: Keeping
  readonly #book: AddressBook
  readonly #reputation: Reputation
  readonly #connector: Connector
  readonly #judge: Judge
  readonly #context: NetContext
  readonly #parts: Parts
  readonly #monitor: SyncMonitor
  readonly #dialer: Dialer
  readonly #news: News
  #listener: Listener | undefined
  #cancelTick: (() => void) | undefined
  #closed = false

  private constructor(options: NetworkOptions, keeping: Keeping) {
    super(
      keeping,
      () => this.#connector.peers.values(),
      (peer) => this.#drop(peer, 'banned', 'a person asked for it'),
    )
    const { params, transport, chain, mempool, clock, random, log } = options
    const limits = { ...LIMITS, ...options.limits }
    this.#options = options
    const { book, reputation } = keeping
    this.#keeping = keeping
    this.#book = book
    this.#reputation = reputation
    this.events = new Emitter((error) => log.error('a handler of a network event failed', { error: String(error) }))
    this.#news = new News(this.events)
    this.directory = new Directory({ memberId: transport.memberId, blueSmell: params.blueSmell, clock, verifier: options.verifier })
    this.#connector = new Connector({
      transport,
      reputation,
      clock,
      random,
      log,
      maxInbound: limits.inbound,
      admission: new Admission({ ...limits, clock, relaxed: params.network === 'regtest' }),
      hello: () => this.#hello(),
      onPeer: (peer) => this.#connected(peer),
      onReplaced: (peer) => this.#gone(peer, 'replaced by another connection'),
      onEvicted: (peer) => this.#drop(peer, 'full', 'another takes this place'),
      onDialled: (endpoint, error) => this.events.emit('dialled', { endpoint, error }),
    })
    this.#judge = new Judge({
      reputation,
      peers: this.#connector.peers,
      clock,
      log,
      onBanned: (peer, reason) => this.#drop(peer, 'banned', reason),
      onDoubt: (detail) => this.events.emit('doubt', { detail }),
    })
    const watch = new ClockWatch(clock, (offset) => this.events.emit('clock', { offset }))
    this.#context = {
      params,
      chain,
      mempool,
      clock,
      random,
      log,
      peers: this.#connector.peers,
      punish: (peer, fault, detail) => this.#judge.punish(peer, fault, detail),
      isSynced: () => this.#monitor.stage() === 'synced',
      // Regtest's cheeses have any times.
      sawNew: (smell, time) => params.network === 'regtest' || watch.saw(smell, time),
    }
    const transfers = new TransferRelay(this.#context)
    const compacts = new CompactOutbox(this.#context, transfers)
    const bodies: BodySync = new BodySync(this.#context, {
      header: (peer, header) => headers.onHeaders(peer, 0, [header]),
      spare: () => transfers.spare(),
      proven: (entry, body, fetched) => compacts.pushUnproven(entry, body, fetched),
    })
    const headers: HeaderSync = new HeaderSync(this.#context, (peer, entry) => bodies.shown(peer, entry))
    this.#monitor = new SyncMonitor(this.#context, headers, bodies)
    this.#parts = {
      headers,
      bodies,
      cheeses: new CheeseRelay(this.#context, compacts),
      transfers,
      gossip: new Gossip(this.#context, this.directory, book, () => options.card?.()),
      ports: new PortCheck(this.#context, portProbe(options)),
    }
    this.#dialer = new Dialer({
      context: this.#context,
      connector: this.#connector,
      book,
      banned: (memberId, host) => reputation.banned(memberId, host) !== undefined,
      target: limits.outbound,
      anchors: keeping.anchors.list,
      look: (endpoint, signal) => this.#lookAt(endpoint, signal),
      drop: (peer) => this.#drop(peer, 'other', 'another peer has more to give'),
    })
    this.directory.events.on('changed', (change) => this.events.emit('directory', change))
  }

  /** Listens and begins to dial. Fails only when it cannot listen. */
  static async open(options: NetworkOptions): Promise<Result<Network, TransportError>> {
    const { files, folder, clock, random, params } = options
    const log = rationed(options.log.child('net'), clock)
    let network: Network | undefined
    const nameOf = (memberId: string) => network?.directory.get(memberId)?.card.nickname ?? ''
    const keeping = await Keeping.open({ files, folder, clock, random, log, relaxed: params.network === 'regtest', nameOf })
    network = new Network({ ...options, log }, keeping)
    const listening = await network.#listen(options.listen)
    if (!listening.ok) {
      await network.close()
      return listening
    }
    for (const endpoint of options.peers ?? []) keeping.book.pin(endpoint)
    network.#tick()
    return ok(network)
  }

  /** Our id: hex of the SHA-256 of our network key. */
  get memberId(): string {
    return this.#options.transport.memberId
  }

  /** Where it really listens, or undefined when it does not. */
  get listenAddress(): HostPort | undefined {
    return this.#listener?.endpoint
  }

  /** Addresses of members that may be dialled. */
  get knownAddresses(): number {
    return this.#book.size
  }

  peers(): PeerInfo[] {
    return [...this.#connector.peers.values()].map((peer) => infoOf(peer, this.directory, this.#reputation))
  }

  sync(): SyncStatus {
    const status = this.#monitor.status()
    const nickname = (memberId: string) => this.directory.get(memberId)?.card.nickname ?? ''
    return { ...status, servers: status.servers.map((server) => ({ ...server, nickname: nickname(server.memberId) })) }
  }

  /** Dials an address that a person gave. Resolves after the handshake; the error says what happened and what to do. */
  async connect(endpoint: HostPort, signal?: AbortSignal): Promise<Result<PeerInfo, ConnectError>> {
    this.#book.add(endpoint, 'manual')
    this.#book.dialling(endpoint)
    const dialled = await this.#connector.dial(endpoint, true, signal)
    if (!dialled.ok) {
      if (dialled.error.code === 'self') this.#book.isOwn(endpoint)
      return err(dialled.error)
    }
    this.#book.succeeded(endpoint, dialled.value.memberId)
    return ok(infoOf(dialled.value, this.directory, this.#reputation))
  }

  /** Says goodbye to a peer. False when it is not connected. */
  disconnect(memberId: string): boolean {
    const peer = this.#connector.peers.get(memberId)
    if (!peer) return false
    this.#drop(peer, 'asked', 'a person asked for it')
    return true
  }

  /**
   * Notes addresses that may be dialled; those that must not be are left out.
   * @param from address or name of whoever tells of them (a tracker's): what one tells of is bounded together
   */
  addEndpoints(list: readonly (HostPort & { readonly memberId?: string })[], source: EndpointSource, from: string = source): void {
    for (const { memberId, ...endpoint } of list) if (memberId !== this.memberId) this.#book.add(endpoint, source, { memberId, from })
  }

  /** Takes a card from elsewhere (a tracker, whose address or name `from` is) into the directory. */
  async addCard(card: Uint8Array, from = 'tracker'): Promise<void> {
    await this.#parts.gossip.add(card, from)
  }

  /** Sends our card to everybody, if it changed. It is looked at once a second anyway. */
  shareCard(): void {
    this.#parts.gossip.shareOwn()
  }

  /** Announces a waiting transfer to every peer with its next batch, also to those that were told before. */
  broadcastTransfer(relayId: string): void {
    this.#parts.transfers.broadcast(relayId)
  }

  /** Connected peers that showed that they have a transfer (they announced it, gave it or asked for it), the first to show it first. */
  seenBy(relayId: string): readonly Seen[] {
    return this.#parts.transfers.seenBy(relayId)
  }

  /** Has peers of different address groups dial our `port` at the address that each of them sees; empty when nobody can be asked. */
  askAboutPort(port: number, what: PortKind = 'member'): Promise<PortWord[]> {
    return this.#parts.ports.ask(port, what)
  }

  /** What such peers found, all together. */
  checkPort(port: number, what: PortKind): Promise<PortAnswer> {
    return this.#parts.ports.check(port, what)
  }

  /** Says goodbye to everybody and writes what is to be kept. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#cancelTick?.()
    this.#dialer.stop()
    this.#connector.close()
    const { cheeses, transfers, bodies } = this.#parts
    cheeses.stop()
    transfers.stop()
    const connected = [...this.#connector.peers.values()]
    const ends = connected.map((peer) => {
      // Waited for, so that the goodbye gets out; the transport sees to it that this does not take long.
      const end = new Promise((resolve) => peer.channel.connection.events.on('close', resolve))
      peer.goodbye('closing', 'shutting down')
      this.#gone(peer, 'closing')
      return end
    })
    await bodies.stop()
    await Promise.all(ends)
    await this.#listener?.close()
    await this.#keeping.close(connected)
  }

  /** This machine slept, or is in another network: those who have gone are found out soon, and everybody may be dialled again at once. */
  onWake(): void {
    for (const peer of this.#connector.peers.values()) peer.doubt()
    this.#book.hurry()
    this.#dialer.tick()
  }

  /** Takes connections at another address from now on, or none. Peers that are connected stay. */
  async listenAt(listen: HostPort | undefined): Promise<Result<undefined, TransportError>> {
    await this.#listener?.close()
    this.#listener = undefined
    return this.#closed ? ok(undefined) : this.#listen(listen)
  }

  /** Hangs up on everybody; those that were dialled are dialled again, in the way that is taken now. */
  hangUp(reason: string): void {
    for (const peer of [...this.#connector.peers.values()]) {
      peer.goodbye('closing', reason)
      this.#gone(peer, reason)
    }
  }

  async #listen(listen: HostPort | undefined): Promise<Result<undefined, TransportError>> {
    const { transport } = this.#options
    if (!listen) return ok(undefined)
    const listening = await transport.listen({
      ...listen,
      admit: (host) => this.#connector.admit(host),
      onConnection: (connection) => this.#connector.accept(connection),
    })
    if (!listening.ok) return listening
    this.#listener = listening.value
    return ok(undefined)
  }

  #hello(): Omit<Hello, 'type' | 'instance' | 'nonce'> {
    const { params, chain, card, agent } = this.#options
    const { tip } = chain
    return {
      version: this.#options.protocolVersion ?? PROTOCOL_VERSION,
      lowestVersion: LOWEST_PROTOCOL_VERSION,
      network: params.network,
      blueSmell: params.blueSmell,
      features: 0,
      listenPort: this.#listener ? (this.#options.publicPort?.() ?? this.#listener.endpoint.port) : 0,
      height: tip.height,
      work: tip.work,
      tip: tip.smell,
      agent,
      card: card?.() ?? new Uint8Array(),
    }
  }

  #connected(peer: Peer): void {
    peer.channel.handlers = {
      message: (message) => dispatch(this.#context, this.#parts, peer, message),
      // By its bytes, too: a megabyte of nothing is no small message.
      unknown: (length) =>
        void (peer.limits.other.take(1 + Math.floor(length / 4096)) || (peer.limits.complaint.take() && this.#judge.punish(peer, 'spam', 'too many messages'))),
      malformed: (reason) => this.#judge.punish(peer, 'malformed', reason),
      closed: (reason) => this.#gone(peer, reason),
    }
    if (peer.endpoint && peer.direction === 'in') this.#book.add(peer.endpoint, 'peer', { memberId: peer.memberId, from: peer.remote.host })
    this.#options.log.info('connected to a member', {
      memberId: peer.memberId.slice(0, 16),
      endpoint: peer.endpointText,
      direction: peer.direction,
      height: peer.hello.height,
    })
    this.events.emit('peerConnected', infoOf(peer, this.directory, this.#reputation))
    const { gossip, headers, transfers, bodies } = this.#parts
    this.#safely(() => {
      gossip.connected(peer)
      transfers.connected(peer)
      headers.advance()
      bodies.pump()
      peer.tick()
      this.#news.sync(this.sync())
    })
  }

  /** What follows from peers that come and go reads the stack: what a disk has lost is no reason to end, and is tried again each second. */
  #safely(job: () => void): void {
    try {
      job()
    } catch (error) {
      this.#options.log.error('the network could not be looked at', { error: String(error) })
    }
  }

  #gone(peer: Peer, reason: string): void {
    const wasCurrent = this.#connector.remove(peer)
    const { headers, transfers, bodies, ports } = this.#parts
    for (const part of [ports, transfers, bodies, headers]) this.#safely(() => part.disconnected(peer))
    // Another connection to the same member may have taken its place already.
    if (!wasCurrent) return
    this.#options.log.info('a member has gone', { memberId: peer.memberId.slice(0, 16), reason })
    this.events.emit('peerDisconnected', { memberId: peer.memberId, reason })
    this.#safely(() => this.#news.sync(this.sync()))
  }

  #drop(peer: Peer, code: GoodbyeCode, reason: string): void {
    peer.goodbye(code, reason)
    this.#gone(peer, `${code}: ${reason}`)
  }

  async #lookAt(endpoint: HostPort, signal: AbortSignal): Promise<string | 'self' | undefined> {
    const { transport, params, clock, random } = this.#options
    const looked = await probe({ transport, endpoint, blueSmell: params.blueSmell, timeoutMs: LOOK_MS, clock, random, signal })
    if (!looked.ok) return undefined
    return looked.value.memberId === this.memberId ? 'self' : looked.value.memberId
  }

  #tick(): void {
    if (this.#closed) return
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => this.#tick())
    this.#safely(() => this.#look())
    this.#keeping.tick(this.#connector.peers.values())
  }

  #look(): void {
    this.#judge.tick()
    for (const peer of [...this.#connector.peers.values()]) {
      peer.tick()
      if (peer.channel.ended) this.#gone(peer, 'silent for too long')
    }
    const { headers, bodies, transfers, gossip } = this.#parts
    headers.tick()
    bodies.tick()
    transfers.tick()
    gossip.tick()
    this.#monitor.tick()
    this.#dialer.tick()
    this.#news.sync(this.sync())
    this.#news.peers(this.peers())
  }
}
