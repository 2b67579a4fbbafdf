/**
 * What a member does beyond the rules of the stack: which transfers it lets wait, which it mines first. Members may
 * differ in this without splitting the stack; the defaults are what docs/protocol.md tells others to expect.
 */
export interface Policy {
  /** Least fee, crumbs a byte of the encoded transfer. A plain transfer has 143 bytes. */
  readonly minFeeRate: number
  /** Waiting transfers of one sender, those that came too early included. */
  readonly maxPerSender: number
  /** Room for all waiting transfers, bytes of memory: each counts with its encoding and `entryOverhead`. */
  readonly maxBytes: number
  /** What a waiting transfer takes in memory beside its encoding. */
  readonly entryOverhead: number
  /** A transfer that waited this long is let go. */
  readonly maxAgeMs: number
  /** A transfer that others send must be good for at least so many of the next cheeses. */
  readonly expiryMargin: number
  /** Transfers whose sequence comes too early: how many are kept, their bytes, and for how long. */
  readonly early: { readonly maxCount: number; readonly maxBytes: number; readonly ttlMs: number }
  /** Remembered relay ids of transfers that were refused. */
  readonly maxRejects: number
  /** Remembered relay ids of transfers whose signature was good and that wait no longer. */
  readonly maxVerified: number
  /** After an eviction newcomers must pay more than what was evicted; that surcharge halves in this time. */
  readonly floorHalfLifeMs: number
}

const HOUR = 3_600_000

export const defaultPolicy: Policy = {
  minFeeRate: 1,
  maxPerSender: 25,
  maxBytes: 50_000_000,
  entryOverhead: 1000,
  maxAgeMs: 14 * 24 * HOUR,
  expiryMargin: 2,
  early: { maxCount: 1000, maxBytes: 1_000_000, ttlMs: HOUR },
  maxRejects: 20_000,
  maxVerified: 50_000,
  floorHalfLifeMs: HOUR / 2,
}

/** Least fee of a transfer of `size` bytes at `rate` crumbs a byte, rounded up. */
export function feeAt(rate: number, size: number): bigint {
  return BigInt(Math.ceil(rate * size))
}
