import { FAMILIES, mean, percentile } from '../observer.ts'
import type { Table } from '../outcome.ts'
import type { World } from '../world.ts'

/** Milliseconds as people read them. */
export function ms(value: number | undefined): string {
  if (value === undefined) return '–'
  if (value >= 120_000) return `${(value / 60_000).toFixed(1)} min`
  return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`
}

export function bytes(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} GB`
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} MB`
  return value >= 1e3 ? `${(value / 1e3).toFixed(1)} KB` : `${Math.round(value)} B`
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`
}

/** How long cheeses and transfers took to each member. */
export function delayTable(world: World): Table {
  const { cheeseDelays, transferDelays } = world.observer
  const row = (name: string, values: readonly number[]) => [name, String(values.length), ...[0.5, 0.95, 0.99, 1].map((share) => ms(percentile(values, share)))]
  return {
    title: 'From making to each member',
    head: ['', 'arrivals', 'p50', 'p95', 'p99', 'latest'],
    rows: [row('cheeses', cheeseDelays), row('transfers', transferDelays)],
  }
}

export interface Traffic {
  /** Bytes that a member sends in an hour, by what for. */
  readonly hourly: Readonly<Record<(typeof FAMILIES)[number], number>>
  readonly total: number
  /** Of the member that sends most. */
  readonly most: number
  readonly announcesPerSecond: number
  readonly trackerBytesPerMember: number
}

/** What travelled since the observer's traffic was last forgotten, `seconds` ago, for `members`. */
export function trafficOf(world: World, seconds: number, members: number, tracker: { readonly announces: number; readonly bytes: number }): Traffic {
  const perHour = 3600 / seconds / members
  const hourly = { ...world.observer.bytes }
  for (const family of FAMILIES) hourly[family] *= perHour
  const total = FAMILIES.reduce((sum, family) => sum + hourly[family], 0)
  const most = Math.max(0, ...world.members.map(({ host }) => world.observer.sent.get(host) ?? 0)) * (3600 / seconds)
  return { hourly, total, most, announcesPerSecond: tracker.announces / seconds, trackerBytesPerMember: tracker.bytes * perHour }
}

export function trafficTable({ hourly, total, most, announcesPerSecond, trackerBytesPerMember }: Traffic): Table {
  return {
    title: 'Bytes that a member sends in an hour (as many come in), with the headers of TLS, TCP and IP',
    head: [...FAMILIES, 'together', 'busiest member', 'with the tracker, both ways', 'announces/s in all'],
    rows: [[...FAMILIES.map((family) => bytes(hourly[family])), bytes(total), bytes(most), bytes(trackerBytesPerMember), announcesPerSecond.toFixed(2)]],
  }
}

/** Cheeses that were made and are not on the stack that all agree on. */
export function orphans(world: World): { readonly made: number; readonly orphaned: number } {
  const stack = world.on.find((member) => member.synced)?.session?.stack
  const made = [...world.observer.cheeses.values()]
  return { made: made.length, orphaned: made.filter(({ smell }) => stack?.isMain(smell) !== true).length }
}

export function delayFacts(world: World): Record<string, number> {
  const { cheeseDelays, transferDelays } = world.observer
  const facts: Record<string, number> = {}
  for (const [name, values] of [
    ['cheese', cheeseDelays],
    ['transfer', transferDelays],
  ] as const) {
    for (const share of [50, 95, 99]) facts[`${name} p${share}`] = percentile(values, share / 100) ?? 0
    facts[`${name} mean`] = mean(values)
  }
  return facts
}
