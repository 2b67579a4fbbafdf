import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

const Bounds = z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int().min(400), height: z.number().int().min(300) })
const WindowState = z.object({ bounds: Bounds, maximized: z.boolean() })
export type Bounds = z.infer<typeof Bounds>
export type WindowState = z.infer<typeof WindowState>

const overlap = (a: number, aLength: number, b: number, bLength: number) => Math.min(a + aLength, b + bLength) - Math.max(a, b)

/** Whether enough of `bounds` lies on one of `screens` for a person to take hold of it. */
export function isSeen(bounds: Bounds, screens: readonly Bounds[]): boolean {
  return screens.some((screen) => overlap(bounds.x, bounds.width, screen.x, screen.width) >= 200 && overlap(bounds.y, 40, screen.y, screen.height) >= 40)
}

/** How the window was left, or undefined when that is not known or no longer fits the screens. */
export function readWindowState(path: string, screens: readonly Bounds[]): WindowState | undefined {
  try {
    const state = WindowState.parse(JSON.parse(readFileSync(path, 'utf8')))
    return isSeen(state.bounds, screens) ? state : undefined
  } catch {
    return undefined
  }
}

/** Remembers how the window is left. A disk that cannot take it is no reason to bother anybody. */
export function writeWindowState(path: string, state: WindowState): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify(state))
  } catch {
    // Next time the window opens where windows open.
  }
}
