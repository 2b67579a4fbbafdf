import { addressOf } from '../consensus/address.ts'
import { decodeBodySteps } from '../consensus/codec.ts'
import type { RuleCode, RuleError } from '../consensus/errors.ts'
import { subsidyAt } from '../consensus/reward.ts'
import type { Body, Params, Smell, Transfer } from '../consensus/types.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { Logger } from '../util/ports.ts'
import { ok, type Result } from '../util/result.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'
import { AccountsState, CACHE_BYTES } from './accounts-state.ts'
import { condemn } from './condemn.ts'
import type { HeaderIndex } from './header-index.ts'
import { type HeaderNode, isBetter } from './header-node.ts'
import { type IndexedCheese, Indexes } from './indexes.ts'
import { type BadSignature, judge, type Ripe } from './judge.ts'
import { bodyKey, DAMAGED_KEY, headerKey, indexKey, TIP_KEY, undoKey } from './keys.ts'
import { Pacer } from './pause.ts'
import { type BodyFacts, damaged, decodeUndoSteps, encodeRecord, encodeUndoSteps, type HeaderRecord } from './records.ts'
import { WriteBehind } from './write-behind.ts'
import { connectOps, disconnectOps } from './writes.ts'

/** Facts of the cheeses connected last, kept since their records may still be on their way to the store. */
const RECENT_FACTS = 32

/** Accounts that change at once in a turn of the main loop of their own: as many take a millisecond or so. */
const MANY = 2_000

/** Bytes that wait in memory to be written before they are: a hundred cheeses of 200 transfers, which share many accounts and tree pages. */
const FLUSH_BYTES = 50_331_648

/**
 * The main stack over a store: connecting and disconnecting single cheeses. Not for two callers at once.
 *
 * A cheese is connected for good once its body and its header's record are stored, in one batch. What follows from it waits
 * in memory, with that of others, for a batch of its own (`flush`). After a crash in between the store opens at the cheese
 * that the last such batch told of, and those above it, known to be valid, are connected again.
 */
export class StackCore {
  readonly store: WriteBehind
  readonly params: Params
  readonly log: Logger
  readonly accounts: AccountsState
  readonly index: HeaderIndex
  /** Of transfers, and of what touched each address. */
  readonly indexes: Indexes
  #tip: HeaderNode
  readonly #badSignature: BadSignature
  readonly #recentFacts = new Map<HeaderNode, BodyFacts>()
  #lastConnected: { readonly node: HeaderNode; readonly body: Body } | undefined
  #flushing: Promise<void> | undefined
  #flushFailed = false
  #isDamageNoted = false

  constructor(init: {
    readonly store: Store
    readonly params: Params
    readonly log: Logger
    readonly badSignature: BadSignature
    readonly index: HeaderIndex
    readonly tip: HeaderNode
    readonly cacheBytes?: number | undefined
  }) {
    const cacheBytes = init.cacheBytes ?? CACHE_BYTES
    // A quarter for numbers of activity entries, the rest for accounts and their tree.
    this.store = new WriteBehind(init.store)
    this.indexes = new Indexes(this.store, init.params, cacheBytes / 4)
    this.params = init.params
    this.log = init.log
    this.accounts = new AccountsState(init.store, (3 * cacheBytes) / 4)
    this.index = init.index
    this.#tip = init.tip
    this.#badSignature = init.badSignature
    init.index.onUnreadable = (error) => {
      if (error instanceof StoreError && error.code === 'damaged') void this.noteDamage()
    }
  }

  /** The topmost cheese of the main stack. */
  get tip(): HeaderNode {
    return this.#tip
  }

  /** The smell of the main stack's cheese at `height`. */
  mainSmell(height: number): Smell | undefined {
    // What is connected or taken off right now is the tip, or just above it: all else is as the store has it.
    const { height: top, smell } = this.#tip
    if (height === top) return smell
    if (!(height >= 0 && height < top)) return undefined
    const stored = this.store.get(indexKey(height))
    if (!stored) throw damaged(`the index of height ${height}`)
    return toHex(stored)
  }

  /** The main stack's cheese at `height`. */
  mainAt(height: number): HeaderNode | undefined {
    const smell = this.mainSmell(height)
    return smell === undefined ? undefined : this.index.at(height, smell)
  }

  isMain(node: HeaderNode): boolean {
    return this.mainSmell(node.height) === node.smell
  }

  /** The write that brings a node's record up to date, with what `changed` says. */
  recordOp(node: HeaderNode, record: HeaderRecord, changed: Partial<HeaderRecord>): StoreOp {
    return { type: 'put', key: headerKey(node.height, node.smellBytes), value: encodeRecord({ ...record, ...changed }) }
  }

  facts(node: HeaderNode): BodyFacts {
    return this.#recentFacts.get(node) ?? this.index.record(node).facts
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

  /** A stored body, from memory when it was connected last. Throws when it should be there and is not. */
  loadedBody(node: HeaderNode): Body {
    return this.#inMemory(node) ?? allAtOnce(this.bodySteps(node))
  }

  /** The reward that a cheese at `height` on the main stack credits: that of the cheese `ripening` below it, never the blue one's. */
  ripeAt(height: number): Ripe | undefined {
    const from = height - this.params.ripening
    const node = from > 0 ? this.mainAt(from) : undefined
    if (!node) return undefined
    const { rewardTo, rewardAmount } = this.facts(node)
    return { to: rewardTo, amount: rewardAmount }
  }

  /** One transfer of a stored body, whose other ids nobody has to know. */
  loadedTransfer(node: HeaderNode, position: number): Transfer | undefined {
    return this.loadedBody(node).transfers[position]
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
    await this.#flushLarge()
    const { accounts } = this
    const { height } = node
    const record = this.index.record(node)
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
    const facts = {
      size: bytes?.length ?? record.facts.size,
      transfers: body.transfers.length,
      rewardTo: body.reward.to,
      rewardAmount: subsidyAt(height) + applied.fees,
    }
    const { index } = this
    const order = node.complete ? node.order : index.takeOrder()
    const chosen = {
      best: node.work >= index.best.work ? node : index.best,
      bestComplete: isBetter({ work: node.work, order }, index.bestComplete) ? node : index.bestComplete,
    }
    const own: StoreOp[] = [this.recordOp(node, record, { state: 'valid', complete: true, order, facts }), index.treeOp(chosen)]
    if (bytes) own.push({ type: 'put', key: bodyKey(node.smellBytes), value: bytes })
    const storing = this.store.batch(own, { sync })
    storing.catch(() => undefined) // awaited below
    const follows = connectOps(node, await pacer.run(encodeUndoSteps(undo)))
    await storing
    // Nothing can fail any more: all that follows changes at once.
    if (changes.size > MANY) await pacer.pause()
    this.store.stage(follows)
    this.indexes.on(indexed(node, facts))
    accounts.take({ changes, update })
    this.#tip = node
    Object.assign(node, { state: 'valid', order, complete: true })
    this.#remember(node, facts)
    this.#lastConnected = { node, body }
    index.best = chosen.best
    index.bestComplete = chosen.bestComplete
    return ok(node)
  }

  /** Takes the tip off again. It stays in the tree, with its body. */
  async disconnect(): Promise<void> {
    await this.#flushLarge()
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
    store.stage(disconnectOps(node))
    this.indexes.off(indexed(node, this.facts(node)))
    accounts.take({ changes, update })
    this.#tip = parent
  }

  /** Whether something waits to be written, or is being written. */
  get isBehind(): boolean {
    return this.#flushing !== undefined || this.store.stagedBytes + this.indexes.bytes > 0
  }

  /**
   * Writes what follows from the main stack as it is now, in one batch. What cannot be written waits for the next time.
   * @param sync whether everything so far is on the disk when it resolves
   */
  async flush(sync: boolean): Promise<void> {
    await this.#flushing
    this.#flushing = this.#flushNow(sync)
    await this.#flushing
  }

  /** Begins to write when much waits; waits itself only when the last write has not ended, or has failed. */
  async #flushLarge(): Promise<void> {
    if (this.store.stagedBytes + this.indexes.bytes + this.accounts.bytes.taken < FLUSH_BYTES) return
    await this.#flushing
    const flushing = this.#flushNow(false)
    this.#flushing = flushing
    if (this.#flushFailed) await flushing
    else flushing.catch((error: unknown) => this.log.warn('the stack could not be written; it is tried again', { error: String(error) }))
  }

  async #flushNow(sync: boolean): Promise<void> {
    const { accounts, store, indexes, tip } = this
    const ops = allOf(accounts.ops(), indexes.begin(), store.begin(), [{ type: 'put', key: TIP_KEY, value: tip.smellBytes }])
    let stored = false
    try {
      // Whoever made this call knows of it before anything is written.
      await undefined
      await store.batch(ops, { sync })
      stored = true
      const pacer = new Pacer()
      await pacer.run(accounts.writtenSteps())
      await pacer.run(indexes.writtenSteps())
      store.written(true)
    } finally {
      this.#flushing = undefined
      this.#flushFailed = !stored
      if (!stored) for (const one of [accounts, indexes, store]) one.written(false)
    }
  }

  /** Has the next opening say that the store is damaged, so that it is rebuilt, if the store still takes anything. */
  async noteDamage(): Promise<void> {
    if (this.#isDamageNoted) return
    this.#isDamageNoted = true
    try {
      await this.store.batch([{ type: 'put', key: DAMAGED_KEY, value: new Uint8Array() }], { sync: true })
    } catch (error) {
      this.#isDamageNoted = false
      this.log.warn('the damage of the store could not be noted in it', { error: String(error) })
    }
  }

  /** Marks a cheese that breaks a rule for good, and all above it (condemn.ts). */
  condemn(node: HeaderNode, code: RuleCode): Promise<void> {
    return condemn(this, node, code)
  }

  /** As `loadedBody`, in steps. */
  *loadSteps(node: HeaderNode): Steps<Body> {
    return this.#inMemory(node) ?? (yield* this.bodySteps(node))
  }

  #inMemory(node: HeaderNode): Body | undefined {
    return this.#lastConnected?.node === node ? this.#lastConnected.body : undefined
  }

  #remember(node: HeaderNode, facts: BodyFacts): void {
    this.#recentFacts.set(node, facts)
    for (const oldest of this.#recentFacts.keys()) {
      if (this.#recentFacts.size <= RECENT_FACTS) break
      this.#recentFacts.delete(oldest)
    }
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

function indexed({ height, smellBytes }: HeaderNode, { transfers, rewardTo, rewardAmount }: BodyFacts): IndexedCheese {
  return { height, smellBytes, transfers, rewardTo, rewardAmount }
}

function* allOf<T>(...lists: readonly Iterable<T>[]): Iterable<T> {
  for (const list of lists) yield* list
}
