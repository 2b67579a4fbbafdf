import { formatIp } from '../util/ip.ts'
import type { Clock, Logger } from '../util/ports.ts'
import { ok, type Result } from '../util/result.ts'
import { countNetwork } from './counts.ts'
import { ANNOUNCE_SECONDS } from './protocol.ts'
import { decodeEntries, decodeEntry, encodeEntry, keyOf, placesOf, type Written, writtenOf } from './redis-codec.ts'
import { ARRIVE, CLAIM, COUNTS, FIND, FORGET, LATEST, SAMPLE_OF, SWEEP, VERDICT } from './redis-scripts.ts'
import { type Registry, refuse } from './registry.ts'
import type { SharedTable } from './server.ts'
import type { StoreState } from './stats.ts'
import type { Arrival, Arrived, DialVerdict, Entry, Found, NetworkCount, Refusal, TableLimits } from './table.ts'

/** What runs the scripts: platform/redis-store.ts. */
export interface ScriptStore {
  /** Where it is, without what is secret about it. */
  readonly name: string
  /** Whether it answers; while it does not, `run` rejects at once. */
  readonly up: boolean
  /** Runs a script with arguments. Rejects when the store does not answer within a moment, or refuses. */
  run(script: string, args: readonly string[]): Promise<unknown>
  /** Tells each time it begins or ceases to answer. */
  onChange(handler: (up: boolean, why: string | null) => void): void
  close(): Promise<void>
}

export interface RedisTableOptions {
  readonly store: ScriptStore
  /** This tracker's own table: who announced itself here. */
  readonly own: Registry
  readonly clock: Clock
  readonly log: Logger
  readonly limits: TableLimits
  /** Announces a minute of an address and of a subnet, at all trackers together. */
  readonly perMinute: { readonly address: number; readonly subnet: number }
}

const REFUSALS: Readonly<Record<string, ReturnType<typeof refuse>>> = {
  replayed: refuse('replayed', 'This announce is not newer than the last one of this member.'),
  'wrong-host': refuse('wrong-host', 'This member announces itself here under another name of the tracker.'),
  'old-card': refuse('old-card', 'A newer card of this member is known.'),
  'too-many-requests': refuse('too-many', 'Too many requests from this address: wait a minute.'),
  'too-many': refuse('too-many', 'Too many members are listed from this address already: try again later.'),
  'too-many-near': refuse('too-many', 'Too many members are listed from this part of the network already: try again later.'),
  full: refuse('full', 'This tracker is full: try again later, or use another tracker.'),
}

/** Entries given back to the store at once, after it returned. */
const BATCH = 50
const SWEPT = 500
const MAX_NETWORKS = 20
/** Of so many members of a network heights and versions are looked at: more tell the same. */
const LOOKED_AT = 200

/**
 * A table that several trackers share in Redis or Valkey. While that does not answer, this tracker goes on with its own table: with the members that announce
 * themselves to it. When it answers again, it is given what this tracker has heard, which it takes where it has nothing newer.
 */
export class RedisTable implements SharedTable {
  readonly #options: RedisTableOptions
  /** Goodbyes that the store has not heard, by key. */
  readonly #goodbyes = new Map<string, number>()
  #why: string | null = 'it has not answered yet'

  constructor(options: RedisTableOptions) {
    this.#options = options
    if (options.store.up) this.#why = null
    options.store.onChange((up, why) => void this.#changed(up, why))
  }

  get state(): StoreState {
    const { store } = this.#options
    if (store.up) return { kind: 'redis', up: true, error: null }
    const error = `The shared table at ${store.name} does not answer (${this.#why ?? 'no reason given'}): this tracker goes on with the members that announce themselves to it.`
    return { kind: 'redis', up: false, error }
  }

  async find(network: string, memberId: string): Promise<Entry | undefined> {
    const { own, clock } = this.#options
    const hash = await this.#run(FIND, [network + memberId])
    if (hash === undefined) return own.find(network, memberId)
    const entry = decodeEntry(hash)
    return entry && entry.expiresAt > clock.now() ? entry : undefined
  }

  async arrive(arrival: Arrival, want: number, all = 0): Promise<Result<Arrived, Refusal>> {
    const { own, clock, perMinute } = this.#options
    const { network, memberId, time } = arrival
    // Also where the store has lost what it knew.
    if (time <= own.lastTime(network, memberId)) return REFUSALS.replayed as ReturnType<typeof refuse>
    const answer = await this.#arrive(writtenOf(arrival, formatIp(arrival.ip), clock.now()), arrival.event, [want, all], perMinute)
    if (answer === undefined) {
      if (arrival.event === 'stopped' && this.#goodbyes.size < 10_000) this.#goodbyes.set(network + memberId, time)
      return own.arrive(arrival, want, all)
    }
    const [code, total, others, hash] = answer
    if (code === 'gone') {
      own.forget(network, memberId, time)
      return ok({ entry: undefined, others: 0, members: [] })
    }
    const entry = code === 'listed' ? decodeEntry(hash) : undefined
    if (!entry) return REFUSALS[String(code)] ?? refuse('failed', 'The tracker made a mistake: try again later.')
    own.adopt(entry)
    return ok({ entry, others: Math.max(0, Number(total) - 1), members: decodeEntries(others) })
  }

  async sample(network: string, count: number, without?: string): Promise<Found> {
    const answer = await this.#run(SAMPLE_OF, [network, String(count), without === undefined ? '' : network + without])
    if (!Array.isArray(answer)) return this.#options.own.sample(network, count, without)
    return { total: Number(answer[0]), members: decodeEntries(answer[1]) }
  }

  async setReachable(place: Pick<Entry, 'network' | 'memberId' | 'ip' | 'port'>, verdict: DialVerdict): Promise<Entry | undefined> {
    const own = this.#options.own.setReachable(place, verdict)
    const { reachable, dialAfter, failures } = verdict
    const hash = await this.#run(VERDICT, [keyOf(place), place.ip, String(place.port), String(reachable), String(dialAfter), String(failures)])
    return hash === undefined ? own : decodeEntry(hash)
  }

  async claimDial(place: Pick<Entry, 'ip' | 'port'>, ms: number): Promise<boolean> {
    if (!this.#options.own.claimDial(place, ms)) return false
    const claimed = await this.#run(CLAIM, [`${place.ip} ${place.port}`, String(ms)])
    return claimed === undefined || Number(claimed) === 1
  }

  /** Heights and versions are those of some of the members, reckoned up to all. */
  async counts(): Promise<readonly NetworkCount[]> {
    const answer = await this.#run(COUNTS, [String(MAX_NETWORKS), String(LOOKED_AT)])
    if (!Array.isArray(answer)) return this.#options.own.counts()
    return answer
      .map((each: unknown) => {
        const [network, members, reachable, height, some] = each as unknown[]
        const entries = decodeEntries(some)
        const part = countNetwork(String(network), entries)
        const up = <T extends { readonly members: number }>(list: readonly T[]) =>
          list.map((one) => ({ ...one, members: Math.round((one.members * Number(members)) / Math.max(1, entries.length)) }))
        return {
          ...part,
          members: Number(members),
          reachable: Number(reachable),
          height: Number(height),
          versions: up(part.versions),
          heights: up(part.heights),
        }
      })
      .sort((a, b) => b.members - a.members)
  }

  async latest(network: string, limit: number): Promise<readonly Entry[]> {
    const answer = await this.#run(LATEST, [network, String(limit)])
    if (!Array.isArray(answer)) return this.#options.own.latest(network, limit)
    return decodeEntries(answer).sort((a, b) => b.lastSeen - a.lastSeen)
  }

  async sweep(admits?: (entry: Entry) => boolean): Promise<boolean> {
    const { own, clock } = this.#options
    const unwanted = admits ? [...own.dump().entries].filter((entry) => !admits(entry)).map(keyOf) : []
    const went = own.sweep(admits)
    for (let i = 0; i < unwanted.length; i += SWEPT) await this.#run(FORGET, unwanted.slice(i, i + SWEPT))
    await this.#run(SWEEP, [String(clock.now()), String(SWEPT)])
    return went
  }

  async close(): Promise<void> {
    await this.#options.store.close()
  }

  /** What a script answers; undefined when the store does not. */
  async #run(script: string, args: readonly string[]): Promise<unknown> {
    const { store } = this.#options
    if (!store.up) return undefined
    try {
      return (await store.run(script, args)) ?? []
    } catch {
      // It tells by itself that it does not answer.
      return undefined
    }
  }

  async #arrive(
    entry: Written,
    event: string,
    [want, all]: readonly [number, number],
    perMinute: RedisTableOptions['perMinute'],
  ): Promise<unknown[] | undefined> {
    const { clock, limits } = this.#options
    const now = clock.now()
    const { address, subnet } = placesOf(entry.ip)
    // As long as its announce could be played again.
    const remembered = Math.max(1, entry.time - Math.floor(now / 1000) + ANNOUNCE_SECONDS + 1)
    const answer = await this.#run(ARRIVE, [
      ...[keyOf(entry), event, String(now), String(entry.time), String(entry.expiresAt)],
      ...[limits.maxEntries, limits.maxPerAddress, limits.maxPerSubnet, want].map(String),
      ...[address, subnet, String(perMinute.address), String(perMinute.subnet), String(remembered), String(all)],
      ...encodeEntry(entry),
    ])
    return Array.isArray(answer) ? answer : undefined
  }

  async #changed(up: boolean, why: string | null): Promise<void> {
    const { store, log } = this.#options
    this.#why = why
    if (!up)
      return log.error('the shared table does not answer: this tracker goes on with the members that announce themselves to it', { store: store.name, why })
    log.info('the shared table answers', { store: store.name })
    await this.#giveBack().catch((error: unknown) => log.error('the shared table could not be told what was heard meanwhile', { error }))
  }

  /** Tells the store what was heard while it did not answer; what it knows better stays. */
  async #giveBack(): Promise<void> {
    const { own, clock } = this.#options
    const uncounted = { address: 0, subnet: 0 }
    const goodbyes = [...this.#goodbyes]
    this.#goodbyes.clear()
    const entries = [...own.dump().entries].filter(({ expiresAt }) => expiresAt > clock.now())
    const jobs: (() => Promise<unknown>)[] = entries.map((entry) => () => this.#arrive(entry, 'update', [0, 0], uncounted))
    for (const [key, time] of goodbyes) {
      const [network, memberId] = [key.slice(0, 64), key.slice(64)]
      // Who came back in the meantime is among the entries.
      if (own.find(network, memberId) === undefined) jobs.push(() => this.#goodbye(network, memberId, time))
    }
    for (let i = 0; i < jobs.length; i += BATCH) await Promise.all(jobs.slice(i, i + BATCH).map((job) => job()))
  }

  async #goodbye(network: string, memberId: string, time: number): Promise<void> {
    const entry = decodeEntry(await this.#run(FIND, [network + memberId]))
    if (entry) await this.#arrive({ ...entry, time }, 'stopped', [0, 0], { address: 0, subnet: 0 })
  }
}
