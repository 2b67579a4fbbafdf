import { describe, expect, it } from 'vitest'
import { alone, axisRate, chartSummary, chartTop, drawn, spanWords } from './chart-data.ts'

const NOW = 100_000
const at = (...points: readonly (readonly [ago: number, hashRate: number])[]) => ({
  everySeconds: 10,
  points: points.map(([ago, hashRate]) => ({ at: NOW - ago, hashRate })),
})

describe('the chart', () => {
  it('breaks its line where nothing was searched and where points are missing', () => {
    const chart = drawn(at([60, 5], [50, 6], [40, 0], [30, 7], [0, 8]), NOW)
    expect(chart.times.map((time) => NOW - time)).toEqual([60, 50, 40, 30, 20, 0])
    expect(chart.rates).toEqual([5, 6, null, 7, null, 8])
    expect(alone(chart.rates)).toEqual([3, 5])
  })

  it('shows the last hour, and less while there is less, but never less than five minutes', () => {
    expect(drawn(at([5000, 1], [3600, 2], [10, 3]), NOW)).toMatchObject({ rates: [2, null, 3], from: NOW - 3600, to: NOW })
    expect(drawn(at([1200, 1], [10, 3]), NOW)).toMatchObject({ from: NOW - 1200 })
    expect(drawn(at([20, 1], [10, 3]), NOW)).toMatchObject({ from: NOW - 300 })
    // A member that has been open for an hour and mined for a minute is not shown as an hour of nothing.
    expect(drawn(at([3590, 0], [60, 3]), NOW).from).toBe(NOW - 300)
  })

  it('says how far back it goes', () => {
    expect(spanWords({ from: NOW - 3600, to: NOW })).toBe('The last hour')
    expect(spanWords({ from: NOW - 300, to: NOW })).toBe('The last 5 minutes')
  })

  it('drops points that are doubled, turned back or of a clock that is ahead', () => {
    expect(drawn(at([30, 1], [30, 2], [40, 3], [20, 4], [-500, 5]), NOW).rates).toEqual([1, 4])
  })

  it('says in words what it shows', () => {
    const says = (...points: Parameters<typeof at>) => chartSummary(drawn(at(...points), NOW), 10)
    expect(says([30, 2e6], [20, 1e6], [10, 1.5e6])).toBe('Hash rate in the last hour: lowest 1.00 MH/s, highest 2.00 MH/s, now 1.50 MH/s.')
    expect(says([300, 2e6], [290, 0], [10, 0])).toBe('Hash rate in the last hour: lowest 2.00 MH/s, highest 2.00 MH/s, nothing for the last 5 minutes.')
    expect(says([10, 0])).toBeUndefined()
    expect(says()).toBeUndefined()
  })

  it('labels its side without decimals that say nothing', () => {
    expect([0, 500, 2_000, 2_500, 10_000_000, 12_500_000].map(axisRate)).toEqual(['0 H/s', '500 H/s', '2 kH/s', '2.5 kH/s', '10 MH/s', '12.5 MH/s'])
  })

  it('ends at a round number above its line', () => {
    expect([0, 0.9, 86e6, 96e6, 100, 13.1e6, 450].map(chartTop)).toEqual([1, 1, 100e6, 150e6, 150, 15e6, 600])
  })
})
