import { pick, seeded } from './seeded.ts'

/** How the avatar of an address or key looks: a wedge on a plate. Another key gives another wedge, in colour as in holes. */
export interface Wedge {
  readonly plate: string
  readonly top: string
  readonly face: string
  readonly rind: string
  readonly hole: string
  /** Which way the tip points. */
  readonly flip: boolean
  /** Holes in the face, x and y from 0 to 1, radius in the same measure. */
  readonly holes: readonly { readonly x: number; readonly y: number; readonly r: number }[]
}

const PLATES: readonly [string, ...string[]] = [
  '#27598c',
  '#1f6e6a',
  '#4a7a2b',
  '#7a4a9a',
  '#a83a5b',
  '#5b4636',
  '#2f3f7a',
  '#8a5a12',
  '#3a3a44',
  '#6b7a86',
  '#b0532a',
  '#136f45',
]
const PASTES: readonly [readonly [number, number, number], ...(readonly [number, number, number])[]] = [
  [45, 92, 66],
  [36, 92, 60],
  [26, 88, 58],
  [52, 70, 78],
  [50, 90, 58],
  [14, 78, 62],
  [40, 30, 88],
  [64, 52, 66],
]

const hsl = (h: number, s: number, l: number) => `hsl(${h} ${s}% ${l}%)`

/** The wedge drawn for `key` (an address or a key in hex). */
export function wedgeOf(key: string): Wedge {
  const random = seeded(`wedge ${key}`)
  const plate = pick(random, PLATES)
  const [h, s, l] = pick(random, PASTES)
  const rind = pick(random, ['#8f3a1d', '#c98a2b', '#4d3a26', '#e8dcc2', '#2d2a28', '#6f8f3a'])
  const flip = random() < 0.5
  const holes: { x: number; y: number; r: number }[] = []
  const wanted = 3 + Math.floor(random() * 3)
  for (let tries = 0; holes.length < wanted && tries < 60; tries++) {
    const r = 0.07 + random() * 0.1
    const hole = { x: 0.1 + random() * 0.8, y: 0.15 + random() * 0.7, r }
    if (holes.every((other) => Math.hypot(other.x - hole.x, (other.y - hole.y) * 0.6) > other.r + r)) holes.push(hole)
  }
  return { plate, top: hsl(h, s, Math.min(l + 10, 94)), face: hsl(h, s, l), rind, hole: hsl(h - 6, Math.max(s - 10, 20), l - 22), flip, holes }
}
