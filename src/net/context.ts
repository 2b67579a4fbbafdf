import type { Params, Smell } from '../consensus/types.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import type { Peer } from './peer.ts'
import type { ChainPort, MempoolPort } from './ports.ts'
import type { Fault } from './reputation.ts'

/** What the parts of the network share. */
export interface NetContext {
  readonly params: Params
  readonly chain: ChainPort
  readonly mempool: MempoolPort
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Everybody connected now, by member id. */
  readonly peers: ReadonlyMap<string, Peer>
  /** Takes reputation from a peer, and hangs up when it is used up. */
  punish(peer: Peer, fault: Fault, detail: string): void
  /** Tells of a cheese that was just found, as far as we know, or that comes from the future by our clock. Its work is done. */
  sawNew?(smell: Smell, time: number): void
  /** Whether we are as high as our peers, so that transfers can be judged. */
  isSynced(): boolean
}
