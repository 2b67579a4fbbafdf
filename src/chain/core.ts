import { addressOf } from '../consensus/address.ts'
import { decodeBodySteps, decodeHeader } from '../consensus/codec.ts'
import type { RuleCode, RuleError } from '../consensus/errors.ts'
import { subsidyAt } from '../consensus/reward.ts'
import type { TreeUpdate } from '../consensus/tree.ts'
import type { AccountChanges, Body, Header, Params, Transfer } from '../consensus/types.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { Logger } from '../util/ports.ts'
import { ok, type Result } from '../util/result.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { AccountsState } from './accounts-state.ts'
import { type HeaderIndex, HeaderNode, isBetter, type NodeInit } from './header-index.ts'
import { type BadSignature, judge, type Ripe } from './judge.ts'
import { bodyKey, headerKey, TIP_KEY, undoKey } from './keys.ts'
import { Pacer } from './pause.ts'
import { type BodyFacts, damaged, decodeRecord, decodeUndoSteps, encodeRecord, type HeaderRecord } from './records.ts'
import { connectSteps, disconnectSteps, idsSteps, type LoadedBody } from './writes.ts'

/** Facts of the cheeses connected last, kept since their records may still be on their way to the store. */
const RECENT_FACTS = 32

/** A step of the main stack: what is written, and what it changes in memory. */
interface Step {
  readonly ops: readonly StoreOp[]
  readonly changes: AccountChanges
  readonly update: TreeUpdate
  readonly forward: () => void
  readonly back: () => void
}

/** The main stack over a store: connecting and disconnecting single cheeses, each in one atomic batch. Not for two callers at once. */
export class StackCore {
  readonly store: Store
  readonly params: Params
  readonly log: Logger
  readonly accounts: AccountsState
  readonly index: HeaderIndex
  /** The main stack by height, from the blue cheese up. */
  readonly main: HeaderNode[]
  /** The best cheese that could be connected, all bodies below it being there. */
  bestComplete: HeaderNode
  #nextOrder: number
  readonly #badSignature: BadSignature
  readonly #recentFacts = new Map<HeaderNode, BodyFacts>()
  #lastConnected: ({ readonly node: HeaderNode } & LoadedBody) | undefined

  constructor(init: {
    readonly store: Store
    readonly params: Params
    readonly log: Logger
    readonly badSignature: BadSignature
    readonly index: HeaderIndex
    readonly main: HeaderNode[]
    readonly bestComplete: HeaderNode
    readonly nextOrder: number
  }) {
    this.store = init.store
    this.params = init.params
    this.log = init.log
    this.accounts = new AccountsState(init.store)
    this.index = init.index
    this.main = init.main
    this.bestComplete = init.bestComplete
    this.#nextOrder = init.nextOrder
    this.#badSignature = init.badSignature
  }

  get tip(): HeaderNode {
    return this.main.at(-1) as HeaderNode
  }

  isMain(node: HeaderNode): boolean {
    return this.main[node.height] === node
  }

  takeOrder(): number {
    return this.#nextOrder++
  }

  makeNode(init: NodeInit): HeaderNode {
    return new HeaderNode(init, headerLoader(this.store))
  }

  record(node: HeaderNode): HeaderRecord {
    return readRecord(this.store, node)
  }

  /** The write that brings a node's record up to date, with what `changed` says. */
  recordOp(node: HeaderNode, record: HeaderRecord, changed: Partial<HeaderRecord>): StoreOp {
    return { type: 'put', key: headerKey(node.height, node.smellBytes), value: encodeRecord({ ...record, ...changed }) }
  }

  facts(node: HeaderNode): BodyFacts {
    return this.#recentFacts.get(node) ?? this.record(node).facts
  }

  bodyBytes(node: HeaderNode): Uint8Array | undefined {
    return node.hasBody ? this.store.get(bodyKey(node.smellBytes)) : undefined
  }

  /** A stored body. Throws when it should be there and is not. */
  *bodySteps(node: HeaderNode): Steps<Body> {
    const bytes = this.store.get(bodyKey(node.smellBytes))
    const body = bytes && (yield* decodeBodySteps(bytes))
    if (!body?.ok) throw damaged(`the body at height ${node.height}`)
    return body.value
  }

  /** A stored body with its transfers' ids, from memory when it was connected last. Throws when it should be there and is not. */
  loadedBody(node: HeaderNode): LoadedBody {
    return allAtOnce(this.loadSteps(node))
  }

  /** The reward that a cheese at `height` on the main stack credits: that of the cheese `ripening` below it, never the blue one's. */
  ripeAt(height: number): Ripe | undefined {
    const from = height - this.params.ripening
    const node = from > 0 ? this.main[from] : undefined
    if (!node) return undefined
    const { rewardTo, rewardAmount } = this.facts(node)
    return { to: rewardTo, amount: rewardAmount }
  }

  /** One transfer of a stored body, whose other ids nobody has to know. */
  loadedTransfer(node: HeaderNode, position: number): Transfer | undefined {
    const body = this.#inMemory(node)?.body ?? allAtOnce(this.bodySteps(node))
    return body.transfers[position]
  }

  /**
   * Puts a cheese whose parent is the tip on top: all rules, then one batch. One that breaks a rule is marked, with all above it.
   * @param given.bytes its encoded body, when that is not stored yet
   * @param given.badSignature what was found out about its signatures before
   */
  async connect(
    node: HeaderNode,
    given: {
      readonly body: Body
      readonly bytes?: Uint8Array | undefined
      readonly sync: boolean
      readonly pacer: Pacer
      readonly badSignature?: BadSignature | undefined
    },
  ): Promise<Result<HeaderNode, RuleError>> {
    const { body, bytes, sync, pacer } = given
    if (node.parent !== this.tip) throw new Error('bug: only what stands on the tip can be connected')
    const { accounts, params } = this
    const { height } = node
    const record = this.record(node)
    const ripe = this.ripeAt(height)
    const badSignature = node.state === 'valid' ? async () => undefined : (given.badSignature ?? this.#badSignature)
    const verdict = await judge({ header: node.header, height, body, accounts, tree: accounts, ripe, badSignature, pacer })
    if (!verdict.ok) {
      await pacer.run(this.#assertSound(node, body, ripe))
      await this.condemn(node, verdict.error.code)
      return verdict
    }
    const { applied, update } = verdict.value
    const { changes, undo } = applied
    const ids = await pacer.run(idsSteps(body, params))
    const facts = {
      size: bytes?.length ?? record.facts.size,
      transfers: body.transfers.length,
      rewardTo: body.reward.to,
      rewardAmount: subsidyAt(height) + applied.fees,
    }
    const order = node.complete ? node.order : this.takeOrder()
    const { rewardAmount } = facts
    const ops = await pacer.run(connectSteps({ store: this.store, accounts, node, loaded: { body, ids }, changes, update }, { undo, rewardAmount, bytes }))
    ops.push(this.recordOp(node, record, { state: 'valid', order, facts }))
    const before = { state: node.state, order: node.order, complete: node.complete, last: this.#lastConnected, best: this.bestComplete }
    const forward = () => {
      this.main.push(node)
      Object.assign(node, { state: 'valid', order, complete: true })
      this.#remember(node, facts)
      this.#lastConnected = { node, body, ids }
      if (isBetter(node, this.bestComplete)) this.bestComplete = node
    }
    const back = () => {
      this.main.pop()
      Object.assign(node, { state: before.state, order: before.order, complete: before.complete })
      this.#recentFacts.delete(node)
      this.#lastConnected = before.last
      this.bestComplete = before.best
    }
    await this.#commit({ ops, changes, update, forward, back }, sync)
    if (node.work >= this.index.best.work && node !== this.index.best) this.index.setBest(node)
    return ok(node)
  }

  /** Takes the tip off again, in one batch. It stays in the tree, with its body. */
  async disconnect(): Promise<void> {
    const node = this.tip
    const { parent, smellBytes: smell, height } = node
    if (!parent) throw new Error('bug: the blue cheese is never taken off')
    const undo = this.store.get(undoKey(smell))
    if (!undo) throw damaged(`the undo at height ${height}`)
    const { accounts, store } = this
    const pacer = new Pacer()
    const changes = await pacer.run(decodeUndoSteps(undo))
    const update = await pacer.run(accounts.updateSteps(changes))
    if (!equalBytes(update.root, parent.header.accountsRoot)) throw damaged(`the undo at height ${height}`)
    const loaded = await pacer.run(this.loadSteps(node))
    const ops = await pacer.run(disconnectSteps({ store, accounts, node, loaded, changes, update }, parent))
    await this.#commit({ ops, changes, update, forward: () => void this.main.pop(), back: () => void this.main.push(node) }, false)
  }

  /** Has everything written so far on the disk when it resolves. */
  async flush(): Promise<void> {
    await this.store.batch([{ type: 'put', key: TIP_KEY, value: this.tip.smellBytes }], { sync: true })
  }

  /** Marks a cheese that breaks a rule for good, and all above it; their bodies are dropped. None of them is on the main stack. */
  async condemn(node: HeaderNode, code: RuleCode): Promise<void> {
    const marked = [...this.index.subtree(node)]
    const ops = marked.flatMap((at): StoreOp[] => [
      this.recordOp(at, this.record(at), { state: 'invalid', code }),
      ...(at.hasBody ? [{ type: 'del', key: bodyKey(at.smellBytes) } as const] : []),
    ])
    await this.store.batch(ops)
    for (const at of marked) Object.assign(at, { state: 'invalid', invalid: code, complete: false })
    this.log.warn('a cheese breaks a rule', { height: node.height, smell: node.smell, rule: code, above: marked.length - 1 })
    if (this.bestComplete.state === 'invalid') this.bestComplete = this.index.findBest((at) => at.complete)
    if (this.index.best.state === 'invalid') {
      const best = this.index.findBest((at) => at.state !== 'invalid')
      this.index.setBest(best.work === this.tip.work ? this.tip : best)
    }
  }

  /** As `loadedBody`, in steps. */
  *loadSteps(node: HeaderNode): Steps<LoadedBody> {
    const known = this.#inMemory(node)
    if (known) return known
    const body = yield* this.bodySteps(node)
    return { body, ids: yield* idsSteps(body, this.params) }
  }

  #inMemory(node: HeaderNode): LoadedBody | undefined {
    return this.#lastConnected?.node === node ? this.#lastConnected : undefined
  }

  #remember(node: HeaderNode, facts: BodyFacts): void {
    this.#recentFacts.set(node, facts)
    for (const oldest of this.#recentFacts.keys()) {
      if (this.#recentFacts.size <= RECENT_FACTS) break
      this.#recentFacts.delete(oldest)
    }
  }

  /** Memory goes first, so that what is read while the batch is on its way is of one piece; it goes back when the batch fails. */
  async #commit(step: Step, sync: boolean): Promise<void> {
    this.accounts.begin(step)
    step.forward()
    try {
      await this.store.batch(step.ops, { sync })
    } catch (error) {
      step.back()
      this.accounts.done(false)
      throw error
    }
    this.accounts.done(true)
  }

  /** Before a cheese is condemned for good: are the accounts that it touches really those that the tip's header commits to? */
  *#assertSound(node: HeaderNode, body: Body, ripe: Ripe | undefined): Steps<void> {
    const { accounts, tip } = this
    const touched = new Set(ripe ? [toHex(ripe.to)] : [])
    for (const { from, payments } of body.transfers) {
      touched.add(toHex(addressOf(from)))
      for (const { to } of payments) touched.add(toHex(to))
      yield
    }
    const wanted = tip.header.accountsRoot
    const sound = node.state !== 'valid' && equalBytes(accounts.root(), wanted) && equalBytes(yield* accounts.rootThrough(touched), wanted)
    if (!sound) throw damaged(`the accounts at height ${tip.height}`)
  }
}

/** The record of a header of the tree. Throws when it is not there. */
function readRecord(store: Store, node: HeaderNode): HeaderRecord {
  const bytes = store.get(headerKey(node.height, node.smellBytes))
  if (!bytes) throw damaged(`the header at height ${node.height}`)
  return decodeRecord(bytes)
}

/** How the headers of nodes are read from `store`. */
export function headerLoader(store: Store): (node: HeaderNode) => Header {
  return (node) => {
    const header = decodeHeader(readRecord(store, node).header)
    if (!header.ok) throw damaged(`the header at height ${node.height}`)
    return header.value
  }
}
