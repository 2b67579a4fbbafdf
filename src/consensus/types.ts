/**
 * The things that members agree on, as plain values. Byte arrays are never changed after they are made.
 * Layouts on the wire are in docs/protocol.md and codec.ts.
 */

/** The 116-byte header of a cheese. */
export interface Header {
  readonly version: number
  /** Smell of the cheese below, 32 bytes, digest order. */
  readonly parent: Uint8Array
  /** Root of the accounts tree after this cheese is connected, 32 bytes. */
  readonly accountsRoot: Uint8Array
  /** RFC 6962 tree hash of the body, 32 bytes. */
  readonly bodyRoot: Uint8Array
  /** Unix seconds. */
  readonly time: number
  /** Compact target, as Bitcoin's nBits. */
  readonly bits: number
  readonly nonce: bigint
}

/** What the miner of a cheese is paid, and a note of up to 32 bytes. */
export interface Reward {
  readonly height: number
  /** Address, 20 bytes. */
  readonly to: Uint8Array
  readonly extra: Uint8Array
}

export interface Payment {
  /** Address, 20 bytes. */
  readonly to: Uint8Array
  /** Crumbs, above zero. */
  readonly amount: bigint
}

/** One account pays one or more addresses. */
export interface Transfer {
  readonly version: number
  /** The sender's x-only public key, 32 bytes. */
  readonly from: Uint8Array
  readonly sequence: number
  /** Last height at which it may be in a cheese; 0 = never expires. */
  readonly expiry: number
  /** Crumbs, may be zero. */
  readonly fee: bigint
  readonly payments: readonly Payment[]
  /** UTF-8, at most 80 bytes. */
  readonly memo: Uint8Array
  /** BIP 340, 64 bytes. */
  readonly signature: Uint8Array
}

export interface Body {
  readonly reward: Reward
  readonly transfers: readonly Transfer[]
}

export interface Cheese {
  readonly header: Header
  readonly body: Body
}

/** The state of one address. One with balance 0 and sequence 0 is the same as none and is never stored. */
export interface Account {
  /** Crumbs. */
  readonly balance: bigint
  /** The sequence that its next transfer must have. */
  readonly sequence: number
}

/** Lower-case hex of a 20-byte address: the key of maps. */
export type AddressHex = string
/** Lower-case hex of a smell in digest order: 64 digits. */
export type Smell = string

/** Accounts as they stand at some cheese. */
export interface AccountsReader {
  /** The account at a 20-byte address, or undefined where none is stored. */
  get(address: Uint8Array): Account | undefined
}

/** What a cheese makes of accounts: the new state by address; undefined = no longer stored. */
export type AccountChanges = ReadonlyMap<AddressHex, Account | undefined>

/** One signature to verify: BIP 340 over a 32-byte message. */
export interface SignatureJob {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

export type NetworkName = 'main' | 'test' | 'regtest'

/** What differs between networks: one frozen object each (params.ts), passed in, never global. */
export interface Params {
  readonly network: NetworkName
  /** Human-readable part of addresses. */
  readonly hrp: string
  /** BIP 44 coin type, hardened in the path. */
  readonly coinType: number
  /** A reward is credited when the cheese so many heights above it is connected. */
  readonly ripening: number
  readonly easiestBits: number
  readonly easiestTarget: bigint
  /** Whether the target moves at all (regtest's does not). */
  readonly retargets: boolean
  /** How far ahead of our clock a cheese may be; null = no limit. */
  readonly maxFutureSeconds: number | null
  readonly blue: Cheese
  /** 32 bytes, digest order. */
  readonly blueSmell: Uint8Array
  readonly blueSmellHex: Smell
}
