import type { Smell } from '../consensus/types.ts'
import type { SearchFigures } from './figures.ts'
import type { KernelName } from './kernel.ts'
import type { KernelStatus } from './pool.ts'

/** A cheese that this member made. */
export interface Found {
  readonly height: number
  readonly smell: Smell
}

export interface MinerEvents {
  /** A cheese of ours is on the stack. */
  found: Found
  /** One that we found, and another was first: it is kept on a branch. */
  late: Found
  /** More was tried. */
  tried: { readonly count: number }
  /** Something in `status` changed at once, rather than with time. */
  changed: { readonly on: boolean }
  /** A thread died (and was replaced) or a cheese of ours was refused: for the log and a notice. */
  problem: { readonly message: string }
}

/**
 * Why nothing is searched though mining is on: on battery; somebody uses the machine; the window needs the processor; the stack
 * is behind; there is no wallet to pay to; what is waited for after launch has not come.
 */
export type Resting = 'battery' | 'in-use' | 'window' | 'sync' | 'no-wallet' | 'starting'

export interface MinerStatus extends SearchFigures {
  readonly on: boolean
  /** As chosen. */
  readonly threads: number
  /** How many of them there are just now: none when it is off, fewer while there is a limit. */
  readonly working: number
  readonly maxThreads: number
  readonly resting: Resting | null
  readonly kernel: KernelName
  readonly kernels: readonly KernelStatus[]
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
