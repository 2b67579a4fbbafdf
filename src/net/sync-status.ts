/** Somebody who serves us now. */
export interface SyncServer {
  readonly memberId: string
  /** From its card; empty when it has none. */
  readonly nickname: string
  /** Cheeses that it gave us since it was connected. */
  readonly cheeses: number
  /** Of their bodies, lately. */
  readonly bytesPerSecond: number
}

/** How far the sync is, and how fast: nothing in it is made up, and what is not known is null. */
export interface SyncStatus {
  /** `alone`: no peers, so nobody knows. `headers`, `bodies`: catching up. `synced`: no peer shows more work. */
  readonly stage: 'alone' | 'headers' | 'bodies' | 'synced'
  /** Height connected, and the best height that work was shown for. */
  readonly height: number
  readonly bestHeight: number
  /** While headers are fetched: how high the member that serves them says it is. It may be wrong. */
  readonly claimedHeight: number | null
  /** While headers are fetched. */
  readonly headersPerSecond: number | null
  /** While bodies are fetched: what was checked and connected. */
  readonly cheesesPerSecond: number | null
  readonly transfersPerSecond: number | null
  readonly bytesPerSecond: number | null
  /** From what was connected lately, by size; for what is not here yet the mean size of what came lately is taken. */
  readonly secondsLeft: number | null
  /** From 0 to 1 while there is something to catch up: checked headers and connected cheeses of all of them, a header counting as a fiftieth of a cheese. */
  readonly progress: number | null
  /** Why the progress has just become less: there is more to do than was known, or another branch is better. */
  readonly setback: 'longer' | 'branch' | null
  /** Who serves now, or gave what is being checked now; the fastest first. */
  readonly servers: readonly SyncServer[]
}
