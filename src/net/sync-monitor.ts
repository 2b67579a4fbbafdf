import type { NetContext } from './context.ts'
import type { HeaderSync } from './header-sync.ts'

/** A member that was as high as its peers and is this little below is still called synced: a new cheese is on its way. */
const SLACK = 3
/** A body that the best header branch lacks and that nobody gave in this time is withheld: everything goes on without that branch. */
const WITHHELD_MS = 120_000
/** The rate is that of the last so many milliseconds. */
const RATE_MS = 10_000

export interface SyncStatus {
  /** `alone`: no peers, so nobody knows. `headers`, `bodies`: catching up. `synced`: no peer shows more work. */
  readonly stage: 'alone' | 'headers' | 'bodies' | 'synced'
  /** Height connected, and the best height that work was shown for. */
  readonly height: number
  readonly bestHeight: number
  /** While bodies are fetched. */
  readonly cheesesPerSecond: number | null
  readonly secondsLeft: number | null
}

/** Watches how far the sync is. */
export class SyncMonitor {
  readonly #context: NetContext
  readonly #headers: HeaderSync
  #wasSynced = false
  /** The first body that the best header branch lacks, and since when. */
  #lacking: { readonly smell: string | undefined; readonly since: number }
  #samples: { readonly at: number; readonly height: number }[] = []

  constructor(context: NetContext, headers: HeaderSync) {
    this.#context = context
    this.#headers = headers
    this.#lacking = { smell: undefined, since: context.clock.now() }
  }

  status(): SyncStatus {
    const { chain } = this.#context
    const stage = this.#stage()
    const height = chain.tip.height
    const bestHeight = Math.max(height, this.#headers.height)
    const rate = stage === 'bodies' ? this.#rate() : undefined
    return { stage, height, bestHeight, cheesesPerSecond: rate ?? null, secondsLeft: rate ? Math.ceil((bestHeight - height) / rate) : null }
  }

  /** Called about once a second. */
  tick(): void {
    const at = this.#context.clock.now()
    this.#samples.push({ at, height: this.#context.chain.tip.height })
    this.#samples = this.#samples.filter((sample) => at - sample.at <= RATE_MS)
    const [smell] = this.#context.chain.missingBodies(1)
    if (smell !== this.#lacking.smell) this.#lacking = { smell, since: at }
  }

  #stage(): SyncStatus['stage'] {
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

  #rate(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (!first || !last || last.at - first.at < 1000) return undefined
    const rate = ((last.height - first.height) * 1000) / (last.at - first.at)
    return rate > 0 ? rate : undefined
  }
}
