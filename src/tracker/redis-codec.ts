import { parseIp } from '../util/ip.ts'
import { addressKey, subnetKey } from './places.ts'
import type { Arrival, Entry } from './table.ts'

/** Entries as a hash in Redis has them: names and texts, one after the other. */

const NUMBERS = ['cardTime', 'cardUntil', 'port', 'height', 'time', 'since', 'lastSeen', 'expiresAt', 'dialAfter', 'failures'] as const
const TEXTS = ['memberId', 'network', 'card', 'cardHash', 'ip', 'version', 'host', 'session'] as const

/** An entry's key: network ‖ member id. */
export function keyOf({ network, memberId }: Pick<Entry, 'network' | 'memberId'>): string {
  return network + memberId
}

/** Address and subnet by which an entry counts. */
export function placesOf(ip: string): { readonly address: string; readonly subnet: string } {
  const bytes = parseIp(ip) ?? new Uint8Array(4)
  return { address: addressKey(bytes), subnet: subnetKey(bytes) }
}

/** What is known of an entry before the script, which adds what follows from the one that is there. */
export type Written = Omit<Entry, 'since' | 'reachable' | 'dialAfter' | 'failures'> & Partial<Pick<Entry, 'since' | 'reachable' | 'dialAfter' | 'failures'>>

/** The fields of an announce, to be stored. */
export function writtenOf(arrival: Arrival, ip: string, now: number): Written {
  const { memberId, network, card, cardHash, cardTime, cardUntil, port, height, version, time, host, session = '' } = arrival
  return {
    memberId,
    network,
    card,
    cardHash,
    cardTime,
    cardUntil,
    ip,
    port,
    height,
    version,
    time,
    host,
    session,
    lastSeen: now,
    expiresAt: now + arrival.keepMs,
  }
}

/** Names and values of a hash. */
export function encodeEntry(entry: Written): string[] {
  const out: string[] = []
  for (const name of [...NUMBERS, ...TEXTS]) {
    const value = entry[name]
    if (value !== undefined) out.push(name, String(value))
  }
  if (entry.reachable !== undefined) out.push('reachable', String(entry.reachable))
  const { address, subnet } = placesOf(entry.ip)
  out.push('address', address, 'subnet', subnet)
  return out
}

/** The entry in what HGETALL answers; undefined when it is none, or not whole: others write there too. */
export function decodeEntry(hash: unknown): Entry | undefined {
  if (!Array.isArray(hash) || hash.length === 0) return undefined
  const fields = new Map<string, string>()
  for (let i = 0; i + 1 < hash.length; i += 2) fields.set(String(hash[i]), String(hash[i + 1]))
  const out: Record<string, string | number | boolean | null> = {}
  for (const name of TEXTS) {
    const text = fields.get(name)
    if (text === undefined) return undefined
    out[name] = text
  }
  for (const name of NUMBERS) {
    const value = Number(fields.get(name) ?? Number.NaN)
    if (!Number.isFinite(value)) return undefined
    out[name] = value
  }
  const reachable = fields.get('reachable')
  out.reachable = reachable === 'true' ? true : reachable === 'false' ? false : null
  return out as unknown as Entry
}

/** Those of several that are whole. */
export function decodeEntries(hashes: unknown): Entry[] {
  return Array.isArray(hashes) ? hashes.map(decodeEntry).filter((entry) => entry !== undefined) : []
}
