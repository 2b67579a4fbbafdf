/**
 * A bounded map for what strangers may fill, each entry in a group (of whoever filled it). When it is full, an entry of the
 * group with the most entries goes: a group that fills it pushes out its own, and the others' stay.
 */
export class FairMap<K, V> {
  readonly #max: number
  readonly #entries = new Map<K, { value: V; readonly group: string }>()
  readonly #groups = new Map<string, Set<K>>()
  readonly #worst: (keys: Iterable<K>, get: (key: K) => V) => K | undefined

  /**
   * @param max entries kept, at least 1
   * @param worst which of a group's entries goes; given oldest first; that which was set first, when left out
   */
  constructor(max: number, worst?: (keys: Iterable<K>, get: (key: K) => V) => K | undefined) {
    this.#max = max
    this.#worst =
      worst ??
      ((keys) => {
        for (const key of keys) return key
        return undefined
      })
  }

  get size(): number {
    return this.#entries.size
  }

  get groups(): number {
    return this.#groups.size
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)?.value
  }

  /** Sets an entry, as the youngest of its group. @returns the one that had to go for it, which may be this very one */
  set(key: K, value: V, group: string): { readonly key: K; readonly value: V } | undefined {
    this.delete(key)
    this.#entries.set(key, { value, group })
    const keys = this.#groups.get(group) ?? new Set()
    keys.add(key)
    this.#groups.set(group, keys)
    if (this.#entries.size <= this.#max) return undefined
    const worst = this.#worst(this.#largest(), (of) => this.get(of) as V)
    const entry = worst === undefined ? undefined : this.#entries.get(worst)
    if (worst === undefined || !entry) return undefined
    this.delete(worst)
    return { key: worst, value: entry.value }
  }

  delete(key: K): boolean {
    const entry = this.#entries.get(key)
    if (!entry) return false
    this.#entries.delete(key)
    const keys = this.#groups.get(entry.group)
    keys?.delete(key)
    if (keys?.size === 0) this.#groups.delete(entry.group)
    return true
  }

  *values(): IterableIterator<V> {
    for (const { value } of this.#entries.values()) yield value
  }

  *[Symbol.iterator](): IterableIterator<readonly [K, V]> {
    for (const [key, { value }] of this.#entries) yield [key, value]
  }

  groupOf(key: K): string | undefined {
    return this.#entries.get(key)?.group
  }

  #largest(): Set<K> {
    let largest = new Set<K>()
    for (const keys of this.#groups.values()) if (keys.size > largest.size) largest = keys
    return largest
  }
}
