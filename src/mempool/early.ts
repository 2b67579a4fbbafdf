import type { AddressHex } from '../consensus/types.ts'
import type { Policy } from './policy.ts'
import type { Waiting } from './waiting.ts'

/** Of the room, what those of one giver may fill: nobody pushes out what others gave. */
const SHARE = 1 / 4

/**
 * Where transfers are kept that cannot wait in their sender's line yet: their sequence comes too early, or (after a
 * reorg) what they spend is not there. Small, and nothing stays for long. Signatures were verified before.
 */
export class EarlyRoom {
  readonly #limits: Policy['early']
  /** By slot, oldest first. */
  readonly #slots = new Map<string, { readonly item: Waiting; readonly until: number; readonly from: string | undefined }>()
  readonly #bySender = new Map<AddressHex, Set<string>>()
  readonly #byRelayId = new Map<string, Waiting>()
  #bytes = 0

  constructor(limits: Policy['early']) {
    this.#limits = limits
  }

  get size(): number {
    return this.#slots.size
  }

  has(relayId: string): boolean {
    return this.#byRelayId.has(relayId)
  }

  byRelayId(relayId: string): Waiting | undefined {
    return this.#byRelayId.get(relayId)
  }

  relayIds(): Iterable<string> {
    return this.#byRelayId.keys()
  }

  /** What is kept of a sender, lowest sequence first. */
  of(sender: AddressHex): Waiting[] {
    const slots = this.#bySender.get(sender)
    if (!slots) return []
    const items = [...slots].flatMap((slot) => this.#slots.get(slot)?.item ?? [])
    return items.sort((a, b) => a.transfer.sequence - b.transfer.sequence)
  }

  senders(): AddressHex[] {
    return [...this.#bySender.keys()]
  }

  all(): Waiting[] {
    return [...this.#slots.values()].map(({ item }) => item)
  }

  /**
   * Keeps `item`, unless one with its sequence and at least its fee is kept. What is oldest makes room; of a giver that has its share already,
   * its own.
   * @param from whoever gave it; left out for our own
   */
  put(item: Waiting, now: number, from?: string): boolean {
    const slot = slotOf(item)
    const there = this.#slots.get(slot)
    if (there && there.item.transfer.fee >= item.transfer.fee) return false
    if (there) this.remove(there.item)
    this.#slots.set(slot, { item, until: now + this.#limits.ttlMs, from })
    const slots = this.#bySender.get(item.sender) ?? new Set()
    this.#bySender.set(item.sender, slots.add(slot))
    this.#byRelayId.set(item.relayId, item)
    this.#bytes += item.size
    this.#keepToShare(from)
    for (const { item: oldest } of this.#slots.values()) {
      if (this.#slots.size <= this.#limits.maxCount && this.#bytes <= this.#limits.maxBytes) break
      this.remove(oldest)
    }
    return this.has(item.relayId)
  }

  #keepToShare(from: string | undefined): void {
    if (from === undefined) return
    const own = [...this.#slots.values()].filter((slot) => slot.from === from).map(({ item }) => item)
    let bytes = own.reduce((sum, { size }) => sum + size, 0)
    for (const [i, oldest] of own.entries()) {
      if (own.length - i <= Math.max(1, this.#limits.maxCount * SHARE) && bytes <= this.#limits.maxBytes * SHARE) break
      bytes -= oldest.size
      this.remove(oldest)
    }
  }

  remove(item: Waiting): void {
    const slot = slotOf(item)
    if (this.#slots.get(slot)?.item !== item) return
    this.#slots.delete(slot)
    this.#byRelayId.delete(item.relayId)
    this.#bytes -= item.size
    const slots = this.#bySender.get(item.sender)
    slots?.delete(slot)
    if (slots?.size === 0) this.#bySender.delete(item.sender)
  }

  /** Lets go of what was kept long enough. */
  expire(now: number): void {
    for (const { item, until } of [...this.#slots.values()]) if (until <= now) this.remove(item)
  }
}

function slotOf(item: Waiting): string {
  return `${item.sender}:${item.transfer.sequence}`
}
