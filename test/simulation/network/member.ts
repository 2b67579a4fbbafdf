import { CheeseStack } from '../../../src/chain/stack.ts'
import type { Verifier } from '../../../src/chain/verifier.ts'
import type { Params } from '../../../src/consensus/types.ts'
import { OwnCard } from '../../../src/member/own-card.ts'
import { Mempool } from '../../../src/mempool/mempool.ts'
import { chainPort, mempoolPort } from '../../../src/net/adapters.ts'
import type { Identity, NetworkVerifier } from '../../../src/net/identity.ts'
import { Network } from '../../../src/net/network.ts'
import { memoryFiles } from '../../../src/net/testing/world.ts'
import type { MemoryInternet } from '../../../src/platform/memory-transport.ts'
import { TrackerClient } from '../../../src/tracker/client.ts'
import type { Post } from '../../../src/tracker/post.ts'
import type { Files } from '../../../src/util/files.ts'
import { formatIp, parseEndpoint } from '../../../src/util/ip.ts'
import { type Logger, silent } from '../../../src/util/ports.ts'
import type { Store } from '../../../src/util/store.ts'
import { identityOf } from './identity.ts'
import type { Dice } from './random.ts'
import type { VirtualClock } from './virtual-time.ts'

export const PORT = 9875
export const TRACKER_URL = 'http://tracker.example:9876'

/** What all members of a world share. */
export interface Shared {
  readonly clock: VirtualClock
  readonly params: Params
  readonly internet: MemoryInternet
  readonly verifier: Verifier
  readonly networkVerifier: NetworkVerifier
  readonly log: Logger
  /** How a host reaches the tracker. */
  readonly post: (host: string) => Post
}

export interface MemberSpec {
  readonly name: string
  readonly host: string
  /** What its machine tries, in tries a second. */
  readonly hashRate: number
  /** Begins with a stack that has this. */
  readonly store: Store
  readonly dice: Dice
}

/** What is open while a member runs. */
export interface Session {
  readonly stack: CheeseStack
  readonly mempool: Mempool
  readonly network: Network
  readonly tracker: TrackerClient
  readonly store: Store
}

/** A member with its data folder, which runs or not: the real parts, put together as src/member does it, without wallet and miner. */
export class SimMember {
  readonly name: string
  readonly host: string
  readonly identity: Identity
  readonly hashRate: number
  session: Session | undefined
  readonly #shared: Shared
  readonly #store: Store
  readonly #dice: Dice
  readonly #files: Files = memoryFiles()
  #ownCard: OwnCard | undefined
  #starts = 0
  #snapshot: Uint8Array | undefined

  constructor(spec: MemberSpec, shared: Shared) {
    this.name = spec.name
    this.host = spec.host
    this.hashRate = spec.hashRate
    this.identity = identityOf(spec.name)
    this.#store = spec.store
    this.#dice = spec.dice
    this.#shared = shared
  }

  get isOn(): boolean {
    return this.session !== undefined
  }

  get synced(): boolean {
    return this.session?.network.sync().stage === 'synced'
  }

  /** Opens everything on its data folder. */
  async start(): Promise<Session> {
    const { clock, params, internet, verifier, networkVerifier, log, post } = this.#shared
    let verified: (relayId: string) => boolean = () => false
    const stack = await CheeseStack.open({ store: this.#store, params, clock, log: silent, verifier, isVerified: (id) => verified(id) })
    const chain = { height: () => stack.tip.height, account: (address: Uint8Array) => stack.account(address) }
    const mempool = new Mempool({ params, chain, verifier, clock })
    verified = (relayId) => mempool.wasVerified(relayId)
    if (this.#snapshot) await mempool.restore(this.#snapshot)
    stack.events.on('tip', (change) => mempool.handleTip(change))
    const ownCard = new OwnCard({
      identity: this.identity,
      params,
      clock,
      software: 'cheese-stack simulated',
      certificate: () => undefined,
      nickname: () => this.name,
      height: () => stack.tip.height,
    })
    this.#ownCard = ownCard
    const opened = await Network.open({
      params,
      transport: internet.transport(this.identity.memberId, this.host),
      listen: { host: '0.0.0.0', port: PORT },
      chain: chainPort(stack),
      mempool: mempoolPort(mempool),
      clock,
      random: this.#dice.fork(`network ${this.#starts}`),
      log: log.child(this.name),
      files: this.#files,
      folder: '/net',
      card: () => ownCard.current().bytes,
      agent: 'simulated',
      verifier: networkVerifier,
    })
    if (!opened.ok) throw new Error(opened.error.message)
    const network = opened.value
    const tracker = new TrackerClient({
      self: { identity: this.identity, card: () => ownCard.current(), port: () => PORT, height: () => stack.tip.height },
      params,
      clock,
      random: this.#dice.fork(`tracker ${this.#starts}`),
      log: silent,
      post: post(this.host),
      verifier: networkVerifier,
    })
    this.#starts++
    this.session = { stack, mempool, network, tracker, store: this.#store }
    this.#follow(this.session, ownCard)
    tracker.join(TRACKER_URL)
    return this.session
  }

  /** Closes everything. `crash`: nothing that it says gets out (its host is to be switched off before), and its mempool is lost. */
  async stop(crash = false): Promise<void> {
    const { session } = this
    if (!session) return
    this.session = undefined
    this.#snapshot = crash ? undefined : session.mempool.snapshot()
    await Promise.all([session.tracker.close(1_000), session.network.close()])
    await session.stack.close()
  }

  /** As src/member/member.ts does with what trackers tell. */
  #follow({ tracker, network }: Session, ownCard: OwnCard): void {
    tracker.events.on('members', () => {
      for (const { card, endpoint, dialable } of tracker.members()) {
        void network.addCard(card.bytes)
        if (endpoint && dialable) network.addEndpoints([{ host: formatIp(endpoint.ip), port: endpoint.port, memberId: card.memberId }], 'tracker')
      }
    })
    tracker.events.on('state', () => {
      const seen = tracker.states().flatMap(({ observed, reachable }) => (observed !== null && reachable === true ? [observed] : []))
      if (!ownCard.setEndpoints([...new Set(seen)].flatMap((text) => parseEndpoint(text) ?? []))) return
      network.shareCard()
      tracker.announceNow()
    })
  }

  /** Its card as it shows it now. */
  get card(): Uint8Array | undefined {
    return this.#ownCard?.current().bytes
  }
}
