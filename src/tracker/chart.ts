import { escapeHtml } from './html.ts'

/** Charts as SVG that is made here: no scripts, no styles of their own; colours are classes of the page. */

export interface Series {
  readonly name: string
  /** Class of its line and of its mark in the legend: `a` or `b`. */
  readonly look: 'a' | 'b'
  /** Filled down to the ground. */
  readonly filled?: boolean
  /** Unix seconds and value, oldest first. */
  readonly values: readonly (readonly [at: number, value: number])[]
}

export interface ChartOptions {
  readonly title: string
  readonly series: readonly Series[]
  /** Unix seconds: the left and the right edge. */
  readonly from: number
  readonly to: number
  /** Neighbours further apart than this (seconds) are not joined: nothing was seen in between. */
  readonly gap: number
  /** Begins at the lowest value rather than at nought. */
  readonly floating?: boolean
}

const WIDTH = 640
const HEIGHT = 170
const LEFT = 62
const RIGHT = 8
const TOP = 10
const BOTTOM = 24

/** A line chart with a few marks on its axes, and its latest values beside it as text. */
export function lineChart(options: ChartOptions): string {
  const { title, series, from, to, gap } = options
  const values = series.flatMap((s) => s.values.map(([, value]) => value))
  const [low, high, step] = scale(values, options.floating === true)
  const x = (at: number) => round(LEFT + ((at - from) / Math.max(1, to - from)) * (WIDTH - LEFT - RIGHT))
  const y = (value: number) => round(HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM))
  const out: string[] = []
  for (let mark = low; mark <= high + step / 2; mark += step)
    out.push(`<path class="grid" d="M${LEFT} ${y(mark)}H${WIDTH - RIGHT}"/><text x="${LEFT - 8}" y="${y(mark) + 4}" text-anchor="end">${short(mark)}</text>`)
  const hours = [24, 18, 12, 6, 0]
  for (const [i, hour] of hours.entries()) {
    const anchor = i === 0 ? 'start' : hour === 0 ? 'end' : 'middle'
    out.push(`<text x="${x(to - hour * 3600)}" y="${HEIGHT - 6}" text-anchor="${anchor}">${hour === 0 ? 'now' : `${hour} h ago`}</text>`)
  }
  for (const { look, filled, values: points } of series) {
    for (const run of runs(points, gap)) {
      const line = run.map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${x(at)} ${y(value)}`).join('')
      const [first, last] = [run[0] as readonly [number, number], run.at(-1) as readonly [number, number]]
      if (filled) out.push(`<path class="fill ${look}" d="${line}V${y(low)}H${x(first[0])}Z"/>`)
      // A point alone has no length; its round ends make it a dot.
      out.push(`<path class="line ${look}" d="${line}${run.length === 1 ? `L${x(last[0])} ${y(last[1])}` : ''}"/>`)
    }
  }
  const legend = series.map(({ name, look, values: points }) => {
    const last = points.at(-1)
    return `<span><i class="mark ${look}"></i>${escapeHtml(name)}${last ? ` <b>${last[1].toLocaleString('en-US')}</b>` : ''}</span>`
  })
  const words = values.length === 0 ? 'nothing yet' : `from ${Math.min(...values)} to ${Math.max(...values)}`
  return `<figure><figcaption>${escapeHtml(title)}<span class="legend">${legend.join('')}</span></figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${title}, last day: ${words}`)}">${out.join('')}</svg></figure>`
}

/** Lowest and highest mark, and the distance of marks: round numbers around the values. */
function scale(values: readonly number[], floating: boolean): readonly [low: number, high: number, step: number] {
  const most = Math.max(...values, 1)
  const least = floating && values.length > 0 ? Math.min(...values) : 0
  const span = Math.max(1, most - least)
  const raw = span / 4
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = Math.max(1, ([1, 2, 2.5, 5, 10].find((n) => n * power >= raw) ?? 10) * power)
  const whole = Math.ceil(step)
  const low = Math.floor(least / whole) * whole
  return [low, Math.max(low + whole, Math.ceil(most / whole) * whole), whole]
}

/** Values in stretches without a gap. */
function runs(points: Series['values'], gap: number): (readonly [number, number])[][] {
  const out: (readonly [number, number])[][] = []
  for (const point of points) {
    const last = out.at(-1)
    const before = last?.at(-1)
    if (last && before && point[0] - before[0] <= gap) last.push(point)
    else out.push([point])
  }
  return out
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** 12,345,678 as 12.3M: marks have little room. */
function short(value: number): string {
  if (value < 1_000_000) return value.toLocaleString('en-US')
  return value < 1_000_000_000 ? `${round(value / 1_000_000)}M` : `${round(value / 1_000_000_000)}G`
}
