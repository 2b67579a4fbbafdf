import { z } from 'zod'

/** What is told of trackers: the one that this member hosts, and those that it has joined. Times are Unix seconds. */

const Hex = z.string().regex(/^([0-9a-f]{2})*$/)

export const JoinedTracker = z.object({
  url: z.string(),
  state: z.enum(['trying', 'joined', 'failing']),
  /** When it last answered. */
  lastAnswer: z.number().nullable(),
  /** What went wrong last and what to do, or null. */
  error: z.string().nullable(),
  /** Since when it fails, or null while it does not. */
  failingSince: z.number().nullable(),
  /** Whether this tracker could dial us back; null while not known. */
  reachable: z.boolean().nullable(),
  /** Whether it is the one that this member hosts: that is left by hosting it no more. */
  own: z.boolean(),
})
export type JoinedTracker = z.infer<typeof JoinedTracker>

/** Whether others can reach the tracker that is hosted here, as another member found by trying. */
export const SelfTest = z.object({
  /** `unknown`: nobody could be asked yet; `closed`: nobody who tried could reach it. */
  state: z.enum(['unknown', 'checking', 'reachable', 'closed']),
  /** The same as a sentence. */
  words: z.string(),
  /** What to do about it, or null when there is nothing to do. */
  repair: z.string().nullable(),
  checkedAt: z.number().nullable(),
})
export type SelfTest = z.infer<typeof SelfTest>

export const HostedTracker = z.object({
  listen: z.string(),
  /** The TCP port at which it listens. */
  port: z.number().int(),
  /** Addresses that friends can join it by, best first: `http://HOST:PORT`. */
  urls: z.array(z.string()),
  /** The best of them as a link that the app opens: `cheese-tracker:HOST:PORT`. */
  link: z.string(),
  selfTest: SelfTest,
  /** Whether it is hosted again when the app starts. */
  startWithApp: z.boolean(),
  /** How many members of this network are registered; `members` holds the latest of them. */
  total: z.number().int(),
  members: z.array(
    z.object({
      nickname: z.string(),
      memberId: Hex,
      address: z.string().nullable(),
      endpoint: z.string(),
      reachable: z.boolean(),
      lastSeen: z.number(),
      height: z.number().int(),
      version: z.string(),
    }),
  ),
})
export type HostedTracker = z.infer<typeof HostedTracker>

export const HostTrackerInput = z.object({
  /** `HOST:PORT`; port 0 picks a free one. */
  listen: z.string(),
  startWithApp: z.boolean().default(true),
})
