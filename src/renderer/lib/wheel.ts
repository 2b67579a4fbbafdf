import { pick, seeded } from './seeded.ts'

/** A hole in a disc of radius 1 around (0, 0). */
export interface Hole {
  readonly x: number
  readonly y: number
  readonly r: number
}

/** A hole in a wheel's side: `angle` from the front in radians, `height` from 0 (top) to 1, `r` in parts of the side's height. */
export interface SideHole {
  readonly angle: number
  readonly height: number
  readonly r: number
}

/** How a cheese looks; follows from its smell alone, so that no two look alike. */
export interface Wheel {
  readonly paste: string
  readonly pasteShade: string
  readonly rind: string
  readonly hole: string
  readonly holes: readonly Hole[]
  readonly side: readonly SideHole[]
  /** Parts of the full width, 0.92 to 1. */
  readonly width: number
  /** Where it lies on the stack: −1 (left) to 1. */
  readonly lean: number
}

const RINDS: readonly [number, number, number][] = [
  [34, 62, 46],
  [28, 58, 40],
  [40, 66, 52],
  [12, 60, 42],
  [24, 50, 34],
]

const hsl = (h: number, s: number, l: number) => `hsl(${h.toFixed(0)} ${s.toFixed(0)}% ${l.toFixed(0)}%)`

function discHoles(random: () => number): Hole[] {
  const holes: Hole[] = []
  const wanted = 6 + Math.floor(random() * 5)
  for (let tries = 0; holes.length < wanted && tries < 90; tries++) {
    const r = holes.length < 2 ? 0.13 + random() * 0.08 : 0.05 + random() * 0.1
    const angle = random() * 2 * Math.PI
    const distance = Math.sqrt(random()) * (0.92 - r)
    const hole = { x: distance * Math.cos(angle), y: distance * Math.sin(angle), r }
    if (holes.every((other) => Math.hypot(other.x - hole.x, other.y - hole.y) > other.r + hole.r + 0.05)) holes.push(hole)
  }
  return holes
}

function sideHoles(random: () => number): SideHole[] {
  const holes: SideHole[] = []
  const wanted = 4 + Math.floor(random() * 4)
  for (let tries = 0; holes.length < wanted && tries < 60; tries++) {
    const r = 0.1 + random() * 0.14
    const hole = { angle: (random() - 0.5) * 2.5, height: r + 0.08 + random() * (0.84 - 2 * r), r }
    if (holes.every((other) => Math.hypot((other.angle - hole.angle) * 1.6, other.height - hole.height) > other.r + hole.r + 0.06)) holes.push(hole)
  }
  return holes
}

/** The wheel of a cheese with this smell (hex). The blue cheese, height 0, is blue. */
export function wheelOf(smell: string, blue = false): Wheel {
  const random = seeded(smell)
  const hue = blue ? 44 : 36 + random() * 14
  const light = blue ? 86 : 62 + random() * 10
  const saturation = blue ? 46 : 82 + random() * 12
  const [h, s, l] = pick(random, [RINDS[0] ?? [34, 62, 46], ...RINDS.slice(1)])
  return {
    paste: hsl(hue, saturation, light),
    pasteShade: hsl(hue - 5, saturation - 4, light - 10),
    rind: blue ? hsl(36, 24, 60) : hsl(h, s, l),
    hole: blue ? hsl(212, 38, 46) : hsl(hue - 8, saturation - 6, light - 24),
    holes: discHoles(random),
    side: sideHoles(random),
    width: 0.92 + random() * 0.08,
    lean: random() * 2 - 1,
  }
}
