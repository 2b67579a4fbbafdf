import { Emitter } from '../util/events.ts'
import { FairMap } from '../util/fair-map.ts'
import type { Files } from '../util/files.ts'
import { isLoopback, parseIp } from '../util/ip.ts'
import { isObject } from '../util/json.ts'
import type { Clock, Logger } from '../util/ports.ts'
import type { Result } from '../util/result.ts'
import { addressGroup, addressOwner } from './address-group.ts'
import { type Ban, BanList } from './bans.ts'
import { FAULTS, type Fault, isFault, type Offence } from './faults.ts'
import { upgradeReputation } from './reputation-file.ts'

export type { Ban } from './bans.ts'
export type { Fault, Offence } from './faults.ts'

const POINTS = 100
/** Points that come back by themselves. */
const FORGIVEN_PER_MINUTE = 1
const BAN_MS = 24 * 3600_000
const MAX_RECORDS = 5_000
/** Offences that are remembered of one member, and of all. */
const MAX_HISTORY = 20
const MAX_HISTORIES = 20_000
const MAX_DETAIL = 120
/** How long after its last offence a member's history is kept. */
const HISTORY_MS = 7 * 24 * 3600_000

interface Record {
  /** Points lost as of `at`. */
  readonly lost: number
  readonly at: number
  /** Oldest first; of members alone. */
  readonly offences: readonly Offence[]
}
const CLEAN: Record = { lost: 0, at: 0, offences: [] }

export interface ReputationOptions {
  readonly files: Files
  readonly path: string
  readonly clock: Clock
  readonly log: Logger
  /** Whether addresses are counted too (not on regtest, where everybody shares one). Loopback never is. */
  readonly byAddress: boolean
  /** By which name a member goes, for the list of bans. */
  readonly nameOf?: (memberId: string) => string
}

/** What every member id and address we met has done wrong lately, and who is banned; kept across restarts. */
export class Reputation {
  readonly events = new Emitter<{ banned: { readonly memberId: string; readonly host: string; readonly reason: string } }>()
  readonly #options: ReputationOptions
  readonly #records = new FairMap<string, Record>(MAX_RECORDS)
  readonly #bans: BanList
  /** Offences in all records. */
  #remembered = 0
  #dirty = false

  private constructor(options: ReputationOptions) {
    this.#options = options
    this.#bans = new BanList(options.clock)
  }

  /** Reads what was kept; a file that cannot be understood counts as none. */
  static async open(options: ReputationOptions): Promise<Reputation> {
    const reputation = new Reputation(options)
    try {
      const bytes = await options.files.read(options.path)
      if (bytes) reputation.#load(upgradeReputation(JSON.parse(new TextDecoder().decode(bytes))))
    } catch (error) {
      options.log.warn('the list of reputations could not be read; starting with an empty one', { error: String(error) })
    }
    return reputation
  }

  /** 100 = nothing against it, 0 = banned. */
  score(memberId: string): number {
    if (this.#bans.find(memberId, undefined)) return 0
    return Math.max(1, Math.round(POINTS - this.#lost(this.#records.get(idKey(memberId)) ?? CLEAN)))
  }

  /** What a member did wrong lately, the latest first, at most 20. */
  offences(memberId: string): readonly Offence[] {
    return [...(this.#records.get(idKey(memberId))?.offences ?? [])].reverse()
  }

  /** The ban of this id, or of this address, if there is one now. Either may be left out. */
  banned(memberId: string | undefined, host: string | undefined): Ban | undefined {
    return this.#bans.find(memberId, host)
  }

  /** Takes points from a member and its address. True when that ends in a ban. */
  punish(memberId: string, host: string, fault: Fault, detail: string): boolean {
    const { clock, log, nameOf } = this.#options
    const { member, address } = FAULTS[fault]
    const offence = { at: clock.now(), kind: fault, points: member, detail: detail.slice(0, MAX_DETAIL) }
    const overMember = this.#take(idKey(memberId), host, member, offence)
    const overAddress = this.#countsAddress(host) && this.#take(hostKey(host), host, address)
    this.#dirty = true
    const reason = `${fault}: ${detail}`
    const banned = overMember || overAddress
    if (banned) {
      const whom = { memberId: overMember ? memberId : undefined, address: overAddress ? addressOwner(host) : undefined }
      this.#bans.add({ ...whom, nickname: nameOf?.(memberId) ?? '', kind: fault, reason, until: clock.now() + BAN_MS }, host)
      // After the ban it begins anew.
      for (const key of [overMember ? idKey(memberId) : '', overAddress ? hostKey(host) : '']) this.#clear(key)
      this.events.emit('banned', { memberId, host, reason })
    }
    log.info(banned ? 'banned a peer' : 'a peer lost reputation', { memberId: memberId.slice(0, 16), host, fault, detail })
    return banned
  }

  /** Bans a member id, an IP address or a range of them because a person says so. The error is a sentence for that person. */
  ban(ban: {
    readonly memberId?: string | undefined
    readonly address?: string | undefined
    readonly ms: number
    readonly reason: string
  }): Result<Ban, string> {
    const { memberId, address, ms, reason } = ban
    const nickname = memberId === undefined ? '' : (this.#options.nameOf?.(memberId) ?? '')
    const made = this.#bans.add({ memberId, address, nickname, kind: 'manual', reason, until: this.#options.clock.now() + ms })
    this.#dirty ||= made.ok
    return made
  }

  /** Lifts a ban, whoever spoke it; the one that was banned begins anew. False: there is no such ban. */
  unban(id: string): boolean {
    const lifted = this.#bans.remove(id)
    this.#dirty ||= lifted
    return lifted
  }

  /** Bans that are in force, the latest first. */
  bans(): Ban[] {
    return this.#bans.list()
  }

  /** Writes what changed since the last time. Never throws: reputation is not worth an outage. */
  async save(): Promise<void> {
    if (!this.#dirty) return
    this.#dirty = false
    const now = this.#options.clock.now()
    const records: unknown[] = []
    for (const [key, record] of this.#records) {
      const offences = record.offences.filter(({ at }) => now - at < HISTORY_MS)
      if (this.#lost(record) > 0 || offences.length > 0) records.push({ key, group: this.#records.groupOf(key), ...record, offences })
    }
    try {
      await this.#options.files.write(this.#options.path, new TextEncoder().encode(`${JSON.stringify({ schema: 2, records, bans: this.#bans }, null, 1)}\n`))
    } catch (error) {
      this.#dirty = true
      this.#options.log.warn('the list of reputations could not be written', { error: String(error) })
    }
  }

  /** @returns whether nothing is left */
  #take(key: string, host: string, points: number, offence?: Offence): boolean {
    const before = this.#records.get(key) ?? CLEAN
    const lost = this.#lost(before) + points
    const offences = offence ? [...before.offences, offence].slice(-MAX_HISTORY) : before.offences
    this.#put(key, { lost, at: this.#options.clock.now(), offences }, addressGroup(host) ?? addressOwner(host))
    // A point that is not forgiven whole is not forgiven.
    return Math.ceil(lost) >= POINTS
  }

  #put(key: string, record: Record, group: string): void {
    this.#remembered += record.offences.length - (this.#records.get(key)?.offences.length ?? 0)
    const gone = this.#records.set(key, record, group)
    this.#remembered -= gone?.value.offences.length ?? 0
    if (this.#remembered <= MAX_HISTORIES) return
    for (const [other, { lost, at, offences }] of this.#records) {
      if (offences.length === 0) continue
      this.#records.set(other, { lost, at, offences: [] }, this.#records.groupOf(other) ?? '')
      this.#remembered -= offences.length
      return
    }
  }

  /** The points come back; what happened is remembered. */
  #clear(key: string): void {
    const record = this.#records.get(key)
    if (record) this.#records.set(key, { ...record, lost: 0 }, this.#records.groupOf(key) ?? '')
  }

  #lost({ lost, at }: Record): number {
    const minutes = Math.max(0, this.#options.clock.now() - at) / 60_000
    return Math.max(0, lost - minutes * FORGIVEN_PER_MINUTE)
  }

  #countsAddress(host: string): boolean {
    const ip = parseIp(host)
    return this.#options.byAddress && ip !== undefined && !isLoopback(ip)
  }

  #load(data: unknown): void {
    if (!isObject(data) || data.schema !== 2) return
    for (const item of Array.isArray(data.records) ? data.records.slice(-MAX_RECORDS) : []) {
      if (!isObject(item) || typeof item.key !== 'string' || typeof item.lost !== 'number' || typeof item.at !== 'number') continue
      const offences = (Array.isArray(item.offences) ? item.offences : []).flatMap((one: unknown) => readOffence(one) ?? []).slice(-MAX_HISTORY)
      this.#put(item.key, { lost: item.lost, at: item.at, offences }, typeof item.group === 'string' ? item.group : '')
    }
    this.#bans.load(data.bans)
  }
}

function readOffence(item: unknown): Offence | undefined {
  if (!isObject(item)) return undefined
  const { at, kind, points, detail } = item
  if (typeof at !== 'number' || !isFault(kind) || typeof points !== 'number' || typeof detail !== 'string') return undefined
  return { at, kind, points, detail: detail.slice(0, MAX_DETAIL) }
}

function idKey(memberId: string): string {
  return `id:${memberId}`
}

function hostKey(host: string): string {
  return `host:${addressOwner(host)}`
}
