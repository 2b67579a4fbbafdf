import type { Params } from '../consensus/types.ts'
import type { Files } from '../util/files.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import type { ConnectError } from './connector.ts'
import type { Offence } from './faults.ts'
import type { NetworkVerifier } from './identity.ts'
import type { ChainPort, MempoolPort } from './ports.ts'
import type { SyncStatus } from './sync-status.ts'
import type { Direction, HostPort, Transport } from './transport.ts'

export interface NetworkOptions {
  readonly params: Params
  /** Carries our identity too. */
  readonly transport: Transport
  /** Where to take connections; left out, nowhere. Port 0 picks a free one. */
  readonly listen?: HostPort | undefined
  readonly chain: ChainPort
  readonly mempool: MempoolPort
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly files: Files
  /** Folder for peers.json, reputation.json and anchors.json. */
  readonly folder: string
  /** Our card as it is now. Asked for often. */
  readonly card?: () => Uint8Array | undefined
  /** At which port others have to dial us, where that is not the one that we listen at: the router's. */
  readonly publicPort?: () => number | undefined
  /** Whether a tracker answers at an address, for members that ask; nobody is told when left out. */
  readonly trackerAnswers?: (endpoint: HostPort) => Promise<boolean>
  /** Name and version of the software, at most 64 bytes. */
  readonly agent: string
  /** Always redialled. */
  readonly peers?: readonly HostPort[]
  /** A fast check of P-256 signatures; by default one in plain JavaScript. */
  readonly verifier?: NetworkVerifier | undefined
  readonly limits?: Partial<NetworkLimits>
  /** The newest protocol version that is spoken, to be as an older member is; by default ours. */
  readonly protocolVersion?: number
}

export interface NetworkLimits {
  /** Outbound peers wanted, besides those that were asked for by hand. */
  readonly outbound: number
  readonly inbound: number
  /** Of the inbound ones, from one address and from one group of addresses (IPv4 /16, IPv6 /32). */
  readonly perAddress: number
  readonly perGroup: number
}
export const LIMITS: NetworkLimits = { outbound: 8, inbound: 64, perAddress: 4, perGroup: 16 }

/** A connected member, for people. */
export interface PeerInfo {
  readonly memberId: string
  /** From its card; empty when it has none. */
  readonly nickname: string
  readonly endpoint: string
  readonly direction: Direction
  readonly latencyMs: number | undefined
  readonly bytesIn: number
  readonly bytesOut: number
  /** Its best height as far as it showed. */
  readonly height: number
  /** 100 = nothing against it; 0 = banned. */
  readonly reputation: number
  /** What it calls its software. A stranger's text. */
  readonly version: string
  /** Milliseconds since 1970. */
  readonly connectedAt: number
  /** What it did wrong lately, the latest first, at most 20. */
  readonly offences: readonly Offence[]
  /** A person asked for this connection. */
  readonly manual: boolean
  /** The protocol version that both speak. */
  readonly protocol: number
  /** How new cheeses come from it: pushed as short ids, asked for as short ids, or whole (it speaks the first version). */
  readonly relay: 'high' | 'low' | 'full'
  /** The part of the internet that it comes from, as `8.8.0.0/16`; null for local addresses and names. */
  readonly group: string | null
}

/** What the address book holds. */
export interface BookCounts {
  /** Addresses that nobody has answered at yet. */
  readonly fresh: number
  /** Addresses at which a member answered. */
  readonly tried: number
  /** Address groups of both. */
  readonly groups: number
  /** Outbound peers of the last run, to be dialled first. */
  readonly anchors: number
}

/** A connected member that showed that it has a transfer. */
export interface Seen {
  readonly memberId: string
  /** When it first showed it, milliseconds since 1970. */
  readonly at: number
}

export interface NetworkEvents {
  peerConnected: PeerInfo
  /** A member was dialled; without an error it is a peer now. */
  dialled: { readonly endpoint: HostPort; readonly error: ConnectError | undefined }
  peerDisconnected: { readonly memberId: string; readonly reason: string }
  /** Peers from several parts of the internet follow a cheese that we hold to be invalid: our accounts may be damaged. At most once an hour. */
  doubt: { readonly detail: string }
  /** Seconds by which our clock is slow (fast where negative), as the latest cheeses say; 0 when it is right. Told when it changes. */
  clock: { readonly offset: number }
  /** Something in the list of peers is different; at most once a second. */
  peersChanged: undefined
  /** A member's card came, was renewed or has expired. */
  directory: { readonly memberId: string }
  sync: SyncStatus
}
