import { BoundedSet } from '../util/bounded.ts'
import type { Clock } from '../util/ports.ts'
import { OUTSTANDING } from './limits.ts'
import { Meter } from './meter.ts'
import type { Peer } from './peer.ts'

/** How much is asked of a peer that has shown no rate yet, and at least and at most of any other. */
const FIRST = 16
const LEAST = 4
const MOST = 48
/** Never more than this, what was given up as late included: others hold more against us. */
const MAX_OWED = OUTSTANDING.bodies
/** So much of what it gives is on its way at once: enough that its line is never idle. */
const AHEAD_MS = 2_000
/** Without this much progress in this time, a peer has stalled. */
const STALL_MS = 10_000
const STALL_BYTES = 16_384
/** However busy the line: a body takes no longer than this. */
const SLOWEST_MS = 60_000
/** A peer that stalled gets nothing more to do for so long. */
const COOLDOWN_MS = 20_000
/** Twice as long each time, so many times at most; forgotten once it has given so many bodies. */
const MOST_DOUBLINGS = 5
const FORGIVEN_AFTER = 256
/** Everything has waited for it so often, within so long: a few bytes now and then are no way to hold others up. */
const HOLD_UPS = 2
const HOLD_UP_MS = 60_000
/** One pause of its line is one time. */
const ONE_HOLD_UP_MS = 5_000
const MAX_LACKED = 512
/** Its rate for people is that of the last so many milliseconds. */
const RATE_MS = 10_000

/** One peer as somebody who gives bodies: what it was asked for, and how fast it is. */
export class BodySource {
  readonly peer: Peer
  /** When each body was asked for. */
  readonly asked = new Map<string, number>()
  /** Bodies that it gave. */
  given = 0
  readonly #clock: Clock
  readonly #meter: Meter
  /** How often each body was asked for and not answered yet, lately: what comes too late is not unasked. */
  readonly #owed = new Map<string, number>()
  #owedCount = 0
  /** What it said it does not have. */
  readonly #lacks = new BoundedSet<string>(MAX_LACKED)
  #idleUntil = 0
  #rests = 0
  #sinceRest = 0
  #heldUpAt: readonly number[] = []
  #progressBytes = 0
  #progressAt = 0
  /** What it gave lately while it had something to do, and how long that took: both fade. */
  #bytes = 0
  #ms = 0
  #waitingSince = 0

  constructor(peer: Peer, clock: Clock) {
    this.peer = peer
    this.#clock = clock
    this.#meter = new Meter(clock, RATE_MS)
  }

  /** Bytes a second of what it gave lately, for people. */
  get bytesPerSecond(): number {
    return this.#meter.rate() ?? 0
  }

  /** Bytes a second while it has something to do; undefined until it has shown that. */
  get speed(): number | undefined {
    return this.#bytes > 0 ? (this.#bytes * 1000) / Math.max(1, this.#ms) : undefined
  }

  /** How many bodies it should have to do at once: some seconds of its own rate. */
  share(meanBytes: number): number {
    const { speed } = this
    const unknown = this.#rests > 0 ? LEAST : FIRST
    const wanted = speed === undefined ? unknown : Math.min(MOST, Math.max(LEAST, Math.ceil((speed * AHEAD_MS) / 1000 / meanBytes)))
    return Math.min(wanted, this.asked.size + MAX_OWED - this.#owedCount)
  }

  /** Whether it may be asked for a body at all now. */
  mayHave(smell: string): boolean {
    return this.#idleUntil <= this.#clock.now() && !this.#lacks.has(smell)
  }

  owes(smell: string): boolean {
    return this.#owed.has(smell)
  }

  ask(smells: readonly string[]): void {
    const now = this.#clock.now()
    if (this.asked.size === 0) {
      this.#waitingSince = now
      this.#progressAt = now
      this.#progressBytes = this.peer.channel.connection.bytesIn
    }
    for (const smell of smells) {
      this.asked.set(smell, now)
      this.#owed.set(smell, (this.#owed.get(smell) ?? 0) + 1)
      this.#owedCount++
    }
    for (const [oldest, times] of this.#owed) {
      if (this.#owed.size <= 2 * MAX_LACKED) break
      this.#owed.delete(oldest)
      this.#owedCount -= times
    }
  }

  /** Takes a body off what it owes; false when it owed none. */
  gave(smell: string, bytes: number): boolean {
    if (!this.#paid(smell)) return false
    const now = this.#clock.now()
    this.given++
    if (this.#rests > 0 && ++this.#sinceRest >= FORGIVEN_AFTER) this.#rests = 0
    this.#meter.add(bytes)
    this.#bytes = this.#bytes * 0.9 + bytes
    this.#ms = this.#ms * 0.9 + Math.max(0, now - this.#waitingSince)
    this.#waitingSince = now
    return true
  }

  /** Takes what it gave in place of a body off what it owes: short ids, or some transfers. False when it owed nothing. */
  answered(smell: string): boolean {
    return this.#paid(smell)
  }

  /** It says that it does not have this body; false when it was not asked. */
  hasNot(smell: string): boolean {
    if (!this.#paid(smell)) return false
    this.#lacks.add(smell)
    return true
  }

  /** Whether it keeps us waiting for too long. Called about once a second. */
  hasStalled(): boolean {
    const now = this.#clock.now()
    const { bytesIn } = this.peer.channel.connection
    if (bytesIn - this.#progressBytes >= STALL_BYTES) {
      this.#progressBytes = bytesIn
      this.#progressAt = now
    }
    if (this.asked.size === 0) return false
    const oldest = Math.min(...this.asked.values())
    return now - Math.max(oldest, this.#progressAt) > STALL_MS || now - oldest > SLOWEST_MS
  }

  /** Everything waited for a body of its, and another was asked. Whether that has happened too often: then all it was asked for is better asked of others. */
  heldUp(): boolean {
    const now = this.#clock.now()
    if (now - (this.#heldUpAt.at(-1) ?? 0) < ONE_HOLD_UP_MS) return false
    this.#heldUpAt = [...this.#heldUpAt.filter((at) => now - at <= HOLD_UP_MS), now]
    return this.#heldUpAt.length >= HOLD_UPS
  }

  /** Gives it nothing more to do for a while, longer each time, and little at first. */
  rest(): void {
    this.asked.clear()
    this.#idleUntil = this.#clock.now() + COOLDOWN_MS * 2 ** Math.min(this.#rests++, MOST_DOUBLINGS)
    this.#sinceRest = 0
    this.#heldUpAt = []
    this.#bytes = 0
    this.#ms = 0
  }

  #paid(smell: string): boolean {
    const owed = this.#owed.get(smell)
    if (owed === undefined) return false
    if (owed > 1) this.#owed.set(smell, owed - 1)
    else this.#owed.delete(smell)
    this.#owedCount--
    this.#progressAt = this.#clock.now()
    this.asked.delete(smell)
    return true
  }
}
