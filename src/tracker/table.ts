import type { IpBytes } from '../util/ip.ts'
import type { Result } from '../util/result.ts'
import type { AnnounceEvent, TrackerErrorCode } from './protocol.ts'

/** What a tracker needs of the table of members that are online. In memory: registry.ts; shared by several trackers: redis-table.ts. */

/** A member that is online, as the tracker sees it. A plain record: there may be a hundred thousand of them. */
export interface Entry {
  /** Hex. */
  readonly memberId: string
  /** Hex of the blue cheese's smell. */
  readonly network: string
  /** The card, base64 in its one form. It was checked when it came. */
  readonly card: string
  /** Hex of the SHA-256 of the card. */
  readonly cardHash: string
  /** Unix seconds: when the card was made, and the last second at which it and its certificate are good. */
  readonly cardTime: number
  readonly cardUntil: number
  /** The observed address (text as RFC 5952 has it) and the announced port. */
  readonly ip: string
  readonly port: number
  readonly height: number
  /** Its software, as it says. */
  readonly version: string
  /** Unix seconds, of its last announce. */
  readonly time: number
  /** Milliseconds since 1970: when it came, its last announce, and when it is forgotten. */
  readonly since: number
  readonly lastSeen: number
  readonly expiresAt: number
  /** Whether the last dial-back succeeded; null while none has been tried since it came or moved. */
  readonly reachable: boolean | null
  /** Milliseconds since 1970 from which on it may be dialled again, and dial-backs in a row that failed. */
  readonly dialAfter: number
  readonly failures: number
  /** The name by which it dials this tracker. */
  readonly host: string
  /** Key of its session (session.ts), base64; empty while it has none. */
  readonly session: string
}

/** `IP:PORT` or `[IPV6]:PORT`. */
export function endpointText({ ip, port }: Pick<Entry, 'ip' | 'port'>): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** An announce whose card and signature are good. */
export interface Arrival
  extends Pick<Entry, 'memberId' | 'network' | 'card' | 'cardHash' | 'cardTime' | 'cardUntil' | 'port' | 'height' | 'version' | 'time' | 'host'> {
  readonly event: AnnounceEvent
  readonly ip: IpBytes
  /** Milliseconds after which it is forgotten if nothing more is heard. */
  readonly keepMs: number
  /** Key of a session begun by this announce, base64; undefined leaves what there is. */
  readonly session?: string | undefined
}

export interface TableLimits {
  readonly maxEntries: number
  /** Entries from one IPv4 address or one IPv6 /64. */
  readonly maxPerAddress: number
  /** Entries from one IPv4 /24 or one IPv6 /48. */
  readonly maxPerSubnet: number
}

export interface Refusal {
  readonly code: TrackerErrorCode
  readonly message: string
}

/** What an announce came to. */
export interface Arrived {
  /** undefined when the member said goodbye. */
  readonly entry: Entry | undefined
  /** How many others of the network are listed. */
  readonly others: number
  /** A random sample of them. */
  readonly members: readonly Entry[]
}

export interface Found {
  readonly total: number
  readonly members: readonly Entry[]
}

/** One network in numbers. */
export interface NetworkCount {
  readonly network: string
  readonly members: number
  readonly reachable: number
  /** Greatest height that a member announced. */
  readonly height: number
  /** Members by the software that they say they run, and by the height they announced: the most frequent ones. */
  readonly versions: readonly { readonly name: string; readonly members: number }[]
  readonly heights: readonly { readonly height: number; readonly members: number }[]
}

export interface DialVerdict {
  readonly reachable: boolean
  readonly dialAfter: number
  readonly failures: number
}

type Awaitable<T> = T | Promise<T>

export interface MemberTable {
  /** The entry of a member on a network. */
  find(network: string, memberId: string): Awaitable<Entry | undefined>
  /** Takes an announce in, all or nothing, and picks at most `want` others; all of them where there are at most `all`. */
  arrive(arrival: Arrival, want: number, all?: number): Awaitable<Result<Arrived, Refusal>>
  /** How many a network has, and a random sample of at most `count`, without the member `without`. */
  sample(network: string, count: number, without?: string): Awaitable<Found>
  /** Notes what a dial-back came to, if the member is still at that place; the entry then. */
  setReachable(place: Pick<Entry, 'network' | 'memberId' | 'ip' | 'port'>, verdict: DialVerdict): Awaitable<Entry | undefined>
  /** Whether this address and port may be dialled now; if so, nobody else who shares the table may for `ms`. */
  claimDial(place: Pick<Entry, 'ip' | 'port'>, ms: number): Awaitable<boolean>
  /** Of every network, most members first. */
  counts(): Awaitable<readonly NetworkCount[]>
  /** The members of a network heard of last, at most `limit`. */
  latest(network: string, limit: number): Awaitable<readonly Entry[]>
  /** Forgets who missed its time or is not admitted any more. True when somebody went. */
  sweep(admits?: (entry: Entry) => boolean): Awaitable<boolean>
}
