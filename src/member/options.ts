import type { NetworkName } from '../api/schemas.ts'
import type { MachinePort } from '../util/machine.ts'
import type { Logger } from '../util/ports.ts'

/** Least and most memory for accounts and tree nodes used lately, megabytes. */
export const MIN_CACHE_MB = 4
export const MAX_CACHE_MB = 16_384

/** What a host says when it opens a member. */
export interface MemberOptions {
  readonly network: NetworkName
  readonly dataDir: string
  /** Where other members reach it, `HOST:PORT`; port 0 picks a free one. */
  readonly listen: string
  /** A person asked for that: it is done behind a proxy too, where others could find out who they are. */
  readonly listenAsked?: boolean
  /** Trackers to join, besides those that were joined in the window. */
  readonly trackers: readonly string[]
  /** Members to dial and keep dialling, `HOST:PORT`. */
  readonly peers: readonly string[]
  readonly nickname?: string
  /** Whether the router is asked to let others in; what member.json says when left out. Never on regtest. */
  readonly portMapping?: boolean
  /** Whether members in the local network are looked for; what member.json says when left out, but on regtest off. */
  readonly lan?: boolean
  /** Calls back whenever the machine wakes up, as far as the host hears of that; returns a function that ends it. */
  readonly wakes?: (woke: () => void) => () => void
  /** `socks5://HOST:PORT` for everything that goes out; what member.json says when left out. */
  readonly proxy?: string
  /** Mines from the start, with so many threads or with the usual number. */
  readonly mine?: number | true
  /** The person agrees to what mining does to this machine (api/mining-consent.ts): without it, now or ever before, `mine` is refused. */
  readonly agree?: boolean
  /** Regtest: mining makes at most one cheese in so many seconds; 1 when left out. */
  readonly paceSeconds?: number
  /** Memory for accounts and tree nodes used lately, megabytes; what member.json says, or 64, when left out. */
  readonly cacheMb?: number
  /** Keeps the wallet unlocked. */
  readonly passphrase?: string
  /** Makes a wallet with new words if there is none. */
  readonly init?: boolean
  /** Where this build's workers are. */
  readonly workers: { readonly verify: URL; readonly mine: URL; readonly vault: URL; readonly identity: URL }
  /** Where this build's native addon is, if it has one (src/platform/native-addon.ts). */
  readonly nativeAddon?: string | undefined
  /** What mining yields to; as plain Node sees it when left out. */
  readonly machine?: MachinePort
  readonly version: string
  readonly log: Logger
  /** Threads that verify signatures; as many as there are cores when left out. */
  readonly verifyThreads?: number
}
