import type { Smell } from '../consensus/types.ts'

/** `ripening`: on the stack, its reward not yet spendable. `ripened`: it is. `orphaned`: another cheese is in its place. */
export type OwnState = 'ripening' | 'ripened' | 'orphaned'

/** A cheese that pays us for mining. */
export interface OwnCheese {
  readonly height: number
  readonly smell: Smell
  /** Unix seconds of its header. */
  readonly time: number
  /** Reward and fees, crumbs. */
  readonly amount: bigint
}

export interface OwnRecord extends OwnCheese {
  readonly state: OwnState
}

/** What is asked of the stack. */
export interface OwnPorts {
  /** Of the tip. */
  height(): number
  /** How many cheeses above it make a reward spendable. */
  readonly ripening: number
  /** Where a cheese is: on the main stack, on a branch with its body, or not here (yet, or again). */
  placeOf(smell: Smell): 'main' | 'branch' | undefined
}

/** Those that are no longer kept one by one. */
export interface OlderCheeses {
  readonly ripened: number
  readonly orphaned: number
  /** Height of the highest of them; those from there down are not counted again. */
  readonly upTo: number
}

export interface OwnCounts {
  readonly found: number
  readonly ripening: number
  readonly ripened: number
  readonly orphaned: number
}

export const NONE_OLDER: OlderCheeses = { ripened: 0, orphaned: 0, upTo: -1 }
/** As many are kept one by one. */
const KEPT = 2_000

interface Kept extends OwnRecord {
  /** Whether only a reorg can change its state. */
  readonly firm: boolean
}

/**
 * The cheeses of ours, also those that another member's stack left behind. What state one is in is asked of the stack until only a reorg
 * can change it, and after each reorg again: so one that was orphaned ripens again when its branch comes back. While the stack does not
 * know (it is being fetched anew), the last answer stands.
 */
export class OwnCheeses {
  readonly #ports: OwnPorts
  /** Lowest first. */
  readonly #records: Kept[]
  readonly #smells: Set<Smell>
  #older: OlderCheeses

  constructor(ports: OwnPorts, records: readonly OwnRecord[] = [], older: OlderCheeses = NONE_OLDER) {
    this.#ports = ports
    this.#records = records.map((one) => ({ ...one, firm: false })).sort((a, b) => a.height - b.height)
    this.#smells = new Set(records.map(({ smell }) => smell))
    this.#older = older
  }

  /** Remembers one; false when it was known. */
  note(cheese: OwnCheese): boolean {
    if (this.#smells.has(cheese.smell) || cheese.height <= this.#older.upTo) return false
    const at = this.#records.findLastIndex(({ height }) => height <= cheese.height) + 1
    this.#records.splice(at, 0, this.#settled({ ...cheese, state: 'ripening', firm: false }))
    this.#smells.add(cheese.smell)
    if (this.#records.length > KEPT) this.#forgetLowest()
    return true
  }

  /** To be called when cheeses have left the stack. */
  handleReorg(): void {
    for (const [i, record] of this.#records.entries()) this.#records[i] = { ...record, firm: false }
  }

  counts(): OwnCounts {
    const { ripened, orphaned } = this.#older
    const counts = { ripening: 0, ripened, orphaned }
    for (const { state } of this.snapshot().records) counts[state] += 1
    return { found: counts.ripening + counts.ripened + counts.orphaned, ...counts }
  }

  /** Latest first; of those in one state, when that is given. */
  page(offset: number, limit: number, state?: OwnState): OwnRecord[] {
    return this.snapshot()
      .records.filter((one) => state === undefined || one.state === state)
      .reverse()
      .slice(offset, offset + limit)
  }

  /** All that is to be remembered, as it is now. */
  snapshot(): { readonly records: OwnRecord[]; readonly older: OlderCheeses } {
    for (const [i, record] of this.#records.entries()) this.#records[i] = this.#settled(record)
    return { records: this.#records.map(({ firm: _firm, ...record }) => record), older: this.#older }
  }

  #settled(record: Kept): Kept {
    const { smell, height, firm } = record
    if (firm) return record
    const ports = this.#ports
    const tip = ports.height()
    const place = ports.placeOf(smell)
    if (place === 'main') {
      const ripe = tip >= height + ports.ripening
      return { ...record, state: ripe ? 'ripened' : 'ripening', firm: ripe }
    }
    // Where the stack has come to its height without it, or has it on a branch, another is in its place.
    return place === 'branch' || tip >= height ? { ...record, state: 'orphaned', firm: place === 'branch' } : record
  }

  #forgetLowest(): void {
    const lowest = this.#records.shift()
    if (!lowest) return
    const { smell, height, state } = this.#settled(lowest)
    this.#smells.delete(smell)
    const { ripened, orphaned } = this.#older
    const lost = state === 'orphaned'
    this.#older = { ripened: ripened + (lost ? 0 : 1), orphaned: orphaned + (lost ? 1 : 0), upTo: height }
  }
}
