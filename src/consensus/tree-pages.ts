/**
 * Pages of the accounts tree: how a piece of it is held, hashed and stored. (What the tree *is* stands in
 * docs/protocol.md; pages are how this member keeps it, and no other member can tell.)
 *
 * A page is the subtree under a prefix of the path, in steps of four bits: with at most `LEAVES_MAX` accounts it is a
 * list of leaves, with more a branch of sixteen child pages. Which of the two depends on the accounts alone, so the
 * stored pages, like the root, do not tell the order in which accounts came and went.
 *
 * stored key    depth in nibbles (1 byte) ‖ that many nibbles of path, padded with a zero nibble to whole bytes
 * leaves page   0x00 ‖ n × (path 32 ‖ leaf hash 32), by path upwards
 * branch page   0x01 ‖ 16 × count (1 byte: accounts under the slot; 255 = more than a leaves page holds)
 *               ‖ 4 hashes, of four slots each ‖ the hash of each slot whose count is not 0
 */
import { equalBytes } from '../util/bytes.ts'
import { Slabs } from '../util/slabs.ts'
import { sha256, taggedHash } from './hash.ts'
import { shared } from './sha256.ts'
import type { Account } from './types.ts'

/** Most accounts in a leaves page. */
export const LEAVES_MAX = 8
/** Path ‖ leaf hash. */
export const LEAF_BYTES = 64
const HASH = 32
/** The count of a slot that holds a branch. */
const MANY = 255
const LEAVES_TAG = 0
const BRANCH_TAG = 1
const SLOTS_AT = 16
const QUARTERS_AT = 4
const QUARTERS_KNOWN = 0xf0
/** A node's hash for each bit of `known`. */
const NODES_BYTES = 32 * HASH

/** The root of a subtree without accounts. */
export const EMPTY_ROOT: Uint8Array = new Uint8Array(HASH)

export interface LeavesPage {
  readonly kind: 'leaves'
  /** n × (path ‖ leaf hash), by path upwards. */
  readonly bytes: Uint8Array
}

/**
 * A binary tree of four levels over sixteen slots, in heap order: node 1 is the page's own, 16 to 31 are the slots. Those
 * that are not known are computed when they are asked for. (One array for all, because as many small ones keep the garbage
 * collector busier than the hashes keep us.)
 */
export interface BranchPage {
  readonly kind: 'branch'
  readonly counts: number[]
  /** 32 × 32 bytes. */
  readonly nodes: Uint8Array
  /** A bit for each node. */
  known: number
}

export type Page = LeavesPage | BranchPage

/** A copy of leaves, for a page of their own. */
export function copyLeaves(bytes: Uint8Array): Uint8Array {
  return leavesRoom.copy(bytes)
}

/** Where an address lies in the tree, 256 bits. */
export function accountPath(address: Uint8Array): Uint8Array {
  return taggedHash('Cheese/path', address)
}

const leafInput = new Uint8Array(33)
const leafView = new DataView(leafInput.buffer)

/** SHA-256(0x00 ‖ address ‖ balance u64 ‖ sequence u32). */
export function accountLeaf(address: Uint8Array, account: Account): Uint8Array {
  leafInput.set(address, 1)
  leafView.setBigUint64(21, account.balance)
  leafView.setUint32(29, account.sequence)
  return sha256(leafInput)
}

/** Root of the leaves from number `from` to before `to`, which agree in their first `bit` bits. */
export function leavesRoot(bytes: Uint8Array, from: number, to: number, bit: number): Uint8Array {
  if (from === to) return EMPTY_ROOT
  if (to - from === 1) return bytes.subarray(from * LEAF_BYTES + HASH, (from + 1) * LEAF_BYTES)
  const at = bit >> 3
  const mask = 0x80 >> (bit & 7)
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >> 1
    if (((bytes[middle * LEAF_BYTES + at] as number) & mask) === 0) low = middle + 1
    else high = middle
  }
  return shared.node(leavesRoot(bytes, from, low, bit + 1), leavesRoot(bytes, low, to, bit + 1))
}

const SLOTS_KNOWN = 0xffff_0000 | 0

/** Of branches' nodes, of leaves, and of pages on their way into the store. */
const nodesRoom = new Slabs(16 * NODES_BYTES)
const leavesRoom = new Slabs(64 * LEAF_BYTES)
const storedRoom = new Slabs(16_384)

/** A branch with nothing in it, to be filled with `setSlot` before anything else is asked of it. */
export function emptyBranch(): BranchPage {
  return { kind: 'branch', counts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], nodes: nodesRoom.take(NODES_BYTES), known: SLOTS_KNOWN }
}

/** A copy that may be changed. */
export function copyBranch(page: BranchPage): BranchPage {
  return { kind: 'branch', counts: page.counts.slice(), nodes: nodesRoom.copy(page.nodes), known: page.known }
}

/** Puts a child (undefined = none) into one of the sixteen slots. `depth` is the branch's own, in nibbles. */
export function setSlot(branch: BranchPage, slot: number, child: Page | undefined, depth: number): void {
  branch.counts[slot] = child === undefined ? 0 : child.kind === 'branch' ? MANY : child.bytes.length / LEAF_BYTES
  branch.nodes.set(child === undefined ? EMPTY_ROOT : pageRoot(child, depth + 1), HASH * (SLOTS_AT + slot))
  for (let node = (SLOTS_AT + slot) >> 1; node > 0; node >>= 1) branch.known &= ~(1 << node)
}

/** Accounts under a branch, or undefined when they are more than a leaves page holds. */
export function fewLeaves(branch: BranchPage): number | undefined {
  let total = 0
  for (const count of branch.counts) total += count
  return total > LEAVES_MAX ? undefined : total
}

/** The root of a page's subtree, 32 bytes that are not to be changed. `depth` in nibbles. */
export function pageRoot(page: Page, depth: number): Uint8Array {
  if (page.kind === 'leaves') return leavesRoot(page.bytes, 0, page.bytes.length / LEAF_BYTES, 4 * depth)
  know(page, 1 << 1)
  return page.nodes.subarray(HASH, 2 * HASH)
}

/** Accounts under each node of a branch; only 0, 1 and more need to be told apart. */
const totals = new Int32Array(32)

/** Computes those of the `wanted` nodes (a bit for each) that are not known, and what they are made of. */
function know(page: BranchPage, wanted: number): void {
  if ((wanted & ~page.known) === 0) return
  let missing = 0
  for (let node = 1; node < SLOTS_AT; node++) {
    if ((wanted & ~page.known & (1 << node)) === 0) continue
    missing |= 1 << node
    wanted |= (1 << (2 * node)) | (1 << (2 * node + 1))
  }
  for (let slot = 0; slot < 16; slot++) totals[SLOTS_AT + slot] = page.counts[slot] as number
  const shelf = shared.page
  shelf.set(page.nodes)
  for (let node = SLOTS_AT - 1; node > 0; node--) {
    const [left, right] = [totals[2 * node] as number, totals[2 * node + 1] as number]
    totals[node] = left + right
    if ((missing & (1 << node)) === 0) continue
    // A subtree with a single account is that account's leaf, and one with none is zeros, as its nodes are.
    if (left + right > 1) shared.nodeInPage(2 * HASH * node, HASH * node)
    else shelf.copyWithin(HASH * node, HASH * (2 * node + right), HASH * (2 * node + right + 1))
  }
  page.nodes.set(shelf.subarray(0, NODES_BYTES))
  page.known |= missing
}

/** The bytes that a page is stored as. */
export function encodePage(page: Page): Uint8Array {
  if (page.kind === 'leaves') {
    const out = storedRoom.take(1 + page.bytes.length)
    out[0] = LEAVES_TAG
    out.set(page.bytes, 1)
    return out
  }
  let used = 0
  for (const count of page.counts) if (count > 0) used++
  const out = storedRoom.take(1 + 16 + (4 + used) * HASH)
  out[0] = BRANCH_TAG
  out.set(page.counts, 1)
  know(page, QUARTERS_KNOWN)
  out.set(page.nodes.subarray(QUARTERS_AT * HASH, 2 * QUARTERS_AT * HASH), 17)
  let at = 17 + QUARTERS_AT * HASH
  for (let slot = 0; slot < 16; ) {
    let to = slot
    while (to < 16 && page.counts[to] !== 0) to++
    if (to > slot) out.set(page.nodes.subarray(HASH * (SLOTS_AT + slot), HASH * (SLOTS_AT + to)), at)
    at += HASH * (to - slot)
    slot = to + 1
  }
  return out
}

/** The page that `bytes` were stored as, or undefined where they are not a page: the store is damaged. */
export function decodePage(bytes: Uint8Array): Page | undefined {
  const length = bytes.length - 1
  if (bytes[0] === LEAVES_TAG) {
    const whole = length > 0 && length % LEAF_BYTES === 0 && length <= LEAVES_MAX * LEAF_BYTES
    return whole ? { kind: 'leaves', bytes: leavesRoom.copy(bytes.subarray(1)) } : undefined
  }
  if (bytes[0] !== BRANCH_TAG || length < 16) return undefined
  const page = emptyBranch()
  let used = 0
  for (let slot = 0; slot < 16; slot++) if (bytes[1 + slot] !== 0) used++
  if (bytes.length !== 17 + (QUARTERS_AT + used) * HASH) return undefined
  page.nodes.set(bytes.subarray(17, 17 + QUARTERS_AT * HASH), QUARTERS_AT * HASH)
  page.known |= QUARTERS_KNOWN
  let at = 17 + QUARTERS_AT * HASH
  for (let slot = 0; slot < 16; slot++) {
    const count = bytes[1 + slot] as number
    if (count === 0) continue
    page.counts[slot] = count
    page.nodes.set(bytes.subarray(at, at + HASH), HASH * (SLOTS_AT + slot))
    at += HASH
  }
  return page
}

/** Sets or, with `leaf` undefined, removes what is at `path`. */
export interface LeafChange {
  readonly path: Uint8Array
  readonly leaf: Uint8Array | undefined
}

/** The order of the leaf at `at` and a path: below, at or above zero. */
function compareLeaf(bytes: Uint8Array, at: number, path: Uint8Array): number {
  for (let i = 0; i < HASH; i++) {
    const difference = (bytes[at + i] as number) - (path[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** Sorted leaves after sorted changes: the same array when nothing differs. */
export function mergeLeaves(bytes: Uint8Array, changes: readonly LeafChange[]): Uint8Array {
  const [only] = changes
  if (only && changes.length === 1) return mergeLeaf(bytes, only)
  const out = leavesRoom.take(bytes.length + changes.length * LEAF_BYTES)
  let written = 0
  let from = 0
  const keep = (to: number) => {
    if (to > from) out.set(bytes.subarray(from, to), written)
    written += to - from
    from = to
  }
  for (const { path, leaf } of changes) {
    let to = from
    let order = 1
    for (; to < bytes.length; to += LEAF_BYTES) {
      order = compareLeaf(bytes, to, path)
      if (order >= 0) break
    }
    keep(to)
    if (to < bytes.length && order === 0) from += LEAF_BYTES
    if (!leaf) continue
    out.set(path, written)
    out.set(leaf, written + HASH)
    written += LEAF_BYTES
  }
  keep(bytes.length)
  const merged = written === out.length ? out : out.subarray(0, written)
  return equalBytes(merged, bytes) ? bytes : merged
}

function mergeLeaf(bytes: Uint8Array, { path, leaf }: LeafChange): Uint8Array {
  let at = 0
  let order = 1
  for (; at < bytes.length; at += LEAF_BYTES) {
    order = compareLeaf(bytes, at, path)
    if (order >= 0) break
  }
  if (at < bytes.length && order === 0) {
    if (!leaf) {
      const out = leavesRoom.take(bytes.length - LEAF_BYTES)
      out.set(bytes.subarray(0, at))
      out.set(bytes.subarray(at + LEAF_BYTES), at)
      return out
    }
    if (compareLeaf(bytes, at + HASH, leaf) === 0) return bytes
    const out = leavesRoom.copy(bytes)
    out.set(leaf, at + HASH)
    return out
  }
  if (!leaf) return bytes
  const out = leavesRoom.take(bytes.length + LEAF_BYTES)
  out.set(bytes.subarray(0, at))
  out.set(path, at)
  out.set(leaf, at + HASH)
  out.set(bytes.subarray(at), at + LEAF_BYTES)
  return out
}
