import type { RuleError } from '../consensus/errors.ts'
import type { Header, Smell } from '../consensus/types.ts'
import type { Result } from '../util/result.ts'

/** What the network needs of the cheese stack and the mempool. The real ones are fitted to it in member/network-ports.ts. */

/** A header that is stored, and where it lies. A `HeaderEntry` of the chain is one. */
export interface ChainEntry {
  readonly smell: Smell
  readonly height: number
  /** Unix seconds. */
  readonly time: number
  readonly bits: number
  /** Cumulative, from the blue cheese up to this one. */
  readonly work: bigint
  readonly parent: ChainEntry | undefined
  /** `body`: its body is stored, and no more is known; `valid`: it was connected once; `invalid`: it breaks a rule for good. */
  readonly state: 'header' | 'body' | 'valid' | 'invalid'
  /** May be read from the store when asked for. */
  readonly header: Header
}

export interface ChainPort {
  /** Highest connected cheese. */
  readonly tip: ChainEntry
  /** Top of the header branch with the most work that is not known to be invalid. */
  readonly bestHeader: ChainEntry
  /** Any stored header. */
  entry(smell: Smell): ChainEntry | undefined
  /** The connected cheese at a height. */
  entryAt(height: number): ChainEntry | undefined
  /** The stored header at `height` that `entry` stands on (or itself), which takes no walk over all those in between. */
  ancestor(entry: ChainEntry, height: number): ChainEntry | undefined
  /** Encoded headers of connected cheeses from a height up, at most `limit`. Not read in one turn of the event loop. */
  headersFrom(height: number, limit: number): Promise<readonly Uint8Array[]>
  /** Checks and stores headers, each on the one before; those that are stored already are fine. What comes before a broken one is kept. */
  addHeaders(headers: readonly Header[]): Promise<Result<unknown, RuleError>>
  /** Takes the body of a stored header, the bodies below it being there, and connects what can be connected. */
  addBody(smell: Smell, body: Uint8Array): Promise<Result<unknown, RuleError>>
  /**
   * Begins to check what can be checked of a body before those below it are connected: its signatures, on other threads.
   * In the order in which they will be added. False: not now, there is enough to do.
   * @param body must not be changed afterwards
   */
  prefetch(smell: Smell, body: Uint8Array): boolean
  /** What is wanted next, lowest first: bodies on the best header branch. */
  missingBodies(limit: number): readonly Smell[]
  hasBody(smell: Smell): boolean
  /** A stored body, as it is sent. */
  body(smell: Smell): Uint8Array | undefined
  /** Tells of a new tip with the cheeses newly connected, lowest first. Returns a function that ends it. */
  onTip(handler: (connected: readonly ChainEntry[]) => void): () => void
}

/**
 * `added`, or `known` already. `later`: kept, but not to be passed on before what it builds on is there. `refused`:
 * for now, by policy or state, and nobody's fault. `broken`: no honest member passes it on (bad shape or signature).
 */
export type TransferVerdict = 'added' | 'known' | 'later' | 'refused' | 'broken'

export interface MempoolPort {
  has(relayId: string): boolean
  /** The encoding of a waiting transfer. */
  get(relayId: string): Uint8Array | undefined
  /** Relay ids of everything that is kept, also of what came too early; in no order. */
  ids(): Iterable<string>
  /** The encoding of a transfer that is kept. */
  kept(relayId: string): Uint8Array | undefined
  /** Relay ids of waiting transfers in an order in which another mempool can take them, best first. */
  inventory(limit: number): readonly string[]
  /** Checks an encoded transfer of a stranger fully, and takes it. `from`: the stranger's id, for its share of the room for early ones. */
  add(transfer: Uint8Array, from: string): Promise<TransferVerdict>
  /** Tells of each transfer that was taken, from whomever. Returns a function that ends it. */
  onAdded(handler: (relayId: string) => void): () => void
}
