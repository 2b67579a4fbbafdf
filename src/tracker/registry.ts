import { type Card, isCardFresh, replacesCard } from '../net/card.ts'
import { toHex } from '../util/bytes.ts'
import { type Endpoint, formatIp, type IpBytes } from '../util/ip.ts'
import type { Clock, Random } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { ANNOUNCE_SECONDS, type AnnounceEvent, type TrackerErrorCode } from './protocol.ts'

/** A member that is online, as the tracker sees it. */
export interface Entry {
  readonly key: string
  readonly card: Card
  /** Hex of the blue cheese's smell. */
  readonly network: string
  /** The observed address and the announced port. */
  readonly endpoint: Endpoint
  readonly height: number
  /** Milliseconds since 1970: the last announce, and when the entry is forgotten. */
  readonly lastSeen: number
  readonly expiresAt: number
  /** Whether a dial-back succeeded; null while none has been tried since it came or moved. */
  readonly reachable: boolean | null
  /** The name by which it dials this tracker. */
  readonly host: string
}

/** An announce whose card and signature are good. */
export interface Arrival {
  readonly card: Card
  readonly event: AnnounceEvent
  readonly time: number
  readonly host: string
  readonly endpoint: Endpoint
  readonly height: number
  /** Milliseconds after which it is forgotten if nothing more is heard. */
  readonly keepMs: number
}

export interface RegistryLimits {
  readonly maxEntries: number
  /** Entries from one IPv4 address or one IPv6 /64. */
  readonly maxPerAddress: number
}

export interface Refusal {
  readonly code: TrackerErrorCode
  readonly message: string
}

/** The table of members that are online, of all networks. Pure: no sockets, no timers. */
export class Registry {
  readonly #clock: Clock
  readonly #random: Random
  readonly #limits: RegistryLimits
  readonly #entries = new Map<string, Entry>()
  readonly #byNetwork = new Map<string, Set<string>>()
  readonly #byAddress = new Map<string, number>()
  /** Time of each member's last announce, kept as long as that announce could be played again. */
  readonly #lastTimes = new Map<string, number>()

  constructor(clock: Clock, random: Random, limits: RegistryLimits) {
    this.#clock = clock
    this.#random = random
    this.#limits = limits
  }

  get size(): number {
    return this.#entries.size
  }

  /** The members of a network, or all, latest first. */
  list(network?: string): Entry[] {
    return [...this.#entries.values()].filter((e) => network === undefined || e.network === network).sort((a, b) => b.lastSeen - a.lastSeen)
  }

  networks(): string[] {
    return [...this.#byNetwork.keys()]
  }

  count(network: string): number {
    return this.#byNetwork.get(network)?.size ?? 0
  }

  find(card: Pick<Card, 'memberId' | 'blueSmell'>): Entry | undefined {
    return this.#entries.get(keyOf(card))
  }

  /** Takes an announce in: the new entry, undefined when the member said goodbye, or why it is refused. */
  arrive(arrival: Arrival): Result<Entry | undefined, Refusal> {
    const { card, time } = arrival
    const key = keyOf(card)
    const now = this.#clock.now()
    const old = this.#entries.get(key)
    if (time <= (this.#lastTimes.get(key) ?? -1)) return refuse('replayed', 'This announce is not newer than the last one of this member.')
    // Another tracker could pass on what was signed for it: under its own name and from its own address it can move nobody away from here.
    const foreign = old !== undefined && old.host !== arrival.host && addressKey(old.endpoint.ip) !== addressKey(arrival.endpoint.ip)
    if (foreign && (old.reachable === true || arrival.event === 'stopped'))
      return refuse('wrong-host', 'This member announces itself here under another name of the tracker.')
    if (arrival.event === 'stopped') {
      // A stranger with endless keys must not fill the memory with goodbyes of members that were never here.
      if (old || this.#lastTimes.has(key)) this.#lastTimes.set(key, time)
      this.#remove(key)
      return ok(undefined)
    }
    if (old && old.card.hash !== card.hash && !replacesCard(card, old.card)) return refuse('old-card', 'A newer card of this member is known.')
    const full = this.#roomFor(arrival, old)
    if (full) return { ok: false, error: full }
    this.#lastTimes.set(key, time)
    const stays = old !== undefined && sameEndpoint(old.endpoint, arrival.endpoint)
    const entry: Entry = {
      key,
      card,
      network: toHex(card.blueSmell),
      endpoint: arrival.endpoint,
      height: arrival.height,
      lastSeen: now,
      expiresAt: now + arrival.keepMs,
      reachable: arrival.endpoint.port === 0 ? false : stays ? old.reachable : null,
      host: arrival.host,
    }
    this.#remove(key)
    this.#insert(entry)
    return ok(entry)
  }

  /** Notes what a dial-back of `entry` came to, if the entry is still the same member at the same place. */
  setReachable(entry: Entry, reachable: boolean): Entry | undefined {
    const current = this.#entries.get(entry.key)
    if (!current || !sameEndpoint(current.endpoint, entry.endpoint)) return undefined
    const next = { ...current, reachable }
    this.#entries.set(entry.key, next)
    return next
  }

  /** A random sample of at most `count` of a network, never the asker. */
  sample(network: string, count: number, without?: string): Entry[] {
    const pool = [...(this.#byNetwork.get(network) ?? [])].filter((key) => key !== without)
    const picked: Entry[] = []
    for (let i = 0; i < Math.min(pool.length, count); i++) {
      const j = i + Math.floor(this.#random.fraction() * (pool.length - i))
      picked.push(this.#entries.get(pool[j] as string) as Entry)
      pool[j] = pool[i] as string
    }
    return picked
  }

  /** Forgets who missed its time, whose card ran out, and announces too old to be played again. Returns who went. */
  sweep(): Entry[] {
    const now = this.#clock.now()
    const gone = [...this.#entries.values()].filter((e) => e.expiresAt <= now || !isCardFresh(e.card, Math.floor(now / 1000)))
    for (const entry of gone) this.#remove(entry.key)
    for (const [key, time] of this.#lastTimes) {
      if (!this.#entries.has(key) && now / 1000 > time + ANNOUNCE_SECONDS + 1) this.#lastTimes.delete(key)
    }
    return gone
  }

  #roomFor(arrival: Arrival, old: Entry | undefined): Refusal | undefined {
    const address = addressKey(arrival.endpoint.ip)
    const moves = !old || addressKey(old.endpoint.ip) !== address
    if (moves && (this.#byAddress.get(address) ?? 0) >= this.#limits.maxPerAddress) {
      return { code: 'too-many', message: 'Too many members are listed from this address already: try again later.' }
    }
    // Those who left are remembered for a few minutes, and so count for a while too.
    const full = !old && (this.#entries.size >= this.#limits.maxEntries || this.#lastTimes.size >= 4 * this.#limits.maxEntries)
    return full ? { code: 'full', message: 'This tracker is full: try again later, or use another tracker.' } : undefined
  }

  #insert(entry: Entry): void {
    this.#entries.set(entry.key, entry)
    const network = this.#byNetwork.get(entry.network) ?? new Set()
    this.#byNetwork.set(entry.network, network.add(entry.key))
    const address = addressKey(entry.endpoint.ip)
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#entries.delete(key)
    const network = this.#byNetwork.get(entry.network)
    network?.delete(key)
    if (network?.size === 0) this.#byNetwork.delete(entry.network)
    const address = addressKey(entry.endpoint.ip)
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
  }
}

/** What limits count by: an IPv4 address, or an IPv6 /64, which one household has whole. */
export function addressKey(ip: IpBytes): string {
  return ip.length === 4 ? formatIp(ip) : `${toHex(ip.subarray(0, 8))}::/64`
}

/** The registry's key of a member on its network. */
export function keyOf(card: Pick<Card, 'memberId' | 'blueSmell'>): string {
  return `${card.memberId}${toHex(card.blueSmell)}`
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && formatIp(a.ip) === formatIp(b.ip)
}

function refuse(code: TrackerErrorCode, message: string): { readonly ok: false; readonly error: Refusal } {
  return err({ code, message })
}
