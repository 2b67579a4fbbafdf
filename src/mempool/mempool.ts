import { Pacer } from '../chain/pause.ts'
import type { Verifier } from '../chain/verifier.ts'
import { MAX_BODY_BYTES } from '../consensus/codec.ts'
import { checkTransferShape } from '../consensus/connect.ts'
import { signingHash } from '../consensus/hash.ts'
import type { AddressHex, Params, Transfer } from '../consensus/types.ts'
import { BoundedMap } from '../util/bounded.ts'
import { fromHex } from '../util/bytes.ts'
import { Emitter } from '../util/events.ts'
import { type Clock, type Logger, silent } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'
import { type MempoolError, mempoolError, type RemovedReason } from './errors.ts'
import { rateAtDepth, selectFrom } from './order.ts'
import { defaultPolicy, feeAt, type Policy } from './policy.ts'
import type { MempoolChain, StackChange } from './ports.ts'
import { Settling } from './settling.ts'
import { decodeSnapshotSteps, encodeSnapshotSteps, type SnapshotError } from './snapshot.ts'
import { makeWaiting, type Waiting } from './waiting.ts'
import { type Note, Waitlist } from './waitlist.ts'

export interface MempoolOptions {
  readonly params: Pick<Params, 'blueSmell'>
  readonly chain: MempoolChain
  readonly verifier: Pick<Verifier, 'verify'>
  readonly clock: Clock
  readonly log?: Logger
  readonly policy?: Partial<Policy>
}

export interface MempoolEvents {
  /** It waits in its sender's line. `returned`: it comes from a cheese that was taken off the stack. */
  added: { readonly entry: Waiting; readonly returned: boolean }
  /** It waits no longer. */
  removed: { readonly entry: Waiting; readonly reason: RemovedReason }
  /** What `select` gives for the next cheese may have changed. */
  best: { readonly size: number }
}

/** A transfer that was taken. `early`: kept, but not to be passed on or mined before the gap in front of it is filled. */
export interface Accepted {
  readonly entry: Waiting
  readonly state: 'waiting' | 'early'
}

/** What `restore` made of a snapshot: transfers taken, transfers refused, and damaged stretches passed over. */
export interface Restored {
  readonly taken: number
  readonly refused: number
  readonly damaged: number
}

const RESTORE_BATCH = 128
const SWEEP_EVERY_MS = 600_000
/** How long the rate that a full cheese starts at is believed; finding it sorts everything. */
const MARKET_FRESH_MS = 5000

/** Transfers that wait for a cheese: each sender's in a line by sequence, all of them valid on top of the stack. */
export class Mempool {
  readonly events: Emitter<MempoolEvents>
  readonly policy: Policy
  readonly #params: Pick<Params, 'blueSmell'>
  readonly #chain: MempoolChain
  readonly #verifier: Pick<Verifier, 'verify'>
  readonly #clock: Clock
  readonly #list: Waitlist
  /** Refused for now: forgotten when the tip moves. */
  readonly #refused: BoundedMap<string, MempoolError>
  /** Refused for good: the signature is bad. */
  readonly #forged: BoundedMap<string, MempoolError>
  readonly #verified: BoundedMap<string, true>
  readonly #checking = new Map<string, Promise<Result<Accepted, MempoolError>>>()
  #market: { readonly rate: number; readonly at: number } | undefined
  #sweptAt: number
  readonly #settling: Settling
  /** Whether the best have changed since lines are being settled. */
  #bestChanged = false

  constructor({ params, chain, verifier, clock, log = silent, policy }: MempoolOptions) {
    this.policy = { ...defaultPolicy, ...policy }
    this.#params = params
    this.#chain = chain
    this.#verifier = verifier
    this.#clock = clock
    this.events = new Emitter((error) => log.error('a handler of a mempool event failed', { error: String(error) }))
    this.#list = new Waitlist({ params, chain, clock, policy: this.policy, tell: (notes) => this.#tell(notes) })
    this.#settling = new Settling(this.#list, log, () => this.#settled())
    this.#refused = new BoundedMap(this.policy.maxRejects)
    this.#forged = new BoundedMap(this.policy.maxRejects)
    this.#verified = new BoundedMap(this.policy.maxVerified)
    this.#sweptAt = clock.now()
  }

  /** Waiting transfers; those kept because they came too early do not count. */
  get size(): number {
    return this.#list.room.size
  }

  /** Bytes of their encodings. */
  get bytes(): number {
    return this.#list.room.bytes
  }

  /** Checks everything about a transfer and lets it wait. `local`: this member's own user made it. `from`: whoever gave it, who has a share of the room for early ones. */
  async add(transfer: Transfer, { local = false, from }: { readonly local?: boolean; readonly from?: string } = {}): Promise<Result<Accepted, MempoolError>> {
    const now = this.#clock.now()
    if (now - this.#sweptAt > SWEEP_EVERY_MS) this.#move({ disconnected: [], connected: [] })
    const broken = checkTransferShape(transfer)
    if (broken) return err(mempoolError('shape', broken.message, { rule: broken }))
    const item = makeWaiting(transfer, this.#params, now, local)
    const refused = this.#forged.get(item.relayId) ?? (local ? undefined : this.#refused.get(item.relayId))
    if (refused) return err(refused)
    const running = this.#checking.get(item.relayId)
    if (running) return running
    const checking = this.#check(item, from)
    this.#checking.set(item.relayId, checking)
    try {
      return await checking
    } finally {
      this.#checking.delete(item.relayId)
    }
  }

  /** A transfer that waits or is kept as early, by relay id (hex). */
  has(relayId: string): boolean {
    return this.#list.room.byRelayId(relayId) !== undefined || this.#list.early.has(relayId)
  }

  /** Why a transfer was refused lately, by relay id (hex); undefined when it was not, or is not remembered. */
  refusal(relayId: string): MempoolError | undefined {
    return this.#forged.get(relayId) ?? this.#refused.get(relayId)
  }

  /** Whether this very encoding's signature is known to be good, by relay id (hex): the chain need not verify it again. */
  wasVerified(relayId: string): boolean {
    return this.#verified.has(relayId) || this.has(relayId)
  }

  /** Relay ids (hex) of everything that is kept now, those that came too early among it; in no order. */
  relayIds(): string[] {
    return [...this.#list.room.relayIds(), ...this.#list.early.relayIds()]
  }

  /** A transfer that waits or is kept as early, by relay id (hex). */
  kept(relayId: string): Waiting | undefined {
    return this.#list.room.byRelayId(relayId) ?? this.#list.early.byRelayId(relayId)
  }

  byRelayId(relayId: string): Waiting | undefined {
    return this.#list.room.byRelayId(relayId)
  }

  /** By transfer id (hex). */
  byId(id: string): Waiting | undefined {
    return this.#list.room.byId(id)
  }

  /** A sender's waiting transfers in the order of their sequences. */
  bySender(sender: AddressHex): readonly Waiting[] {
    return this.#list.room.line(sender)
  }

  /** Waiting transfers that pay an address. */
  payingTo(address: AddressHex): readonly Waiting[] {
    return [...this.#list.room.payingTo(address)]
  }

  all(): readonly Waiting[] {
    return [...this.#list.room.all()]
  }

  /** Crumbs that a sender's waiting transfers take, fees included. */
  pendingDebit(sender: AddressHex): bigint {
    return this.#list.room.line(sender).reduce((sum, { debit }) => sum + debit, 0n)
  }

  /** The sequence for a sender's next transfer. */
  nextSequence(sender: AddressHex): number {
    return (this.#chain.account(fromHex(sender))?.sequence ?? 0) + this.#list.room.line(sender).length
  }

  /** Transfers for a cheese with room for `maxBytes` of them, best fee rate first as far as sequences allow; valid in this order. */
  select(maxBytes: number): readonly Transfer[] {
    this.#settling.finish()
    return selectFrom(this.#list.room.ordered(), maxBytes).map(({ transfer }) => transfer)
  }

  /** Relay ids (hex) of the best, each behind those that it needs; at most `limit`. */
  inventory(limit: number): string[] {
    const ids: string[] = []
    for (const { items } of this.#list.room.ordered()) {
      for (const { relayId } of items) {
        if (ids.length >= limit) return ids
        ids.push(relayId)
      }
    }
    return ids
  }

  /** How many waiting transfers would be mined before this one (transfer id, hex); undefined when it does not wait. */
  ahead(id: string): number | undefined {
    const item = this.#list.room.byId(id)
    if (!item) return undefined
    let count = 0
    for (const { sender, items } of this.#list.room.ordered()) {
      const at = sender === item.sender ? items.indexOf(item) : -1
      if (at >= 0) return count + at
      count += items.length
    }
    throw new Error('bug: a waiting transfer is in no chunk')
  }

  /** Least fee rate at this moment, crumbs a byte. */
  minFeeRate(): number {
    return this.#list.floor.rate()
  }

  /** Crumbs a byte that should bring a transfer into the next cheese, as things stand. */
  suggestFeeRate(): number {
    return Math.max(this.#list.floor.rate(), Math.floor(this.#cutoff()) + 1)
  }

  /** The fee of a transfer of `size` bytes at the suggested rate. */
  suggestFee(size: number): bigint {
    return feeAt(this.suggestFeeRate(), size)
  }

  /** To be called whenever the stack's tip has moved, before anything else is asked. What takes long goes on in later turns of the event loop. */
  handleTip(change: StackChange): void {
    this.#refused.clear()
    this.#move(change)
  }

  /** Whether all that waits is valid on top of the stack: false for a moment after much has moved. */
  get isSettled(): boolean {
    return !this.#settling.busy
  }

  /** Calls `job` as soon as all that waits is valid on top of the stack: at once, unless much has just moved. */
  whenSettled(job: () => void): void {
    this.#settling.whenDone(job)
  }

  /** Everything that waits, as the bytes of mempool.dat. */
  snapshot(): Uint8Array {
    return allAtOnce(this.snapshotSteps())
  }

  /** `snapshot` in steps: what waits now, whatever comes and goes meanwhile. */
  snapshotSteps(): Steps<Uint8Array> {
    this.#settling.finish()
    const entries = [...this.#list.room.lines.values()].flatMap(({ items }) => items)
    return encodeSnapshotSteps([...entries, ...this.#list.early.all()], this.#params)
  }

  /** Takes in what `snapshot` wrote, each transfer only if it passes every check today. What waits already stays whatever the bytes are. */
  async restore(bytes: Uint8Array): Promise<Result<Restored, SnapshotError>> {
    const pacer = new Pacer()
    const decoded = await pacer.run(decodeSnapshotSteps(bytes, this.#params))
    if (!decoded.ok) return decoded
    const { entries, damaged } = decoded.value
    let taken = 0
    for (let at = 0; at < entries.length; at += RESTORE_BATCH) {
      const now = this.#clock.now()
      const items = entries
        .slice(at, at + RESTORE_BATCH)
        .filter(({ transfer }) => checkTransferShape(transfer) === undefined)
        .map(({ transfer, addedAt, local }) => makeWaiting(transfer, this.#params, Math.min(addedAt, now), local))
        .filter((item) => !this.#list.isOver(item))
      const good = await this.#verifier.verify(items.map((item) => this.#signatureJob(item)))
      for (const [i, item] of items.entries()) if (good[i] && this.#admit(item).ok) taken += 1
    }
    return ok({ taken, refused: entries.length - taken, damaged })
  }

  async #check(item: Waiting, from: string | undefined): Promise<Result<Accepted, MempoolError>> {
    // Twice: before the signature, which costs most, and after it, since the world may have moved meanwhile.
    const planned = this.#list.plan(item)
    if (!planned.ok) return this.#refuse(item, planned.error)
    if (!this.#verified.has(item.relayId)) {
      const [good] = await this.#verifier.verify([this.#signatureJob(item)])
      if (!good) {
        const error = mempoolError('signature', "The signature is not the sender's, or was made for another network.")
        this.#forged.set(item.relayId, error)
        return err(error)
      }
    }
    return this.#admit(item, from)
  }

  #signatureJob({ transfer }: Waiting) {
    return { publicKey: transfer.from, message: signingHash(transfer, this.#params), signature: transfer.signature }
  }

  /** Takes a transfer whose signature is good. */
  #admit(item: Waiting, from?: string): Result<Accepted, MempoolError> {
    this.#verified.set(item.relayId, true)
    const admitted = this.#list.admit(item, from)
    return admitted.ok ? ok({ entry: item, state: admitted.value }) : this.#refuse(item, admitted.error)
  }

  #refuse(item: Waiting, error: MempoolError): Result<never, MempoolError> {
    if (error.code !== 'known') this.#refused.set(item.relayId, error)
    return err(error)
  }

  /** The rate at which the next cheese is full, crumbs a byte; 0 when everything fits into it. */
  #cutoff(): number {
    if (this.#list.room.bytes <= MAX_BODY_BYTES) return 0
    const now = this.#clock.now()
    if (!this.#market || now - this.#market.at > MARKET_FRESH_MS) {
      this.#market = { rate: rateAtDepth(this.#list.room.ordered(), MAX_BODY_BYTES), at: now }
    }
    return this.#market.rate
  }

  #move(change: StackChange): void {
    this.#sweptAt = this.#clock.now()
    this.#settling.move(change)
  }

  #settled(): void {
    if (this.#bestChanged) this.events.emit('best', { size: this.size })
    this.#bestChanged = false
  }

  #tell(notes: readonly Note[]): void {
    const cutoff = this.#cutoff()
    let best = false
    for (const note of notes) {
      // Those that pay little may still be pulled in by what stands behind them.
      best ||= note.entry.rate >= cutoff || this.#list.room.line(note.entry.sender).some(({ rate }) => rate >= cutoff)
      // What was once taken has a good signature, also when it left from a stack that verified it.
      if (note.type === 'added') this.#verified.set(note.entry.relayId, true)
      if (note.type === 'added') this.events.emit('added', { entry: note.entry, returned: note.returned })
      else this.events.emit('removed', { entry: note.entry, reason: note.reason })
    }
    if (!best) return
    if (this.#settling.busy) this.#bestChanged = true
    else this.events.emit('best', { size: this.size })
  }
}
