import { fromHex, toHex } from '../util/bytes.ts'
import { isObject } from '../util/json.ts'
import { addressGroup } from './address-group.ts'
import type { Known } from './address-tables.ts'
import type { HostPort } from './transport.ts'

/** More than the tables hold. */
const MAX_ADDRESSES = 100_000
const MAX_NEAR = 1_000
const MAX_SOURCES = 8
/** Addresses that are written in one go. */
const PIECE = 4_000

/** What is written of an address. */
export interface StoredAddress extends HostPort {
  readonly memberId: string | undefined
  readonly lastHeard: number
  readonly lastSuccess: number
  readonly lastTry: number
  readonly failures: number
}

/** What peers.json holds. */
export interface StoredBook {
  /** 32 bytes; undefined in a file of the first version, which had none. */
  readonly secret: Uint8Array | undefined
  readonly manual: readonly (StoredAddress & { readonly kept: boolean })[]
  readonly lan: readonly StoredAddress[]
  readonly others: readonly (StoredAddress & { readonly isTried: boolean; readonly sources: readonly string[] })[]
}

/** What of an address is written. */
export function storedAddress({ host, port, memberId, lastHeard, lastSuccess, lastTry, failures }: Known): StoredAddress {
  return { host, port, memberId, lastHeard, lastSuccess, lastTry, failures }
}

/**
 * peers.json, schema 2, piece by piece: an address a line, as [host, port, member id, heard, success, try, failures, then what its list has besides].
 * Making a piece takes milliseconds; a small book is one piece.
 */
export function* writeBook({ secret, manual, lan, others }: StoredBook): IterableIterator<Uint8Array> {
  const row = ({ host, port, memberId, lastHeard, lastSuccess, lastTry, failures }: StoredAddress) => [
    host,
    port,
    memberId ?? null,
    lastHeard,
    lastSuccess,
    lastTry,
    failures,
  ]
  const list = (rows: readonly unknown[]) => `[${rows.map((one) => `\n${JSON.stringify(one)}`).join(',')}]`
  const text = [
    `{"schema":2,"secret":"${toHex(secret ?? new Uint8Array())}"`,
    `"manual":${list(manual.map((one) => [...row(one), one.kept]))}`,
    `"lan":${list(lan.map(row))}`,
    `"addresses":[`,
  ].join(',\n')
  for (let at = 0; at === 0 || at < others.length; at += PIECE) {
    const rows = others.slice(at, at + PIECE).map((one) => `\n${JSON.stringify([...row(one), one.isTried, one.sources])}`)
    const end = at + PIECE >= others.length ? ']}\n' : ','
    yield new TextEncoder().encode(`${at === 0 ? text : ''}${rows.join(',')}${end}`)
  }
}

/**
 * Reads peers.json of either version. What cannot be understood is left out; throws when nothing can.
 * @param now milliseconds since 1970: what lies in the future is taken to be now
 */
export function readBook(bytes: Uint8Array, now: number): StoredBook {
  const data: unknown = JSON.parse(new TextDecoder().decode(bytes))
  if (!isObject(data)) throw new Error('it holds no list')
  if (data.schema === 1) return readFirst(data, now)
  const secret = typeof data.secret === 'string' && /^[0-9a-f]{64}$/.test(data.secret) ? fromHex(data.secret) : undefined
  if (data.schema !== 2 || !secret) throw new Error('it is of another version')
  return {
    secret,
    manual: rows(data.manual, MAX_NEAR).flatMap((row) => read(row, now).map((one) => ({ ...one, kept: row[7] === true }))),
    lan: rows(data.lan, MAX_NEAR).flatMap((row) => read(row, now)),
    others: rows(data.addresses, MAX_ADDRESSES).flatMap((row) => read(row, now).map((one) => ({ ...one, isTried: row[7] === true, sources: texts(row[8]) }))),
  }
}

function rows(list: unknown, most: number): readonly (readonly unknown[])[] {
  return Array.isArray(list) ? list.slice(0, most).filter((row) => Array.isArray(row)) : []
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string' && one.length <= 64).slice(0, MAX_SOURCES) : []
}

function read([host, port, memberId, lastHeard, lastSuccess, lastTry, failures]: readonly unknown[], now: number): StoredAddress[] {
  if (typeof host !== 'string' || typeof port !== 'number') return []
  const time = (value: unknown) => (typeof value === 'number' && value > 0 ? Math.min(value, now) : 0)
  const count = typeof failures === 'number' && failures > 0 ? Math.min(20, Math.floor(failures)) : 0
  const member = typeof memberId === 'string' ? memberId : undefined
  return [{ host, port, memberId: member, lastHeard: time(lastHeard), lastSuccess: time(lastSuccess), lastTry: time(lastTry), failures: count }]
}

/** Schema 1: one list, with its source, and nothing of who told. */
function readFirst(data: Readonly<Record<string, unknown>>, now: number): StoredBook {
  const manual: (StoredAddress & { kept: boolean })[] = []
  const lan: StoredAddress[] = []
  const others: (StoredAddress & { isTried: boolean; sources: string[] })[] = []
  for (const item of Array.isArray(data.endpoints) ? data.endpoints.slice(0, MAX_ADDRESSES) : []) {
    if (!isObject(item)) continue
    const { host, port, memberId, lastSuccess, lastTry, failures, source } = item
    const [one] = read([host, port, memberId, now, lastSuccess, lastTry, failures], now)
    if (!one) continue
    if (source === 'manual') manual.push({ ...one, kept: item.kept === true })
    else if (source === 'lan') lan.push(one)
    else if (source === 'card' || source === 'tracker' || source === 'peer')
      others.push({ ...one, isTried: one.lastSuccess > 0, sources: [addressGroup(one.host) ?? 'unknown'] })
  }
  return { secret: undefined, manual, lan, others }
}
