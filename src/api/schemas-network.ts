import { z } from 'zod'

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
