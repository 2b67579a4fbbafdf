import { BoundedMap } from '../util/bounded.ts'
import type { Known } from './address-tables.ts'

const MAX_MANUAL = 500
const MAX_LAN = 256

/** Addresses that no stranger told of: typed by a person, or found in the own network. Strangers' addresses never take their place. */
export class Nearby {
  readonly #manual = new Map<string, Known>()
  readonly #lan = new BoundedMap<string, Known>(MAX_LAN)
  /** Redialled until a person says otherwise: in this run, and those of them that are also kept for the next ones. */
  readonly #pinned = new Set<string>()
  readonly #kept = new Set<string>()
  /** Dials of pinned addresses since one succeeded. */
  readonly #tries = new Map<string, number>()

  get size(): number {
    return this.#manual.size + this.#lan.size
  }

  get manual(): readonly Known[] {
    return [...this.#manual.values()]
  }

  get lan(): readonly Known[] {
    return [...this.#lan].map(([, known]) => known)
  }

  /** Those that are redialled. */
  get pinned(): readonly Known[] {
    return [...this.#pinned].flatMap((key) => this.#manual.get(key) ?? [])
  }

  get(key: string): Known | undefined {
    return this.#manual.get(key) ?? this.#lan.get(key)
  }

  isManual(key: string): boolean {
    return this.#manual.has(key)
  }

  isPinned(key: string): boolean {
    return this.#pinned.has(key)
  }

  isKept(key: string): boolean {
    return this.#kept.has(key)
  }

  /** Those that are redialled stay when there is no room for another; then there is none. */
  addManual(known: Known): void {
    this.#lan.delete(known.key)
    for (const key of this.#manual.keys()) {
      if (this.#manual.size < MAX_MANUAL) break
      if (!this.#pinned.has(key)) this.#manual.delete(key)
    }
    if (this.#manual.size < MAX_MANUAL) this.#manual.set(known.key, known)
  }

  addLan(known: Known): void {
    this.#lan.set(known.key, known)
  }

  pin(key: string): void {
    if (this.#manual.has(key)) this.#pinned.add(key)
  }

  keep(key: string): boolean {
    this.pin(key)
    if (this.#pinned.has(key)) this.#kept.add(key)
    return this.#pinned.has(key)
  }

  /** Forgets an address. Whether it was redialled. */
  remove(key: string): boolean {
    this.#manual.delete(key)
    this.#lan.delete(key)
    this.#kept.delete(key)
    this.#tries.delete(key)
    return this.#pinned.delete(key)
  }

  /** Counts a dial of a pinned address: how many in a row there were. */
  tried(key: string): number {
    const tries = (this.#tries.get(key) ?? 0) + 1
    this.#tries.set(key, tries)
    return tries
  }

  /** Somebody answered, or is to be dialled soon whatever came of it before. */
  untried(key: string): void {
    this.#tries.delete(key)
  }
}
