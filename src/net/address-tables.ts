import { sha256 } from '../consensus/hash.ts'
import type { Clock, Random } from '../util/ports.ts'
import type { HostPort } from './transport.ts'

/**
 * Where addresses of strangers are kept, in the manner of Bitcoin Core's addrman: two tables of buckets whose places are
 * drawn with a secret key. What nobody answered at yet lies in `fresh`, in buckets that depend on the address' group and on the group of whoever told of it; where a member
 * answered, in `tried`, in buckets that depend on the address' group. So one source fills at most 1/16 of the one table, one address group at most 1/32 of the other,
 * and nobody can tell where something will lie.
 */

const BUCKET_SIZE = 64
const FRESH_BUCKETS = 1024
const TRIED_BUCKETS = 256
/** Buckets over which what one source group tells of is spread, and over which one address group is spread when tried. */
const BUCKETS_PER_SOURCE = 64
const BUCKETS_PER_GROUP = 8
/** Sources that an address is remembered by: each gives it another place, and so a better chance. */
const MAX_SOURCES = 8

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Nobody has told of it for so long. */
const HORIZON_MS = 30 * DAY_MS
/** Failures after which an address goes where nobody ever answered, and where somebody did so long ago. */
const MAX_FIRST_FAILURES = 3
const MAX_FAILURES = 10
const FAILING_MS = 7 * DAY_MS
/** Addresses that wait for the one in their place to be tested. */
const MAX_COLLISIONS = 10
/** The one in place answered so lately that it stays. */
const RECENT_MS = 4 * HOUR_MS
/** How long a test of the one in place may take, and how long it is waited for one. */
const TEST_MS = MINUTE_MS
const WAIT_MS = 40 * MINUTE_MS
const DRAWS = 100
const MAX_SCAN = 20_000

/** An address, and what became of trying it. Times are milliseconds since 1970, 0 = never. */
export interface Known extends HostPort {
  /** `HOST:PORT`. */
  readonly key: string
  /** What one owner is likely to hold whole. */
  readonly group: string
  memberId: string | undefined
  lastHeard: number
  lastSuccess: number
  lastTry: number
  /** When a failure was last counted. */
  lastCounted: number
  /** Failures since the last success. Those while we ourselves may have been offline count once. */
  failures: number
  /** Not before this it is dialled again. */
  readyAt: number
}

/** Where an address lies: the groups that told of it, or that it is tried. */
interface Lying {
  readonly known: Known
  readonly sources: Set<string>
  isTried: boolean
}

class Table {
  readonly #buckets = new Map<number, Map<number, Lying>>()
  readonly #used: number[] = []

  at({ bucket, position }: Place): Lying | undefined {
    return this.#buckets.get(bucket)?.get(position)
  }

  put({ bucket, position }: Place, lying: Lying): void {
    const places = this.#buckets.get(bucket) ?? new Map<number, Lying>()
    if (places.size === 0) {
      this.#buckets.set(bucket, places)
      this.#used.push(bucket)
    }
    places.set(position, lying)
  }

  clear({ bucket, position }: Place): void {
    const places = this.#buckets.get(bucket)
    if (!places?.delete(position) || places.size > 0) return
    this.#buckets.delete(bucket)
    const last = this.#used.pop()
    if (last !== undefined && last !== bucket) this.#used[this.#used.indexOf(bucket)] = last
  }

  /** Any, each bucket with the same chance. */
  draw(random: Random): Known | undefined {
    const bucket = this.#buckets.get(this.#used[Math.floor(random.fraction() * this.#used.length)] ?? -1)
    return bucket && [...bucket.values()][Math.floor(random.fraction() * bucket.size)]?.known
  }

  /** All, from a random bucket on. */
  *scan(random: Random): IterableIterator<Known> {
    const start = Math.floor(random.fraction() * this.#used.length)
    const used = [...this.#used.slice(start), ...this.#used.slice(0, start)]
    for (const bucket of used) for (const { known } of this.#buckets.get(bucket)?.values() ?? []) yield known
  }
}

interface Place {
  readonly bucket: number
  readonly position: number
}

export class AddressTables {
  readonly #secret: Uint8Array
  readonly #clock: Clock
  readonly #random: Random
  readonly #all = new Map<string, Lying>()
  readonly #fresh = new Table()
  readonly #tried = new Table()
  /** Addresses that answered and whose place in `tried` is taken, and since when. */
  readonly #collisions = new Map<string, number>()
  #triedCount = 0

  /** @param secret 32 random bytes, always the same ones for what was written down */
  constructor(secret: Uint8Array, clock: Clock, random: Random) {
    this.#secret = secret
    this.#clock = clock
    this.#random = random
  }

  get size(): number {
    return this.#all.size
  }

  get tried(): number {
    return this.#triedCount
  }

  get(key: string): Known | undefined {
    return this.#all.get(key)?.known
  }

  isTried(key: string): boolean {
    return this.#all.get(key)?.isTried === true
  }

  *[Symbol.iterator](): IterableIterator<{ readonly known: Known; readonly sources: ReadonlySet<string>; readonly isTried: boolean }> {
    yield* this.#all.values()
  }

  /**
   * Notes that `source`, a group, tells of an address. It gets a place in `fresh`, if that is free or what lies there is no
   * good; one that lies there already gets another one for another source, each time with half the chance.
   * @param isSure takes that chance for granted: as it was written down
   * @returns it, or undefined when there is no place for it
   */
  add(known: Known, source: string, isSure = false): Known | undefined {
    const lying = this.#all.get(known.key) ?? { known, sources: new Set<string>(), isTried: false }
    lying.known.lastHeard = Math.max(lying.known.lastHeard, known.lastHeard)
    if (lying.isTried || lying.sources.has(source) || lying.sources.size >= MAX_SOURCES) return lying.known
    if (!isSure && this.#random.fraction() >= 0.5 ** lying.sources.size) return lying.known
    const place = this.#freshPlace(lying.known, source)
    const there = this.#fresh.at(place)
    if (there && there !== lying) {
      const isWorth = this.#isTerrible(there.known) || (there.sources.size > 1 && lying.sources.size === 0)
      if (!isWorth) return lying.sources.size > 0 ? lying.known : undefined
      this.#leave(there, place)
    }
    this.#fresh.put(place, lying)
    lying.sources.add(source)
    this.#all.set(known.key, lying)
    return lying.known
  }

  /** A member answered at an address: it becomes tried, or waits until the one in its place was tested. */
  answered(known: Known): void {
    const lying = this.#all.get(known.key)
    if (!lying || lying.isTried) return
    if (!this.#tried.at(this.#triedPlace(known))) this.#promote(lying)
    else if (this.#collisions.size < MAX_COLLISIONS) this.#collisions.set(known.key, this.#collisions.get(known.key) ?? this.#clock.now())
  }

  /** The one in the place of one that waits, which is to be tested now; settles those that can be settled. */
  toTest(): Known | undefined {
    const now = this.#clock.now()
    const candidates: Known[] = []
    for (const [key, since] of [...this.#collisions]) {
      const lying = this.#all.get(key)
      const there = lying && !lying.isTried ? this.#tried.at(this.#triedPlace(lying.known)) : undefined
      if (!lying || lying.isTried) this.#collisions.delete(key)
      else if (!there) this.#promote(lying)
      else if (now - there.known.lastSuccess < RECENT_MS) this.#collisions.delete(key)
      else if (now - since >= WAIT_MS || (there.known.lastTry > since && now - there.known.lastTry > TEST_MS)) this.#replace(there, lying)
      else if (there.known.lastTry <= since) candidates.push(there.known)
    }
    return candidates[Math.floor(this.#random.fraction() * candidates.length)]
  }

  /** One of a table that is `due`, with less chance the more often it failed; undefined when there is none. */
  choose(table: 'fresh' | 'tried', due: (known: Known) => boolean): Known | undefined {
    const from = table === 'fresh' ? this.#fresh : this.#tried
    let eagerness = 1
    for (let i = 0; i < DRAWS; i++, eagerness *= 1.2) {
      const known = from.draw(this.#random)
      if (!known) return undefined
      if (due(known) && this.#random.fraction() < eagerness * this.#chance(known)) return known
    }
    let left = MAX_SCAN
    for (const known of from.scan(this.#random)) {
      if (due(known)) return known
      if (--left === 0) return undefined
    }
    return undefined
  }

  remove(key: string): void {
    const lying = this.#all.get(key)
    if (!lying) return
    if (lying.isTried) this.#untry(lying)
    for (const source of lying.sources) this.#fresh.clear(this.#freshPlace(lying.known, source))
    this.#all.delete(key)
    this.#collisions.delete(key)
  }

  /** Puts one that is known to be good into `tried`, if its place there is free: as it was written down. */
  restoreTried(known: Known): void {
    if (this.#all.has(known.key) || this.#tried.at(this.#triedPlace(known))) return
    const lying: Lying = { known, sources: new Set(), isTried: false }
    this.#all.set(known.key, lying)
    this.#promote(lying)
  }

  /** Takes a place of `fresh` from one; it is forgotten with its last place. */
  #leave(lying: Lying, place: Place): void {
    this.#fresh.clear(place)
    for (const source of lying.sources) {
      const at = this.#freshPlace(lying.known, source)
      if (at.bucket === place.bucket && at.position === place.position) lying.sources.delete(source)
    }
    if (lying.sources.size > 0 || lying.isTried) return
    this.#all.delete(lying.known.key)
    this.#collisions.delete(lying.known.key)
  }

  #promote(lying: Lying): void {
    for (const source of lying.sources) this.#fresh.clear(this.#freshPlace(lying.known, source))
    lying.sources.clear()
    lying.isTried = true
    this.#triedCount++
    this.#tried.put(this.#triedPlace(lying.known), lying)
    this.#collisions.delete(lying.known.key)
  }

  #untry(lying: Lying): void {
    this.#tried.clear(this.#triedPlace(lying.known))
    lying.isTried = false
    this.#triedCount--
  }

  /** The one that was tried goes back to `fresh`, as told of by its own group, at the cost of what lies there. */
  #replace(old: Lying, lying: Lying): void {
    this.#untry(old)
    this.#promote(lying)
    const place = this.#freshPlace(old.known, old.known.group)
    const there = this.#fresh.at(place)
    if (there) this.#leave(there, place)
    this.#fresh.put(place, old)
    old.sources.add(old.known.group)
  }

  /** Whether an address is not worth its place. */
  #isTerrible({ lastTry, lastHeard, lastSuccess, failures }: Known): boolean {
    const now = this.#clock.now()
    if (now - lastTry < MINUTE_MS) return false
    if (now - lastHeard > HORIZON_MS) return true
    return lastSuccess === 0 ? failures >= MAX_FIRST_FAILURES : failures >= MAX_FAILURES && now - lastSuccess > FAILING_MS
  }

  #chance({ lastTry, failures }: Known): number {
    return (this.#clock.now() - lastTry < 10 * MINUTE_MS ? 0.01 : 1) * 0.66 ** Math.min(failures, 8)
  }

  #freshPlace({ group, key }: Known, source: string): Place {
    const bucket = this.#hash('fresh', source, String(this.#hash('spread', group, source) % BUCKETS_PER_SOURCE)) % FRESH_BUCKETS
    return { bucket, position: this.#hash('fresh place', String(bucket), key) % BUCKET_SIZE }
  }

  #triedPlace({ group, key }: Known): Place {
    const bucket = this.#hash('tried', group, String(this.#hash('spread', key) % BUCKETS_PER_GROUP)) % TRIED_BUCKETS
    return { bucket, position: this.#hash('tried place', String(bucket), key) % BUCKET_SIZE }
  }

  /** 32 bits that nobody without the secret can foresee. Texts hold no line breaks, so that they cannot run together. */
  #hash(...texts: readonly string[]): number {
    const digest = sha256(this.#secret, new TextEncoder().encode(texts.join('\n')))
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0)
  }
}
