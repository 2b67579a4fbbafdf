import { Emitter } from '../util/events.ts'
import type { Files } from '../util/files.ts'
import { isLoopback, parseIp } from '../util/ip.ts'
import type { Clock, Logger } from '../util/ports.ts'

/** What a peer can do wrong, and what it costs of its 100 points. */
export const FAULTS = {
  /** A header that breaks a rule: whoever passes one on has not checked it. */
  'broken-header': 100,
  /** A body that breaks a rule or is not that of its header. */
  'broken-body': 100,
  /** A transfer with a bad shape or signature. */
  'broken-transfer': 50,
  /** Bytes that are no message, or a card with a bad signature. */
  malformed: 50,
  /** A body, transfer or headers that we did not ask for. */
  unasked: 20,
  /** It promised something and let us wait. */
  stall: 10,
  /** More than its share. */
  spam: 5,
} as const
export type Fault = keyof typeof FAULTS

/** Points that come back by themselves. */
const FORGIVEN_PER_MINUTE = 1
const BAN_MS = 24 * 3600_000
const MAX_RECORDS = 5_000

interface Record {
  readonly key: string
  /** Points lost as of `at`. */
  lost: number
  at: number
  /** Milliseconds since 1970; 0 = not banned. */
  bannedUntil: number
  reason: string
}

export interface Ban {
  readonly until: number
  readonly reason: string
}

export interface ReputationOptions {
  readonly files: Files
  readonly path: string
  readonly clock: Clock
  readonly log: Logger
  /** Whether addresses are counted too (not on regtest, where everybody shares one). Loopback never is. */
  readonly byAddress: boolean
}

/** What every member id and address we met has done wrong lately, kept across restarts. */
export class Reputation {
  readonly events = new Emitter<{ banned: { readonly memberId: string; readonly host: string; readonly reason: string } }>()
  readonly #options: ReputationOptions
  readonly #records = new Map<string, Record>()
  #dirty = false

  private constructor(options: ReputationOptions) {
    this.#options = options
  }

  /** Reads what was kept; a file that cannot be understood counts as none. */
  static async open(options: ReputationOptions): Promise<Reputation> {
    const reputation = new Reputation(options)
    try {
      const bytes = await options.files.read(options.path)
      if (bytes) reputation.#load(JSON.parse(new TextDecoder().decode(bytes)))
    } catch (error) {
      options.log.warn('the list of reputations could not be read; starting with an empty one', { error: String(error) })
    }
    return reputation
  }

  /** 100 = nothing against it, 0 = banned. */
  score(memberId: string): number {
    const record = this.#records.get(idKey(memberId))
    if (!record) return 100
    return this.#banOf(record) ? 0 : Math.max(1, Math.round(100 - this.#lost(record)))
  }

  /** The ban of this id, or of this address, if there is one now. Either may be left out. */
  banned(memberId: string | undefined, host: string | undefined): Ban | undefined {
    const records = [memberId && this.#records.get(idKey(memberId)), host && this.#countsAddress(host) && this.#records.get(hostKey(host))]
    for (const record of records) {
      const ban = record ? this.#banOf(record) : undefined
      if (ban) return ban
    }
    return undefined
  }

  /** Takes points from a member and its address. True when that ends in a ban. */
  punish(memberId: string, host: string, fault: Fault, detail: string): boolean {
    const keys = [idKey(memberId), ...(this.#countsAddress(host) ? [hostKey(host)] : [])]
    let banned = false
    for (const key of keys) banned = this.#take(key, FAULTS[fault], `${fault}: ${detail}`) || banned
    this.#dirty = true
    this.#options.log.info(banned ? 'banned a peer' : 'a peer lost reputation', { memberId: memberId.slice(0, 16), host, fault, detail })
    if (banned) this.events.emit('banned', { memberId, host, reason: `${fault}: ${detail}` })
    return banned
  }

  /** Writes what changed since the last time. Never throws: reputation is not worth an outage. */
  async save(): Promise<void> {
    if (!this.#dirty) return
    this.#dirty = false
    const records = [...this.#records.values()].filter((record) => this.#lost(record) > 0 || this.#banOf(record))
    try {
      await this.#options.files.write(this.#options.path, new TextEncoder().encode(`${JSON.stringify({ schema: 1, records }, null, 1)}\n`))
    } catch (error) {
      this.#dirty = true
      this.#options.log.warn('the list of reputations could not be written', { error: String(error) })
    }
  }

  #take(key: string, points: number, reason: string): boolean {
    const now = this.#options.clock.now()
    const record = this.#records.get(key) ?? { key, lost: 0, at: now, bannedUntil: 0, reason: '' }
    record.lost = this.#lost(record) + points
    record.at = now
    this.#records.delete(key)
    this.#records.set(key, record)
    // A point that is not forgiven whole is not forgiven.
    const banned = Math.ceil(record.lost) >= 100 && record.bannedUntil <= now
    if (banned) {
      record.bannedUntil = now + BAN_MS
      record.reason = reason.slice(0, 300)
    }
    if (this.#records.size > MAX_RECORDS) this.#forgetOne()
    return banned
  }

  #forgetOne(): void {
    for (const [key, record] of this.#records) if (!this.#banOf(record)) return void this.#records.delete(key)
    for (const key of this.#records.keys()) return void this.#records.delete(key)
  }

  #lost(record: Record): number {
    const minutes = Math.max(0, this.#options.clock.now() - record.at) / 60_000
    return Math.max(0, record.lost - minutes * FORGIVEN_PER_MINUTE)
  }

  #banOf(record: Record): Ban | undefined {
    return record.bannedUntil > this.#options.clock.now() ? { until: record.bannedUntil, reason: record.reason } : undefined
  }

  #countsAddress(host: string): boolean {
    const ip = parseIp(host)
    return this.#options.byAddress && ip !== undefined && !isLoopback(ip)
  }

  #load(data: unknown): void {
    const records = isObject(data) && data.schema === 1 && Array.isArray(data.records) ? data.records.slice(-MAX_RECORDS) : []
    for (const item of records) {
      if (!isObject(item) || typeof item.key !== 'string' || typeof item.lost !== 'number' || typeof item.at !== 'number') continue
      const bannedUntil = typeof item.bannedUntil === 'number' ? item.bannedUntil : 0
      this.#records.set(item.key, { key: item.key, lost: item.lost, at: item.at, bannedUntil, reason: typeof item.reason === 'string' ? item.reason : '' })
    }
  }
}

function idKey(memberId: string): string {
  return `id:${memberId}`
}

function hostKey(host: string): string {
  return `host:${host}`
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}
