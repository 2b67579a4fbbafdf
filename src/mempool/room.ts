import type { Account, AddressHex } from '../consensus/types.ts'
import { type Chunk, chunksOf, compareChunks } from './order.ts'
import type { Waiting } from './waiting.ts'

/** One sender's transfers, by sequence without a gap, from the one that the stack expects next. */
export interface Line {
  readonly items: readonly Waiting[]
  readonly chunks: readonly Chunk[]
  /** The sender's account when the line was last found to fit it. */
  readonly account: Account | undefined
}

export interface LineChange {
  readonly added: readonly Waiting[]
  readonly removed: readonly Waiting[]
}

/** All transfers that wait, found by sender, id, relay id and payee. Whether they may wait is decided elsewhere. */
export class WaitingRoom {
  readonly #lines = new Map<AddressHex, Line>()
  readonly #byId = new Map<string, Waiting>()
  readonly #byRelayId = new Map<string, Waiting>()
  readonly #byPayee = new Map<AddressHex, Set<Waiting>>()
  #bytes = 0
  #ordered: readonly Chunk[] | undefined

  get size(): number {
    return this.#byRelayId.size
  }

  /** Bytes of all encodings. */
  get bytes(): number {
    return this.#bytes
  }

  get lines(): ReadonlyMap<AddressHex, Line> {
    return this.#lines
  }

  line(sender: AddressHex): readonly Waiting[] {
    return this.#lines.get(sender)?.items ?? []
  }

  byId(id: string): Waiting | undefined {
    return this.#byId.get(id)
  }

  byRelayId(relayId: string): Waiting | undefined {
    return this.#byRelayId.get(relayId)
  }

  relayIds(): Iterable<string> {
    return this.#byRelayId.keys()
  }

  payingTo(address: AddressHex): Iterable<Waiting> {
    return this.#byPayee.get(address) ?? []
  }

  all(): Iterable<Waiting> {
    return this.#byRelayId.values()
  }

  /** Every chunk, best first. Sorted when asked for, once a change. */
  ordered(): readonly Chunk[] {
    this.#ordered ??= [...this.#lines.values()].flatMap((line) => line.chunks).sort(compareChunks)
    return this.#ordered
  }

  /** Makes `items` the sender's line, and tells what that added and removed. */
  setLine(sender: AddressHex, items: readonly Waiting[], account: Account | undefined): LineChange {
    const before = this.line(sender)
    if (items.length === 0) {
      for (const item of before) this.#unlist(item)
      if (this.#lines.delete(sender)) this.#ordered = undefined
      return { added: [], removed: before }
    }
    const kept = new Set(items)
    const removed = before.filter((item) => !kept.has(item))
    const old = new Set(before)
    const added = items.filter((item) => !old.has(item))
    // Out first: what comes in may have the id of what leaves.
    for (const item of removed) this.#unlist(item)
    for (const item of added) this.#list(item)
    this.#lines.set(sender, { items, chunks: added.length + removed.length > 0 ? chunksOf(items) : this.#chunks(sender), account })
    if (added.length + removed.length > 0) this.#ordered = undefined
    return { added, removed }
  }

  #chunks(sender: AddressHex): readonly Chunk[] {
    return this.#lines.get(sender)?.chunks ?? []
  }

  #list(item: Waiting): void {
    this.#byId.set(item.id, item)
    this.#byRelayId.set(item.relayId, item)
    this.#bytes += item.size
    for (const payee of item.payees) {
      const set = this.#byPayee.get(payee) ?? new Set()
      this.#byPayee.set(payee, set.add(item))
    }
  }

  #unlist(item: Waiting): void {
    this.#byId.delete(item.id)
    this.#byRelayId.delete(item.relayId)
    this.#bytes -= item.size
    for (const payee of item.payees) {
      const set = this.#byPayee.get(payee)
      set?.delete(item)
      if (set?.size === 0) this.#byPayee.delete(payee)
    }
  }
}
