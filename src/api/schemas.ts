import { z } from 'zod'
import { Alone, Reach } from './schemas-network.ts'
import { JoinedTracker } from './schemas-tracker.ts'

export { HostedTracker, JoinedTracker } from './schemas-tracker.ts'

import { Hex } from './schemas-base.ts'

/**
 * What a member and its faces (window, browser, command line) say to each other. Amounts are strings of whole crumbs,
 * addresses are Bech32m, smells and ids are lower-case hex, times are Unix seconds, durations say their unit.
 */

export const Crumbs = z.string().regex(/^(0|[1-9][0-9]*)$/, 'whole crumbs, as digits')
export const Network = z.enum(['main', 'test', 'regtest'])
export type NetworkName = z.infer<typeof Network>

export const Balance = z.object({
  /** What can be sent now; unconfirmed sends are already taken off. */
  spendable: Crumbs,
  /** Rewards that still ripen. */
  ripening: Crumbs,
  /** Incoming, unconfirmed. */
  pending: Crumbs,
})
export type Balance = z.infer<typeof Balance>

export const Resting = z.enum(['battery', 'in-use', 'window', 'sync', 'no-wallet', 'starting'])
export type Resting = z.infer<typeof Resting>

export const MiningStatus = z.object({
  /** Whether the person wants it to mine; what keeps it from that meanwhile is in `resting`. */
  on: z.boolean(),
  /** Threads that the person chose; fewer work while the window needs the processor. */
  threads: z.number().int(),
  maxThreads: z.number().int(),
  /** Tries per second over the last ten seconds, all threads together. */
  hashRate: z.number(),
  /** The same over the last ten minutes, or since mining was switched on. */
  hashRate10m: z.number(),
  /** Cheeses found since this member started. */
  found: z.number().int(),
  /** Finds since then that were for nothing: the tip had moved, or another's cheese was first. */
  stale: z.number().int(),
  /** Tries since then, and how many of them went into a tip that was the tip no longer. */
  tries: z.number().int(),
  staleTries: z.number().int(),
  /** Mean seconds to the next cheese at this rate and the target being searched; null when the rate is zero. */
  expectedSeconds: z.number().nullable(),
  /** How likely at least one cheese is within the next hour, 0 to 1, at this rate and target; null when the rate is zero. */
  chanceNextHour: z.number().nullable(),
  /** This member's own search since `since` (Unix seconds): what it found, and how much it should have on average. Kept across restarts. */
  luck: z.object({ found: z.number().int(), expected: z.number(), since: z.number().int() }),
  /** Which nonce search runs, and what there is to choose from. */
  kernel: z.string(),
  kernels: z.array(
    z.object({
      name: z.string(),
      /** Tries per second of one thread, measured on this machine; null while it was not. */
      hashRate: z.number().nullable(),
      chosen: z.boolean(),
    }),
  ),
  /** The choice: a kernel's name, or `auto` for the fastest. */
  kernelChoice: z.string(),
  /** Percent of the time that threads work, 1 to 100. */
  intensity: z.number().int(),
  /** Why nothing is searched though mining is on, or null. */
  resting: Resting.nullable(),
  mineOnBattery: z.boolean(),
  /** Mine only while nobody has touched the machine for `idleMinutes`. */
  onlyWhenIdle: z.boolean(),
  idleMinutes: z.number().int(),
  /** Whether this machine can tell that nobody uses it; where it cannot, `onlyWhenIdle` is refused. */
  knowsIdle: z.boolean(),
  /** Begin by itself after launch and sync. */
  autoStart: z.boolean(),
  /** Whether the person has agreed to what mining does to the machine. */
  consented: z.boolean(),
  /** What mining takes while it is on, roughly: a hint, with what it rests on in words. null when nothing can be said. */
  energy: z.object({ watts: z.number(), basis: z.string() }).nullable(),
  /** What mining pays to: Bech32m, or null when there is no wallet yet. */
  address: z.string().nullable(),
})
export type MiningStatus = z.infer<typeof MiningStatus>

/** What can be changed about mining; what is left out stays. `on: true` and `autoStart: true` need `consent`, now or ever before. */
export const MiningChange = z.object({
  on: z.boolean().optional(),
  threads: z.number().int().min(1).max(256).optional(),
  intensity: z.number().int().min(1).max(100).optional(),
  mineOnBattery: z.boolean().optional(),
  onlyWhenIdle: z.boolean().optional(),
  idleMinutes: z.number().int().min(1).max(1440).optional(),
  autoStart: z.boolean().optional(),
  /** A name from `kernels`, or `auto`. */
  kernel: z.string().min(1).max(40).optional(),
  /** The person has read what mining does to their machine (mining-consent.ts) and agrees. */
  consent: z.literal(true).optional(),
})
export type MiningChange = z.infer<typeof MiningChange>

/** The last hour, oldest first: the mean of each `everySeconds`, zero where nothing was searched. Begins with the member. */
export const MiningChart = z.object({ everySeconds: z.number(), points: z.array(z.object({ at: z.number().int(), hashRate: z.number() })) })
export type MiningChart = z.infer<typeof MiningChart>

export const OwnCheese = z.object({
  height: z.number().int(),
  smell: Hex,
  time: z.number().int(),
  /** Reward and fees. */
  amount: Crumbs,
  /** `orphaned`: another cheese is in its place on the stack. It may come back. */
  state: z.enum(['ripening', 'ripened', 'orphaned']),
  /** Height at which the reward can be spent. */
  ripensAt: z.number().int(),
})
export type OwnCheese = z.infer<typeof OwnCheese>

/** Cheeses that pay this wallet for mining. The counts are of all, also of those so old that they are in no page; `cheeses` is a page, latest first. */
export const OwnCheeses = z.object({
  found: z.number().int(),
  ripening: z.number().int(),
  ripened: z.number().int(),
  orphaned: z.number().int(),
  cheeses: z.array(OwnCheese),
})
export type OwnCheeses = z.infer<typeof OwnCheeses>

export const SyncStatus = z.object({
  stage: z.enum(['alone', 'headers', 'bodies', 'synced']),
  /** Height connected so far, and the best height that peers have shown us work for. */
  height: z.number().int(),
  bestHeight: z.number().int(),
  /** While headers are fetched: how high whoever serves them says it is. Nobody has checked that. */
  claimedHeight: z.number().int().nullable(),
  headersPerSecond: z.number().nullable(),
  /** Of what was checked and connected in the last ten seconds. */
  cheesesPerSecond: z.number().nullable(),
  transfersPerSecond: z.number().nullable(),
  bytesPerSecond: z.number().nullable(),
  /** From the rate and the size of what is left; null while there is too little to tell it from. */
  secondsLeft: z.number().nullable(),
  /** From 0 to 1, of headers and cheeses together; null when there is nothing to catch up. */
  progress: z.number().nullable(),
  /** Why the progress became less just now: there is more to do than was known, or another branch is better. */
  setback: z.enum(['longer', 'branch']).nullable(),
  /** Who serves now, the fastest first. */
  servers: z.array(z.object({ memberId: Hex, nickname: z.string(), cheeses: z.number().int(), bytesPerSecond: z.number() })),
})
export type SyncStatus = z.infer<typeof SyncStatus>

/** Something that the person should know about and can act on. `id` is stable while it lasts. */
export const Problem = z.object({ id: z.string(), severity: z.enum(['notice', 'warning', 'error']), message: z.string() })
export type Problem = z.infer<typeof Problem>

export const Status = z.object({
  network: Network,
  version: z.string(),
  height: z.number().int(),
  tip: Hex,
  /** Cumulative work, decimal. */
  work: z.string(),
  syncing: z.boolean(),
  sync: SyncStatus,
  peers: z.number().int(),
  mempool: z.number().int(),
  mining: MiningStatus,
  balance: Balance,
  /** null while there is no wallet. */
  address: z.string().nullable(),
  nickname: z.string(),
  wallet: z.enum(['none', 'locked', 'unlocked']),
  memberId: Hex,
  listen: z.string(),
  /** Whether others can dial us; null while not known. */
  reachable: z.boolean().nullable(),
  /** The same in words, with what it rests on and what to do. */
  reach: Reach,
  /** Why nobody is connected, or null when somebody is. */
  alone: Alone.nullable(),
  tracker: z.object({ hosting: z.string().nullable(), joined: z.array(JoinedTracker) }),
  problems: z.array(Problem),
  dataDir: z.string(),
  /** What verifies signatures: as `libsecp256k1 0.2.0` of the optional native part, or `tiny-secp256k1`. */
  verifier: z.string(),
})
export type Status = z.infer<typeof Status>

export const MemberEntry = z.object({
  nickname: z.string(),
  /** Bech32m, or null for a member that lists no payment address. */
  address: z.string().nullable(),
  memberId: Hex,
  endpoint: z.string(),
  height: z.number().int().nullable(),
  /** Whether somebody could dial it; null while not known. */
  reachable: z.boolean().nullable(),
  lastSeen: z.number(),
  /** Whether it is connected to us now. */
  connected: z.boolean(),
  /** The name of the contact whose pinned key this is, or null. */
  contact: z.string().nullable(),
  /** Another member goes by a look-alike name, or a contact of this name has another key. */
  warning: z.string().nullable(),
})
export type MemberEntry = z.infer<typeof MemberEntry>

export const HistoryState = z.enum(['waiting', 'confirmed', 'ripening', 'expired', 'replaced', 'cancelled'])
export const HistoryEntry = z.object({
  kind: z.enum(['sent', 'received', 'reward']),
  state: HistoryState,
  /** Transfer id (sent, received). */
  id: Hex.optional(),
  /** Smell of the cheese (reward). */
  smell: Hex.optional(),
  amount: Crumbs,
  /** Paid by us; 0 for received and reward. */
  fee: Crumbs,
  /** Address of the other side; null for a reward. */
  counterparty: z.string().nullable(),
  /** Contact's or member's name for that address, or null. */
  name: z.string().nullable(),
  memo: z.string(),
  height: z.number().int().nullable(),
  confirmations: z.number().int(),
  time: z.number(),
})
export type HistoryEntry = z.infer<typeof HistoryEntry>

export const SendInput = z.object({
  /** Address, contact's name or member's nickname. */
  to: z.string().min(1),
  amount: Crumbs,
  /** The whole fee; suggested from the mempool when left out. */
  fee: Crumbs.optional(),
  memo: z.string().optional(),
  /** Last height at which it may be in a cheese; chosen by default, 0 = never expires. */
  expires: z.number().int().min(0).max(0xffffffff).optional(),
})
export type SendInput = z.infer<typeof SendInput>

/** A send as it would be, before anything is signed. */
export const Review = z.object({
  to: z.string(),
  name: z.string().nullable(),
  amount: Crumbs,
  fee: Crumbs,
  total: Crumbs,
  /** Spendable afterwards. */
  left: Crumbs,
  memo: z.string(),
  expiry: z.number().int(),
  /** Bytes of the encoded transfer. */
  size: z.number().int(),
  warnings: z.array(z.string()),
})
export type Review = z.infer<typeof Review>

export const Sent = z.object({ id: Hex, to: z.string(), amount: Crumbs, fee: Crumbs, sequence: z.number().int(), expiry: z.number().int() })
export type Sent = z.infer<typeof Sent>

/** The journey of one of our transfers. */
export const Journey = z.object({
  entry: HistoryEntry,
  /** Connected peers that showed they have it, of how many connected. */
  seenBy: z.number().int(),
  /** Who they are, the first to show it first. The nickname is a stranger's text, empty when it has no card; `at` is Unix seconds. */
  seenByPeers: z.array(z.object({ memberId: Hex, nickname: z.string(), at: z.number().int() })),
  peers: z.number().int(),
  /** Waiting transfers with a better fee rate; null when it does not wait. */
  ahead: z.number().int().nullable(),
  expiry: z.number().int(),
  sequence: z.number().int(),
  smell: Hex.nullable(),
})
export type Journey = z.infer<typeof Journey>

export const CheeseSummary = z.object({
  height: z.number().int(),
  smell: Hex,
  time: z.number().int(),
  miner: z.string(),
  reward: Crumbs,
  transfers: z.number().int(),
  /** Encoded header and body, bytes. */
  size: z.number().int(),
})
export type CheeseSummary = z.infer<typeof CheeseSummary>

export const TransferView = z.object({
  id: Hex,
  from: z.string(),
  sequence: z.number().int(),
  expiry: z.number().int(),
  fee: Crumbs,
  payments: z.array(z.object({ to: z.string(), amount: Crumbs })),
  memo: z.string(),
  size: z.number().int(),
})
export type TransferView = z.infer<typeof TransferView>

export const CheeseView = CheeseSummary.extend({
  type: z.literal('cheese'),
  version: z.number().int(),
  parent: Hex,
  accountsRoot: Hex,
  bodyRoot: Hex,
  bits: z.string(),
  nonce: z.string(),
  work: z.string(),
  fees: Crumbs,
  extra: z.string(),
  confirmations: z.number().int(),
  /** Height at which its reward ripens. */
  ripensAt: z.number().int(),
  items: z.array(TransferView),
})
export type CheeseView = z.infer<typeof CheeseView>

export const TransferPage = TransferView.extend({
  type: z.literal('transfer'),
  state: z.enum(['waiting', 'confirmed']),
  height: z.number().int().nullable(),
  smell: Hex.nullable(),
  confirmations: z.number().int(),
  time: z.number().int(),
})
export type TransferPage = z.infer<typeof TransferPage>

export const AccountPage = z.object({
  type: z.literal('account'),
  address: z.string(),
  balance: Crumbs,
  sequence: z.number().int(),
  ripening: Crumbs,
  /** Latest first, at most 100: what touched this address. */
  activity: z.array(
    z.object({
      kind: z.enum(['sent', 'received', 'reward']),
      height: z.number().int(),
      id: Hex.nullable(),
      smell: Hex,
      amount: Crumbs,
      fee: Crumbs,
      counterparty: z.string().nullable(),
      time: z.number().int(),
    }),
  ),
  name: z.string().nullable(),
})
export type AccountPage = z.infer<typeof AccountPage>

export const Shown = z.discriminatedUnion('type', [CheeseView, TransferPage, AccountPage])
export type Shown = z.infer<typeof Shown>

export const Contact = z.object({
  name: z.string(),
  address: z.string(),
  /** Hex of the x-only payment key, pinned at the first payment or when added from a member; null until then. */
  pinnedKey: Hex.nullable(),
  addedAt: z.number(),
})
export type Contact = z.infer<typeof Contact>

/** What changed, so that a face can fetch what it shows again. `status` carries itself. */
export const MemberEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), status: Status }),
  /** The stack's tip moved: cheeses were connected or disconnected. */
  z.object({ type: z.literal('stack'), height: z.number().int(), smell: Hex, disconnected: z.number().int() }),
  z.object({ type: z.literal('mempool') }),
  z.object({ type: z.literal('history') }),
  z.object({ type: z.literal('members') }),
  z.object({ type: z.literal('peers') }),
  z.object({ type: z.literal('tracker') }),
  z.object({ type: z.literal('contacts') }),
  /** A cheese that this member mined was connected. */
  z.object({ type: z.literal('found'), height: z.number().int(), smell: Hex }),
])
export type MemberEvent = z.infer<typeof MemberEvent>
