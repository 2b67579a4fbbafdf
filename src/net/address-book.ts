import { BoundedMap, BoundedSet } from '../util/bounded.ts'
import { concatBytes } from '../util/bytes.ts'
import type { Files } from '../util/files.ts'
import { formatIp, isGlobal, parseIp } from '../util/ip.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { readBook, type StoredBook, storedAddress, writeBook } from './address-book-file.ts'
import { addressGroup, addressOwner } from './address-group.ts'
import { AddressTables, type Known } from './address-tables.ts'
import { Nearby } from './nearby.ts'
import type { BookCounts } from './network-types.ts'
import { formatHostPort, type HostPort } from './transport.ts'

/**
 * Where an address came from. `manual`: a person typed it. `lan`: found in the own network, so it may be private.
 * `card`, `tracker`, `peer`: what strangers say; dialled only where it is globally routable and the port 1024 or above.
 */
export type EndpointSource = 'manual' | 'lan' | 'tracker' | 'card' | 'peer'

/** Who tells of an address, and what is said of it. */
export interface Told {
  /** Address or name of whoever tells: what one part of the internet tells of is bounded together. */
  readonly from?: string | undefined
  /** Who is said to live there. */
  readonly memberId?: string | undefined
}

const MAX_HOSTS = 4_096
const LOWEST_PORT = 1024
const HOST_PAUSE_MS = 60_000
/** How often one of the own network, or that a person once typed, is chosen before the strangers' addresses. */
const NEARBY_CHANCE = 0.25

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
  /** Whether there are enough of the own network. */
  readonly lan: boolean
  readonly banned: (memberId: string | undefined, host: string) => boolean
}

/** The addresses that this member may dial, with what became of trying; kept across restarts. */
export class AddressBook {
  readonly #options: AddressBookOptions
  readonly #secret: Uint8Array
  readonly #tables: AddressTables
  readonly #nearby = new Nearby()
  readonly #own = new BoundedSet<string>(64)
  readonly #lastDialOf = new BoundedMap<string, number>(MAX_HOSTS)
  /** When anybody answered at all: failures since then may be our own. */
  #lastGood = 1
  #savedAt = 0
  #saves = 0
  #dirty = false
  #isUrgent = false

  private constructor(options: AddressBookOptions, stored: StoredBook | undefined) {
    this.#options = options
    this.#secret = stored?.secret ?? options.random.bytes(32)
    this.#tables = new AddressTables(this.#secret, options.clock, options.random)
    if (stored) this.#restore(stored)
  }

  /** Reads what was kept; a file that cannot be understood counts as none. */
  static async open(options: AddressBookOptions): Promise<AddressBook> {
    let stored: StoredBook | undefined
    try {
      const bytes = await options.files.read(options.path)
      if (bytes) stored = readBook(bytes, options.clock.now())
    } catch (error) {
      options.log.warn('the list of peers could not be read; starting with an empty one', { error: String(error) })
    }
    return new AddressBook(options, stored)
  }

  get size(): number {
    return this.#tables.size + this.#nearby.size
  }

  /** Notes an address. False when it is one that must not be dialled, is our own, or finds no place. */
  add(endpoint: HostPort, source: EndpointSource, told: Told = {}): boolean {
    const clean = cleanEndpoint(endpoint)
    const key = formatHostPort(clean)
    if (this.#own.has(key) || !this.#mayDial(clean, source)) return false
    this.#dirty = true
    const now = this.#options.clock.now()
    const near = this.#nearby.get(key)
    const known = near ?? this.#tables.get(key)
    if (known && told.memberId !== undefined && known.lastSuccess === 0) known.memberId = told.memberId
    if (near && (source !== 'manual' || this.#nearby.isManual(key))) return true
    const entry = known ?? this.#entry(clean, key, told.memberId)
    if (source === 'manual' || source === 'lan') {
      this.#tables.remove(key)
      if (source === 'manual') this.#nearby.addManual(entry)
      else this.#nearby.addLan(entry)
      return true
    }
    return this.#tables.add({ ...entry, lastHeard: now }, sourceGroup(told.from)) !== undefined
  }

  /** Whether an address is known. */
  has(endpoint: HostPort): boolean {
    return this.#find(keyOf(endpoint)) !== undefined
  }

  /** An address that is redialled for as long as this program runs. */
  pin(endpoint: HostPort): void {
    if (this.add(endpoint, 'manual')) this.#nearby.pin(keyOf(endpoint))
  }

  /** An address that is redialled until a person has it forgotten, after a restart too. False when it is none that can be dialled. */
  keep(endpoint: HostPort): boolean {
    if (!this.add(endpoint, 'manual') || !this.#nearby.keep(keyOf(endpoint))) return false
    this.#isUrgent = true
    return true
  }

  /** Redials an address no more. False when it was not kept. */
  forget(endpoint: HostPort): boolean {
    const key = keyOf(endpoint)
    if (!this.#nearby.isPinned(key)) return false
    this.#isUrgent = true
    return this.#nearby.remove(key)
  }

  /** Addresses that are redialled because a person said so. */
  kept(): HostPort[] {
    return this.#nearby.pinned.map(({ host, port }) => ({ host, port }))
  }

  counts(): Omit<BookCounts, 'anchors'> {
    const near = [...this.#nearby.manual, ...this.#nearby.lan]
    const tried = this.#tables.tried + near.filter(({ lastSuccess }) => lastSuccess > 0).length
    const groups = new Set(near.flatMap(({ host }) => addressGroup(host) ?? []))
    for (const { known } of this.#tables) groups.add(known.group)
    return { fresh: this.size - tried, tried, groups: groups.size }
  }

  /** Pinned addresses that are due. */
  duePinned(avoid: () => Avoid): HostPort[] {
    const now = this.#options.clock.now()
    const due = this.#nearby.pinned.filter(({ readyAt }) => readyAt <= now)
    // Asked for once a second, and mostly for nothing.
    if (due.length === 0) return []
    const without = { ...avoid(), groups: new Set<string>(), lan: false }
    return due.filter((known) => !this.#avoided(known, without))
  }

  /** Whom to dial next, or undefined when nobody is due. Tried and untried ones have the same chance, whatever their numbers. */
  choose(avoid: Avoid): HostPort | undefined {
    const { random } = this.#options
    const due = (known: Known) => this.#isDue(known, avoid)
    const near = [...this.#nearby.manual, ...(avoid.lan ? [] : this.#nearby.lan)].filter(due)
    const nearby = near[Math.floor(random.fraction() * near.length)]
    if (nearby && random.fraction() < NEARBY_CHANCE) return nearby
    const [first, second] = random.fraction() < 0.5 ? (['tried', 'fresh'] as const) : (['fresh', 'tried'] as const)
    return this.#tables.choose(first, due) ?? this.#tables.choose(second, due) ?? nearby
  }

  /** Whom to look up shortly, only to learn whether somebody answers: one whose place another one wants, else (if `fresh`) one never tried. */
  chooseToTest(avoid: Avoid, fresh: boolean): HostPort | undefined {
    const test = this.#tables.toTest()
    const now = this.#options.clock.now()
    if (test && this.#hostIsDue(test, now) && !avoid.banned(undefined, test.host)) return test
    return fresh ? this.#tables.choose('fresh', (known) => this.#isDue(known, { ...avoid, groups: new Set() })) : undefined
  }

  /** To be called when a dial begins: the next try is put off, longer after each failure, with jitter. */
  dialling(endpoint: HostPort): void {
    const known = this.#find(keyOf(endpoint))
    if (!known) return
    const { clock, random } = this.#options
    known.lastTry = clock.now()
    if (known.lastCounted < this.#lastGood) {
      known.lastCounted = known.lastTry
      known.failures++
    }
    const tries = this.#nearby.isPinned(known.key) ? this.#nearby.tried(known.key) : known.failures
    const [base, most] = this.#pace(known)
    known.readyAt = known.lastTry + Math.min(most, base * 2 ** Math.min(20, Math.max(0, tries - 1))) * (0.75 + 0.5 * random.fraction())
    this.#lastDialOf.set(addressOwner(known.host), known.lastTry)
    this.#dirty = true
  }

  /** A member answered there, or is connected there still. */
  succeeded(endpoint: HostPort, memberId: string): void {
    const now = this.#options.clock.now()
    this.#lastGood = Math.max(this.#lastGood, now)
    const known = this.#find(keyOf(endpoint))
    if (!known) return
    known.lastSuccess = now
    known.lastHeard = now
    known.failures = 0
    known.memberId = memberId
    known.readyAt = now + this.#pace(known)[0]
    this.#nearby.untried(known.key)
    this.#tables.answered(known)
    this.#dirty = true
  }

  /** It is ourselves who answer there: forgotten, and not taken up again. */
  isOwn(endpoint: HostPort): void {
    const key = keyOf(endpoint)
    this.#own.add(key)
    this.#tables.remove(key)
    this.#nearby.remove(key)
    this.#dirty = true
  }

  /** We may have been away: everything may be dialled at once again, each address still once a minute. */
  hurry(): void {
    for (const known of [...this.#nearby.manual, ...this.#nearby.lan]) {
      known.readyAt = 0
      this.#nearby.untried(known.key)
    }
    for (const { known } of this.#tables) known.readyAt = 0
  }

  /** Writes what changed since the last time; a large book more rarely, unless `now`. Never throws: the list can be found anew. */
  async save(now = false): Promise<void> {
    const { clock, files, path, log } = this.#options
    const isEarly = !now && !this.#isUrgent && clock.now() - this.#savedAt < 10 * this.size
    if (isEarly || !(this.#dirty || this.#isUrgent)) return
    this.#savedAt = clock.now()
    this.#dirty = false
    this.#isUrgent = false
    const save = ++this.#saves
    const pieces: Uint8Array[] = []
    for (const piece of writeBook(this.#stored())) {
      // A large book is no reason to hold everything else up, but for the end of the program.
      if (pieces.length > 0 && !now) await new Promise<void>((resolve) => clock.after(0, resolve))
      pieces.push(piece)
    }
    // Another one that began later has newer things to say.
    if (save !== this.#saves) return
    try {
      await files.write(path, concatBytes(...pieces), { secret: true })
    } catch (error) {
      this.#dirty = true
      log.warn('the list of peers could not be written', { error: String(error) })
    }
  }

  #entry(clean: HostPort, key: string, memberId: string | undefined): Known {
    const group = addressGroup(clean.host) ?? (this.#options.relaxed ? key : 'local')
    const now = this.#options.clock.now()
    return { ...clean, key, group, memberId, lastHeard: now, lastSuccess: 0, lastTry: 0, lastCounted: 0, failures: 0, readyAt: 0 }
  }

  #find(key: string): Known | undefined {
    return this.#nearby.get(key) ?? this.#tables.get(key)
  }

  /** Shortest and longest wait between tries, milliseconds. */
  #pace(known: Known): readonly [base: number, most: number] {
    if (this.#options.relaxed) return [1_000, 3_000]
    return this.#nearby.isPinned(known.key) ? [2_000, 60_000] : [60_000, 4 * 3600_000]
  }

  #isDue(known: Known, avoid: Avoid): boolean {
    const now = this.#options.clock.now()
    // Cheapest first: while peers are wanted that nobody knows of, all that is known is gone through once a second.
    return known.readyAt <= now && !this.#nearby.isPinned(known.key) && !this.#avoided(known, avoid) && this.#hostIsDue(known, now)
  }

  #hostIsDue(known: Known, now: number): boolean {
    return this.#options.relaxed || now - (this.#lastDialOf.get(addressOwner(known.host)) ?? -Infinity) >= HOST_PAUSE_MS
  }

  #avoided(known: Known, avoid: Avoid): boolean {
    // Who lives there is known once somebody has answered: before that it is a stranger's word, and could keep us from a good address.
    const memberId = known.lastSuccess > 0 || this.#options.relaxed ? known.memberId : undefined
    if (avoid.endpoints.has(known.key) || (memberId !== undefined && avoid.memberIds.has(memberId))) return true
    return avoid.groups.has(known.group) || avoid.banned(memberId, known.host)
  }

  #mayDial({ host, port }: HostPort, source: EndpointSource): boolean {
    if (!Number.isInteger(port) || port < 1 || port > 65535 || host === '' || host.length > 253) return false
    if (source === 'manual') return true
    const ip = parseIp(host)
    if (!ip) return false
    return this.#options.relaxed || (port >= LOWEST_PORT && (source === 'lan' || isGlobal(ip)))
  }

  #stored(): StoredBook {
    const manual = this.#nearby.manual.map((known) => ({ ...storedAddress(known), kept: this.#nearby.isKept(known.key) }))
    const lan = this.#nearby.lan.map(storedAddress)
    const others = [...this.#tables].map(({ known, sources, isTried }) => ({ ...storedAddress(known), isTried, sources: [...sources] }))
    return { secret: this.#secret, manual, lan, others }
  }

  #restore({ manual, lan, others }: StoredBook): void {
    for (const { kept, ...one } of manual) {
      if (this.#restored(one, 'manual') && kept) this.keep(one)
    }
    for (const one of lan) this.#restored(one, 'lan')
    for (const { sources, isTried, ...one } of others) {
      const clean = cleanEndpoint(one)
      if (!this.#mayDial(clean, 'peer')) continue
      const known = { ...this.#entry(clean, formatHostPort(clean), one.memberId), ...one, ...clean }
      if (isTried) this.#tables.restoreTried(known)
      else for (const source of sources) this.#tables.add(known, source, true)
    }
    this.#dirty = false
    this.#isUrgent = false
  }

  #restored(one: ReturnType<typeof storedAddress>, source: EndpointSource): boolean {
    if (!this.add(one, source)) return false
    const { host: _, port: __, ...rest } = one
    Object.assign(this.#find(keyOf(one)) ?? {}, rest)
    return true
  }
}

function keyOf(endpoint: HostPort): string {
  return formatHostPort(cleanEndpoint(endpoint))
}

function cleanEndpoint({ host, port }: HostPort): HostPort {
  const ip = parseIp(host)
  return { host: ip ? formatIp(ip) : host.toLowerCase(), port }
}

/** What whoever tells of addresses counts as. */
function sourceGroup(from: string | undefined): string {
  return from === undefined ? 'unknown' : (addressGroup(from) ?? addressOwner(from)).replace(/\s/g, '').slice(0, 64)
}
