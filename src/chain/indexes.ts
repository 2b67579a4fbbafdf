/**
 * The indexes of transfers ('t' of keys.ts) and of what touched each address ('c', 'x'): what follows from the bodies of the
 * main stack and is needed by readers alone. Coming onto the main stack a cheese is but noted; its entries are made from its
 * stored body when they are written, with those of many others, or when somebody asks before that.
 */
import { addressOf } from '../consensus/address.ts'
import { ADDRESS_BYTES, TRANSFER_LAYOUT, transferEncodings } from '../consensus/codec.ts'
import { transferIdOf } from '../consensus/hash.ts'
import type { Params } from '../consensus/types.ts'
import { equalBytes } from '../util/bytes.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { WriteBack } from '../util/write-back.ts'
import { type ActivityItem, decodeEntry, type EncodedEntry, rewardEntry, transferEntries } from './activity.ts'
import { activityKey, bodyKey, countKey, transferKey } from './keys.ts'
import { damaged, decodePair, decodeU32, encodePair, encodeU32 } from './records.ts'

/** A cheese that came onto, or left, the main stack. */
export interface IndexedCheese {
  readonly height: number
  readonly smellBytes: Uint8Array
  readonly transfers: number
  readonly rewardTo: Uint8Array
  /** Subsidy and fees, in crumbs. */
  readonly rewardAmount: bigint
}

/** An entry of an address with its number: the oldest is 0. */
export type NumberedItem = ActivityItem & { readonly number: number }

/** Bytes that a cheese which waits counts for, and each of its transfers: how long writing takes is bounded so, too. */
const CHEESE_BYTES = 600
const TRANSFER_BYTES = 150
/** Bytes that a number of entries takes up in memory, about. */
const COUNT_BYTES = 150

/** A cheese whose entries wait to be written. What is found out of its body is kept: it is needed once more. */
interface Change {
  readonly cheese: IndexedCheese
  readonly isOn: boolean
  /** Ids of its transfers and addresses of their senders, in order. */
  found: { readonly ids: readonly Uint8Array[]; readonly senders: readonly Uint8Array[] } | undefined
}

/** How many entries an address has, before and after those that are being written. */
interface Count {
  readonly address: Uint8Array
  readonly before: number
  now: number
}

interface Writing {
  readonly changes: readonly Change[]
  readonly bytes: number
  readonly counts: Map<string, Count>
}

/** One character a byte. */
function textOf(key: Uint8Array): string {
  return String.fromCharCode.apply(null, key as unknown as number[])
}

const bytesOf = ({ transfers }: IndexedCheese): number => CHEESE_BYTES + transfers * TRANSFER_BYTES

/** The indexes over a store: what is stored, and what waits to be. Readers see both as one. */
export class Indexes {
  readonly #store: Store
  readonly #params: Pick<Params, 'blueSmell'>
  /** In the order in which they happened. */
  #waiting: Change[] = []
  #bytes = 0
  #writing: Writing | undefined
  /** Stored numbers of entries, by address. */
  readonly #counts: WriteBack<number>

  /** @param cacheBytes of numbers of entries that are kept though they are stored */
  constructor(store: Store, params: Pick<Params, 'blueSmell'>, cacheBytes: number) {
    this.#store = store
    this.#params = params
    this.#counts = new WriteBack(cacheBytes, () => COUNT_BYTES)
  }

  /** Bytes that what waits, and is not being written yet, counts for. */
  get bytes(): number {
    return this.#bytes
  }

  /** Notes a cheese on top of the main stack, whose body is stored. */
  on(cheese: IndexedCheese): void {
    this.#waiting.push({ cheese, isOn: true, found: undefined })
    this.#bytes += bytesOf(cheese)
  }

  /** Notes that the topmost cheese has been taken off. Its body stays stored until this has been written. */
  off(cheese: IndexedCheese): void {
    const last = this.#waiting.at(-1)
    if (last?.isOn && equalBytes(last.cheese.smellBytes, cheese.smellBytes)) {
      this.#waiting.pop()
      this.#bytes -= bytesOf(cheese)
      return
    }
    this.#waiting.push({ cheese, isOn: false, found: undefined })
    this.#bytes += bytesOf(cheese)
  }

  /** The writes of all that waits, made as they are gone through, once. `written` must follow before the next. */
  begin(): Iterable<StoreOp> {
    if (this.#writing) throw new Error('bug: two writes at once')
    const writing: Writing = { changes: this.#waiting, bytes: this.#bytes, counts: new Map() }
    this.#writing = writing
    this.#waiting = []
    this.#bytes = 0
    return this.#opsOf(writing)
  }

  /** What `begin` gave has been written or, with `stored` false, waits again. */
  written(stored: boolean): void {
    if (stored) {
      allAtOnce(this.writtenSteps())
      return
    }
    const writing = this.#writing
    this.#writing = undefined
    if (!writing) return
    this.#waiting = [...writing.changes, ...this.#waiting]
    this.#bytes += writing.bytes
  }

  /** As `written` of what has been stored, in steps. */
  *writtenSteps(): Steps<void> {
    for (const [text, { now }] of this.#writing?.counts ?? []) {
      this.#counts.remember(text, now)
      yield
    }
    // Until here readers went by what was before.
    this.#writing = undefined
  }

  /** Height and position of a transfer of the main stack. */
  place(id: Uint8Array): readonly [height: number, position: number] | undefined {
    for (const change of this.#changes().reverse()) {
      const position = this.#found(change).ids.findIndex((one) => equalBytes(one, id))
      if (position >= 0) return change.isOn ? [change.cheese.height, position] : undefined
    }
    const stored = this.#store.get(transferKey(id))
    return stored && decodePair(stored)
  }

  /** How many entries an address has. */
  count(address: Uint8Array): number {
    const { stored, behind } = this.#entriesOf(address)
    return stored + behind.length
  }

  /** Entries of an address with numbers below `before`, newest first, at most `limit`. */
  read(address: Uint8Array, before: number, limit: number): NumberedItem[] {
    const items: NumberedItem[] = []
    const { stored, behind } = this.#entriesOf(address)
    for (let number = Math.min(before, stored + behind.length) - 1; number >= 0 && items.length < limit; number--) {
      const bytes = number < stored ? this.#store.get(activityKey(address, number)) : behind[number - stored]
      // One that has just been taken away by a batch on its way.
      if (bytes) items.push({ ...decodeEntry(bytes), number })
    }
    return items
  }

  /** All that is not stored for certain yet, in order. */
  #changes(): Change[] {
    return [...(this.#writing?.changes ?? []), ...this.#waiting]
  }

  /** How many entries of an address that are stored still stand, and those that come behind them. */
  #entriesOf(address: Uint8Array): { readonly stored: number; readonly behind: readonly Uint8Array[] } {
    const text = textOf(address)
    let stored = this.#writing?.counts.get(text)?.before ?? this.#storedCount(address, text)
    const behind: Uint8Array[] = []
    for (const change of this.#changes()) {
      for (const { value } of this.#entries(change, address)) {
        if (change.isOn) behind.push(value)
        else if (behind.length > 0) behind.pop()
        else stored--
      }
    }
    return { stored, behind }
  }

  #storedCount(address: Uint8Array, text: string): number {
    const known = this.#counts.get(text)
    if (typeof known === 'number') return known
    const bytes = this.#store.get(countKey(address))
    const count = bytes ? decodeU32(bytes) : 0
    this.#counts.remember(text, count)
    return count
  }

  #encodings({ height, smellBytes, transfers }: IndexedCheese): readonly Uint8Array[] {
    const bytes = this.#store.get(bodyKey(smellBytes))
    const encodings = bytes && transferEncodings(bytes)
    if (encodings?.length !== transfers) throw damaged(`the body at height ${height}`)
    return encodings
  }

  #found(change: Change, encodings = change.found ? [] : this.#encodings(change.cheese)): NonNullable<Change['found']> {
    if (change.found) return change.found
    const { from } = TRANSFER_LAYOUT
    const found = {
      ids: encodings.map((encoding) => transferIdOf(encoding, this.#params)),
      senders: encodings.map((encoding) => addressOf(encoding.subarray(from, from + 32))),
    }
    change.found = found
    return found
  }

  /** Every entry that a cheese makes, in order, or those of one address. */
  *#entries(change: Change, only?: Uint8Array): Iterable<EncodedEntry> {
    const { height, rewardTo, rewardAmount } = change.cheese
    if (!only || equalBytes(only, rewardTo)) yield { address: rewardTo, value: rewardEntry(height, rewardAmount) }
    const encodings = this.#encodings(change.cheese)
    const { ids, senders } = this.#found(change, encodings)
    for (const [i, encoding] of encodings.entries()) {
      const from = senders[i] as Uint8Array
      if (only && !equalBytes(only, from) && !pays(encoding, only)) continue
      yield* transferEntries({ height, encoding, id: ids[i] as Uint8Array, from }, only)
    }
  }

  *#opsOf({ changes, counts }: Writing): Iterable<StoreOp> {
    for (const change of changes) {
      const { height } = change.cheese
      for (const { address, value } of this.#entries(change)) {
        const text = textOf(address)
        let count = counts.get(text)
        if (!count) {
          const before = this.#storedCount(address, text)
          count = { address, before, now: before }
          counts.set(text, count)
        }
        if (change.isOn) yield { type: 'put', key: activityKey(address, count.now++), value }
        else {
          if (count.now === 0) throw damaged('an activity count')
          yield { type: 'del', key: activityKey(address, --count.now) }
        }
      }
      for (const [position, id] of this.#found(change).ids.entries()) {
        const key = transferKey(id)
        yield change.isOn ? { type: 'put', key, value: encodePair(height, position) } : { type: 'del', key }
      }
    }
    for (const { address, now } of counts.values()) {
      const key = countKey(address)
      yield now === 0 ? { type: 'del', key } : { type: 'put', key, value: encodeU32(now) }
    }
  }
}

/** Whether a transfer pays an address. */
function pays(encoding: Uint8Array, address: Uint8Array): boolean {
  const { payments, paymentBytes } = TRANSFER_LAYOUT
  const end = payments + (encoding[TRANSFER_LAYOUT.count] as number) * paymentBytes
  for (let at = payments; at < end; at += paymentBytes) {
    let i = 0
    while (i < ADDRESS_BYTES && encoding[at + i] === address[i]) i++
    if (i === ADDRESS_BYTES) return true
  }
  return false
}
