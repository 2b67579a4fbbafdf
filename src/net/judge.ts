import { BoundedMap } from '../util/bounded.ts'
import type { Clock, Logger } from '../util/ports.ts'
import { addressGroup } from './address-group.ts'
import type { Peer } from './peer.ts'
import type { Fault, Reputation } from './reputation.ts'

const HOUR_MS = 3_600_000
/** A tick that comes so late shows that this program stood still, or that the clock was set. */
const LATE_MS = 3_000
/** What was slow in so long after that may have been slow for our sake. */
const EXCUSED_MS = 20_000
/** When none of several peers is heard for so long, it is our own line. */
const SILENT_MS = 10_000
/** One member is blamed for following a disputed cheese so often. */
const DISPUTE_EVERY_MS = 20 * 60_000
/** Peers of so many address groups who follow what we hold to be invalid: then we may be the ones who are wrong. */
const DOUBT_GROUPS = 3
const MAX_DISPUTES = 1_000

export interface JudgeOptions {
  readonly reputation: Reputation
  readonly peers: ReadonlyMap<string, Peer>
  readonly clock: Clock
  readonly log: Logger
  /** Hangs up on a peer that is banned now. */
  readonly onBanned: (peer: Peer, reason: string) => void
  /** Peers from several parts of the internet follow a cheese that we hold to be invalid. At most once an hour. */
  readonly onDoubt: (detail: string) => void
}

/** Punishes what peers do wrong, but not what may be our own fault: a machine that slept, a line that hangs, accounts that are damaged. */
export class Judge {
  readonly #options: JudgeOptions
  /** When members, and groups of them, last stood on a disputed cheese. */
  readonly #blamedAt = new BoundedMap<string, number>(MAX_DISPUTES)
  readonly #disputeOf = new BoundedMap<string, number>(MAX_DISPUTES)
  #doubtedAt = Number.NEGATIVE_INFINITY
  #lastTick: number
  #excusedUntil = 0
  #bytes = 0
  #heardAt: number

  constructor(options: JudgeOptions) {
    this.#options = options
    this.#lastTick = options.clock.now()
    this.#heardAt = options.clock.now()
  }

  /** Called about once a second, before anything is looked at that may be late. */
  tick(): void {
    const now = this.#options.clock.now()
    if (Math.abs(now - this.#lastTick) > LATE_MS) this.#excusedUntil = now + EXCUSED_MS
    this.#lastTick = now
    let bytes = 0
    for (const peer of this.#options.peers.values()) bytes += peer.channel.connection.bytesIn
    if (bytes !== this.#bytes) this.#heardAt = now
    this.#bytes = bytes
  }

  punish(peer: Peer, fault: Fault, detail: string): void {
    if ((fault === 'stall' && this.#isOurDelay()) || (fault === 'disputed' && this.#isExcused(peer, detail))) {
      this.#options.log.debug('a fault that may be ours', { memberId: peer.memberId.slice(0, 16), fault, detail })
      return
    }
    const banned = this.#options.reputation.punish(peer.memberId, peer.remote.host, fault, detail)
    if (banned && !peer.channel.ended) this.#options.onBanned(peer, `${fault}: ${detail}`)
  }

  #isOurDelay(): boolean {
    const now = this.#options.clock.now()
    return now < this.#excusedUntil || (this.#options.peers.size > 1 && now - this.#heardAt > SILENT_MS)
  }

  #isExcused({ memberId, remote }: Peer, detail: string): boolean {
    const now = this.#options.clock.now()
    this.#disputeOf.set(addressGroup(remote.host) ?? memberId, now)
    const groups = [...this.#disputeOf].filter(([, at]) => now - at < HOUR_MS).length
    if (groups >= DOUBT_GROUPS) {
      if (now - this.#doubtedAt >= HOUR_MS) {
        this.#doubtedAt = now
        this.#options.onDoubt(detail)
      }
      return true
    }
    if (now - (this.#blamedAt.get(memberId) ?? Number.NEGATIVE_INFINITY) < DISPUTE_EVERY_MS) return true
    this.#blamedAt.set(memberId, now)
    return false
  }
}
