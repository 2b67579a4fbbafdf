import type { Key } from '../../../src/chain/testing/maker.ts'
import type { Params } from '../../../src/consensus/types.ts'
import { memberIdOf } from '../../../src/net/identity.ts'
import { MemoryInternet } from '../../../src/platform/memory-transport.ts'
import { openMemoryStore } from '../../../src/platform/store-memory.ts'
import { type Logger, silent } from '../../../src/util/ports.ts'
import { type History, makeHistory } from './history.ts'
import { identityOf, sharedNetworkVerifier } from './identity.ts'
import { Lines } from './lines.ts'
import { type Shared, SimMember } from './member.ts'
import { Mining } from './mining.ts'
import { accounts, sharedVerifier } from './money.ts'
import { Observer } from './observer.ts'
import { Dice } from './random.ts'
import { SPACING, simulationParams, USUAL_WORK } from './rules.ts'
import { SimTracker } from './tracker.ts'
import { VirtualClock } from './virtual-time.ts'
import { Wallets } from './wallets.ts'

export interface WorldOptions {
  readonly members: number
  readonly seed: number
  /** Share of members behind a router that lets nobody in. */
  readonly closed?: number
  readonly log?: Logger
}

/** Share of members that nobody can dial: about what public networks see without port mapping. */
export const CLOSED = 0.4
/** Members start one after the other in this time. */
const START_MS = 60_000
const TRACKER_HOST = '94.130.1.1'
const MOST_ACCOUNTS = 250

/** Hash rate of all members together, tries a second: a cheese a minute at the usual work. */
const HASH_RATE = USUAL_WORK / SPACING

/** A whole network on a virtual clock: members with lines all over the world, a tracker, miners and people who pay. */
export class World {
  readonly clock: VirtualClock
  readonly params: Params
  readonly dice: Dice
  readonly lines: Lines
  readonly internet: MemoryInternet
  readonly observer: Observer
  readonly mining: Mining
  readonly wallets: Wallets
  readonly tracker: SimTracker
  readonly members: SimMember[] = []
  readonly keys: readonly Key[]
  readonly history: History
  readonly shared: Shared
  readonly #byId = new Map<string, SimMember>()
  readonly #hosts = new Set<string>([TRACKER_HOST])
  readonly #closedHosts = new Set<string>()
  readonly #options: WorldOptions

  private constructor(
    options: WorldOptions,
    made: { readonly clock: VirtualClock; readonly params: Params; readonly keys: readonly Key[]; readonly history: History },
  ) {
    const { clock, params, keys, history } = made
    this.#options = options
    this.clock = clock
    this.params = params
    this.keys = keys
    this.history = history
    this.dice = new Dice(options.seed)
    this.observer = new Observer(clock)
    this.lines = new Lines(clock, this.dice.fork('lines'), this.observer.tap, (host) => this.#closedHosts.has(host))
    this.internet = new MemoryInternet({ clock, wire: this.lines })
    this.mining = new Mining(clock, this.dice.fork('mining'), this.observer)
    this.lines.place(TRACKER_HOST, true)
    const networkVerifier = sharedNetworkVerifier()
    this.tracker = new SimTracker({
      host: TRACKER_HOST,
      clock,
      dice: this.dice.fork('tracker'),
      lines: this.lines,
      internet: this.internet,
      memberId: memberIdOf(identityOf('tracker').spki),
      verifier: networkVerifier,
    })
    const { internet, tracker } = this
    this.shared = { clock, params, internet, verifier: sharedVerifier(clock), networkVerifier, log: options.log ?? silent, post: (host) => tracker.post(host) }
    this.wallets = new Wallets({ clock, dice: this.dice.fork('wallets'), params, observer: this.observer, homes: this.#homes })
  }

  readonly #homes: { key: Key; member: SimMember }[] = []

  /** A world whose members are there, and do not run yet. */
  static async make(options: WorldOptions): Promise<World> {
    const params = simulationParams()
    const keys = accounts(Math.min(MOST_ACCOUNTS, Math.max(20, options.members)))
    const history = await makeHistory(params, keys, sharedVerifier(new VirtualClock(0)))
    const clock = new VirtualClock((history.time + SPACING) * 1000)
    const world = new World(options, { clock, params, keys, history })
    await world.#populate()
    return world
  }

  /** A member that is not there yet; it has the usual stack, or none. */
  async newMember(name: string, hashRate: number, options: { readonly fresh?: boolean; readonly host?: string } = {}): Promise<SimMember> {
    const host = options.host ?? this.newHost()
    const store = options.fresh ? openMemoryStore() : await this.history.store()
    const member = new SimMember({ name, host, hashRate, store, dice: this.dice.fork(name) }, this.shared)
    if (this.dice.fork(`door of ${name}`).fraction() < (this.#options.closed ?? CLOSED)) this.#closedHosts.add(host)
    this.#byId.set(member.identity.memberId, member)
    this.members.push(member)
    return member
  }

  /** An address that nobody has, with a line. Some members share a /16, as neighbours do. */
  newHost(): string {
    const dice = this.dice.fork(`host ${this.#hosts.size}`)
    const groups = Math.max(40, Math.ceil(this.#options.members * 1.5))
    for (;;) {
      const group = dice.below(groups)
      const host = `${20 + Math.floor(group / 250)}.${group % 250}.${dice.below(250)}.${1 + dice.below(250)}`
      if (this.#hosts.has(host)) continue
      this.#hosts.add(host)
      this.lines.place(host)
      return host
    }
  }

  isClosed(member: SimMember): boolean {
    return this.#closedHosts.has(member.host)
  }

  /** Starts a member, which mines from then on if it can. */
  async switchOn(member: SimMember): Promise<void> {
    await member.start()
    this.observer.watch(member, (memberId) => this.nameOf(memberId))
    this.mining.join(member, this.rewardOf(member))
  }

  /** Ends a member: with goodbyes, or as when its power fails. */
  async switchOff(member: SimMember, crash = false): Promise<void> {
    this.mining.leave(member)
    if (crash) this.lines.power(member.host, false)
    await member.stop(crash)
    if (crash) this.lines.power(member.host, true)
  }

  nameOf(memberId: string): string {
    return this.#byId.get(memberId)?.name ?? `stranger ${memberId.slice(0, 8)}`
  }

  isMember(memberId: string): boolean {
    return this.#byId.has(memberId)
  }

  /** What a member's cheeses pay: one of the accounts. */
  rewardOf(member: SimMember): Uint8Array {
    return (this.keys[this.members.indexOf(member) % this.keys.length] as Key).address
  }

  get on(): SimMember[] {
    return this.members.filter(({ isOn }) => isOn)
  }

  /** Starts all members within a minute, and waits until they have found each other. */
  async begin(): Promise<void> {
    const dice = this.dice.fork('begin')
    const starting = this.members.map(async (member) => {
      await this.clock.wait(dice.between(0, START_MS))
      await this.switchOn(member)
    })
    await this.settle(Promise.all(starting), 'all members start')
  }

  /** Lets so much time pass. */
  async run(ms: number): Promise<void> {
    await this.clock.run(this.clock.exact + ms)
  }

  /** Lets time pass until a promise has settled. */
  settle<T>(promise: Promise<T>, what: string, ms?: number): Promise<T> {
    return this.clock.settle(promise, what, ms)
  }

  /** Lets time pass until `condition` holds, looking every `everyMs`; milliseconds that it took, or undefined when it does not within `ms`. */
  async until(condition: () => boolean, ms: number, everyMs = 500): Promise<number | undefined> {
    const began = this.clock.exact
    while (!condition()) {
      if (this.clock.exact - began >= ms) return undefined
      await this.run(everyMs)
    }
    return this.clock.exact - began
  }

  /** Whether all of these have one tip. */
  agree(members: readonly SimMember[] = this.on): boolean {
    return new Set(members.map(({ session }) => session?.stack.tip.smell)).size <= 1
  }

  async close(): Promise<void> {
    this.mining.stop()
    this.wallets.stop()
    await this.settle(Promise.all(this.on.map((member) => member.stop())), 'all members stop')
    this.tracker.stop()
  }

  async #populate(): Promise<void> {
    const { members } = this.#options
    // A few mine most, most mine a little, and half do not mine.
    const dice = this.dice.fork('hash rates')
    const weights = Array.from({ length: members }, (_, i) => (i % 2 === 0 ? 1 / (0.02 + dice.fraction()) : 0))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    for (const [i, weight] of weights.entries()) await this.newMember(`member ${i}`, (HASH_RATE * weight) / total)
    for (const [i, key] of this.keys.entries()) this.#homes.push({ key, member: this.members[i % members] as SimMember })
  }
}
