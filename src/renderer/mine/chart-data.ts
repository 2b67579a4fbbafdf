import { duration, hashRate } from '../lib/format.ts'

/** The hash rate over the last hour, as the member keeps it. */
export interface RateChart {
  readonly everySeconds: number
  readonly points: readonly { readonly at: number; readonly hashRate: number }[]
}

const HOUR = 3600
/** A chart of a few points is drawn over no less time than this. */
const LEAST_SPAN = 300

/** Times (Unix seconds) and rates, ready to be drawn; a null rate breaks the line, where nothing was searched. */
export interface Drawn {
  readonly times: number[]
  readonly rates: (number | null)[]
  /** What the chart shows from and to: the last hour, or what there is of it. */
  readonly from: number
  readonly to: number
}

/** The points of the last hour before `now` (Unix seconds), with a gap wherever some are missing or nothing was tried. */
export function drawn({ everySeconds, points }: RateChart, now: number): Drawn {
  const times: number[] = []
  const rates: (number | null)[] = []
  const put = (at: number, rate: number | null) => {
    times.push(at)
    rates.push(rate)
  }
  for (const { at, hashRate: rate } of points) {
    const last = times.at(-1)
    if (at < now - HOUR || at > now + everySeconds || (last !== undefined && at <= last)) continue
    if (last !== undefined && at - last > 1.5 * everySeconds) put(last + everySeconds, null)
    put(at, rate > 0 ? rate : null)
  }
  const first = times[rates.findIndex((rate) => rate !== null)] ?? now
  const to = Math.max(now, times.at(-1) ?? now)
  return { times, rates, from: Math.max(to - HOUR, Math.min(first, to - LEAST_SPAN)), to }
}

/** How far back the chart goes, in words. */
export function spanWords({ from, to }: Pick<Drawn, 'from' | 'to'>): string {
  return to - from >= HOUR - 60 ? 'The last hour' : `The last ${duration(to - from)}`
}

/** Indices of points that no line leads to: they are drawn as dots, or nobody would see them. */
export function alone(rates: Drawn['rates']): number[] {
  return rates.flatMap((rate, i) => (rate !== null && (rates[i - 1] ?? null) === null && (rates[i + 1] ?? null) === null ? [i] : []))
}

/** What the chart shows, for those who do not see it: lowest, highest, now. Undefined when there is nothing in it. */
export function chartSummary({ times, rates, to }: Drawn, everySeconds: number): string | undefined {
  const searched = rates.filter((rate) => rate !== null)
  const last = searched.at(-1)
  if (last === undefined) return undefined
  const idle = to - (times[rates.findLastIndex((rate) => rate !== null)] ?? to)
  const now = idle > 2 * everySeconds ? `nothing for the last ${duration(idle)}` : `now ${hashRate(last)}`
  return `Hash rate in the last hour: lowest ${hashRate(Math.min(...searched))}, highest ${hashRate(Math.max(...searched))}, ${now}.`
}

/** A hash rate at the side of the chart, without decimals that say nothing: `10 MH/s`. */
export function axisRate(perSecond: number): string {
  return hashRate(perSecond)
    .replace(/(\.\d*?)0+ /, '$1 ')
    .replace('. ', ' ')
}

/** Where the side of a chart ends whose highest rate is `highest`: a round number that splits into round parts, with some air above the line. */
export function chartTop(highest: number): number {
  if (!(highest > 0)) return 1
  const wanted = highest * 1.05
  const unit = 10 ** Math.floor(Math.log10(wanted))
  return unit * ([1, 1.5, 2, 3, 4, 6, 8].find((step) => step * unit >= wanted) ?? 10)
}
