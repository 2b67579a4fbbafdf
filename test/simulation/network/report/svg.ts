/** Plain SVG charts that can be read on light and dark ground, with numbers rounded so that the same run draws the same picture. */

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface ChartSpec {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly series: readonly Series[]
  /** Ends of the axes; by default those of the points, y from 0. */
  readonly xRange?: readonly [number, number]
  readonly yRange?: readonly [number, number]
  /** Moments that are marked by an upright line. */
  readonly marks?: readonly { readonly x: number; readonly text: string }[]
}

const WIDTH = 720
const HEIGHT = 340
const BOX = { left: 64, right: 700, top: 52, bottom: 282 }
const MOST_POINTS = 600

const STYLE = `<style>
.ground{fill:#fffdf7}.ink{fill:#2b2118}.soft{fill:#75675a}.grid{stroke:#e7dfd0}.axis{stroke:#a79a88}.mark{stroke:#75675a}
.s0{stroke:#c2700a}.s1{stroke:#2463a6}.s2{stroke:#2f7d4f}.s3{stroke:#b3363b}.f0{fill:#c2700a}.f1{fill:#2463a6}.f2{fill:#2f7d4f}.f3{fill:#b3363b}
text{font:12px system-ui,sans-serif}.title{font-size:14px;font-weight:600}
@media (prefers-color-scheme:dark){.ground{fill:#1b1611}.ink{fill:#f3eadb}.soft{fill:#b3a48f}.grid{stroke:#372e25}.axis{stroke:#6d604f}.mark{stroke:#b3a48f}
.s0{stroke:#f0a63c}.s1{stroke:#74aee6}.s2{stroke:#6cc08e}.s3{stroke:#ef7d80}.f0{fill:#f0a63c}.f1{fill:#74aee6}.f2{fill:#6cc08e}.f3{fill:#ef7d80}}
</style>`

/** Lines over a common x. */
export function lineChart(spec: ChartSpec): string {
  const all = spec.series.flatMap(({ points }) => points)
  const [x0, x1] = spec.xRange ?? range(all.map(([x]) => x))
  const [y0, y1] = spec.yRange ?? [0, range(all.map(([, y]) => y))[1] * 1.05 || 1]
  const atX = (x: number) => BOX.left + ((x - x0) / (x1 - x0 || 1)) * (BOX.right - BOX.left)
  const atY = (y: number) => BOX.bottom - ((Math.min(Math.max(y, y0), y1) - y0) / (y1 - y0 || 1)) * (BOX.bottom - BOX.top)
  const grid = [
    ...ticks(y0, y1).map(
      (y) =>
        `<line class="grid" x1="${BOX.left}" x2="${BOX.right}" y1="${n(atY(y))}" y2="${n(atY(y))}"/>${text(BOX.left - 8, atY(y) + 4, label(y), 'soft', 'end')}`,
    ),
    ...ticks(x0, x1).map((x) => text(atX(x), BOX.bottom + 18, label(x), 'soft', 'middle')),
  ]
  const inside = (spec.marks ?? []).filter(({ x }) => x >= x0 && x <= x1)
  const marks = inside.map(
    ({ x, text: words }) =>
      `<line class="mark" stroke-dasharray="3 3" x1="${n(atX(x))}" x2="${n(atX(x))}" y1="${BOX.top}" y2="${BOX.bottom}"/>${text(atX(x) + 4, BOX.top + 12, words, 'soft')}`,
  )
  const lines = spec.series.map(
    ({ points }, i) =>
      `<polyline class="s${i % 4}" fill="none" stroke-width="1.8" points="${thinned(points)
        .filter(([x]) => x >= x0 && x <= x1)
        .map(([x, y]) => `${n(atX(x))},${n(atY(y))}`)
        .join(' ')}"/>`,
  )
  return picture(spec.title, [...grid, axes(), ...marks, ...lines, ...legend(spec.series.map(({ name }) => name)), ...titles(spec)])
}

/** What share of values is at most x, for each series of values. */
export function shareChart(title: string, x: string, series: readonly { readonly name: string; readonly values: readonly number[] }[]): string {
  const curves = series.map(({ name, values }) => {
    const sorted = [...values].sort((a, b) => a - b)
    const step = Math.max(1, Math.floor(sorted.length / 200))
    const points = sorted.flatMap((value, i) => (i % step === 0 || i === sorted.length - 1 ? [[value, (100 * (i + 1)) / sorted.length] as const] : []))
    return { name, points: points.length > 0 ? [[points[0]?.[0] ?? 0, 0] as const, ...points] : [] }
  })
  const ends = series.map(({ values }) => [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.995)] ?? 0)
  return lineChart({ title, x, y: '%', series: curves, xRange: [0, Math.max(1, ...ends)], yRange: [0, 100] })
}

/** Upright bars, stacked by series. */
export function barChart(
  title: string,
  y: string,
  names: readonly string[],
  bars: readonly { readonly name: string; readonly parts: readonly number[] }[],
): string {
  const most = Math.max(1e-9, ...bars.map(({ parts }) => parts.reduce((sum, part) => sum + part, 0))) * 1.05
  const atY = (value: number) => BOX.bottom - (value / most) * (BOX.bottom - BOX.top)
  const room = (BOX.right - BOX.left) / bars.length
  const drawn = bars.flatMap(({ name, parts }, i) => {
    const left = BOX.left + i * room + room * 0.18
    let below = 0
    const rects = parts.map((part, k) => {
      const rect = `<rect class="f${k % 4}" opacity="${k < 4 ? 1 : 0.55}" x="${n(left)}" width="${n(room * 0.64)}" y="${n(atY(below + part))}" height="${n(atY(below) - atY(below + part))}"/>`
      below += part
      return rect
    })
    return [...rects, text(left + room * 0.32, BOX.bottom + 18, name, 'soft', 'middle')]
  })
  const grid = ticks(0, most).map(
    (value) =>
      `<line class="grid" x1="${BOX.left}" x2="${BOX.right}" y1="${n(atY(value))}" y2="${n(atY(value))}"/>${text(BOX.left - 8, atY(value) + 4, label(value), 'soft', 'end')}`,
  )
  return picture(title, [...grid, ...drawn, axes(), ...legend(names), ...titles({ title, x: '', y })])
}

function picture(title: string, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(title)}">
${STYLE}
<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="8"/>
${parts.join('\n')}
</svg>
`
}

function titles({ title, x, y }: { readonly title: string; readonly x: string; readonly y: string }): string[] {
  return [text(16, 22, title, 'ink title'), text(BOX.left, BOX.top - 8, y, 'soft'), text((BOX.left + BOX.right) / 2, BOX.bottom + 34, x, 'soft', 'middle')]
}

function legend(names: readonly string[]): string[] {
  if (names.length < 2) return []
  let at = BOX.left
  return names.map((name, i) => {
    const out = `<rect class="f${i % 4}" opacity="${i < 4 ? 1 : 0.55}" x="${n(at)}" y="322" width="10" height="10" rx="2"/>${text(at + 15, 331, name, 'soft')}`
    at += 34 + name.length * 6.6
    return out
  })
}

function axes(): string {
  return `<line class="axis" x1="${BOX.left}" x2="${BOX.right}" y1="${BOX.bottom}" y2="${BOX.bottom}"/>`
}

function text(x: number, y: number, words: string, style: string, anchor = 'start'): string {
  return `<text class="${style}" x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escaped(words)}</text>`
}

function thinned<T>(points: readonly T[]): readonly T[] {
  const step = Math.ceil(points.length / MOST_POINTS)
  return step <= 1 ? points : points.filter((_, i) => i % step === 0 || i === points.length - 1)
}

function range(values: readonly number[]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return values.length === 0 ? [0, 1] : [low, high]
}

/** Round numbers from low to high, five or so. */
function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 5 || 1
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((wanted) => wanted >= rough) ?? rough
  const out: number[] = []
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) out.push(at)
  return out
}

function label(value: number): string {
  const rounded = Number(value.toPrecision(6))
  return Math.abs(rounded) >= 10_000 ? rounded.toLocaleString('en-GB') : String(rounded)
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escaped(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
