import type { Params } from '../consensus/params.ts'
import type { Transfer } from '../consensus/types.ts'
import { equalBytes, fromHex, toHex } from '../util/bytes.ts'
import { SerialQueue } from '../util/queue.ts'
import { assert } from '../util/result.ts'
import type { ChainPort, StackedTransfer } from './ports.ts'
import type { Profile } from './profile.ts'
import type { SentRecord, SentStore } from './sent.ts'
import { debitOf, isCancel, isExpired, MAX_SEQUENCE, paidTo } from './transfers.ts'

/** Where one of our transfers is. See `Ledger.stateOf`. */
export type SentState = 'waiting' | 'confirmed' | 'expired' | 'replaced' | 'cancelled'

/** A transfer of ours: from our records, or seen waiting and made elsewhere with the same words. */
export interface OwnTransfer extends SentRecord {
  readonly recorded: boolean
}

/** A tip that moves faster than this is looked at again at its next move. */
const REFRESH_TRIES = 20

interface Entry {
  readonly record: SentRecord
  /** In the main stack as of the last `refresh`. */
  stacked: StackedTransfer | undefined
}

/** What this wallet signed, held against what the stack and the mempool say now. The records know no states: those follow. */
export class Ledger {
  readonly #chain: ChainPort
  readonly #params: Params
  readonly #store: SentStore
  readonly profile: Profile
  /** By sequence. */
  readonly #entries = new Map<number, Entry[]>()
  readonly #refreshes = new SerialQueue()
  /** The tip's smell at the last complete look-up. */
  #freshAt: Uint8Array | undefined

  private constructor(chain: ChainPort, params: Params, store: SentStore, profile: Profile) {
    this.#chain = chain
    this.#params = params
    this.#store = store
    this.profile = profile
  }

  static async open(chain: ChainPort, params: Params, store: SentStore, profile: Profile): Promise<Ledger> {
    const ledger = new Ledger(chain, params, store, profile)
    for (const record of await store.load()) {
      if (equalBytes(record.transfer.from, profile.publicKey)) ledger.#put(record)
    }
    await ledger.refresh()
    return ledger
  }

  get params(): Params {
    return this.#params
  }

  /** The sequence that the stack expects next. */
  get spentBelow(): number {
    return this.#chain.account(this.profile.address)?.sequence ?? 0
  }

  /** Whether what is known of our records is what the stack says at its present tip. */
  get isFresh(): boolean {
    return this.#freshAt !== undefined && equalBytes(this.#freshAt, this.#chain.tip().smell)
  }

  /** Looks up in the stack what may have moved since the last time. */
  async refresh(): Promise<void> {
    await this.#refreshes.run(async () => {
      for (let tries = 0; tries < REFRESH_TRIES && !this.isFresh; tries++) await this.#lookUp()
    })
  }

  /**
   * Sequences are spent in order, so going down from the highest one, the first that is still in the cheese where it was
   * found vouches for all below it. What was found counts only if the tip stayed where it was meanwhile.
   */
  async #lookUp(): Promise<void> {
    const { smell } = this.#chain.tip()
    const spentBelow = this.spentBelow
    const found: (readonly [Entry, StackedTransfer | undefined])[] = []
    for (const sequence of [...this.#entries.keys()].sort((a, b) => b - a)) {
      const entries = this.#entries.get(sequence) ?? []
      if (sequence < spentBelow && entries.some(({ stacked }) => stacked && this.#stands(stacked))) break
      for (const entry of entries) {
        found.push([entry, sequence < spentBelow ? await this.#chain.findTransfer(fromHex(entry.record.id)) : undefined])
      }
    }
    if (!equalBytes(smell, this.#chain.tip().smell)) return
    for (const [entry, stacked] of found) entry.stacked = stacked
    this.#freshAt = smell
  }

  /** Whether there is a record of exactly this transfer. */
  has({ id, transfer }: SentRecord): boolean {
    return this.#entries.get(transfer.sequence)?.some(({ record }) => record.id === id) === true
  }

  /** Keeps a new record: on disk when this resolves. */
  async record(record: SentRecord): Promise<void> {
    await this.#store.put(record)
    this.#put(record)
  }

  /** Forgets a record that nobody but us has seen. */
  async forget(record: SentRecord): Promise<void> {
    await this.#store.remove(record)
    const rest = (this.#entries.get(record.transfer.sequence) ?? []).filter((entry) => entry.record.id !== record.id)
    if (rest.length > 0) this.#entries.set(record.transfer.sequence, rest)
    else this.#entries.delete(record.transfer.sequence)
  }

  /** Recorded transfers, and waiting ones of ours that no record tells of; by sequence. */
  own(): OwnTransfer[] {
    const own: OwnTransfer[] = []
    for (const entries of this.#entries.values()) for (const { record } of entries) own.push({ ...record, recorded: true })
    const known = new Set(own.map(({ id }) => id))
    const { height } = this.#chain.tip()
    for (const { id, transfer, since } of this.#chain.waiting(this.profile.address)) {
      const hex = toHex(id)
      if (known.has(hex) || !equalBytes(transfer.from, this.profile.publicKey)) continue
      own.push({ id: hex, transfer, createdAt: since, createdHeight: height, recorded: false })
    }
    return own.sort((a, b) => a.transfer.sequence - b.transfer.sequence || a.createdAt - b.createdAt)
  }

  /** Where it was found in the main stack, as of the last `refresh`. */
  stacked(id: string, sequence: number): StackedTransfer | undefined {
    if (sequence >= this.spentBelow) return undefined
    return this.#entries.get(sequence)?.find(({ record }) => record.id === id)?.stacked
  }

  /**
   * `confirmed`: in the stack. `replaced`, `cancelled`: its sequence was spent by another transfer, or by our one-crumb
   * payment to ourselves; `replaced` also while a better-paying payment of the same sequence waits. A cancellation that still
   * waits leaves it `waiting`: only a spent sequence makes sure. `expired`: no cheese may hold it any more, though the
   * sequence is unspent, and its money is free again. `waiting`: everything else.
   */
  stateOf(one: OwnTransfer, own: readonly OwnTransfer[]): SentState {
    const { sequence } = one.transfer
    if (this.stacked(one.id, sequence)) return 'confirmed'
    const rivals = own.filter((other) => other.transfer.sequence === sequence && other.id !== one.id)
    if (sequence < this.spentBelow) {
      const winner = rivals.find((other) => this.stacked(other.id, sequence))
      return winner && this.#cancels(winner.transfer) ? 'cancelled' : 'replaced'
    }
    const { height } = this.#chain.tip()
    if (isExpired(one.transfer, height)) return 'expired'
    const better = rivals.filter((other) => !isExpired(other.transfer, height) && outbids(other, one))
    return better.some(({ transfer }) => !this.#cancels(transfer)) ? 'replaced' : 'waiting'
  }

  /** The least fee with which a transfer of `size` bytes replaces everything of ours that wants `sequence`, crumbs. */
  feeToReplace(sequence: number, size: number): bigint {
    const most = this.live().get(sequence)?.[0]?.transfer.fee
    const least = this.#chain.minimumFee(size)
    return most === undefined ? least : most + (least > 0n ? least : 1n)
  }

  /** Transfers that a cheese may still hold, by sequence: the one that should win first, then those that it replaces. */
  live(own = this.own()): ReadonlyMap<number, readonly OwnTransfer[]> {
    const { height } = this.#chain.tip()
    const spentBelow = this.spentBelow
    const live = new Map<number, OwnTransfer[]>()
    for (const one of own) {
      const { sequence } = one.transfer
      if (sequence < spentBelow || isExpired(one.transfer, height)) continue
      live.set(
        sequence,
        [...(live.get(sequence) ?? []), one].sort((a, b) => (outbids(a, b) ? -1 : 1)),
      )
    }
    return live
  }

  /** The lowest sequence that neither the stack nor a live transfer has taken: a gap that an expired one left comes first. */
  nextSequence(): number {
    const live = this.live()
    let sequence = this.spentBelow
    while (live.has(sequence)) sequence++
    assert(sequence <= MAX_SEQUENCE, 'an account has sequences left')
    return sequence
  }

  /**
   * Crumbs: what can be sent now, what still ripens, and what comes in unconfirmed. Of rivals for one sequence the
   * dearest counts, since any of them may win.
   * @param without sequence whose transfer is about to be replaced, and so not taken off
   */
  balance(without?: number): { readonly spendable: bigint; readonly ripening: bigint; readonly pending: bigint } {
    const { address, publicKey } = this.profile
    let spendable = this.#chain.account(address)?.balance ?? 0n
    let pending = 0n
    for (const [sequence, rivals] of this.live()) {
      if (sequence === without) continue
      spendable -= dearest(rivals)
      if (rivals[0]) pending += paidTo(rivals[0].transfer, address)
    }
    for (const { transfer } of this.#chain.waiting(address)) {
      if (!equalBytes(transfer.from, publicKey)) pending += paidTo(transfer, address)
    }
    return { spendable: spendable > 0n ? spendable : 0n, ripening: this.#chain.ripening(address), pending }
  }

  #cancels(transfer: Transfer): boolean {
    return isCancel(transfer, this.profile.address)
  }

  #put(record: SentRecord): void {
    const { sequence } = record.transfer
    const others = (this.#entries.get(sequence) ?? []).filter((entry) => entry.record.id !== record.id)
    this.#entries.set(sequence, [...others, { record, stacked: undefined }])
  }

  #stands({ height, smell }: StackedTransfer): boolean {
    const now = this.#chain.smellAt(height)
    return now !== undefined && equalBytes(now, smell)
  }
}

/** Whether `a` should win over `b` when both want one sequence: the higher fee, then the later, then any one rule. */
function outbids(a: OwnTransfer, b: OwnTransfer): boolean {
  if (a.transfer.fee !== b.transfer.fee) return a.transfer.fee > b.transfer.fee
  if (a.createdAt !== b.createdAt) return a.createdAt > b.createdAt
  return a.id > b.id
}

/** The most that any one of `rivals` would take. */
function dearest(rivals: readonly OwnTransfer[]): bigint {
  let most = 0n
  for (const { transfer } of rivals) if (debitOf(transfer) > most) most = debitOf(transfer)
  return most
}
