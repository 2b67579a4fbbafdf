/**
 * The accounts tree: the compact sparse Merkle tree over all accounts whose root every header commits to
 * (docs/protocol.md, "Accounts"), kept in pages over a store, so that a cheese touches only what it changes.
 */
import { compareBytes, fromHex } from '../util/bytes.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'
import { WriteBack } from '../util/write-back.ts'
import {
  accountLeaf,
  accountPath,
  type BranchPage,
  copyBranch,
  copyLeaves,
  decodePage,
  EMPTY_ROOT,
  emptyBranch,
  encodePage,
  fewLeaves,
  LEAF_BYTES,
  LEAVES_MAX,
  type LeafChange,
  leavesRoot,
  mergeLeaves,
  type Page,
  pageRoot,
  setSlot,
} from './tree-pages.ts'
import { below, keyHexOf, keyOf, type Place, placeBelow, ROOT, type Where } from './tree-places.ts'
import type { Account, AccountChanges, AddressHex } from './types.ts'

export { accountLeaf, accountPath } from './tree-pages.ts'

/** Where the tree reads what it has stored. Keys have 1 to 33 bytes. */
export interface TreeNodes {
  get(key: Uint8Array): Uint8Array | undefined
}

/** What some changes make of the tree. Nothing has happened yet: `writes` is for the caller to store. */
export interface TreeUpdate {
  /** The accounts root afterwards, 32 bytes. */
  readonly root: Uint8Array
  /** New values by key (hex); undefined = to be deleted. Encoded when first asked for, so a preview does not pay for it. */
  readonly writes: ReadonlyMap<string, Uint8Array | undefined>
  /** `writes`, encoded in steps. */
  writesSteps(): Steps<ReadonlyMap<string, Uint8Array | undefined>>
}

/** Of pages in memory when nothing else is said: enough for the upper levels above a million accounts. */
const CACHE_BYTES = 16_777_216
const NO_LEAVES = new Uint8Array(0)
/** Branches less deep than this, in nibbles, are steps of their own: below are too few accounts to matter. */
const STEP_DEPTH = 3

interface Change extends LeafChange {
  /** The first six bytes of the path as a number, which sort faster than bytes. */
  readonly order: number
}

class Update implements TreeUpdate {
  readonly root: Uint8Array
  readonly pages: ReadonlyMap<Place, Page | undefined>
  readonly #onto: Update | undefined
  #writes: Map<string, Uint8Array | undefined> | undefined

  constructor(root: Uint8Array, pages: ReadonlyMap<Place, Page | undefined>, onto: Update | undefined) {
    this.root = root
    this.pages = pages
    this.#onto = onto
  }

  get writes(): ReadonlyMap<string, Uint8Array | undefined> {
    return this.#writes ?? allAtOnce(this.writesSteps())
  }

  *writesSteps(): Steps<ReadonlyMap<string, Uint8Array | undefined>> {
    if (this.#writes) return this.#writes
    const writes = new Map<string, Uint8Array | undefined>()
    for (const [place, page] of this.pages) {
      writes.set(keyHexOf(place), page && encodePage(page))
      yield
    }
    this.#writes = writes
    return writes
  }

  load(place: Place, stored: (place: Place) => Page | undefined): Page | undefined {
    if (this.pages.has(place)) return this.pages.get(place)
    return this.#onto ? this.#onto.load(place, stored) : stored(place)
  }
}

/**
 * The tree over one store. `update` asks and changes nothing. A caller that stores an update's `writes` at once tells so with
 * `apply`; one that stores many together has each taken with `take` and writes what `taken` gives now and then.
 */
export class AccountsTree {
  readonly #nodes: TreeNodes
  /** Pages are never changed, so an update may share them. */
  readonly #pages: WriteBack<Page, Place>

  /** @param options.cacheBytes of the pages that are kept in memory though they are stored */
  constructor(nodes: TreeNodes, options: { readonly cacheBytes?: number } = {}) {
    this.#nodes = nodes
    this.#pages = new WriteBack(options.cacheBytes ?? CACHE_BYTES, sizeOf)
  }

  /** Bytes of pages that were taken and are not being written yet; and of those that are kept though they are stored. */
  get bytes(): { readonly taken: number; readonly cached: number } {
    return { taken: this.#pages.changedBytes, cached: this.#pages.cachedBytes }
  }

  /** The accounts root of what is stored, 32 bytes; all zero without accounts. Throws when the store is damaged. */
  root(): Uint8Array {
    const page = this.#load(ROOT.place)
    return page ? pageRoot(page, 0).slice() : EMPTY_ROOT.slice()
  }

  /**
   * What `changes` would make of the tree, or of the tree as `onto` (not stored yet) would leave it; then its writes are
   * those beyond `onto`'s. Changes nothing. Throws when the store is damaged.
   */
  update(changes: AccountChanges, onto?: TreeUpdate): TreeUpdate {
    return allAtOnce(this.updateSteps(changes, onto))
  }

  /** `update` in steps; nothing may be applied to the tree meanwhile. */
  *updateSteps(changes: AccountChanges, onto?: TreeUpdate): Steps<TreeUpdate> {
    if (onto && !(onto instanceof Update)) throw new Error('bug: an update that no tree made')
    const stored = (place: Place) => this.#load(place)
    const load = onto ? (place: Place) => onto.load(place, stored) : stored
    const pages = new Map<Place, Page | undefined>()
    const before = load(ROOT.place)
    const page = yield* updatePage({ load, pages }, ROOT, before, yield* toChanges(changes))
    return new Update(page ? pageRoot(page, 0).slice() : EMPTY_ROOT.slice(), pages, onto)
  }

  /** Takes an update's pages into memory: to be called as soon as its `writes` have been stored, since older pages would be stale. */
  apply(update: TreeUpdate): void {
    if (!(update instanceof Update)) throw new Error('bug: an update that no tree made')
    for (const [place, page] of update.pages) this.#pages.remember(place, page ?? null)
  }

  /** Takes an update's pages into memory, from where they are stored later. */
  take(update: TreeUpdate): void {
    if (!(update instanceof Update)) throw new Error('bug: an update that no tree made')
    for (const [place, page] of update.pages) this.#pages.set(place, page ?? null)
  }

  /**
   * What is to be stored of everything taken up to this call: new values by key; undefined = to be deleted. Encoded as they
   * are gone through, once. `written` must follow before the next.
   */
  taken(): Iterable<readonly [key: Uint8Array, value: Uint8Array | undefined]> {
    return encoded(this.#pages.begin())
  }

  /** What `taken` gave has been stored or, with `stored` false, is to be given again. */
  written(stored: boolean): void {
    this.#pages.done(stored)
  }

  /** As `written` of what has been stored, in steps. */
  writtenSteps(): Steps<void> {
    return this.#pages.doneSteps()
  }

  /** Forgets every page in memory that is stored, as when the store was changed behind this tree's back. */
  forget(): void {
    this.#pages.forget()
  }

  #load(place: Place): Page | undefined {
    const known = this.#pages.get(place)
    if (known !== undefined) return known ?? undefined
    const bytes = this.#nodes.get(keyOf(place))
    if (!bytes) return undefined
    const page = decodePage(bytes)
    if (!page) throw new Error(`accounts tree: the stored page ${keyHexOf(place)} is damaged`)
    this.#pages.remember(place, page)
    return page
  }
}

function* encoded(pages: ReadonlyMap<Place, Page | null>): Iterable<readonly [Uint8Array, Uint8Array | undefined]> {
  for (const [place, page] of pages) yield [keyOf(place), page ? encodePage(page) : undefined]
}

/** Bytes that a page takes up in memory with its key, about. */
function sizeOf(page: Page | null): number {
  if (page === null) return 150
  return page.kind === 'branch' ? 1_600 : 350 + page.bytes.length
}

/** The accounts root of all `accounts`, made anew: what a tree must agree with. */
export function accountsRootOf(accounts: Iterable<readonly [AddressHex, Account]>): Uint8Array {
  const leaves = allAtOnce(toChanges(new Map(accounts)))
  return leavesRoot(packLeaves(leaves), 0, leaves.filter(({ leaf }) => leaf).length, 0).slice()
}

/** Sorted by path: by its first byte at first, so that no step has many to sort. */
function* toChanges(changes: AccountChanges): Steps<Change[]> {
  const byFirst = Array.from({ length: 256 }, (): Change[] => [])
  for (const [hex, account] of changes) {
    const address = fromHex(hex)
    const path = accountPath(address)
    const stored = account && (account.balance !== 0n || account.sequence !== 0)
    byFirst[path[0] as number]?.push({ path, order: firstBytes(path), leaf: stored ? accountLeaf(address, account) : undefined })
    yield
  }
  const out: Change[] = []
  for (const some of byFirst) {
    some.sort((a, b) => a.order - b.order || compareBytes(a.path, b.path))
    for (const change of some) out.push(change)
    yield
  }
  return out
}

function firstBytes(path: Uint8Array): number {
  let value = 0
  for (let i = 0; i < 6; i++) value = value * 256 + (path[i] as number)
  return value
}

function packLeaves(changes: readonly Change[]): Uint8Array {
  const present = changes.filter(({ leaf }) => leaf)
  const out = new Uint8Array(present.length * LEAF_BYTES)
  for (const [i, { path, leaf }] of present.entries()) {
    out.set(path, i * LEAF_BYTES)
    out.set(leaf as Uint8Array, i * LEAF_BYTES + 32)
  }
  return out
}

interface Work {
  /** The page at a place as it was before. */
  readonly load: (place: Place) => Page | undefined
  /** What has changed. */
  readonly pages: Map<Place, Page | undefined>
}

function nibbleAt(path: Uint8Array, index: number): number {
  const byte = path[index >> 1] as number
  return (index & 1) === 0 ? byte >> 4 : byte & 15
}

/** The page at `where` after `changes` (sorted, all under it): the same object when nothing differs. */
function* updatePage(work: Work, where: Where, page: Page | undefined, changes: readonly Change[]): Steps<Page | undefined> {
  if (where.depth >= STEP_DEPTH) return updateNow(work, where, page, changes)
  if (page?.kind !== 'branch') {
    const before = page?.bytes ?? NO_LEAVES
    const bytes = mergeLeaves(before, changes)
    return bytes === before ? page : yield* buildPage(work, where, bytes)
  }
  let changed: BranchPage | undefined
  for (let from = 0; from < changes.length; ) {
    const { nibble, to, child, under } = partAt(work, where, page, changes, from)
    const after = yield* updatePage(work, below(where, nibble), child, under)
    if (after !== child) {
      changed ??= copyBranch(page)
      setSlot(changed, nibble, after, where.depth)
    }
    from = to
    yield
  }
  return changed ? finishBranch(work, where, changed) : page
}

/** As `updatePage`, all at once: for pages with too few accounts below to matter. */
function updateNow(work: Work, where: Where, page: Page | undefined, changes: readonly Change[]): Page | undefined {
  if (page?.kind !== 'branch') {
    const before = page?.bytes ?? NO_LEAVES
    const bytes = mergeLeaves(before, changes)
    return bytes === before ? page : buildNow(work, where, bytes)
  }
  let changed: BranchPage | undefined
  for (let from = 0; from < changes.length; ) {
    const { nibble, to, child, under } = partAt(work, where, page, changes, from)
    const after = updateNow(work, below(where, nibble), child, under)
    if (after !== child) {
      changed ??= copyBranch(page)
      setSlot(changed, nibble, after, where.depth)
    }
    from = to
  }
  return changed ? finishBranch(work, where, changed) : page
}

/** The changes from number `from` on that are under the same child of a branch, up to before number `to`. */
interface Part {
  readonly nibble: number
  readonly to: number
  readonly child: Page | undefined
  readonly under: readonly Change[]
}

function partAt(work: Work, where: Where, page: BranchPage, changes: readonly Change[], from: number): Part {
  const { depth } = where
  const nibble = nibbleAt((changes[from] as Change).path, depth)
  let to = from + 1
  while (to < changes.length && nibbleAt((changes[to] as Change).path, depth) === nibble) to++
  const at = placeBelow(where, nibble)
  const child = page.counts[nibble] === 0 ? undefined : work.load(at)
  if (page.counts[nibble] !== 0 && !child) throw new Error(`accounts tree: the page ${keyHexOf(at)} is missing`)
  return { nibble, to, child, under: from === 0 && to === changes.length ? changes : changes.slice(from, to) }
}

/** Keeps a changed branch or, when it has become small, makes a leaves page of it; its children, all leaves pages by now, go. */
function finishBranch(work: Work, where: Where, branch: BranchPage): Page | undefined {
  if (fewLeaves(branch) === undefined) {
    work.pages.set(where.place, branch)
    return branch
  }
  const parts: number[] = []
  for (let nibble = 0; nibble < 16; nibble++) {
    const at = placeBelow(where, nibble)
    const child = work.pages.has(at) ? work.pages.get(at) : branch.counts[nibble] === 0 ? undefined : work.load(at)
    if (child?.kind === 'leaves') parts.push(...child.bytes)
    if (child) work.pages.set(at, undefined)
  }
  return buildNow(work, where, Uint8Array.from(parts))
}

/** Makes the page, and all below it, that holds these leaves. */
function* buildPage(work: Work, where: Where, bytes: Uint8Array): Steps<Page | undefined> {
  if (where.depth >= STEP_DEPTH || bytes.length <= LEAVES_MAX * LEAF_BYTES) return buildNow(work, where, bytes)
  const branch = emptyBranch()
  for (const { nibble, leaves } of leavesBySlot(where.depth, bytes)) {
    setSlot(branch, nibble, yield* buildPage(work, below(where, nibble), leaves), where.depth)
    yield
  }
  work.pages.set(where.place, branch)
  return branch
}

/** As `buildPage`, all at once. */
function buildNow(work: Work, where: Where, bytes: Uint8Array): Page | undefined {
  const page = bytes.length > LEAVES_MAX * LEAF_BYTES ? emptyBranch() : bytes.length > 0 ? ({ kind: 'leaves', bytes } as const) : undefined
  if (page?.kind === 'branch') {
    for (const { nibble, leaves } of leavesBySlot(where.depth, bytes)) setSlot(page, nibble, buildNow(work, below(where, nibble), leaves), where.depth)
  }
  work.pages.set(where.place, page)
  return page
}

/** Leaves whose paths agree in their first `depth` nibbles, apart by the next one. */
function* leavesBySlot(depth: number, bytes: Uint8Array): Iterable<{ readonly nibble: number; readonly leaves: Uint8Array }> {
  const nibbleOf = (at: number) => nibbleAt(bytes.subarray(at, at + LEAF_BYTES), depth)
  for (let from = 0; from < bytes.length; ) {
    const nibble = nibbleOf(from)
    let to = from + LEAF_BYTES
    while (to < bytes.length && nibbleOf(to) === nibble) to += LEAF_BYTES
    yield { nibble, leaves: copyLeaves(bytes.subarray(from, to)) }
    from = to
  }
}
