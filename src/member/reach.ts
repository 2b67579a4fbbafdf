import { Failure } from '../api/errors.ts'
import type { Alone, NetworkChoices, Reach as ReachView } from '../api/schemas-network.ts'
import type { JoinedTracker } from '../api/schemas-tracker.ts'
import type { MemberService } from '../api/service.ts'
import type { Params } from '../consensus/params.ts'
import { Lan, type OpenLanWire } from '../net/lan.ts'
import type { Network } from '../net/network.ts'
import { ownAddresses, type Sighting } from '../net/own-address.ts'
import { PortKeeper } from '../net/port-keeper.ts'
import type { PortMapper } from '../net/port-mapping.ts'
import { formatHostPort, type HostPort } from '../net/transport.ts'
import { type Judgement, judge, type Word } from '../net/verdict.ts'
import { watchForWake } from '../net/wake-watch.ts'
import type { TrackerClient } from '../tracker/client.ts'
import { equalBytes } from '../util/bytes.ts'
import { type Endpoint, formatEndpoint, isGlobal, isLoopback, parseEndpoint, parseHostPort, parseIp } from '../util/ip.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { aloneBecause, type DialFailure } from './alone.ts'
import type { MemberOptions } from './options.ts'
import type { OwnCard } from './own-card.ts'
import { PortWords } from './port-words.ts'
import { parseProxy } from './proxy.ts'
import type { MemberSettings } from './settings.ts'

const MAX_FAILURES = 500
/** Others are asked so long after start: there must be some. On regtest everybody is near. */
const FIRST_LOOK_MS = { others: 20_000, regtest: 5_000 } as const
/** After waking up, so long for connections to come back. */
const AWAKE_MS = 10_000

/** How we get to others. */
export interface Way {
  /** Everything goes out through it; it can change at any time. */
  proxy: HostPort | undefined
}

export interface ReachDeps {
  readonly network: Network
  readonly trackers: { joined(): JoinedTracker[]; lookAgain(): void; readonly client: Pick<TrackerClient, 'states' | 'announceNow' | 'events'> }
  readonly ownCard: Pick<OwnCard, 'setEndpoints'>
  readonly params: Params
  readonly settings: Pick<MemberSettings, 'values' | 'change'>
  readonly memberId: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** What the host said, for this run alone. */
  readonly options: Pick<MemberOptions, 'portMapping' | 'lan' | 'proxy' | 'listenAsked' | 'wakes'>
  readonly way: Way
  /** Where to listen, when we do. */
  readonly listen: HostPort
  /** This machine's addresses in the networks that it is in. */
  readonly addresses: () => readonly string[]
  readonly mappers: readonly PortMapper[]
  readonly openLan: OpenLanWire
  /** Called when anything that `status` shows has changed. */
  readonly changed: () => void
}

/** Whether others can reach this member, and all that is done so that they can; why it is alone when it is; what a person chose about that. */
export class Reach {
  readonly #deps: ReachDeps
  readonly #keeper: PortKeeper
  readonly #lan: Lan
  readonly #words: PortWords
  /** What the host said, until a person chooses otherwise. */
  readonly #said: { portMapping?: boolean | undefined; lan?: boolean | undefined }
  /** What became of the last dial of each address, since somebody was last connected. */
  readonly #failures = new Map<string, DialFailure>()
  #stops: (() => void)[] = []
  #online = true
  #shown = ''
  #addresses: readonly string[] = []
  #cameIn: number | undefined

  constructor(deps: ReachDeps) {
    const { network, trackers, params, clock, random, log, options, memberId } = deps
    this.#deps = deps
    this.#said = { portMapping: options.portMapping, lan: options.lan }
    this.#keeper = new PortKeeper({ mappers: deps.mappers, clock, log, onChange: () => this.#update() })
    this.#lan = new Lan({
      open: deps.openLan,
      memberId,
      blueSmellHex: params.blueSmellHex,
      port: () => network.listenAddress?.port,
      clock,
      random,
      relaxed: this.#onRegtest,
      onFound: (found) => network.addEndpoints([found], 'lan'),
    })
    this.#words = new PortWords({
      clock,
      ask: (port) => network.askAboutPort(port),
      firstMs: this.#onRegtest ? FIRST_LOOK_MS.regtest : FIRST_LOOK_MS.others,
      onChange: () => this.#update(),
    })
    this.#stops.push(
      network.events.on('peerConnected', ({ direction, endpoint }) => {
        this.#failures.clear()
        if (direction === 'in' && this.#isOutside(endpoint)) this.#cameIn = clock.now()
      }),
      network.events.on('dialled', ({ endpoint, error }) => {
        // Calling off is nobody's failure.
        if (error && error.code !== 'aborted' && error.code !== 'self' && this.#failures.size < MAX_FAILURES)
          this.#failures.set(formatHostPort(endpoint), error)
      }),
      trackers.client.events.on('state', () => this.#update()),
      watchForWake({ clock, addresses: deps.addresses, onLook: (addresses) => this.#look(addresses), onWake: (why) => this.onWake(why) }),
      options.wakes?.(() => this.onWake('slept')) ?? (() => {}),
    )
    void this.#apply()
  }

  /** What a face shows of it. */
  status(): ReachView {
    const { verdict, words, repair, checkedAt, basis } = this.#judge()
    const { state, by, endpoints, error } = this.#keeper.state
    const [external] = endpoints
    return {
      verdict,
      words,
      repair,
      checkedAt,
      basis,
      mapping: { state, by, external: external ? formatEndpoint(external) : null, error },
      lan: { on: this.#lan.on, found: this.#lan.found },
      proxy: this.#proxy,
    }
  }

  /** Whether others can dial us; null while nobody knows. */
  get reachable(): boolean | null {
    const { verdict } = this.#judge()
    return verdict === 'open' ? true : verdict === 'closed' ? false : null
  }

  /** At which port others have to dial us: the router's, where it holds one open. undefined: they cannot. */
  get port(): number | undefined {
    const { listenAddress } = this.#deps.network
    const v4 = this.#keeper.state.endpoints.find(({ ip }) => ip.length === 4)
    return listenAddress && (v4?.port ?? listenAddress.port)
  }

  alone(): Alone | null {
    const { network, trackers } = this.#deps
    return aloneBecause({
      peers: network.peers().length,
      online: this.#online,
      proxy: this.#proxy,
      trackers: trackers.joined(),
      known: network.knownAddresses,
      bans: network.bans().length,
      failures: [...this.#failures.values()],
    })
  }

  get choices(): NetworkChoices {
    const { portMapping, lan, proxy } = this.#deps.settings.values
    return { portMapping, lan, proxy }
  }

  readonly service: MemberService['network'] = {
    choices: async () => this.choices,
    set: async ({ portMapping, lan, proxy }) => {
      const parsed = proxy == null ? undefined : parseProxy(proxy)
      if (parsed && !parsed.ok) throw new Failure('BAD_INPUT', parsed.error)
      await this.#deps.settings.change({
        ...(portMapping === undefined ? {} : { portMapping }),
        ...(lan === undefined ? {} : { lan }),
        ...(proxy === undefined ? {} : { proxy: parsed ? `socks5://${formatHostPort(parsed.value)}` : null }),
      })
      // What a person chooses now counts for more than how the program was started.
      if (portMapping !== undefined) this.#said.portMapping = undefined
      if (lan !== undefined) this.#said.lan = this.#onRegtest ? lan : undefined
      if (proxy !== undefined) await this.#takeProxy(parsed?.value)
      await this.#apply()
      this.#deps.changed()
      return this.choices
    },
    check: async () => {
      this.#keeper.again()
      this.#deps.trackers.client.announceNow()
      const { port } = this
      if (port !== undefined) await this.#words.ask(port)
      return this.status()
    },
  }

  /** This machine slept, or is in another network: what was known of the way to us may be wrong, and those who were connected may be gone. */
  onWake(why: 'slept' | 'moved'): void {
    const { network, trackers, log } = this.#deps
    log.info(why === 'slept' ? 'this machine slept' : 'this machine is in another network now')
    this.#failures.clear()
    this.#cameIn = undefined
    this.#words.forget(AWAKE_MS)
    network.onWake()
    trackers.client.announceNow()
    trackers.lookAgain()
    this.#keeper.again()
    this.#lan.again()
    this.#deps.changed()
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop()
    this.#stops = []
    await Promise.all([this.#keeper.close(), this.#lan.stop()])
  }

  /** Whether the router is to be asked for ports. Behind a proxy, what shows others where we are is done only when it was asked for by name. */
  get wantsMapping(): boolean {
    const { way, settings } = this.#deps
    const { portMapping } = this.#said
    return !this.#onRegtest && (way.proxy ? portMapping === true : (portMapping ?? settings.values.portMapping))
  }

  get #onRegtest(): boolean {
    return this.#deps.params.network === 'regtest'
  }

  get #proxy(): string | null {
    const { proxy } = this.#deps.way
    return proxy ? formatHostPort(proxy) : null
  }

  /** Does what was chosen. */
  async #apply(): Promise<void> {
    const { network, settings, way, trackers } = this.#deps
    const { listenAddress } = network
    const { lan } = this.#said
    const ip = parseIp(listenAddress?.host ?? '')
    // Who listens to this machine alone wants nobody else.
    const isOpen = listenAddress !== undefined && !(ip && isLoopback(ip))
    const wantsLan = way.proxy || this.#onRegtest ? lan === true : (lan ?? (isOpen && settings.values.lan))
    if (wantsLan) this.#lan.start()
    else await this.#lan.stop()
    trackers.lookAgain()
    await this.#keeper.keep(isOpen && this.wantsMapping ? listenAddress.port : undefined)
  }

  /** From now on everything goes out through `proxy`, or directly; what is open the other way is ended, so that nobody sees both. */
  async #takeProxy(proxy: HostPort | undefined): Promise<void> {
    const { network, trackers, way, listen, options, log } = this.#deps
    const before = this.#proxy
    way.proxy = proxy
    if (this.#proxy === before) return
    network.hangUp(proxy ? 'a proxy is used from now on' : 'the proxy is not used any more')
    this.#failures.clear()
    this.#cameIn = undefined
    this.#words.forget()
    const listening = await network.listenAt(proxy && options.listenAsked !== true ? undefined : listen)
    if (!listening.ok) log.warn('no connections can be taken any more', { why: listening.error.message })
    this.#update()
    network.onWake()
    trackers.client.announceNow()
  }

  #look(addresses: readonly string[]): void {
    this.#addresses = addresses
    // On regtest this machine is the world.
    this.#online = this.#onRegtest || addresses.length > 0
    const { verdict } = this.#judge()
    const { network } = this.#deps
    if (network.peers().length > 0) this.#words.tick(this.port, verdict === 'open' || verdict === 'closed')
    this.#update()
  }

  /** Where we can be dialled goes onto our card. */
  #update(): void {
    const { ownCard, network, trackers, changed } = this.#deps
    if (ownCard.setEndpoints(this.#endpoints())) {
      network.shareCard()
      trackers.client.announceNow()
    }
    const shown = JSON.stringify([this.status(), this.#online])
    if (shown !== this.#shown) changed()
    this.#shown = shown
  }

  #endpoints(): Endpoint[] {
    const { network } = this.#deps
    const { listenAddress } = network
    // One that a person named is taken for what it is.
    const listening = listenAddress && parseEndpoint(formatHostPort(listenAddress))
    const named = listening && (isGlobal(listening.ip) || (this.#onRegtest && isLoopback(listening.ip))) ? [listening] : []
    const told = ownAddresses({
      ports: listenAddress && { v4: this.port ?? listenAddress.port, v6: listenAddress.port },
      mapped: this.#keeper.state.endpoints,
      own: this.#addresses.flatMap((address) => parseIp(address) ?? []),
      sightings: [...this.#trackersSaw(), ...this.#words.sightings()],
      relaxed: this.#onRegtest,
    })
    return [...named, ...told.filter((one) => !named.some(({ ip }) => equalBytes(ip, one.ip)))]
  }

  #judge(): Judgement {
    return judge({
      port: this.port,
      proxied: this.#deps.way.proxy !== undefined,
      online: this.#online,
      checking: this.#words.asking,
      words: [...this.#trackersSay(), ...this.#words.words()],
      cameIn: this.#cameIn,
      obstacle: this.#keeper.state.error ?? undefined,
    })
  }

  /** Those trackers that can tell what the world sees: one on this machine, say our own, cannot; on regtest this machine is the world. */
  #tellingTrackers() {
    return this.#deps.trackers.client.states().flatMap(({ url, ...state }) => {
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
      return this.#onRegtest || !isLoopback(parseIp(host) ?? new Uint8Array(4)) ? [{ ...state, host }] : []
    })
  }

  #trackersSay(): Word[] {
    return this.#tellingTrackers().flatMap(({ host, reachable, lastAnswer }): Word[] =>
      reachable === null ? [] : [{ from: 'tracker', group: host, answers: reachable, at: (lastAnswer ?? 0) * 1000 }],
    )
  }

  #trackersSaw(): Sighting[] {
    return this.#tellingTrackers().flatMap(({ host, observed, reachable }) => {
      const seen = observed === null ? undefined : parseEndpoint(observed)
      return seen ? [{ ip: seen.ip, group: host, answers: reachable }] : []
    })
  }

  /** Whether somebody came from where all can come from: from the internet, on regtest from anywhere. */
  #isOutside(endpoint: string): boolean {
    const parsed = parseHostPort(endpoint)
    const ip = parsed.ok ? parseIp(parsed.value.host) : undefined
    return this.#onRegtest || (ip !== undefined && isGlobal(ip))
  }
}
