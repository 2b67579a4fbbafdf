import { z } from 'zod'
import type { NetworkCount } from './table.ts'

/** One point every five minutes, for a day. */
export const POINT_SECONDS = 300
const MAX_POINTS = 288
/** Networks that a point tells of, most members first. */
const MAX_NETWORKS = 4

const Count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** What a tracker saw at a time (Unix seconds, a multiple of five minutes). */
export const HistoryPoint = z.object({
  at: Count,
  members: Count,
  reachable: Count,
  /** Announces taken in since the point before. */
  announces: Count,
  networks: z.array(z.object({ network: z.string().regex(/^[0-9a-f]{64}$/), members: Count, reachable: Count, height: Count })).max(MAX_NETWORKS),
})
export type HistoryPoint = z.infer<typeof HistoryPoint>

/** What a tracker saw in the last day. */
export class History {
  #points: HistoryPoint[] = []
  #announces = 0
  #last: number

  /** @param now Unix seconds: the first point is that of the next five minutes */
  constructor(now: number) {
    this.#last = timeOf(now)
  }

  /** Points of the last day, oldest first. */
  points(now: number): readonly HistoryPoint[] {
    return this.#points.filter(({ at }) => at > now - MAX_POINTS * POINT_SECONDS && at <= now)
  }

  /** Whether a point is due at `now` (Unix seconds). */
  isDue(now: number): boolean {
    return timeOf(now) > this.#last
  }

  /** Notes what is seen at `now`. @param announces taken in since the tracker was opened */
  note(now: number, networks: readonly NetworkCount[], announces: number): void {
    this.#last = timeOf(now)
    const sum = (of: (n: NetworkCount) => number) => networks.reduce((all, n) => all + of(n), 0)
    this.#points.push({
      at: this.#last,
      members: sum((n) => n.members),
      reachable: sum((n) => n.reachable),
      announces: Math.max(0, announces - this.#announces),
      networks: networks.slice(0, MAX_NETWORKS).map(({ network, members, reachable, height }) => ({ network, members, reachable, height })),
    })
    this.#announces = announces
    this.#points = this.#points.slice(-MAX_POINTS)
  }

  /** Takes over the points of an earlier process. */
  restore(points: readonly HistoryPoint[]): void {
    this.#points = [...points, ...this.#points].slice(-MAX_POINTS)
  }
}

function timeOf(now: number): number {
  return now - (now % POINT_SECONDS)
}
