/** What the stack that verify, connect and sync are measured with consists of: everything follows from these numbers. */
import { bigIntToBytes } from '../../src/util/bytes.ts'

export interface Plan {
  readonly cheeses: number
  /** Plain transfers of 143 bytes in each. */
  readonly perCheese: number
  /** Accounts that send in turn, and are paid. */
  readonly accounts: number
}

/** Which numbers a signing thread is to do. */
export interface Order {
  readonly kind: 'addresses' | 'transfers'
  readonly from: number
  readonly to: number
}

/** Each so many transfers one pays an address that was never paid before. */
const FRESH_EVERY = 4

/** The secret key of a sender. */
export function secretOf(sender: number): Uint8Array {
  return bigIntToBytes(BigInt(1_000 + sender), 32)
}

/** Whom transfer number `n` pays: a new address, or one of the senders by number. */
export function payeeOf(n: number, { accounts }: Plan): Uint8Array | number {
  if (n % FRESH_EVERY !== 0) return (n * 7_919 + 13) % accounts
  const fresh = new Uint8Array(20).fill(0x77)
  new DataView(fresh.buffer).setUint32(0, Math.imul(n + 1, 2_654_435_761))
  return fresh
}
