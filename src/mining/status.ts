import type { Smell } from '../consensus/types.ts'

/** A cheese that this member made. */
export interface Found {
  readonly height: number
  readonly smell: Smell
}

export interface MinerEvents {
  /** A cheese of ours is on the stack. */
  found: Found
  /** Something in `status` changed at once, rather than with time. */
  changed: { readonly on: boolean }
  /** A thread died (and was replaced) or a cheese of ours was refused: for the log and a notice. */
  problem: { readonly message: string }
}

export interface MinerStatus {
  readonly on: boolean
  readonly threads: number
  readonly maxThreads: number
  /** Tries per second over the last ten seconds, all threads together. */
  readonly hashRate: number
  /** Cheeses of ours that came onto the stack since this member started, generated ones included. */
  readonly found: number
  /** Hits that were for nothing: the tip had moved, or another's cheese was first. */
  readonly stale: number
  /** Mean seconds to the next cheese at this rate; null when the rate is zero. */
  readonly expectedSeconds: number | null
  readonly kernel: string
  /** 20 bytes, or undefined while there is no wallet. */
  readonly address: Uint8Array | undefined
}

/** `no-address`: there is no wallet to pay to. `not-regtest`: only regtest makes cheeses on demand. `refused`: the stack does not take them. */
export interface MiningError {
  readonly kind: 'mining'
  readonly code: 'no-address' | 'not-regtest' | 'refused'
  readonly message: string
}

export const NO_ADDRESS: MiningError = { kind: 'mining', code: 'no-address', message: 'There is no wallet to mine to. Create or restore one first.' }
