import { BoundedMap } from '../util/bounded.ts'
import { formatIp, parseIp } from '../util/ip.ts'
import type { Clock, Random } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { countNetwork } from './counts.ts'
import { Crowds } from './crowds.ts'
import { addressKey, subnetKey } from './places.ts'
import { ANNOUNCE_SECONDS, type TrackerErrorCode } from './protocol.ts'
import type { Arrival, Arrived, DialVerdict, Entry, Found, MemberTable, NetworkCount, Refusal, TableLimits } from './table.ts'

/** An entry while it is listed: it is changed in place, and knows where it stands in its network's list. */
type Listing = { -readonly [Field in keyof Entry]: Entry[Field] } & { at: number }

/** What of a table outlives its process. */
export interface TableDump {
  readonly entries: Iterable<Entry>
  readonly size: number
  /** Times of last announces of members that are gone, by network and member id. */
  readonly gone: Iterable<readonly [string, number]>
}

/** The table of members that are online, of all networks, in memory. Pure: no sockets, no timers. */
export class Registry implements MemberTable {
  readonly #clock: Clock
  readonly #random: Random
  readonly #limits: TableLimits
  /** By network, then by member id. */
  readonly #networks = new Map<string, { readonly byId: Map<string, Listing>; readonly list: Listing[] }>()
  readonly #addresses = new Map<string, number>()
  readonly #crowds = new Crowds<Listing>()
  /** Time of the last announce of members that are gone, as long as it could be played again. */
  readonly #gone: BoundedMap<string, number>
  readonly #dialed = new BoundedMap<string, number>(50_000)
  /** Texts that many entries share (names of the tracker, of networks, of software): kept once. */
  #texts = new Map<string, string>()
  #size = 0

  constructor(clock: Clock, random: Random, limits: TableLimits) {
    this.#clock = clock
    this.#random = random
    this.#limits = limits
    this.#gone = new BoundedMap(Math.max(1_000, 2 * limits.maxEntries))
  }

  get size(): number {
    return this.#size
  }

  count(network: string): number {
    return this.#networks.get(network)?.list.length ?? 0
  }

  networks(): string[] {
    return [...this.#networks.keys()]
  }

  find(network: string, memberId: string): Entry | undefined {
    return this.#networks.get(network)?.byId.get(memberId)
  }

  arrive(arrival: Arrival, want: number, all = 0): Result<Arrived, Refusal> {
    const { network, memberId } = arrival
    const old = this.#networks.get(network)?.byId.get(memberId)
    const refused = this.#refusal(arrival, old)
    if (refused) return { ok: false, error: refused }
    if (arrival.event === 'stopped') {
      // A stranger with endless keys must not fill the memory with goodbyes of members that were never here.
      if (old) this.#remove(old, arrival.time)
      else if (this.#gone.has(network + memberId)) this.#gone.set(network + memberId, arrival.time)
      return ok({ entry: undefined, others: 0, members: [] })
    }
    const full = this.#makeRoom(arrival, old)
    if (full) return { ok: false, error: full }
    const entry = this.#put(arrival, old)
    this.#gone.delete(network + memberId)
    const found = this.sample(network, this.count(network) <= all + 1 ? Math.max(want, all) : want, memberId)
    return ok({ entry, others: found.total - 1, members: found.members })
  }

  setReachable(place: Pick<Entry, 'network' | 'memberId' | 'ip' | 'port'>, verdict: DialVerdict): Entry | undefined {
    const current = this.#networks.get(place.network)?.byId.get(place.memberId)
    return current && current.ip === place.ip && current.port === place.port ? Object.assign(current, verdict) : undefined
  }

  claimDial(place: Pick<Entry, 'ip' | 'port'>, ms: number): boolean {
    const now = this.#clock.now()
    const name = `${place.ip} ${place.port}`
    if (now < (this.#dialed.get(name) ?? 0)) return false
    this.#dialed.set(name, now + ms)
    return true
  }

  sample(network: string, count: number, without?: string): Found {
    const list = this.#networks.get(network)?.list ?? []
    const members: Entry[] = []
    const pick = (entry: Listing) => {
      if (entry.memberId !== without) members.push(entry)
    }
    if (count * 2 >= list.length) {
      const pool = [...list]
      for (let i = 0; i < pool.length && members.length < count; i++) {
        const j = i + Math.floor(this.#random.fraction() * (pool.length - i))
        pick(pool[j] as Listing)
        pool[j] = pool[i] as Listing
      }
    } else {
      const taken = new Set<number>()
      while (members.length < count) {
        const i = Math.floor(this.#random.fraction() * list.length)
        if (taken.has(i)) continue
        taken.add(i)
        pick(list[i] as Listing)
      }
    }
    return { total: list.length, members }
  }

  counts(): NetworkCount[] {
    return [...this.#networks].map(([network, { list }]) => countNetwork(network, list)).sort((a, b) => b.members - a.members)
  }

  latest(network: string, limit: number): Entry[] {
    return [...(this.#networks.get(network)?.list ?? [])].sort((a, b) => b.lastSeen - a.lastSeen).slice(0, limit)
  }

  sweep(admits?: (entry: Entry) => boolean): boolean {
    const now = this.#clock.now()
    const before = this.#size
    for (const { list } of [...this.#networks.values()]) {
      // From the end: whoever goes is replaced by the last one, which was looked at already.
      for (let i = list.length - 1; i >= 0; i--) {
        const entry = list[i] as Listing
        if (entry.expiresAt <= now || Math.floor(now / 1000) > entry.cardUntil || admits?.(entry) === false) this.#remove(entry, entry.time)
      }
    }
    for (const [key, time] of this.#gone) if (now / 1000 > time + ANNOUNCE_SECONDS + 1) this.#gone.delete(key)
    for (const [place, until] of this.#dialed) if (until <= now) this.#dialed.delete(place)
    return this.#size !== before
  }

  /** Time of a member's last announce, as long as it could be played again. */
  lastTime(network: string, memberId: string): number {
    return this.#networks.get(network)?.byId.get(memberId)?.time ?? this.#gone.get(network + memberId) ?? -1
  }

  /** Lists an entry as another table has it, in place of what is here: nothing is asked but whether it is newer. Over the limit somebody else goes. */
  adopt(entry: Entry): void {
    const old = this.#networks.get(entry.network)?.byId.get(entry.memberId)
    if (old && old.time > entry.time) return
    if (old) this.#remove(old)
    else if (this.#size >= this.#limits.maxEntries) {
      const [first] = this.#crowds.greatest()
      if (first) this.#remove(first, first.time)
    }
    this.#insert({ ...entry, network: this.#shared(entry.network), host: this.#shared(entry.host), version: this.#shared(entry.version), at: 0 })
  }

  /** Forgets a member that said goodbye elsewhere at `time`. */
  forget(network: string, memberId: string, time: number): void {
    const old = this.#networks.get(network)?.byId.get(memberId)
    if (old && old.time <= time) this.#remove(old, time)
    else if (!old && time > (this.#gone.get(network + memberId) ?? time)) this.#gone.set(network + memberId, time)
  }

  /** Everything that a restart should not forget. */
  dump(): TableDump {
    return { entries: this.#all(), size: this.#size, gone: this.#gone }
  }

  /** Lists entries of an earlier process again, within the limits; what is listed already, or newer, stays. Returns how many came. */
  restore(entries: Iterable<Entry>, gone: Iterable<readonly [string, number]>): number {
    const before = this.#size
    for (const [key, time] of gone) this.#gone.set(key, time)
    for (const entry of entries) {
      const ip = parseIp(entry.ip)
      if (!ip || this.find(entry.network, entry.memberId) || this.#size >= this.#limits.maxEntries) continue
      if ((this.#addresses.get(addressKey(ip)) ?? 0) >= this.#limits.maxPerAddress || this.#crowds.count(subnetKey(ip)) >= this.#limits.maxPerSubnet) continue
      this.#insert({ ...entry, network: this.#shared(entry.network), host: this.#shared(entry.host), version: this.#shared(entry.version), at: 0 })
    }
    return this.#size - before
  }

  *#all(): Iterable<Entry> {
    for (const { list } of this.#networks.values()) yield* list
  }

  /** What speaks against an announce, before there is a question of room. */
  #refusal(arrival: Arrival, old: Listing | undefined): Refusal | undefined {
    const last = old?.time ?? this.#gone.get(arrival.network + arrival.memberId) ?? -1
    if (arrival.time <= last) return refusal('replayed', 'This announce is not newer than the last one of this member.')
    // Another tracker could pass on what was signed for it: under its own name and from its own address it can move nobody away from here.
    const foreign = old !== undefined && old.host !== arrival.host && addressKey(ipOf(old)) !== addressKey(arrival.ip)
    if (foreign && (old.reachable === true || arrival.event === 'stopped'))
      return refusal('wrong-host', 'This member announces itself here under another name of the tracker.')
    if (arrival.event !== 'stopped' && old && old.cardHash !== arrival.cardHash && arrival.cardTime <= old.cardTime)
      return refusal('old-card', 'A newer card of this member is known.')
    return undefined
  }

  /** Why there is no room for a newcomer, or for one that moves; makes some where that is fair. */
  #makeRoom(arrival: Arrival, old: Listing | undefined): Refusal | undefined {
    const address = addressKey(arrival.ip)
    const subnet = subnetKey(arrival.ip)
    const from = old && ipOf(old)
    if ((!from || addressKey(from) !== address) && (this.#addresses.get(address) ?? 0) >= this.#limits.maxPerAddress)
      return refusal('too-many', 'Too many members are listed from this address already: try again later.')
    const moves = !from || subnetKey(from) !== subnet
    if (moves && this.#crowds.count(subnet) >= this.#limits.maxPerSubnet)
      return refusal('too-many', 'Too many members are listed from this part of the network already: try again later.')
    if (old || this.#size < this.#limits.maxEntries) return undefined
    // Full: whoever comes from where few are listed takes the place of one from where most are, so that a crowd from one subnet pushes nobody out but itself.
    const crowd = this.#crowds.greatest()
    if (crowd.length <= this.#crowds.count(subnet) + 1) return refusal('full', 'This tracker is full: try again later, or use another tracker.')
    const goes = crowd.reduce((worst, entry) => (isWorse(entry, worst) ? entry : worst))
    this.#remove(goes, goes.time)
    return undefined
  }

  #put(arrival: Arrival, old: Listing | undefined): Entry {
    const now = this.#clock.now()
    const { memberId, card, cardHash, cardTime, cardUntil, port, height, time } = arrival
    const ip = formatIp(arrival.ip)
    const stays = old !== undefined && old.ip === ip && old.port === port
    const changed = {
      cardTime,
      cardUntil,
      height,
      time,
      lastSeen: now,
      expiresAt: now + arrival.keepMs,
      reachable: port === 0 ? false : stays ? old.reachable : null,
      dialAfter: stays ? old.dialAfter : 0,
      failures: stays ? old.failures : 0,
      version: this.#shared(arrival.version),
      host: this.#shared(arrival.host),
      session: arrival.session ?? old?.session ?? '',
    }
    if (old && old.cardHash !== cardHash) Object.assign(old, { card, cardHash })
    if (old && stays) return Object.assign(old, changed)
    const network = this.#shared(arrival.network)
    const entry: Listing = {
      memberId,
      network,
      card: old?.card ?? card,
      cardHash: old?.cardHash ?? cardHash,
      ip,
      port,
      since: old?.since ?? now,
      ...changed,
      at: 0,
    }
    if (old) this.#remove(old)
    this.#insert(entry)
    return entry
  }

  #shared(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size >= 1_000) this.#texts = new Map()
    this.#texts.set(text, text)
    return text
  }

  #insert(entry: Listing): void {
    const network = this.#networks.get(entry.network) ?? { byId: new Map<string, Listing>(), list: [] }
    this.#networks.set(entry.network, network)
    network.byId.set(entry.memberId, entry)
    entry.at = network.list.push(entry) - 1
    const ip = ipOf(entry)
    const address = addressKey(ip)
    this.#addresses.set(address, (this.#addresses.get(address) ?? 0) + 1)
    this.#crowds.add(subnetKey(ip), entry)
    this.#size++
  }

  /** @param time where given, announces up to it stay refused while they could be played again */
  #remove(entry: Listing, time?: number): void {
    const network = this.#networks.get(entry.network)
    if (network?.byId.get(entry.memberId) !== entry) return
    network.byId.delete(entry.memberId)
    const last = network.list.pop() as Listing
    if (last !== entry) {
      network.list[entry.at] = last
      last.at = entry.at
    }
    if (network.list.length === 0) this.#networks.delete(entry.network)
    const ip = ipOf(entry)
    const address = addressKey(ip)
    const left = (this.#addresses.get(address) ?? 1) - 1
    if (left > 0) this.#addresses.set(address, left)
    else this.#addresses.delete(address)
    this.#crowds.remove(subnetKey(ip), entry)
    this.#size--
    if (time !== undefined) this.#gone.set(entry.network + entry.memberId, time)
  }
}

function ipOf(entry: Pick<Entry, 'ip'>): Uint8Array {
  return parseIp(entry.ip) ?? new Uint8Array(4)
}

/** Of a crowd, whoever cannot be reached goes first, then whoever came last. */
function isWorse(entry: Entry, than: Entry): boolean {
  const reachable = entry.reachable === true
  return reachable === (than.reachable === true) ? entry.since > than.since : !reachable
}

function refusal(code: TrackerErrorCode, message: string): Refusal {
  return { code, message }
}

/** The same, for whoever refuses without a table. */
export function refuse(code: TrackerErrorCode, message: string): { readonly ok: false; readonly error: Refusal } {
  return err(refusal(code, message))
}
