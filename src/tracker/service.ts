import { base64 } from '@scure/base'
import { type Card, checkCard } from '../net/card.ts'
import type { NetworkVerifier } from '../net/identity.ts'
import { TokenBuckets } from '../util/bucket.ts'
import { formatEndpoint, type IpBytes, isLoopback } from '../util/ip.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { type DialBack, DialBacks } from './dial-back.ts'
import {
  ANNOUNCE_SECONDS,
  Announce,
  type AnnounceAnswer,
  fromBase64,
  type ListedMember,
  MAX_SAMPLE,
  type MembersAnswer,
  normalizeHost,
  type TrackerErrorCode,
  verifyAnnounce,
} from './protocol.ts'
import { addressKey, type Entry, type Refusal, Registry } from './registry.ts'
import { Counters } from './stats.ts'

export interface TrackerTuning {
  /** Seconds between two announces of a member: a random number between these. 30–60 by default. */
  readonly interval?: { readonly min: number; readonly max: number }
  /** Seconds that a member may be late before it is forgotten. 30 by default. */
  readonly grace?: number
  /** Most members listed, of all networks. */
  readonly maxEntries?: number
  /** Most members listed from one IPv4 address or IPv6 /64. */
  readonly maxPerAddress?: number
  /** Requests from one address: at once, and a second from then on. */
  readonly rate?: { readonly burst: number; readonly perSecond: number }
  /** Members in an answer. */
  readonly sample?: number
  /** How long an announce waits for its own dial-back before it is answered without, milliseconds. */
  readonly dialBackWaitMs?: number
}

export interface ServiceOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly dialBack: DialBack
  readonly verifier?: NetworkVerifier | undefined
  /** The `HOST:PORT`s by which this tracker is known; announces for any other are refused. Left out: whatever the request's `Host` says. */
  readonly hosts?: readonly string[] | undefined
  readonly tuning?: TrackerTuning | undefined
  readonly onChange: () => void
}

/** Who asks, as the tracker sees it. */
export interface Asker {
  readonly ip: IpBytes
  /** The request's `Host`. */
  readonly host: string
}

/** What a tracker does, whatever carries the requests. */
export class TrackerService {
  readonly registry: Registry
  readonly dialBacks: DialBacks
  readonly counters = new Counters()
  readonly #options: ServiceOptions
  readonly #rates: TokenBuckets
  readonly #hosts: ReadonlySet<string> | undefined
  readonly #interval: { readonly min: number; readonly max: number }
  readonly #grace: number
  readonly #sample: number
  readonly #dialBackWaitMs: number

  constructor(options: ServiceOptions) {
    const tuning = options.tuning ?? {}
    this.#options = options
    this.#interval = tuning.interval ?? { min: 30, max: 60 }
    this.#grace = tuning.grace ?? 30
    this.#sample = Math.min(tuning.sample ?? 50, MAX_SAMPLE)
    this.#dialBackWaitMs = tuning.dialBackWaitMs ?? 3000
    this.#hosts = options.hosts && new Set(options.hosts.map(normalizeHost))
    this.#rates = new TokenBuckets(options.clock, tuning.rate ?? { burst: 60, perSecond: 2 })
    this.registry = new Registry(options.clock, options.random, { maxEntries: tuning.maxEntries ?? 10_000, maxPerAddress: tuning.maxPerAddress ?? 64 })
    this.dialBacks = new DialBacks(options)
  }

  /** Unix seconds. */
  get now(): number {
    return Math.floor(this.#options.clock.now() / 1000)
  }

  /** Whether this address may ask now. */
  mayAsk(ip: IpBytes): boolean {
    return this.#rates.take(addressKey(ip))
  }

  /** Forgets what has run out. To be called every second or so. */
  sweep(): void {
    if (this.registry.sweep().length > 0) this.#options.onChange()
    this.#rates.sweep()
    this.dialBacks.sweep()
  }

  /** Takes an announce in and answers it. `json` may be anything. */
  async announce(json: unknown, asker: Asker): Promise<Result<AnnounceAnswer, Refusal>> {
    const checked = this.#check(json, asker)
    if (!checked.ok) return checked
    const { announce, card } = checked.value
    const interval = Math.round((this.#interval.min + (this.#interval.max - this.#interval.min) * this.#options.random.fraction()) * 1000) / 1000
    const arrived = this.registry.arrive({
      card,
      event: announce.event,
      time: announce.time,
      host: announce.host,
      endpoint: { ip: asker.ip, port: announce.port },
      height: announce.height,
      keepMs: (interval + this.#grace) * 1000,
    })
    if (!arrived.ok) return arrived
    this.counters.announces++
    this.#options.onChange()
    const entry = arrived.value
    const reachable = entry ? await this.#reachable(entry) : null
    const network = entry?.network
    const members = network === undefined ? [] : this.registry.sample(network, Math.min(announce.want ?? this.#sample, this.#sample), entry?.key)
    return ok({
      now: this.now,
      interval,
      observed: formatEndpoint({ ip: asker.ip, port: announce.port }),
      reachable,
      others: network === undefined ? 0 : this.registry.count(network) - (this.registry.find(card) ? 1 : 0),
      members: members.map(listed),
    })
  }

  /** A random sample of a network (hex of its blue smell), without the member `without` (hex). */
  members(network: string, count: number, without?: string): MembersAnswer {
    this.counters.queries++
    const key = without === undefined ? undefined : `${without}${network}`
    return { now: this.now, total: this.registry.count(network), members: this.registry.sample(network, Math.min(count, this.#sample), key).map(listed) }
  }

  /** Everything that must hold before the table is touched, cheapest first. */
  #check(json: unknown, asker: Asker): Result<{ readonly announce: Announce; readonly card: Card }, Refusal> {
    const parsed = Announce.safeParse(json)
    if (!parsed.success) return refuse('bad-request', 'This is not an announce: see docs/protocol-tracker.md for its fields.')
    const announce = parsed.data
    if (!this.#isHere(announce.host, asker)) return refuse('wrong-host', 'This announce was made for another tracker.')
    if (Math.abs(announce.time - this.now) > ANNOUNCE_SECONDS)
      return refuse('wrong-time', `The announce is more than ${ANNOUNCE_SECONDS} seconds off the tracker’s clock.`)
    const bytes = fromBase64(announce.card)
    const card = bytes ? this.#card(bytes) : err({ message: 'it is not base64' })
    if (!card.ok) return refuse('bad-card', `The card is not good: ${card.error.message}.`)
    if (!verifyAnnounce(announce, card.value, this.#options.verifier)) return refuse('bad-signature', 'The announce is not signed by its member.')
    return ok({ announce, card: card.value })
  }

  #card(bytes: Uint8Array): Result<Card, { readonly message: string }> {
    return checkCard(bytes, { now: this.now, ...(this.#options.verifier ? { verifier: this.#options.verifier } : {}) })
  }

  #isHere(host: string, asker: Asker): boolean {
    return host === normalizeHost(host) && (this.#hosts ? this.#hosts.has(host) : host === normalizeHost(asker.host))
  }

  /** What is known after a dial-back, or before one that takes too long. */
  async #reachable(entry: Entry): Promise<boolean | null> {
    if (entry.endpoint.port === 0) return false
    const dialing = this.dialBacks.check(entry).then((reachable) => {
      if (reachable === undefined) return undefined
      const next = this.registry.setReachable(entry, reachable)
      if (next && next.reachable !== entry.reachable) this.#options.onChange()
      return reachable
    })
    let callOff: (() => void) | undefined
    const late = new Promise<undefined>((resolve) => {
      callOff = this.#options.clock.after(this.#dialBackWaitMs, () => resolve(undefined))
    })
    const reachable = await Promise.race([dialing, late])
    callOff?.()
    return reachable ?? this.registry.find(entry.card)?.reachable ?? null
  }
}

function listed(entry: Entry): ListedMember {
  return {
    card: base64.encode(entry.card.bytes),
    endpoint: formatEndpoint(entry.endpoint),
    atTracker: isLoopback(entry.endpoint.ip),
    reachable: entry.reachable,
    height: entry.height,
    lastSeen: Math.floor(entry.lastSeen / 1000),
  }
}

function refuse(code: TrackerErrorCode, message: string): { readonly ok: false; readonly error: Refusal } {
  return err({ code, message })
}
