import type { NetworkVerifier } from '../net/identity.ts'
import { TokenBuckets } from '../util/bucket.ts'
import { formatEndpoint, type IpBytes, parseIp } from '../util/ip.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { ok, type Result } from '../util/result.ts'
import { type AnnounceCheckOptions, checkAnnounce } from './announce.ts'
import type { AnnounceListing, MembersListing } from './answer-json.ts'
import { type DialBack, DialBacks } from './dial-back.ts'
import { Admission, addressKey, subnetKey } from './places.ts'
import { MAX_SAMPLE, normalizeHost } from './protocol.ts'
import { SessionHost } from './session-host.ts'
import { Counters } from './stats.ts'
import type { Entry, MemberTable, Refusal, TableLimits } from './table.ts'

export interface TrackerTuning {
  /** Seconds between two announces of a member: a random number between these. 30–60 by default. */
  readonly interval?: { readonly min: number; readonly max: number }
  /** Seconds that a member may be late before it is forgotten. 30 by default. */
  readonly grace?: number
  /** Most members listed, of all networks. 10,000 by default. */
  readonly maxEntries?: number
  /** Most members listed from one IPv4 address or IPv6 /64. 64 by default. */
  readonly maxPerAddress?: number
  /** Most members listed from one IPv4 /24 or IPv6 /48. 256 by default. */
  readonly maxPerSubnet?: number
  /** Requests from one address: at once, and a second from then on. A subnet may have eight times as many. */
  readonly rate?: { readonly burst: number; readonly perSecond: number }
  /** Members in an answer. 50 by default. */
  readonly sample?: number
  /** Members in an answer within a session, where there are more than an answer tells. 15 by default. */
  readonly updateSample?: number
  /** How long an announce waits for its own dial-back before it is answered without, milliseconds. */
  readonly dialBackWaitMs?: number
}

const DEFAULT_RATE = { burst: 60, perSecond: 2 }
const SUBNET_RATE = 8

/** Announces a minute that several trackers together take from an address and from a subnet: what one of them takes at most. */
export function sharedRates(rate: NonNullable<TrackerTuning['rate']> = DEFAULT_RATE): { readonly address: number; readonly subnet: number } {
  const address = Math.ceil(rate.burst + 60 * rate.perSecond)
  return { address, subnet: SUBNET_RATE * address }
}

/** The limits of a table with this tuning. */
export function tableLimits(tuning: TrackerTuning = {}): TableLimits {
  return { maxEntries: tuning.maxEntries ?? 10_000, maxPerAddress: tuning.maxPerAddress ?? 64, maxPerSubnet: tuning.maxPerSubnet ?? 256 }
}

export interface ServiceOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly table: MemberTable
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
  readonly table: MemberTable
  readonly dialBacks: DialBacks
  readonly counters = new Counters()
  readonly #options: ServiceOptions
  readonly #checking: AnnounceCheckOptions
  readonly #perAddress: TokenBuckets
  readonly #perSubnet: TokenBuckets
  readonly #interval: { readonly min: number; readonly max: number }
  readonly #grace: number
  readonly #sample: number
  readonly #updateSample: number
  readonly #dialBackWaitMs: number
  #admission = new Admission()
  #admissionChanged = false

  constructor(options: ServiceOptions) {
    const tuning = options.tuning ?? {}
    this.#options = options
    this.table = options.table
    this.#interval = tuning.interval ?? { min: 30, max: 60 }
    this.#grace = tuning.grace ?? 30
    this.#sample = Math.min(tuning.sample ?? 50, MAX_SAMPLE)
    this.#updateSample = tuning.updateSample ?? 15
    this.#dialBackWaitMs = tuning.dialBackWaitMs ?? 3000
    const rate = tuning.rate ?? DEFAULT_RATE
    this.#perAddress = new TokenBuckets(options.clock, rate)
    this.#perSubnet = new TokenBuckets(options.clock, { burst: SUBNET_RATE * rate.burst, perSecond: SUBNET_RATE * rate.perSecond })
    this.#checking = {
      table: this.table,
      sessions: new SessionHost(),
      verifier: options.verifier,
      hosts: options.hosts && new Set(options.hosts.map(normalizeHost)),
    }
    this.dialBacks = new DialBacks({ ...options, onVerdict: options.onChange })
  }

  /** Unix seconds. */
  get now(): number {
    return Math.floor(this.#options.clock.now() / 1000)
  }

  /** From now on serves those alone whom `admission` admits; others who are listed go at the next sweep. */
  admit(admission: Admission): void {
    this.#admission = admission
    this.#admissionChanged = true
  }

  /** Why this address is not answered now, or undefined when it is. */
  turnedAway(ip: IpBytes): 'not-admitted' | 'too-many' | undefined {
    if (!this.#admission.admits(ip)) return 'not-admitted'
    return this.#perAddress.take(addressKey(ip)) && this.#perSubnet.take(subnetKey(ip)) ? undefined : 'too-many'
  }

  /** Forgets what has run out. To be called every second or so. */
  async sweep(): Promise<void> {
    const admission = this.#admissionChanged ? this.#admission : undefined
    this.#admissionChanged = false
    this.#perAddress.sweep()
    this.#perSubnet.sweep()
    this.dialBacks.sweep()
    const went = await this.table.sweep(admission && (({ ip }) => admission.admits(parseIp(ip) ?? new Uint8Array(4))))
    if (went) this.#options.onChange()
  }

  /** Takes an announce in and answers it. `json` may be anything. */
  async announce(json: unknown, asker: Asker): Promise<Result<AnnounceListing, Refusal>> {
    const checked = await checkAnnounce(json, asker.host, this.now, this.#checking)
    if (!checked.ok) return checked
    const { want, opens, inSession, ...announce } = checked.value
    const interval = Math.round((this.#interval.min + (this.#interval.max - this.#interval.min) * this.#options.random.fraction()) * 1000) / 1000
    const keepMs = (interval + this.#grace) * 1000
    // Whoever announces itself on and on meets new ones with each answer, and needs no thirty kilobytes of them each time.
    const count = Math.min(want ?? (inSession ? this.#updateSample : this.#sample), this.#sample)
    const all = want === undefined ? this.#sample : 0
    const arrived = await this.table.arrive({ ...announce, ip: asker.ip, keepMs }, count, all)
    if (!arrived.ok) return arrived
    this.counters.announces++
    this.#options.onChange()
    const { entry, others, members } = arrived.value
    return ok({
      now: this.now,
      interval,
      observed: formatEndpoint({ ip: asker.ip, port: announce.port }),
      reachable: entry ? await this.#reachable(entry) : null,
      others,
      members,
      ...(entry && opens ? { session: opens } : {}),
    })
  }

  /** A random sample of a network (hex of its blue smell), without the member `without` (hex). */
  async members(network: string, count: number, without?: string): Promise<MembersListing> {
    this.counters.queries++
    const { total, members } = await this.table.sample(network, Math.min(count, this.#sample), without)
    return { now: this.now, total, members }
  }

  /** What is known of a member; of one that was never dialled at its place, what a dial-back says within a moment. */
  async #reachable(entry: Entry): Promise<boolean | null> {
    if (entry.port === 0) return false
    const before = entry.reachable
    const dialing = this.dialBacks.check(entry).catch((error: unknown) => {
      this.#options.log.error('a dial-back failed', { error })
      return undefined
    })
    if (before !== null) return before
    let callOff: (() => void) | undefined
    const late = new Promise<undefined>((resolve) => {
      callOff = this.#options.clock.after(this.#dialBackWaitMs, () => resolve(undefined))
    })
    const reachable = await Promise.race([dialing, late])
    callOff?.()
    return reachable ?? null
  }
}
