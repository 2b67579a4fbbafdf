import type { Account, Transfer } from '../consensus/types.ts'
import type { Result } from '../util/result.ts'

/** What the wallet needs of the world. The member composes these from the stack, the mempool, the network and platform/. */

export type VaultError = 'wrong-passphrase' | 'damaged'

/** Encrypts and decrypts the vault file: slow on purpose, so adapters work away from the event loop. */
export interface VaultCipher {
  /** `plain` as an age file that `passphrase` opens. */
  seal(plain: Uint8Array, passphrase: string): Promise<Uint8Array>
  open(sealed: Uint8Array, passphrase: string): Promise<Result<Uint8Array, VaultError>>
  close(): Promise<void>
}

/** Makes the certificate that ties a nickname and a payment key to this member (net/certificate.ts). */
export interface CertifyRequest {
  readonly nickname: string
  /** x-only payment key. */
  readonly publicKey: Uint8Array
  /** BIP 340 signature of 32 bytes by the payment key. Good during the call only. */
  readonly sign: (hash: Uint8Array) => Uint8Array
}
export type Certify = (request: CertifyRequest) => Uint8Array

export interface Tip {
  readonly height: number
  /** Unix seconds. */
  readonly time: number
  readonly smell: Uint8Array
}

/** A transfer in a cheese of the stack. */
export interface StackedTransfer {
  readonly transfer: Transfer
  readonly height: number
  readonly smell: Uint8Array
  /** The cheese's time, Unix seconds. */
  readonly time: number
}

export interface WaitingTransfer {
  /** Transfer id. */
  readonly id: Uint8Array
  readonly transfer: Transfer
  /** When it came to this member, Unix seconds. */
  readonly since: number
}

/** One thing that touched an address. A transfer is one entry, also when it pays several times or pays its sender (then it is `sent`). */
export interface Activity {
  readonly kind: 'sent' | 'received' | 'reward'
  readonly height: number
  readonly smell: Uint8Array
  /** The cheese's time, Unix seconds. */
  readonly time: number
  /** Transfer id; undefined for a reward. */
  readonly id: Uint8Array | undefined
  /** Crumbs: all that a transfer pays, all of it that this address gets, or subsidy and fees. */
  readonly amount: bigint
  /** Paid by this address; zero unless it sent. */
  readonly fee: bigint
  /** The sender, or the one address that is paid; undefined for a reward and where several are paid. */
  readonly counterparty: Uint8Array | undefined
  readonly memo: Uint8Array
}

export interface SubmitRefusal {
  /** `fee-too-low`: also to replace what waits. `other`: a higher fee alone does not help. */
  readonly code: 'fee-too-low' | 'other'
  /** For people: what happened and what to do. */
  readonly message: string
}

/** A connected member that has a transfer. */
export interface SeenBy {
  readonly memberId: string
  /** From its card: a stranger's text. Empty when it has none. */
  readonly nickname: string
  /** When it first showed it, Unix seconds. */
  readonly at: number
}

/** The stack and the mempool as the wallet sees them. Addresses are 20 bytes, ids 32, amounts crumbs. */
export interface ChainPort {
  tip(): Tip
  /** Smell of the main stack's cheese at `height`, or undefined above the tip. */
  smellAt(height: number): Uint8Array | undefined
  /** The account at the tip. */
  account(address: Uint8Array): Account | undefined
  /** Rewards to `address` that are not credited yet. */
  ripening(address: Uint8Array): bigint
  /** What touched `address`, latest first (within a cheese, last first), and how many there are in all. */
  activity(
    address: Uint8Array,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly total: number; readonly entries: readonly Activity[] }>
  /** A transfer of the main stack by its transfer id. */
  findTransfer(id: Uint8Array): Promise<StackedTransfer | undefined>
  /** Waiting transfers that `address` sent or that pay it. */
  waiting(address: Uint8Array): readonly WaitingTransfer[]
  /** Puts a transfer into the mempool and announces it to peers; one that waits already is announced again. */
  submit(transfer: Transfer): Promise<Result<void, SubmitRefusal>>
  /** The fee that should see a transfer of `size` bytes into the next cheeses. */
  suggestFee(size: number): bigint
  /** The least fee at which the mempool takes `size` bytes. */
  minimumFee(size: number): bigint
  /** Connected peers that showed that they have a transfer, the first to show it first. */
  seenBy(id: Uint8Array): readonly SeenBy[]
  /** Connected peers. */
  peers(): number
  /** Waiting transfers with a better fee rate than this one; null when it does not wait. */
  ahead(id: Uint8Array): number | null
  /** Calls `handler` after the tip moved, in whatever way; returns a function that ends that. */
  onTip(handler: () => void): () => void
  /** Calls `handler` after transfers came to or left the mempool. */
  onMempool(handler: () => void): () => void
}

/** A member that lists a payment address. */
export interface ListedMember {
  readonly nickname: string
  /** That of `paymentKey`. */
  readonly address: Uint8Array
  /** Hex. */
  readonly memberId: string
  /** The certificate's x-only payment key. */
  readonly paymentKey: Uint8Array
}

/** Who is online, from verified cards. */
export interface DirectoryPort {
  members(): readonly ListedMember[]
}
