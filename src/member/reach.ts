import { Failure } from '../api/errors.ts'
import type { Alone, NetworkChoices, Reach as ReachView } from '../api/schemas-network.ts'
import type { MemberService } from '../api/service.ts'
import type { Params } from '../consensus/params.ts'
import type { Network } from '../net/network.ts'
import { formatHostPort, type HostPort } from '../net/transport.ts'
import { type Judgement, judge, type Word } from '../net/verdict.ts'
import { isLoopback, parseIp } from '../util/ip.ts'
import type { Clock, Logger } from '../util/ports.ts'
import { aloneBecause, type DialFailure } from './alone.ts'
import type { MemberOptions } from './options.ts'
import { parseProxy } from './proxy.ts'
import type { MemberSettings } from './settings.ts'
import type { Trackers } from './trackers.ts'

const MAX_FAILURES = 500
/** Networks come and go; they are looked at so often. */
const LOOK_MS = 5_000

/** How we get to others. */
export interface Way {
  /** Everything goes out through it; it can change at any time. */
  proxy: HostPort | undefined
}

export interface ReachDeps {
  readonly network: Network
  readonly trackers: Trackers
  readonly params: Params
  readonly settings: MemberSettings
  readonly clock: Clock
  readonly log: Logger
  /** What the host said, for this run alone. */
  readonly options: Pick<MemberOptions, 'portMapping' | 'lan' | 'proxy' | 'listenAsked'>
  readonly way: Way
  /** Where to listen, when we do. */
  readonly listen: HostPort
  /** This machine's addresses in the networks that it is in. */
  readonly addresses: () => readonly string[]
  /** Called when anything that `status` shows has changed. */
  readonly changed: () => void
}

/** Whether others can reach this member, why it is alone when it is, and what a person chose about that. */
export class Reach {
  readonly #deps: ReachDeps
  /** What became of the last dial of each address, since somebody was last connected. */
  readonly #failures = new Map<string, DialFailure>()
  readonly #stops: (() => void)[] = []
  #online = true
  #cameIn: number | undefined

  constructor(deps: ReachDeps) {
    this.#deps = deps
    const { network } = deps
    this.#stops.push(
      network.events.on('peerConnected', ({ direction }) => {
        this.#failures.clear()
        if (direction === 'in') this.#cameIn = deps.clock.now()
      }),
      network.events.on('dialled', ({ endpoint, error }) => {
        // Calling off is nobody's failure.
        if (error && error.code !== 'aborted' && error.code !== 'self' && this.#failures.size < MAX_FAILURES)
          this.#failures.set(formatHostPort(endpoint), error)
      }),
    )
    this.#look()
  }

  /** What a face shows of it. */
  status(): ReachView {
    const { verdict, words, repair, checkedAt, basis } = this.#judge()
    return {
      verdict,
      words,
      repair,
      checkedAt,
      basis,
      mapping: { state: 'off', by: null, external: null, error: null },
      lan: { on: false, found: 0 },
      proxy: this.#proxy,
    }
  }

  /** Whether others can dial us; null while nobody knows. */
  get reachable(): boolean | null {
    const { verdict } = this.#judge()
    return verdict === 'open' ? true : verdict === 'closed' ? false : null
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
        ...(proxy === undefined ? {} : { proxy: proxy === null ? null : `socks5://${formatHostPort(parsed?.value ?? { host: '', port: 0 })}` }),
      })
      if (proxy !== undefined) await this.#takeProxy(parsed?.value)
      this.#deps.changed()
      return this.choices
    },
    check: async () => {
      this.#deps.trackers.client.announceNow()
      return this.status()
    },
  }

  get #proxy(): string | null {
    const { proxy } = this.#deps.way
    return proxy ? formatHostPort(proxy) : null
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
    const listening = await network.listenAt(proxy && options.listenAsked !== true ? undefined : listen)
    if (!listening.ok) log.warn('no connections can be taken any more', { why: listening.error.message })
    trackers.client.announceNow()
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  #look(): void {
    const { clock, params, addresses, changed } = this.#deps
    // On regtest this machine is the world.
    const online = params.network === 'regtest' || addresses().length > 0
    if (online !== this.#online) {
      this.#online = online
      changed()
    }
    const off = clock.after(LOOK_MS, () => {
      this.#stops.splice(this.#stops.indexOf(off), 1)
      this.#look()
    })
    this.#stops.push(off)
  }

  #judge(): Judgement {
    const { network } = this.#deps
    return judge({
      port: network.listenAddress?.port,
      proxied: this.#deps.way.proxy !== undefined,
      online: this.#online,
      checking: false,
      words: this.#trackersSay(),
      cameIn: this.#cameIn,
      obstacle: undefined,
    })
  }

  /** A tracker on this machine, say our own, cannot tell what the world can reach; on regtest this machine is the world. */
  #trackersSay(): Word[] {
    const { trackers, params } = this.#deps
    return trackers.joined().flatMap(({ url, reachable, lastAnswer }): Word[] => {
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
      if (reachable === null || (params.network !== 'regtest' && isLoopback(parseIp(host) ?? new Uint8Array(4)))) return []
      return [{ from: 'tracker', group: host, answers: reachable, at: (lastAnswer ?? 0) * 1000 }]
    })
  }
}
