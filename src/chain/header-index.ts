import type { RuleCode } from '../consensus/errors.ts'
import { type HeaderContext, MEDIAN_SPAN } from '../consensus/header.ts'
import type { Header, Smell } from '../consensus/types.ts'
import { fromHex } from '../util/bytes.ts'
import type { EntryState } from './records.ts'

/** A cheese of the tree as others see it. */
export interface HeaderEntry {
  readonly smell: Smell
  readonly height: number
  /** Unix seconds. */
  readonly time: number
  readonly bits: number
  /** Cumulative work from the blue cheese up to this one. */
  readonly work: bigint
  readonly state: EntryState
  /** The rule that it, or one below it, breaks. */
  readonly invalid: RuleCode | undefined
  readonly parent: HeaderEntry | undefined
  /** Read from the store when asked for. */
  readonly header: Header
}

export interface NodeInit {
  readonly smell: Smell
  readonly parent: HeaderNode | undefined
  readonly height: number
  readonly time: number
  readonly bits: number
  readonly work: bigint
  readonly order: number
  readonly state: EntryState
  readonly invalid: RuleCode | undefined
}

/** One header in memory, some 250 bytes: everything else stays in the store. */
export class HeaderNode implements HeaderEntry {
  readonly smell: Smell
  readonly parent: HeaderNode | undefined
  readonly height: number
  readonly time: number
  readonly bits: number
  readonly work: bigint
  /** The lower was seen first (records.ts). */
  order: number
  state: EntryState
  invalid: RuleCode | undefined
  /** Whether its body and all those below it are stored, and none is known to be invalid. */
  complete = false
  /** Children are a list through `next`, so that a header without any costs nothing more. */
  firstChild: HeaderNode | undefined = undefined
  next: HeaderNode | undefined = undefined
  readonly #load: (node: HeaderNode) => Header

  constructor(init: NodeInit, load: (node: HeaderNode) => Header) {
    this.smell = init.smell
    this.parent = init.parent
    this.height = init.height
    this.time = init.time
    this.bits = init.bits
    this.work = init.work
    this.order = init.order
    this.state = init.state
    this.invalid = init.invalid
    this.#load = load
  }

  get header(): Header {
    return this.#load(this)
  }

  get smellBytes(): Uint8Array {
    return fromHex(this.smell)
  }

  get hasBody(): boolean {
    return this.state === 'body' || this.state === 'valid'
  }

  *children(): Iterable<HeaderNode> {
    for (let child = this.firstChild; child; child = child.next) yield child
  }
}

/** Whether `a` is to be preferred: more work, or seen first with as much. */
export function isBetter(a: HeaderNode, b: HeaderNode): boolean {
  return a.work > b.work || (a.work === b.work && a.order < b.order)
}

/** The highest cheese that both stand on. */
export function commonAncestor(a: HeaderNode, b: HeaderNode): HeaderNode {
  let [x, y]: [HeaderNode | undefined, HeaderNode | undefined] = [a, b]
  while (x && y && x !== y) {
    const [above, below]: [number, number] = [x.height, y.height]
    if (above >= below) x = x.parent
    if (below >= above) y = y.parent
  }
  if (!x || !y) throw new Error('bug: two headers of the tree share no ancestor')
  return x
}

/** The cheeses from just above `from`, which `to` stands on, up to `to`. */
export function pathUp(from: HeaderNode, to: HeaderNode): HeaderNode[] {
  const path: HeaderNode[] = []
  for (let node = to; node !== from; ) {
    path.push(node)
    if (!node.parent) throw new Error('bug: a path between headers that are not above each other')
    node = node.parent
  }
  return path.reverse()
}

/** What a header on top of `parent` is checked against; without our clock. */
export function contextOn(parent: HeaderNode): HeaderContext {
  const ancestorTimes: number[] = []
  for (let node: HeaderNode | undefined = parent; node && ancestorTimes.length < MEDIAN_SPAN; node = node.parent) ancestorTimes.push(node.time)
  return {
    height: parent.height + 1,
    parentSmell: parent.smellBytes,
    parent,
    ...(parent.parent ? { grandparent: parent.parent } : {}),
    ancestorTimes,
  }
}

/** The tree of all headers that we know, the best of them, and the branch that leads there. */
export class HeaderIndex {
  readonly blue: HeaderNode
  readonly #bySmell = new Map<Smell, HeaderNode>()
  /** The branch of the best header by height, from the blue cheese up. */
  readonly #bestBranch: HeaderNode[] = []

  constructor(blue: HeaderNode) {
    this.blue = blue
    this.#bySmell.set(blue.smell, blue)
    this.#bestBranch.push(blue)
  }

  get size(): number {
    return this.#bySmell.size
  }

  get(smell: Smell): HeaderNode | undefined {
    return this.#bySmell.get(smell)
  }

  /** The header with the most work that is not invalid, first seen first. */
  get best(): HeaderNode {
    return this.#bestBranch.at(-1) as HeaderNode
  }

  /** The best branch's header at `height`. */
  bestAt(height: number): HeaderNode | undefined {
    return this.#bestBranch[height]
  }

  /** Adds a header whose parent is there; it becomes the best if it has more work than that. Tells whether it did. */
  add(node: HeaderNode): boolean {
    const { parent } = node
    if (!parent || this.#bySmell.has(node.smell)) throw new Error('bug: a header is added once, on top of another')
    this.#bySmell.set(node.smell, node)
    node.next = parent.firstChild
    parent.firstChild = node
    if (node.state === 'invalid' || node.work <= this.best.work) return false
    this.setBest(node)
    return true
  }

  /** Makes `node` the best header. */
  setBest(node: HeaderNode): void {
    const path: HeaderNode[] = []
    for (let at: HeaderNode | undefined = node; at && this.#bestBranch[at.height] !== at; at = at.parent) path.push(at)
    this.#bestBranch.length = node.height + 1
    for (const at of path) this.#bestBranch[at.height] = at
  }

  /** The best of the headers that pass `filter`, looking through all of them: only when one has turned out invalid, and at start. */
  findBest(filter: (node: HeaderNode) => boolean): HeaderNode {
    let best = this.blue
    for (const node of this.#bySmell.values()) if (isBetter(node, best) && filter(node)) best = node
    return best
  }

  /** `node` and everything above it, parents first. */
  *subtree(node: HeaderNode): Iterable<HeaderNode> {
    const waiting = [node]
    for (let at = waiting.pop(); at; at = waiting.pop()) {
      yield at
      for (const child of at.children()) waiting.push(child)
    }
  }
}

/** Smells from `node` downwards: ten in a row, then ever farther apart, the blue cheese last. `at` gives its branch by height. */
export function locatorOf(node: HeaderNode, at: (height: number) => HeaderNode | undefined): Smell[] {
  const smells: Smell[] = []
  let step = 1
  for (let height = node.height; height > 0; height -= step) {
    const entry = at(height)
    if (entry) smells.push(entry.smell)
    if (smells.length >= 10) step *= 2
  }
  smells.push(at(0)?.smell ?? node.smell)
  return smells
}
