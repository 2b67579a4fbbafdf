import { FairMap } from '../util/fair-map.ts'
import { formatIp, parseIp } from '../util/ip.ts'
import { isObject } from '../util/json.ts'
import type { Clock } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { addressGroup, addressOwner, formatRange, isInRange, parseRange } from './address-group.ts'
import { type Fault, isFault } from './faults.ts'

/** Bans that came about by themselves, and bans that a person spoke. */
const MAX_EARNED = 2_000
const MAX_MANUAL = 500
const MAX_REASON = 300

/** Who is refused, why and for how long. */
export interface Ban {
  /** Short, and its own for as long as the folder exists. */
  readonly id: string
  /** Lower-case hex, where the member is refused wherever it comes from. */
  readonly memberId: string | undefined
  /** An IP address or a range of them, where everybody from there is refused. */
  readonly address: string | undefined
  /** By which the member went then. A stranger's text. */
  readonly nickname: string
  /** What it did last, or that a person spoke it. */
  readonly kind: Fault | 'manual'
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly since: number
  readonly until: number
}

export type NewBan = Omit<Ban, 'id' | 'since'>

/** Who is refused. What attackers earn pushes out what their own part of the internet has earned, never a person's bans. */
export class BanList {
  readonly #clock: Clock
  readonly #earned = new FairMap<string, Ban>(MAX_EARNED)
  readonly #manual = new Map<string, Ban>()
  readonly #byMember = new Map<string, Ban>()
  /** By `addressOwner`, which nearly all are. */
  readonly #byOwner = new Map<string, Ban>()
  readonly #ranges = new Map<string, Ban>()
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Those that are in force, the latest first. */
  list(): Ban[] {
    this.#prune()
    return [...this.#manual.values(), ...this.#earned.values()].sort((a, b) => b.since - a.since || Number(b.id) - Number(a.id))
  }

  /**
   * Refuses a member, an address or both. A ban of the very same takes the place of the one before.
   * @param host where the one lives whose ban this is, for fairness among those that came about by themselves
   */
  add(ban: NewBan, host = ''): Result<Ban, string> {
    const address = ban.address === undefined ? undefined : parseRange(ban.address)
    if (address && !address.ok) return address
    const range = address && formatRange(address.value)
    if (ban.memberId === undefined && range === undefined) return err('Say whom to ban: a member id, or an IP address.')
    this.#prune()
    for (const old of [...this.#manual.values(), ...this.#earned.values()])
      if (old.memberId === ban.memberId && old.address === range && (ban.kind === 'manual' || old.kind !== 'manual')) this.remove(old.id)
    if (ban.kind === 'manual' && this.#manual.size >= MAX_MANUAL) return err(`There are ${MAX_MANUAL} bans by hand already: lift one first.`)
    const made: Ban = { ...ban, address: range, reason: ban.reason.slice(0, MAX_REASON), id: String(++this.#lastId), since: this.#clock.now() }
    this.#put(made, addressGroup(host) ?? addressOwner(host))
    return ok(made)
  }

  /** Lifts a ban. False: there is none of that id. */
  remove(id: string): boolean {
    const ban = this.#manual.get(id) ?? this.#earned.get(id)
    if (!ban) return false
    this.#manual.delete(id)
    this.#earned.delete(id)
    this.#unlink(ban)
    return true
  }

  /** The ban that this member or this address is under now, if there is one. Either may be left out. */
  find(memberId: string | undefined, host: string | undefined): Ban | undefined {
    const byMember = memberId === undefined ? undefined : this.#inForce(this.#byMember.get(memberId))
    if (byMember || host === undefined) return byMember
    const byOwner = this.#inForce(this.#byOwner.get(addressOwner(host)))
    if (byOwner || this.#ranges.size === 0) return byOwner
    const ip = parseIp(host)
    for (const [text, ban] of this.#ranges) {
      const range = parseRange(text)
      if (ip && range.ok && isInRange(ip, range.value) && this.#inForce(ban)) return ban
    }
    return undefined
  }

  /** As it is written down. */
  toJSON(): unknown {
    this.#prune()
    const groups = [...this.#earned].map(([key, ban]) => ({ ...ban, group: this.#earned.groupOf(key) }))
    return { lastId: this.#lastId, list: [...this.#manual.values(), ...groups] }
  }

  /** Takes up what was written down; what cannot be understood is left out. */
  load(data: unknown): void {
    if (!isObject(data) || !Array.isArray(data.list)) return
    for (const item of data.list.slice(0, MAX_EARNED + MAX_MANUAL)) {
      const ban = isObject(item) ? read(item) : undefined
      if (!ban || ban.until <= this.#clock.now() || (ban.kind === 'manual' && this.#manual.size >= MAX_MANUAL)) continue
      this.#put(ban, isObject(item) && typeof item.group === 'string' ? item.group : '')
      this.#lastId = Math.max(this.#lastId, Number(ban.id))
    }
    if (typeof data.lastId === 'number' && Number.isSafeInteger(data.lastId)) this.#lastId = Math.max(this.#lastId, data.lastId)
  }

  #put(ban: Ban, group: string): void {
    this.#link(ban)
    if (ban.kind === 'manual') {
      this.#manual.set(ban.id, ban)
      return
    }
    const gone = this.#earned.set(ban.id, ban, group)
    if (gone) this.#unlink(gone.value)
  }

  #link(ban: Ban): void {
    if (ban.memberId !== undefined) this.#byMember.set(ban.memberId, ban)
    if (ban.address !== undefined) (isOwner(ban.address) ? this.#byOwner : this.#ranges).set(ban.address, ban)
  }

  /** Takes a ban out of the indexes; another one of the same member or address takes its place there. */
  #unlink(ban: Ban): void {
    const { memberId = '', address = '' } = ban
    if (this.#byMember.get(memberId) === ban) this.#byMember.delete(memberId)
    for (const index of [this.#byOwner, this.#ranges]) if (index.get(address) === ban) index.delete(address)
    for (const other of [...this.#earned.values(), ...this.#manual.values()])
      if (other.memberId === ban.memberId || other.address === ban.address) this.#link(other)
  }

  #inForce(ban: Ban | undefined): Ban | undefined {
    return ban && ban.until > this.#clock.now() ? ban : undefined
  }

  #prune(): void {
    for (const ban of [...this.#manual.values(), ...this.#earned.values()]) if (!this.#inForce(ban)) this.remove(ban.id)
  }
}

/** Whether a range is just what counts as one address. */
function isOwner(address: string): boolean {
  const range = parseRange(address)
  return range.ok && addressOwner(formatIp(range.value.ip)) === address
}

function read(item: Readonly<Record<string, unknown>>): Ban | undefined {
  const { id, memberId, address, nickname, kind, reason, since, until } = item
  if (typeof id !== 'string' || !/^[0-9]{1,15}$/.test(id) || typeof since !== 'number' || typeof until !== 'number') return undefined
  if (kind !== 'manual' && !isFault(kind)) return undefined
  const range = typeof address === 'string' ? parseRange(address) : undefined
  const member = typeof memberId === 'string' && /^[0-9a-f]{1,64}$/.test(memberId) ? memberId : undefined
  if (member === undefined && !range?.ok) return undefined
  return {
    id,
    memberId: member,
    address: range?.ok ? formatRange(range.value) : undefined,
    nickname: typeof nickname === 'string' ? nickname.slice(0, 64) : '',
    kind,
    reason: typeof reason === 'string' ? reason.slice(0, MAX_REASON) : '',
    since,
    until,
  }
}
