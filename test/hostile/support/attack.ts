import type { Identity } from '../../../src/net/identity.ts'
import type { HostPort } from '../../../src/net/transport.ts'
import type { Ground } from './stack.ts'
import type { Victim } from './victim.ts'

/** What an attack has to work with. */
export interface Stage {
  readonly victim: Victim
  /** Where members dial the victim. */
  readonly at: HostPort
  readonly ground: Ground
  /** The tracker that the victim hosts. */
  readonly tracker: HostPort
}

/**
 * What is thought of a sender afterwards: `banned`; `scored`: its name has lost something, or all; `unhurt`: nothing that it did is
 * held against it, since somebody honest could have done the same.
 */
export type Verdict = 'banned' | 'scored' | 'unhurt'

/** Most that an attack may cost the victim. */
export interface Bounds {
  /** Longest turn of the main loop, milliseconds of processor time. */
  readonly turnMs: number
  /** 99th percentile of how late timers are, milliseconds. */
  readonly delayMs: number
  /** Memory that is still held when the attack is over, MiB. */
  readonly heldMiB: number
  /** Memory of the process at its worst, MiB above what it had before. */
  readonly peakMiB: number
  readonly logKiB: number
  readonly diskKiB: number
}

/** Generous: not how fast it is, but that nothing grows with what a stranger sends. */
export const BOUNDS: Bounds = { turnMs: 500, delayMs: 1000, heldMiB: 24, peakMiB: 160, logKiB: 48, diskKiB: 512 }

export interface Attack {
  readonly name: string
  /** What it does, in words. */
  readonly does: string
  readonly sender: Verdict
  readonly bounds?: Partial<Bounds>
  /** Resolves with those whose names are looked at afterwards. Assertions of its own are welcome. */
  readonly run: (stage: Stage) => Promise<readonly { readonly identity: Identity }[]>
}
