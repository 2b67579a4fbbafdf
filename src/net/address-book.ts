import { BoundedSet } from '../util/bounded.ts'
import type { Files } from '../util/files.ts'
import { formatIp, isGlobal, parseIp } from '../util/ip.ts'
import { isObject } from '../util/json.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { addressGroup } from './address-group.ts'
import type { BookCounts } from './network-types.ts'
import { formatHostPort, type HostPort } from './transport.ts'

/**
 * Where an address came from. `manual`: a person typed it. `lan`: found in the own network, so it may be private.
 * `card`, `tracker`, `peer`: what strangers say; dialled only where it is globally routable and the port 1024 or above.
 */
export type EndpointSource = 'manual' | 'lan' | 'tracker' | 'card' | 'peer'
const SOURCES: readonly EndpointSource[] = ['manual', 'lan', 'tracker', 'card', 'peer']

const MAX_ENTRIES = 2_000
const LOWEST_PORT = 1024

interface Known extends HostPort {
  source: EndpointSource
  memberId: string | undefined
  /** Milliseconds since 1970; 0 = never. */
  lastSuccess: number
  lastTry: number
  /** Failures since the last success. */
  failures: number
  /** Not before this it is dialled again. */
  readyAt: number
  /** A person wants it redialled, also after a restart. */
  kept: boolean
}

export interface AddressBookOptions {
  readonly files: Files
  readonly path: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Regtest: loopback and private addresses are fine from everybody, and are redialled after seconds. */
  readonly relaxed: boolean
}

/** What a choice of whom to dial has to avoid. */
export interface Avoid {
  readonly endpoints: ReadonlySet<string>
  readonly memberIds: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
  readonly banned: (memberId: string | undefined, host: string) => boolean
}

/** The addresses that this member may dial, with what became of trying; kept across restarts. */
export class AddressBook {
  readonly #options: AddressBookOptions
  readonly #known = new Map<string, Known>()
  /** Always redialled in this run. */
  readonly #pinned = new Set<string>()
  readonly #own = new BoundedSet<string>(64)
  readonly #lastDialOfHost = new Map<string, number>()
  #dirty = false

  private constructor(options: AddressBookOptions) {
    this.#options = options
  }

  /** Reads what was kept; a file that cannot be understood counts as none. */
  static async open(options: AddressBookOptions): Promise<AddressBook> {
    const book = new AddressBook(options)
    try {
      const bytes = await options.files.read(options.path)
      if (bytes) book.#load(JSON.parse(new TextDecoder().decode(bytes)))
    } catch (error) {
      options.log.warn('the list of peers could not be read; starting with an empty one', { error: String(error) })
    }
    return book
  }

  get size(): number {
    return this.#known.size
  }

  /** Notes an address. False when it is one that must not be dialled, or is our own. */
  add(endpoint: HostPort, source: EndpointSource, memberId?: string): boolean {
    const clean = this.#clean(endpoint)
    const key = formatHostPort(clean)
    if (this.#own.has(key) || !this.#mayDial(clean, source)) return false
    const known = this.#known.get(key)
    if (known) {
      if (memberId !== undefined && known.lastSuccess === 0) known.memberId = memberId
      if (SOURCES.indexOf(source) < SOURCES.indexOf(known.source)) known.source = source
      return true
    }
    if (this.#known.size >= MAX_ENTRIES && !this.#makeRoom()) return false
    this.#known.set(key, { ...clean, source, memberId, lastSuccess: 0, lastTry: 0, failures: 0, readyAt: 0, kept: false })
    this.#dirty = true
    return true
  }

  /** An address that is redialled for as long as this program runs. */
  pin(endpoint: HostPort): void {
    if (this.add(endpoint, 'manual')) this.#pinned.add(formatHostPort(this.#clean(endpoint)))
  }

  /** An address that is redialled until a person has it forgotten, after a restart too. False when it is none that can be dialled. */
  keep(endpoint: HostPort): boolean {
    this.pin(endpoint)
    const known = this.#known.get(formatHostPort(this.#clean(endpoint)))
    if (!known) return false
    known.kept = true
    this.#dirty = true
    return true
  }

  /** Redials an address no more. False when it was not kept. */
  forget(endpoint: HostPort): boolean {
    const key = formatHostPort(this.#clean(endpoint))
    const known = this.#known.get(key)
    const wasKept = this.#pinned.delete(key) || known?.kept === true
    if (known) known.kept = false
    this.#dirty = true
    return wasKept
  }

  /** Addresses that are redialled because a person said so. */
  kept(): HostPort[] {
    return [...this.#pinned].flatMap((key) => this.#known.get(key) ?? []).map(({ host, port }) => ({ host, port }))
  }

  counts(): BookCounts {
    const all = [...this.#known.values()]
    const tried = all.filter(({ lastSuccess }) => lastSuccess > 0).length
    return { fresh: all.length - tried, tried, groups: new Set(all.flatMap(({ host }) => addressGroup(host) ?? [])).size, anchors: 0 }
  }

  /** Pinned addresses that are due. */
  duePinned(avoid: Avoid): HostPort[] {
    const now = this.#options.clock.now()
    return [...this.#pinned]
      .map((key) => this.#known.get(key))
      .filter((known) => known !== undefined)
      .filter((known) => known.readyAt <= now && !this.#avoided(known, { ...avoid, groups: new Set() }))
  }

  /** Whom to dial next, or undefined when nobody is due. Tried and untried ones have the same chance, whatever their numbers. */
  choose(avoid: Avoid): HostPort | undefined {
    const now = this.#options.clock.now()
    const due = [...this.#known.values()].filter((known) => known.readyAt <= now && this.#hostIsDue(known, now) && !this.#avoided(known, avoid))
    const tried = due.filter((known) => known.lastSuccess > 0)
    const fresh = due.filter((known) => known.lastSuccess === 0)
    const { random } = this.#options
    const pool = tried.length > 0 && (fresh.length === 0 || random.fraction() < 0.5) ? tried : fresh
    return pool[Math.floor(random.fraction() * pool.length)]
  }

  /** To be called when a dial begins: the next try is put off, longer after each failure, with jitter. */
  dialling(endpoint: HostPort): void {
    const known = this.#known.get(formatHostPort(this.#clean(endpoint)))
    if (!known) return
    const { clock, random } = this.#options
    known.lastTry = clock.now()
    known.failures++
    const [base, most] = this.#pace(known)
    known.readyAt = known.lastTry + Math.min(most, base * 2 ** Math.min(20, known.failures - 1)) * (0.75 + 0.5 * random.fraction())
    this.#lastDialOfHost.set(known.host, known.lastTry)
    if (this.#lastDialOfHost.size > MAX_ENTRIES) this.#lastDialOfHost.clear()
    this.#dirty = true
  }

  /** A member answered there. */
  succeeded(endpoint: HostPort, memberId: string): void {
    const known = this.#known.get(formatHostPort(this.#clean(endpoint)))
    if (!known) return
    known.lastSuccess = this.#options.clock.now()
    known.failures = 0
    known.memberId = memberId
    known.readyAt = known.lastSuccess + this.#pace(known)[0]
    this.#dirty = true
  }

  /** It is ourselves who answer there: forgotten, and not taken up again. */
  isOwn(endpoint: HostPort): void {
    const key = formatHostPort(this.#clean(endpoint))
    this.#own.add(key)
    this.#known.delete(key)
    this.#pinned.delete(key)
    this.#dirty = true
  }

  /** Writes what changed since the last time. Never throws: the list can be found anew. */
  async save(): Promise<void> {
    if (!this.#dirty) return
    this.#dirty = false
    const endpoints = [...this.#known.values()].map(({ readyAt: _, ...kept }) => kept)
    try {
      await this.#options.files.write(this.#options.path, new TextEncoder().encode(`${JSON.stringify({ schema: 1, endpoints }, null, 1)}\n`))
    } catch (error) {
      this.#dirty = true
      this.#options.log.warn('the list of peers could not be written', { error: String(error) })
    }
  }

  /** Shortest and longest wait between tries, milliseconds. */
  #pace(known: Known): readonly [base: number, most: number] {
    if (this.#options.relaxed) return [1_000, 3_000]
    return this.#pinned.has(formatHostPort(known)) ? [2_000, 60_000] : [60_000, 4 * 3600_000]
  }

  #hostIsDue(known: Known, now: number): boolean {
    return this.#options.relaxed || now - (this.#lastDialOfHost.get(known.host) ?? -Infinity) >= 60_000
  }

  #avoided(known: Known, avoid: Avoid): boolean {
    // Who lives there is known once somebody has answered: before that it is a stranger's word, and could keep us from a good address.
    const memberId = known.lastSuccess > 0 || this.#options.relaxed ? known.memberId : undefined
    if (avoid.endpoints.has(formatHostPort(known)) || (memberId !== undefined && avoid.memberIds.has(memberId))) return true
    const group = addressGroup(known.host)
    return (group !== undefined && avoid.groups.has(group)) || avoid.banned(memberId, known.host)
  }

  #mayDial({ host, port }: HostPort, source: EndpointSource): boolean {
    if (port < 1 || port > 65535 || host === '' || host.length > 253) return false
    if (source === 'manual') return true
    const ip = parseIp(host)
    if (!ip) return false
    return this.#options.relaxed || (port >= LOWEST_PORT && (source === 'lan' || isGlobal(ip)))
  }

  #makeRoom(): boolean {
    let worst: Known | undefined
    for (const [key, known] of this.#known) {
      if (this.#pinned.has(key) || known.source === 'manual') continue
      if (!worst || isWorse(known, worst)) worst = known
    }
    return worst !== undefined && this.#known.delete(formatHostPort(worst))
  }

  #clean({ host, port }: HostPort): HostPort {
    const ip = parseIp(host)
    return { host: ip ? formatIp(ip) : host.toLowerCase(), port }
  }

  #load(data: unknown): void {
    const endpoints = isObject(data) && data.schema === 1 && Array.isArray(data.endpoints) ? data.endpoints.slice(0, MAX_ENTRIES) : []
    for (const item of endpoints) {
      if (!isObject(item) || typeof item.host !== 'string' || typeof item.port !== 'number' || !Number.isInteger(item.port)) continue
      const source = SOURCES.find((s) => s === item.source)
      if (!source || !this.add({ host: item.host, port: item.port }, source)) continue
      const known = this.#known.get(formatHostPort(this.#clean({ host: item.host, port: item.port })))
      if (!known) continue
      known.memberId = typeof item.memberId === 'string' ? item.memberId : undefined
      known.lastSuccess = typeof item.lastSuccess === 'number' ? item.lastSuccess : 0
      known.lastTry = typeof item.lastTry === 'number' ? item.lastTry : 0
      known.failures = typeof item.failures === 'number' ? Math.min(8, item.failures) : 0
      if (item.kept === true) this.keep(known)
    }
    this.#dirty = false
  }
}

/** Whether `a` is to go before `b`: what never answered first, then what failed more often, then what answered longer ago. */
function isWorse(a: Known, b: Known): boolean {
  const [never, bNever] = [a.lastSuccess === 0, b.lastSuccess === 0]
  if (never !== bNever) return never
  return a.failures > b.failures || (a.failures === b.failures && a.lastSuccess < b.lastSuccess)
}
