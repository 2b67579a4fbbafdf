import type { BodySync } from './body-sync.ts'
import type { NetContext } from './context.ts'
import type { HeaderSync } from './header-sync.ts'
import { Meter } from './meter.ts'
import type { SyncStatus } from './sync-status.ts'

/** A member that was as high as its peers and is this little below is still called synced: a new cheese is on its way. */
const SLACK = 3
/** A body that the best header branch lacks and that nobody gave in this time is withheld: everything goes on without that branch. */
const WITHHELD_MS = 120_000
/** Rates are those of the last so many milliseconds. */
const RATE_MS = 10_000
/** Time left is told once there is so much to tell it from. */
const FORECAST_MS = 3_000
/** What checking and keeping a header costs, beside a cheese. */
const HEADER_SHARE = 1 / 50
/** Why the bar went back is told for so long. */
const SETBACK_MS = 15_000

/** What of the status is not known here: names. */
export type Measured = Omit<SyncStatus, 'servers'> & { readonly servers: readonly Omit<SyncStatus['servers'][number], 'nickname'>[] }

/** Watches how far the sync is. */
export class SyncMonitor {
  readonly #context: NetContext
  readonly #headers: HeaderSync
  readonly #bodies: BodySync
  readonly #headerMeter: Meter
  /** Height of the headers that are counted in it. */
  #headersSeen: number
  #wasSynced = false
  /** The first body that the best header branch lacks, and since when. */
  #lacking: { readonly smell: string | undefined; readonly since: number }
  /** Since when bodies are being caught up. */
  #bodiesSince: number | undefined
  /** What the bar stood for when it was last looked at. */
  #last: { readonly progress: number; readonly total: number } | undefined
  #setback: { readonly why: 'longer' | 'branch'; readonly at: number } | undefined

  constructor(context: NetContext, headers: HeaderSync, bodies: BodySync) {
    this.#context = context
    this.#headers = headers
    this.#bodies = bodies
    this.#headerMeter = new Meter(context.clock, RATE_MS)
    this.#headersSeen = headers.height
    this.#lacking = { smell: undefined, since: context.clock.now() }
  }

  status(): Measured {
    const { chain, clock } = this.#context
    const stage = this.stage()
    const height = chain.tip.height
    const bestHeight = Math.max(height, this.#headers.height)
    const claimedHeight = stage === 'headers' ? (this.#headers.claimedHeight ?? null) : null
    const isCatchingUp = stage === 'headers' || stage === 'bodies'
    const connected = stage === 'bodies' ? this.#bodies.connected : undefined
    const isRecent = this.#setback && clock.now() - this.#setback.at <= SETBACK_MS
    return {
      stage,
      height,
      bestHeight,
      claimedHeight,
      headersPerSecond: stage === 'headers' ? (this.#headerMeter.rate() ?? null) : null,
      cheesesPerSecond: connected?.cheeses.rate() ?? null,
      transfersPerSecond: connected?.transfers.rate() ?? null,
      bytesPerSecond: connected?.bytes.rate() ?? null,
      secondsLeft: stage === 'bodies' ? this.#secondsLeft(bestHeight - height) : null,
      progress: this.#progress(stage)?.progress ?? null,
      setback: isCatchingUp && isRecent ? (this.#setback?.why ?? null) : null,
      servers: isCatchingUp ? this.#servers(stage) : [],
    }
  }

  /** Called about once a second. */
  tick(): void {
    const at = this.#context.clock.now()
    const { height } = this.#headers
    this.#headerMeter.add(Math.max(0, height - this.#headersSeen))
    this.#headersSeen = height
    const [smell] = this.#context.chain.missingBodies(1)
    if (smell !== this.#lacking.smell) this.#lacking = { smell, since: at }
    const stage = this.stage()
    if (stage !== 'bodies') this.#bodiesSince = undefined
    else if (this.#bodiesSince === undefined) {
      this.#bodiesSince = at
      this.#bodies.connected.restart()
    }
    this.#lookBack(stage)
  }

  stage(): SyncStatus['stage'] {
    const { chain, peers, clock } = this.#context
    if (peers.size === 0) {
      this.#wasSynced = false
      return 'alone'
    }
    const { tip, bestHeader } = chain
    const isBehind = this.#headers.behind
    if (!isBehind && bestHeader.work <= tip.work) this.#wasSynced = true
    const isWithheld = this.#lacking.smell !== undefined && clock.now() - this.#lacking.since > WITHHELD_MS
    if (this.#wasSynced) {
      // Only work that was shown counts: anybody may claim anything. The next cheese is no catching up; else one withheld
      // body would silence us.
      if (isWithheld || bestHeader.height - tip.height <= SLACK) return 'synced'
      this.#wasSynced = false
    }
    if (isBehind) return 'headers'
    return isWithheld ? 'synced' : 'bodies'
  }

  /** Also while nobody is connected: what is known to be missing is missing all the same. */
  #progress(stage: SyncStatus['stage']): { readonly progress: number; readonly total: number } | undefined {
    const { height } = this.#context.chain.tip
    const headers = Math.max(height, this.#headers.height)
    if (stage === 'synced' || (stage === 'alone' && headers <= height)) return undefined
    const total = stage === 'headers' ? Math.max(headers, this.#headers.claimedHeight ?? 0) : headers
    if (total === 0) return undefined
    return { progress: (headers * HEADER_SHARE + height) / (total * (1 + HEADER_SHARE)), total }
  }

  /** Notes why the bar goes back, should it. */
  #lookBack(stage: SyncStatus['stage']): void {
    const now = this.#progress(stage)
    if (now && this.#last && now.progress < this.#last.progress) {
      this.#setback = { why: now.total > this.#last.total ? 'longer' : 'branch', at: this.#context.clock.now() }
    }
    this.#last = now
  }

  #secondsLeft(cheeses: number): number | null {
    const { clock } = this.#context
    if (this.#bodiesSince === undefined || clock.now() - this.#bodiesSince < FORECAST_MS) return null
    const rate = this.#bodies.connected.weight.rate()
    return rate ? Math.ceil(this.#bodies.weightOf(cheeses) / rate) : null
  }

  #servers(stage: SyncStatus['stage']): Measured['servers'] {
    const servers = this.#bodies.servers()
    const leader = stage === 'headers' ? this.#headers.server : undefined
    if (!leader || servers.some(({ memberId }) => memberId === leader.memberId)) return servers
    return [{ memberId: leader.memberId, cheeses: 0, bytesPerSecond: 0 }, ...servers]
  }
}
