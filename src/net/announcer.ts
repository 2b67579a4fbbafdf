import { TokenBucket } from '../util/bucket.ts'
import type { NetContext } from './context.ts'
import { MAX_INVENTORY, OUTSTANDING } from './limits.ts'
import type { Peer } from './peer.ts'

/**
 * How long relay ids are collected on average before a peer is told of them, milliseconds: told at once, or after a fixed time, whoever listens
 * at many members would see where a transfer set out. Those who came in wait longer, and all for the same moment: many connections show
 * no more than one. On regtest nobody listens.
 */
const DELAYS = { out: 2_000, in: 5_000 } as const
const REGTEST_DELAYS = { out: 50, in: 100 } as const
/** However chance has it: no longer than so many times the average. */
const LONGEST = 5
/** Most relay ids announced to one peer, at once and a second: half of what members allow each other. More waits its turn. */
const ANNOUNCE = { burst: 20_000, perSecond: 500 } as const
/** What the share of a peer left over is told after this. */
const REST_MS = 100

interface Line {
  /** Relay ids to be announced next. */
  readonly ids: Set<string>
  readonly pace: TokenBucket
  cancel: (() => void) | undefined
}

/** Tells peers which transfers wait here: in batches, at random moments, a transfer of our own no sooner than any other. */
export class Announcer {
  readonly #context: NetContext
  readonly #lines = new Map<Peer, Line>()
  /** The next moment for everybody who came in. */
  #cancelInbound: (() => void) | undefined

  constructor(context: NetContext) {
    this.#context = context
  }

  connected(peer: Peer): void {
    this.#lines.set(peer, { ids: new Set(), pace: new TokenBucket(this.#context.clock, ANNOUNCE.burst, ANNOUNCE.perSecond), cancel: undefined })
  }

  disconnected(peer: Peer): void {
    this.#lines.get(peer)?.cancel?.()
    this.#lines.delete(peer)
  }

  stop(): void {
    this.#cancelInbound?.()
    for (const { cancel } of this.#lines.values()) cancel?.()
    this.#lines.clear()
  }

  /** Relay ids that are to be announced to a peer. */
  waiting(peer: Peer): number {
    return this.#lines.get(peer)?.ids.size ?? 0
  }

  /** Whether a transfer is about to be announced to a peer that did not show it. */
  isUntold(peer: Peer, id: string): boolean {
    return (this.#lines.get(peer)?.ids.has(id) ?? false) && !peer.shown.has(id)
  }

  /** Has a transfer announced to a peer with the next batch. */
  queue(peer: Peer, id: string): void {
    const line = this.#lines.get(peer)
    // A peer that lags this far behind asks what waits when it comes again.
    if (!line || line.ids.size >= OUTSTANDING.announcements) return
    line.ids.add(id)
    this.#wait(peer, line)
  }

  /** Has it announced to everybody, also to those that were told before. */
  queueForAll(id: string): void {
    for (const peer of this.#lines.keys()) this.queue(peer, id)
  }

  /** Tells a peer that asked. */
  tell(peer: Peer, ids: readonly string[]): void {
    if (peer.congested || ids.length === 0) return
    for (const id of ids) peer.told.add(id)
    peer.send({ type: 'inv', ids })
  }

  #wait(peer: Peer, line: Line): void {
    if (peer.direction === 'out') line.cancel ??= this.#context.clock.after(this.#delay('out'), () => this.#flush(peer, line))
    else
      this.#cancelInbound ??= this.#context.clock.after(this.#delay('in'), () => {
        this.#cancelInbound = undefined
        for (const [other, its] of this.#lines) if (other.direction !== 'out' && its.ids.size > 0 && !its.cancel) this.#flush(other, its)
      })
  }

  /** Exponentially distributed: then a moment tells nothing about what came before. */
  #delay(direction: 'in' | 'out'): number {
    const { random, params } = this.#context
    const mean = (params.network === 'regtest' ? REGTEST_DELAYS : DELAYS)[direction]
    return Math.min(LONGEST, -Math.log(1 - random.fraction())) * mean
  }

  #flush(peer: Peer, line: Line): void {
    line.cancel = undefined
    for (let ids = first(line.ids); ids.length > 0 && line.pace.take(ids.length); ids = first(line.ids)) {
      for (const id of ids) line.ids.delete(id)
      this.tell(
        peer,
        ids.filter((id) => this.#context.mempool.get(id) !== undefined),
      )
    }
    // More than its share: the rest goes as fast as that allows.
    if (line.ids.size > 0) line.cancel = this.#context.clock.after(REST_MS, () => this.#flush(peer, line))
  }
}

/** As many of `ids` as go into one message, oldest first. */
function first(ids: ReadonlySet<string>): string[] {
  const out: string[] = []
  for (const id of ids) {
    if (out.length === MAX_INVENTORY) break
    out.push(id)
  }
  return out
}
