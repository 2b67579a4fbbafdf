import { z } from 'zod'
import { Hex } from './schemas-base.ts'

/** Whether others can reach this member, and why it is alone when it is: what a face shows of the network, in words. */

/**
 * `open`: somebody outside dialled us and we answered. `closed`: several who tried could not. `outbound-only`: nobody is let in, by
 * choice. `offline`: this machine is in no network.
 */
export const ReachVerdict = z.enum(['unknown', 'checking', 'open', 'closed', 'outbound-only', 'offline'])
export type ReachVerdict = z.infer<typeof ReachVerdict>

export const Reach = z.object({
  verdict: ReachVerdict,
  /** One sentence for people. */
  words: z.string(),
  /** What a person can do about it, or null when there is nothing to do. */
  repair: z.string().nullable(),
  /** When somebody last tried, Unix seconds. */
  checkedAt: z.number().int().nullable(),
  /** Who tried. */
  basis: z.enum(['tracker', 'member']).nullable(),
  /** The port that the router holds open for us. */
  mapping: z.object({
    state: z.enum(['off', 'trying', 'mapped', 'failed']),
    by: z.enum(['pcp', 'nat-pmp', 'upnp']).nullable(),
    /** `IP:PORT` at which the router says we can be reached. */
    external: z.string().nullable(),
    /** Why there is none, and what to do. */
    error: z.string().nullable(),
  }),
  /** Members found in the local network by mDNS. */
  lan: z.object({ on: z.boolean(), found: z.number().int() }),
  /** `HOST:PORT` of the SOCKS5 proxy that everything goes out through, or null. */
  proxy: z.string().nullable(),
})
export type Reach = z.infer<typeof Reach>

/** Why nobody is connected, and what to do. */
export const Alone = z.object({ words: z.string(), repair: z.string() })
export type Alone = z.infer<typeof Alone>

/** What a person chose about the network; kept in member.json. */
export const NetworkChoices = z.object({
  /** Ask the router to let others in (PCP, NAT-PMP, UPnP). */
  portMapping: z.boolean(),
  /** Find members in the local network, and be found there. */
  lan: z.boolean(),
  /** `socks5://HOST:PORT` of a proxy for everything that goes out, or null. */
  proxy: z.string().nullable(),
})
export type NetworkChoices = z.infer<typeof NetworkChoices>

/** What is left out stays as it is. */
export const NetworkChange = NetworkChoices.extend({ proxy: z.string().max(300).nullable() }).partial()
export type NetworkChange = z.infer<typeof NetworkChange>

/** Members that are connected, who is redialled, and who is refused. Times are Unix seconds. */

/** One thing that a peer did wrong. */
export const Offence = z.object({
  at: z.number(),
  /** `broken-header`, `broken-body`, `broken-transfer`, `disputed`, `malformed`, `unasked`, `stall`, `spam`, or what later versions tell apart. */
  kind: z.string(),
  /** What it cost of its 100. One comes back a minute. */
  points: z.number().int(),
  detail: z.string(),
})
export type Offence = z.infer<typeof Offence>

export const PeerEntry = z.object({
  memberId: Hex,
  nickname: z.string(),
  endpoint: z.string(),
  direction: z.enum(['in', 'out']),
  latencyMs: z.number().nullable(),
  bytesIn: z.number().int(),
  bytesOut: z.number().int(),
  height: z.number().int(),
  /** 100 = nothing against it; 0 = banned. */
  reputation: z.number().int(),
  version: z.string(),
  connectedAt: z.number(),
  /** The latest first, at most 20. */
  offences: z.array(Offence),
  /** A person asked for this connection. */
  manual: z.boolean(),
  /** The protocol version that both speak. */
  protocol: z.number().int(),
  /** How it gives us new cheeses: as a sketch at once, as a sketch after asking, or whole. */
  relay: z.enum(['high', 'low', 'full']),
  /** The part of the internet that it comes from, as `8.8.0.0/16`; null for local addresses and names. */
  group: z.string().nullable(),
})
export type PeerEntry = z.infer<typeof PeerEntry>

/** An IP address, or a range of them as `192.0.2.0/24`. */
const Address = z.string().max(64)

export const BanInput = z.object({
  /** Wherever it comes from. */
  memberId: Hex.length(64).optional(),
  /** Everybody from there. */
  address: Address.optional(),
  hours: z.number().positive().max(87_600).default(24),
  reason: z.string().max(200).optional(),
})

export const BanEntry = z.object({
  id: z.string(),
  memberId: Hex.nullable(),
  address: Address.nullable(),
  /** By which the member went then. */
  nickname: z.string(),
  reason: z.string(),
  /** `manual`, or the kind of offence that was one too many. */
  kind: z.string(),
  since: z.number(),
  until: z.number(),
})
export type BanEntry = z.infer<typeof BanEntry>

export const Book = z.object({
  /** Addresses at which nobody has answered yet. */
  fresh: z.number().int(),
  /** Addresses at which a member answered. */
  tried: z.number().int(),
  /** Parts of the internet (IPv4 /16, IPv6 /32) that they lie in. */
  groups: z.number().int(),
  /** Outbound peers of the last run that are dialled first in this one. */
  anchors: z.number().int(),
})
export type Book = z.infer<typeof Book>
