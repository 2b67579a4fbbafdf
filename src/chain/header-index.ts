import type { Smell } from '../consensus/types.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { HeaderNode, type NodeInit } from './header-node.ts'
import { headerKey, placeKey, TREE_KEY } from './keys.ts'
import { damaged, decodeRecord, decodeU32, encodeTree, encodeU32, type HeaderRecord, type TreeRecord } from './records.ts'

/** Headers kept in memory by default, some 5 MB of them: days of the stack, and what long ways down lead over. */
export const HEADERS_IN_MEMORY = 8192

/**
 * Where long ways down jump to from `height`: to it without its lowest bit, as 0b101100 → 0b101000. From an odd height
 * that is the parent; from anywhere to anywhere below it is a few hundred steps at most, jumping wherever that is not too far.
 */
export function skipHeight(height: number): number {
  return height & (height - 1)
}

/**
 * The tree of all headers that we know, and the best of them. All of it is in the store; in memory are the headers used
 * last, as many as it is told, and any other that somebody still holds: there is one node of a header at a time.
 */
export class HeaderIndex {
  readonly store: Store
  /** Bodies in the store that wait for one below them. */
  waiting = 0
  /** A completion or a condemnation was cut short by a store that failed, and is to be finished (open.ts does too). */
  hasLooseEnds = false
  /** Told when a header that must be there cannot be read, whoever asked for it. */
  onUnreadable: (error: unknown) => void = () => undefined
  readonly #generation: number
  /** The nodes used last, in two generations: when the younger is full, what was not used since leaves with the older. */
  #young = new Map<Smell, HeaderNode>()
  #old = new Map<Smell, HeaderNode>()
  /** Those that left, as long as somebody else holds them. */
  readonly #left = new Map<Smell, WeakRef<HeaderNode>>()
  /** Headers on their way to the store: only each other's descendants see them. */
  readonly #fresh = new Map<Smell, HeaderNode>()
  #best: HeaderNode | undefined
  #bestComplete: HeaderNode | undefined
  #nextOrder = 1

  /** @param limit headers kept in memory, at least 2 */
  constructor(store: Store, limit = HEADERS_IN_MEMORY) {
    this.store = store
    this.#generation = Math.max(1, Math.floor(limit / 2))
  }

  /** Nodes that it keeps in memory now: never more than its limit. */
  get inMemory(): number {
    let count = this.#young.size
    for (const smell of this.#old.keys()) if (!this.#young.has(smell)) count++
    return count
  }

  /** The header with the most work that is not invalid, first seen first. */
  get best(): HeaderNode {
    return expected(this.#best)
  }

  set best(node: HeaderNode) {
    this.#best = node
  }

  /** The best cheese that could be connected, all bodies below it being there. */
  get bestComplete(): HeaderNode {
    return expected(this.#bestComplete)
  }

  set bestComplete(node: HeaderNode) {
    this.#bestComplete = node
  }

  /** A running number: what takes the lower one was seen first. */
  takeOrder(): number {
    return this.#nextOrder++
  }

  /** Takes up what `treeOp` wrote. */
  restore(tree: TreeRecord): void {
    const [best, complete] = [this.get(tree.best), this.get(tree.bestComplete)]
    if (!best || !complete) throw damaged('the best branch')
    this.#best = best
    this.#bestComplete = complete
    this.#nextOrder = tree.nextOrder
  }

  /** The write that remembers the best branches, and orders that were taken; `changed` says what else they are from now on. */
  treeOp(changed: { readonly best?: HeaderNode; readonly bestComplete?: HeaderNode } = {}): StoreOp {
    const { best = this.best, bestComplete = this.bestComplete } = changed
    return { type: 'put', key: TREE_KEY, value: encodeTree({ best: best.smell, bestComplete: bestComplete.smell, nextOrder: this.#nextOrder }) }
  }

  /** Any header of the tree. */
  get(smell: Smell): HeaderNode | undefined {
    const known = this.inUse(smell)
    if (known || this.#fresh.has(smell) || !/^[0-9a-f]{64}$/.test(smell)) return known
    const place = this.store.get(placeKey(fromHex(smell)))
    return place && this.at(decodeU32(place.subarray(0, 4)), smell)
  }

  /** A header that must be there. Throws a `StoreError` when it is not. */
  at(height: number, smell: Smell): HeaderNode {
    const known = this.#fresh.get(smell) ?? this.inUse(smell)
    if (known?.height === height) return known
    if (known) throw damaged(`the header at height ${height}`)
    const { code: invalid, header, work, order, state, complete } = this.#read(height, smell)
    const node = this.#node({ smell, header, height, work, order, state, complete, invalid })
    this.#keep(node)
    return node
  }

  /** The node of a header if there is one in memory. */
  inUse(smell: Smell): HeaderNode | undefined {
    const young = this.#young.get(smell)
    if (young) return young
    const node = this.#old.get(smell) ?? this.#left.get(smell)?.deref()
    if (node) this.#keep(node)
    return node
  }

  /** The record of a header of the tree. Throws a `StoreError` when it is not there. */
  record(node: HeaderNode): HeaderRecord {
    return this.#read(node.height, node.smell)
  }

  /** The ancestor of `node` at `height`, or itself; undefined above it. */
  ancestor(node: HeaderNode, height: number): HeaderNode | undefined {
    if (height > node.height || height < 0) return undefined
    let at = node
    while (at.height > height) {
      const to = skipHeight(at.height)
      at = to >= height && to < at.height - 1 ? this.at(to, this.#skipOf(at)) : (at.parent as HeaderNode)
    }
    return at
  }

  /** A header that is new, on top of one that is there or new: nobody else sees it before `settle`. */
  prepare(init: NodeInit): HeaderNode {
    const node = this.#node(init)
    this.#fresh.set(node.smell, node)
    const { height, parent } = node
    if (parent && height % 2 === 0) node.skip = this.ancestor(parent, skipHeight(height))?.smell
    return node
  }

  /** The write that tells where a prepared header lies. */
  placeOp(node: HeaderNode): StoreOp {
    const { height, skip } = node
    const value = new Uint8Array(skip === undefined ? 4 : 36)
    value.set(encodeU32(height))
    if (skip !== undefined) value.set(fromHex(skip), 4)
    return { type: 'put', key: placeKey(node.smellBytes), value }
  }

  /** Prepared headers are in the store now. Returns their nodes: others may have read them just before. */
  settle(nodes: Iterable<HeaderNode>): HeaderNode[] {
    const settled: HeaderNode[] = []
    for (const node of nodes) {
      const known = this.inUse(node.smell)
      if (!known) this.#keep(node)
      settled.push(known ?? node)
    }
    for (const { smell } of settled) this.#fresh.delete(smell)
    return settled
  }

  /** Prepared headers could not be stored. */
  giveUp(nodes: Iterable<HeaderNode>): void {
    for (const { smell } of nodes) this.#fresh.delete(smell)
  }

  #skipOf(node: HeaderNode): Smell {
    if (node.skip === undefined) {
      const place = this.store.get(placeKey(node.smellBytes))
      if (place?.length !== 36) throw damaged(`the place of the header at height ${node.height}`)
      node.skip = toHex(place.subarray(4))
    }
    return node.skip
  }

  #read(height: number, smell: Smell): HeaderRecord {
    try {
      const bytes = this.store.get(headerKey(height, fromHex(smell)))
      if (!bytes) throw damaged(`the header at height ${height}`)
      return decodeRecord(bytes)
    } catch (error) {
      this.onUnreadable(error)
      throw error
    }
  }

  #node(init: NodeInit): HeaderNode {
    return new HeaderNode(init, (node) => this.at(node.height - 1, node.parentSmell))
  }

  /** Makes it one of those used last. */
  #keep(node: HeaderNode): void {
    this.#left.delete(node.smell)
    this.#young.set(node.smell, node)
    if (this.#young.size < this.#generation) return
    for (const [smell, reference] of this.#left) if (reference.deref() === undefined) this.#left.delete(smell)
    for (const [smell, leaving] of this.#old) if (!this.#young.has(smell)) this.#left.set(smell, new WeakRef(leaving))
    this.#old = this.#young
    this.#young = new Map()
  }
}

function expected(node: HeaderNode | undefined): HeaderNode {
  if (!node) throw new Error('bug: the best branch is asked for before it is known')
  return node
}
