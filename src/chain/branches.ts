/** Ways through the tree of headers: up, down, and where two branches part. */
import { type HeaderContext, MEDIAN_SPAN } from '../consensus/header.ts'
import type { Smell } from '../consensus/types.ts'
import type { HeaderIndex } from './header-index.ts'
import type { HeaderNode } from './header-node.ts'

/** Branches that part no deeper are walked down; deeper forks are found by halving. */
const WALK = 16

/** The lowest number above `low` and up to `high` for which `holds`, which holds from some number on, at `high` for sure. */
export function lowest(low: number, high: number, holds: (at: number) => boolean): number {
  let [below, found] = [low, high]
  while (found - below > 1) {
    const middle = Math.floor((below + found) / 2)
    if (holds(middle)) found = middle
    else below = middle
  }
  return found
}

/** The highest cheese that both stand on. */
export function commonAncestor(index: HeaderIndex, a: HeaderNode, b: HeaderNode): HeaderNode {
  const top = Math.min(a.height, b.height)
  let x = index.ancestor(a, top)
  let y = index.ancestor(b, top)
  for (let walked = 0; x && y && x !== y && walked < WALK; walked++) {
    x = x.parent
    y = y.parent
  }
  if (x && y && x !== y) {
    const [left, right] = [x, y]
    const parted = lowest(0, left.height, (height) => index.ancestor(left, height) !== index.ancestor(right, height))
    x = y = index.ancestor(left, parted - 1)
    if (x !== index.ancestor(right, parted - 1)) y = undefined
  }
  if (!x || !y) throw new Error('bug: two headers of the tree share no ancestor')
  return x
}

/** The cheeses from just above `from`, which `to` stands on, up to `to`: all of them in memory, so not for whole stacks. */
export function pathUp(from: HeaderNode, to: HeaderNode): HeaderNode[] {
  const path: HeaderNode[] = []
  for (let node = to; node !== from; ) {
    path.push(node)
    const { parent } = node
    if (!parent) throw new Error('bug: a path between headers that are not above each other')
    node = parent
  }
  return path.reverse()
}

/** What a header on top of `parent` is checked against; without our clock. */
export function contextOn(parent: HeaderNode): HeaderContext {
  const ancestorTimes: number[] = []
  const grandparent = parent.parent
  ancestorTimes.push(parent.time)
  for (let node = grandparent; node && ancestorTimes.length < MEDIAN_SPAN; node = node.parent) ancestorTimes.push(node.time)
  return { height: parent.height + 1, parentSmell: parent.smellBytes, parent, ...(grandparent ? { grandparent } : {}), ancestorTimes }
}

/** Smells on the branch of the best header whose bodies are not stored, lowest first. */
export function missingBodies(index: HeaderIndex, tip: HeaderNode, limit: number): Smell[] {
  const { best } = index
  if (best.complete || limit <= 0) return []
  // Up to some height everything is complete, and above it nothing.
  const fork = commonAncestor(index, tip, best)
  const isOpen = (height: number) => index.ancestor(best, height)?.complete !== true
  const first = isOpen(fork.height + 1) ? fork.height + 1 : lowest(fork.height + 1, best.height, isOpen)
  const smells: Smell[] = []
  for (let from = first; from <= best.height && smells.length < limit; from += limit) {
    const top = index.ancestor(best, Math.min(best.height, from + limit - 1))
    const piece: Smell[] = []
    for (let node = top; node && node.height >= from; node = node.parent) if (!node.hasBody) piece.push(node.smell)
    smells.push(...piece.reverse())
  }
  return smells.slice(0, limit)
}
