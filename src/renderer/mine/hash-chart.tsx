import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { alone, axisRate, chartTop, type Drawn } from './chart-data.ts'

const HEIGHT = 192
const LABELS = 84
const minutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

interface HashChartProps {
  readonly drawn: Drawn
  /** What it shows, in a sentence. */
  readonly summary: string
  /** Told which point is under the pointer, by index; null when none is. */
  readonly onPoint: (index: number | null) => void
}

/** The hash rate as a line over time. Its colours are the theme's tokens, read at each drawing. */
export function HashChart({ drawn, summary, onPoint }: HashChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(undefined)
  const span = useRef(drawn)
  span.current = drawn

  useEffect(() => {
    const host = box.current
    if (!host) return
    const made = new uPlot(look(host.clientWidth, span, onPoint), [span.current.times, span.current.rates], host)
    chart.current = made
    const resized = new ResizeObserver(() => {
      if (host.clientWidth > 0 && host.clientWidth !== made.width) made.setSize({ width: host.clientWidth, height: HEIGHT })
    })
    resized.observe(host)
    const themed = new MutationObserver(() => made.redraw())
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    // The first drawing may have come before the fonts.
    void document.fonts.ready.then(() => chart.current === made && made.redraw(false, true))
    return () => {
      resized.disconnect()
      themed.disconnect()
      chart.current = undefined
      made.destroy()
    }
  }, [onPoint])

  useEffect(() => chart.current?.setData([drawn.times, drawn.rates]), [drawn])

  return (
    <div
      ref={box}
      role="img"
      aria-label={summary}
      data-testid="hash-chart"
      data-points={drawn.rates.filter((rate) => rate !== null).length}
      className="h-48 overflow-hidden"
    />
  )
}

const token = (name: string) => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
const veiled = (name: string, share: number) => () => `color-mix(in srgb, ${token(name)()} ${share}%, transparent)`

function look(width: number, span: { readonly current: Drawn }, onPoint: (index: number | null) => void): uPlot.Options {
  const axis: uPlot.Axis = {
    font: '12px "Inter Variable", system-ui, sans-serif',
    stroke: token('--ink-3'),
    grid: { stroke: token('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width,
    height: HEIGHT,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: { size: 8, fill: token('--accent-text'), stroke: token('--surface'), width: 2 },
    },
    scales: {
      x: { time: true, range: () => [span.current.from, span.current.to] },
      y: { range: (_chart, _low, high) => [0, chartTop(high)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        gap: 8,
        space: 72,
        grid: { show: false },
        incrs: [60, 120, 300, 600, 900, 1800, 3600],
        values: (_chart, splits) => splits.map((at) => minutes.format(at * 1000)),
      },
      { ...axis, size: LABELS, gap: 8, space: 36, values: (_chart, splits) => splits.map(axisRate) },
    ],
    series: [
      {},
      {
        stroke: token('--accent-text'),
        width: 2,
        fill: veiled('--accent', 22),
        points: { show: false, size: 6, fill: token('--accent-text'), filter: () => alone(span.current.rates) },
      },
    ],
    hooks: { setCursor: [(chart) => onPoint(chart.cursor.idx ?? null)] },
  }
}
