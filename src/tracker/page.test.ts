import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { params } from '../consensus/params.ts'
import { lineChart } from './chart.ts'
import { type PageContent, peoplePage } from './page.ts'
import { START } from './testing/fixture.ts'

const blueSmell = params('main').blueSmellHex
const EVIL = `"><script>alert('x')</script>&`

function content(fields: Partial<PageContent> = {}): PageContent {
  const network = {
    network: EVIL,
    blueSmell,
    members: 3,
    reachable: 1,
    height: 12,
    versions: [{ name: EVIL, members: 3 }],
    heights: [{ height: 12, members: 3 }],
    latest: [
      { nickname: EVIL, memberId: '00', address: EVIL, blueSmell, endpoint: '192.0.2.1:1', reachable: null, lastSeen: START - 5, height: 12, version: EVIL },
    ],
  }
  const stats = {
    version: EVIL,
    now: START,
    uptimeSeconds: 7_300,
    members: 3,
    reachable: 1,
    networks: [network],
    announces: 9,
    queries: 0,
    refused: {},
    dialBacks: { good: 0, failed: 0, pending: 0 },
    connections: 1,
    store: { kind: 'redis' as const, up: false, error: EVIL },
  }
  const points = [0, 1, 2, 9].map((i) => ({
    at: START - 3600 + i * 300,
    members: 2 + i,
    reachable: 1,
    announces: 50,
    networks: [{ network: blueSmell, members: 2 + i, reachable: 1, height: 10 + i }],
  }))
  return { stats, networks: [network], points, host: EVIL, secure: false, ...fields }
}

describe('the page for people', () => {
  it('shows what strangers say as text, in every place', () => {
    const { body } = peoplePage(content())
    expect(body).not.toContain('<script')
    expect(body).not.toContain(`alert('x')`)
    // Host, warning, network, version of the tracker, version of the member, nickname, address.
    expect(body.match(/&lt;script&gt;/g)?.length).toBe(7)
  })

  it('runs no scripts, and allows one style sheet: its own', () => {
    const { body, headers } = peoplePage(content())
    const css = /<style>(.*)<\/style>/s.exec(body)?.[1] as string
    const hash = createHash('sha256').update(css).digest('base64')
    expect(headers?.['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    expect(body).not.toMatch(/\s(style|on[a-z]+)=/)
    expect(body).not.toMatch(/(src|href)="(?!\/)/)
  })

  it('tells members, how many are reachable, heights, versions and the last day', () => {
    const { body } = peoplePage(content({ secure: true, host: 'tracker.example' }))
    expect(body).toContain('https://tracker.example')
    expect(body).toMatch(/Members online<\/dt><dd>3</)
    expect(body).toMatch(/33 %<\/dd><dd class="more">1 could be dialled back/)
    expect(body).toContain('in 2 h')
    expect(body.match(/<svg viewBox="0 0 640/g)).toHaveLength(3)
    expect(body).toContain('aria-label="Members, last day: from 1 to 11"')
    expect(body).toContain('and 2 more')
    expect(body).toContain('5 s ago')
  })

  it('says that nobody is there', () => {
    const stats = { ...content().stats, networks: [], members: 0, reachable: 0 }
    expect(peoplePage(content({ stats, networks: [], points: [] })).body).toContain('Nobody is online now.')
  })
})

describe('a chart', () => {
  const chart = (values: readonly (readonly [number, number])[], floating = false) =>
    lineChart({ title: 'T', series: [{ name: 'n', look: 'a', values }], from: 0, to: 86_400, gap: 600, floating })
  const lines = (svg: string) => svg.match(/<path class="line a" d="([^"]+)"/g) ?? []

  it('joins what was seen one after the other, and nothing across a gap', () => {
    const points = [0, 300, 600, 3_000, 3_300].map((at) => [at, 5] as const)
    expect(lines(chart(points))).toHaveLength(2)
    expect(lines(chart([[0, 5]]))).toHaveLength(1)
    expect(lines(chart([]))).toHaveLength(0)
    expect(chart([])).toContain('nothing yet')
  })

  it('stays inside its frame and has round marks, whatever the values', () => {
    for (const top of [0, 1, 2, 3, 7, 10, 99, 101, 12_345, 4_294_967_295]) {
      const svg = chart([
        [0, 0],
        [86_400, top],
      ])
      const numbers = [...svg.matchAll(/[ML]([0-9.]+) ([0-9.-]+)/g)].flatMap(([, x, y]) => [Number(x) <= 640, Number(y) >= 0, Number(y) <= 170])
      expect(numbers.every(Boolean)).toBe(true)
      const marks = svg.match(/text-anchor="end">[0-9]/g) ?? []
      expect(marks.length >= 2 && marks.length <= 7).toBe(true)
    }
    expect(
      chart(
        [
          [0, 144_000],
          [300, 144_010],
        ],
        true,
      ),
    ).toContain('>144,000<')
  })
})
