import { addressOf } from '../consensus/address.ts'
import { decodeTransfer, encodeTransfer } from '../consensus/codec.ts'
import type { AddressHex, Params, Transfer } from '../consensus/types.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import type { Clock } from '../util/ports.ts'
import { assert, err, ok, type Result } from '../util/result.ts'
import type { Steps } from '../util/steps.ts'
import { expiredBy, type Plan, planFor } from './admission.ts'
import { EarlyRoom } from './early.ts'
import { type MempoolError, mempoolError, type RemovedReason } from './errors.ts'
import { FeeFloor } from './floor.ts'
import { feeAt, type Policy } from './policy.ts'
import type { MempoolChain, StackChange } from './ports.ts'
import { dependsOnPayees, rebuildLine, sameAccount } from './rebuild.ts'
import { WaitingRoom } from './room.ts'
import { makeWaiting, type Waiting } from './waiting.ts'

/** One thing that happened to a waiting transfer. */
export type Note =
  | { readonly type: 'added'; readonly entry: Waiting; readonly returned: boolean }
  | { readonly type: 'removed'; readonly entry: Waiting; readonly reason: RemovedReason }

export interface WaitlistOptions {
  readonly params: Pick<Params, 'blueSmell'>
  readonly chain: MempoolChain
  readonly clock: Clock
  readonly policy: Policy
  /** Told what happened, after each change that changed something. */
  readonly tell: (notes: readonly Note[]) => void
}

/** When it is full, so much of the room is kept: evicting a little at a time would sort everything for each newcomer. */
const KEPT_WHEN_FULL = 0.95
/** While lines are settled, so much is told together. */
const TOLD_AT_ONCE = 250
const NONE: readonly Waiting[] = []

/**
 * The lines of all senders and who may join them: everything about the mempool but signatures. Each line is changed at once,
 * so that when all are settled every one is valid on top of the stack.
 */
export class Waitlist {
  readonly room = new WaitingRoom()
  readonly early: EarlyRoom
  readonly floor: FeeFloor
  readonly #options: WaitlistOptions
  /** Moves of the tip that were not looked at yet. */
  readonly #moves: StackChange[] = []
  /** Senders whose lines are to be settled, with what returned of theirs. */
  readonly #touched = new Map<AddressHex, readonly Waiting[]>()
  /** Ids of what was connected since the lines were last all settled. */
  readonly #inStack = new Set<string>()

  constructor(options: WaitlistOptions) {
    this.#options = options
    this.early = new EarlyRoom(options.policy.early)
    this.floor = new FeeFloor(options.policy, options.clock)
  }

  /** Whether a transfer waits or is kept as early, by relay id. */
  has(relayId: string): boolean {
    return this.room.byRelayId(relayId) !== undefined || this.early.has(relayId)
  }

  /** Whether its expiry or the longest wait has passed. */
  isOver(item: Waiting): boolean {
    const { chain, clock, policy } = this.#options
    return expiredBy(item, chain.height() + 1) || item.addedAt <= clock.now() - policy.maxAgeMs
  }

  /** What taking `item` would mean now; its signature is not looked at. */
  plan(item: Waiting): Result<Plan, MempoolError> {
    if (this.has(item.relayId) || this.room.byId(item.id)) return err(mempoolError('known', 'This transfer waits already.'))
    const { chain, policy } = this.#options
    const { sender } = item
    return planFor(item, { chain, policy, line: this.#presentLine(sender), early: this.early.of(sender).length, minRate: this.floor.rate() })
  }

  /** A sender's line without those that the stack has spent while `resettle` was not told of it yet. */
  #presentLine(sender: AddressHex): readonly Waiting[] {
    const line = this.room.line(sender)
    const first = line[0]?.transfer.sequence ?? 0
    const next = this.#options.chain.account(fromHex(sender))?.sequence ?? 0
    return line.length > 0 && first < next ? line.slice(next - first) : line
  }

  /** Takes a transfer whose signature is good, if it may wait now. `from`: whoever gave it. */
  admit(item: Waiting, from?: string): Result<'waiting' | 'early', MempoolError> {
    const plan = this.plan(item)
    if (!plan.ok) return plan
    if (plan.value.kind === 'early') {
      if (this.early.put(item, this.#options.clock.now(), from)) return ok('early')
      return err(mempoolError('known', 'Another transfer with this sequence and a fee as high is kept already.'))
    }
    const notes: Note[] = []
    this.#take(item, plan.value, notes)
    this.#promote(item.sender, notes)
    this.#trim(notes, item)
    this.#options.tell(notes)
    if (this.room.byRelayId(item.relayId)) return ok('waiting')
    const fee = feeAt(this.floor.rate(), item.size)
    return err(
      mempoolError('full', `There is no room for a transfer of this fee rate; it takes at least ${fee} crumbs now. Raise the fee, or try again later.`, {
        fee,
      }),
    )
  }

  /** Takes note of a move of the tip, or (an empty one) that time has passed; `settleSteps` does what follows from it. */
  moved(change: StackChange): void {
    this.#moves.push(change)
  }

  /**
   * Puts every line right on top of the stack as it is now, in steps. Moves that are noted meanwhile are looked at before
   * it goes on; until it is done, some lines are still as they were.
   */
  *settleSteps(): Steps<void> {
    const notes: Note[] = []
    for (;;) {
      for (let move = this.#moves[0]; move; move = this.#moves[0]) {
        yield* this.#lookAt(move)
        this.#moves.shift()
      }
      // Nothing but the first: what comes next may be another after a pause.
      const [first] = this.#touched
      if (!first) break
      const [sender, returned] = first
      this.#settle(sender, returned, notes)
      this.#touched.delete(sender)
      if (notes.length >= TOLD_AT_ONCE) this.#options.tell(notes.splice(0))
      yield
    }
    this.#trim(notes)
    this.#inStack.clear()
    if (notes.length > 0) this.#options.tell(notes)
  }

  /** Finds the senders whose lines a move concerns. */
  *#lookAt({ disconnected, connected }: StackChange): Steps<void> {
    this.early.expire(this.#options.clock.now())
    if (this.room.size === 0 && this.early.size === 0 && disconnected.length === 0) return
    for (const { body, ids } of connected) {
      for (const [index, { from }] of body.transfers.entries()) {
        const id = ids[index] ?? ''
        this.#inStack.add(id)
        // Most have waited here: no need to hash their senders' keys.
        this.#touch(this.room.byId(id)?.sender ?? toHex(addressOf(from)))
        yield
      }
    }
    for (const { body } of disconnected) {
      for (const transfer of body.transfers) {
        const item = this.#returned(transfer)
        this.#touch(item.sender, item)
        yield
      }
    }
    for (const item of this.room.all()) {
      if (this.isOver(item)) this.#touch(item.sender)
      yield
    }
    for (const sender of this.early.senders()) this.#touch(sender)
    // What a cheese paid is gone with it: any account may have less than before.
    if (disconnected.length > 0) {
      for (const [sender, { items, account }] of this.room.lines) {
        if (dependsOnPayees(items) || !sameAccount(account, this.#options.chain.account(fromHex(sender)))) this.#touch(sender)
        yield
      }
    }
  }

  #touch(sender: AddressHex, returned?: Waiting): void {
    const list = this.#touched.get(sender)
    if (!returned) this.#touched.set(sender, list ?? NONE)
    else this.#touched.set(sender, [...(list ?? NONE), returned])
  }

  #settle(sender: AddressHex, returned: readonly Waiting[], notes: Note[]): void {
    const inStack = this.#inStack
    const line = this.room.line(sender)
    const early = this.early.of(sender)
    if (line.length + early.length + returned.length === 0) return
    if (early.length + returned.length === 0 && line.every(({ id }) => inStack.has(id))) {
      // What mostly happens, thousands of times a cheese: the whole line is in it.
      this.room.setLine(sender, [], undefined)
      for (const entry of line) notes.push({ type: 'removed', entry, reason: 'confirmed' })
      return
    }
    const { chain, clock } = this.#options
    const others = [...early, ...returned]
    const rebuilt = rebuildLine({ chain, line, others, over: (item) => this.isOver(item), confirmed: (item) => inStack.has(item.id) })
    const { added, removed } = this.room.setLine(sender, rebuilt.items, rebuilt.account)
    for (const entry of removed) notes.push({ type: 'removed', entry, reason: rebuilt.left.get(entry) ?? 'invalid' })
    for (const entry of added) notes.push({ type: 'added', entry, returned: returned.includes(entry) })
    const later = new Set(rebuilt.later)
    for (const item of early) if (!later.delete(item)) this.early.remove(item)
    for (const item of later) this.early.put(item, clock.now())
  }

  /** A transfer of a disconnected cheese. A copy: the original keeps its whole body in memory. */
  #returned(transfer: Transfer): Waiting {
    const copy = decodeTransfer(encodeTransfer(transfer))
    assert(copy.ok, 'what was in the stack can be decoded')
    return makeWaiting(copy.value, this.#options.params, this.#options.clock.now(), false)
  }

  #take(item: Waiting, plan: Extract<Plan, { kind: 'line' }>, notes: Note[]): void {
    // What is in the stack already stays until `resettle` is told how it came there.
    const line = this.room.line(item.sender)
    const spent = line.slice(0, line.length - this.#presentLine(item.sender).length)
    const { removed } = this.room.setLine(item.sender, [...spent, ...plan.items], plan.account)
    for (const entry of removed) notes.push({ type: 'removed', entry, reason: entry === plan.replaced ? 'replaced' : 'evicted' })
    notes.push({ type: 'added', entry: item, returned: false })
  }

  /** Lets in what came too early and is not any more. */
  #promote(sender: AddressHex, notes: Note[]): void {
    const next = () => (this.#options.chain.account(fromHex(sender))?.sequence ?? 0) + this.#presentLine(sender).length
    for (const item of this.early.of(sender)) {
      if (item.transfer.sequence > next()) return
      this.early.remove(item)
      const plan = this.plan(item)
      if (plan.ok && plan.value.kind === 'line') this.#take(item, plan.value, notes)
    }
  }

  /**
   * Makes room when there is too little, worst fee rate first, from the ends of lines. For a `newcomer` nobody who pays as
   * much leaves that need not.
   */
  #trim(notes: Note[], newcomer?: Waiting): void {
    const { policy } = this.#options
    let used = this.room.bytes + this.room.size * policy.entryOverhead
    if (used <= policy.maxBytes) return
    const cut = new Map<AddressHex, number>()
    const chunks = this.room.ordered()
    const limit = chunks.find(({ items }) => newcomer && items.includes(newcomer))?.rate ?? Number.POSITIVE_INFINITY
    for (let i = chunks.length - 1; i >= 0; i--) {
      const chunk = chunks[i]
      const enough = used <= policy.maxBytes * KEPT_WHEN_FULL || (used <= policy.maxBytes && chunk && chunk.rate >= limit)
      if (!chunk || enough) break
      cut.set(chunk.sender, (cut.get(chunk.sender) ?? this.room.line(chunk.sender).length) - chunk.items.length)
      used -= chunk.size + chunk.items.length * policy.entryOverhead
      this.floor.evicted(chunk.rate)
    }
    for (const [sender, length] of cut) {
      const line = this.room.lines.get(sender)
      const { removed } = this.room.setLine(sender, line?.items.slice(0, length) ?? [], line?.account)
      for (const entry of removed) notes.push({ type: 'removed', entry, reason: 'evicted' })
    }
  }
}
