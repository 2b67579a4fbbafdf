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
import { compareBytes } from '../util/bytes.ts'
import { sha256, taggedHash } from './hash.ts'
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

/** The root of a subtree without accounts. */
export const EMPTY_ROOT: Uint8Array = new Uint8Array(HASH)

export interface LeavesPage {
  readonly kind: 'leaves'
  /** n × (path ‖ leaf hash), by path upwards. */
  readonly bytes: Uint8Array
}

/**
 * A binary tree of four levels over sixteen slots, in heap order: node 1 is the page's own, 16 to 31 are the slots.
 * Nodes that are undefined are computed when they are asked for. (Small arrays, because V8 keeps those on its own heap
 * and copies a page of references in no time.)
 */
export interface BranchPage {
  readonly kind: 'branch'
  readonly counts: number[]
  readonly nodes: (Uint8Array | undefined)[]
}

export type Page = LeavesPage | BranchPage

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

const nodeInput = new Uint8Array(65)
nodeInput[0] = 1

/** Root of the leaves from number `from` to before `to`, which agree in their first `bit` bits. */
export function leavesRoot(bytes: Uint8Array, from: number, to: number, bit: number): Uint8Array {
  if (from === to) return EMPTY_ROOT
  if (to - from === 1) return bytes.slice(from * LEAF_BYTES + HASH, (from + 1) * LEAF_BYTES)
  const at = bit >> 3
  const mask = 0x80 >> (bit & 7)
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >> 1
    if (((bytes[middle * LEAF_BYTES + at] as number) & mask) === 0) low = middle + 1
    else high = middle
  }
  return hashNode(leavesRoot(bytes, from, low, bit + 1), leavesRoot(bytes, low, to, bit + 1))
}

/** A branch with nothing in it, to be filled with `setSlot` before anything else is asked of it. */
export function emptyBranch(): BranchPage {
  const nodes = new Array<Uint8Array | undefined>(32).fill(undefined)
  return { kind: 'branch', counts: new Array<number>(16).fill(0), nodes: nodes.fill(EMPTY_ROOT, SLOTS_AT) }
}

/** A copy that may be changed. */
export function copyBranch(page: BranchPage): BranchPage {
  return { kind: 'branch', counts: page.counts.slice(), nodes: page.nodes.slice() }
}

/** Puts a child (undefined = none) into one of the sixteen slots. `depth` is the branch's own, in nibbles. */
export function setSlot(branch: BranchPage, slot: number, child: Page | undefined, depth: number): void {
  branch.counts[slot] = child === undefined ? 0 : child.kind === 'branch' ? MANY : child.bytes.length / LEAF_BYTES
  branch.nodes[SLOTS_AT + slot] = child === undefined ? EMPTY_ROOT : pageRoot(child, depth + 1)
  for (let node = (SLOTS_AT + slot) >> 1; node > 0; node >>= 1) branch.nodes[node] = undefined
}

/** Accounts under a branch, or undefined when they are more than a leaves page holds. */
export function fewLeaves(branch: BranchPage): number | undefined {
  let total = 0
  for (const count of branch.counts) total += count
  return total > LEAVES_MAX ? undefined : total
}

/** The root of a page's subtree, 32 bytes that are not to be changed. `depth` in nibbles. */
export function pageRoot(page: Page, depth: number): Uint8Array {
  return page.kind === 'leaves' ? leavesRoot(page.bytes, 0, page.bytes.length / LEAF_BYTES, 4 * depth) : branchNode(page, 1)
}

function branchNode(page: BranchPage, node: number): Uint8Array {
  const known = page.nodes[node]
  if (known) return known
  const left = 2 * node
  const leftCount = nodeCount(page, left)
  const rightCount = nodeCount(page, left + 1)
  // Both are asked for before either is put into the buffer, which deeper nodes use too.
  const a = leftCount === 0 ? EMPTY_ROOT : branchNode(page, left)
  const b = rightCount === 0 ? EMPTY_ROOT : branchNode(page, left + 1)
  const root = leftCount + rightCount > 1 ? hashNode(a, b) : leftCount === 1 ? a : b
  page.nodes[node] = root
  return root
}

function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1)
  nodeInput.set(right, 33)
  return sha256(nodeInput)
}

/** Accounts under a node of the heap; only 0, 1 and more need to be told apart. */
function nodeCount(page: BranchPage, node: number): number {
  let width = 1
  let first = node
  for (; first < SLOTS_AT; first *= 2) width *= 2
  let total = 0
  for (let slot = first - SLOTS_AT; width > 0; width--, slot++) total += page.counts[slot] as number
  return total
}

/** The bytes that a page is stored as. */
export function encodePage(page: Page): Uint8Array {
  if (page.kind === 'leaves') {
    const out = new Uint8Array(1 + page.bytes.length)
    out[0] = LEAVES_TAG
    out.set(page.bytes, 1)
    return out
  }
  let used = 0
  for (const count of page.counts) if (count > 0) used++
  const out = new Uint8Array(1 + 16 + (4 + used) * HASH)
  out[0] = BRANCH_TAG
  out.set(page.counts, 1)
  let at = 17
  for (let node = QUARTERS_AT; node < 2 * QUARTERS_AT; node++, at += HASH) out.set(branchNode(page, node), at)
  for (let slot = 0; slot < 16; slot++) {
    if (page.counts[slot] === 0) continue
    out.set(branchNode(page, SLOTS_AT + slot), at)
    at += HASH
  }
  return out
}

/** The page that `bytes` were stored as, or undefined where they are not a page: the store is damaged. */
export function decodePage(bytes: Uint8Array): Page | undefined {
  const length = bytes.length - 1
  if (bytes[0] === LEAVES_TAG) {
    const whole = length > 0 && length % LEAF_BYTES === 0 && length <= LEAVES_MAX * LEAF_BYTES
    return whole ? { kind: 'leaves', bytes: bytes.slice(1) } : undefined
  }
  if (bytes[0] !== BRANCH_TAG || length < 16) return undefined
  const page = emptyBranch()
  let at = 17
  for (let node = QUARTERS_AT; node < 2 * QUARTERS_AT; node++, at += HASH) page.nodes[node] = bytes.slice(at, at + HASH)
  for (let slot = 0; slot < 16; slot++) {
    const count = bytes[1 + slot] as number
    if (count === 0) continue
    page.counts[slot] = count
    page.nodes[SLOTS_AT + slot] = bytes.slice(at, at + HASH)
    at += HASH
  }
  return at === bytes.length ? page : undefined
}

/** Sets or, with `leaf` undefined, removes what is at `path`. */
export interface LeafChange {
  readonly path: Uint8Array
  readonly leaf: Uint8Array | undefined
}

/** Sorted leaves after sorted changes. */
export function mergeLeaves(bytes: Uint8Array, changes: readonly LeafChange[]): Uint8Array {
  const out = new Uint8Array(bytes.length + changes.length * LEAF_BYTES)
  let written = 0
  let from = 0
  const keep = (to: number) => {
    out.set(bytes.subarray(from, to), written)
    written += to - from
    from = to
  }
  for (const { path, leaf } of changes) {
    let to = from
    let order = 1
    while (to < bytes.length) {
      order = compareBytes(bytes.subarray(to, to + 32), path)
      if (order >= 0) break
      to += LEAF_BYTES
    }
    keep(to)
    if (to < bytes.length && order === 0) from += LEAF_BYTES
    if (!leaf) continue
    out.set(path, written)
    out.set(leaf, written + 32)
    written += LEAF_BYTES
  }
  keep(bytes.length)
  return out.slice(0, written)
}
