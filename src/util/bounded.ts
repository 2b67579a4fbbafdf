/** An entry, between the one that was set just before it and the one just after. */
interface Entry<K, V> {
  readonly key: K
  value: V
  older: Entry<K, V> | undefined
  younger: Entry<K, V> | undefined
}

/**
 * A map that forgets its oldest entries: for what strangers may fill. Setting a key again makes it the youngest. The order
 * is a list of its own: a map's own one takes ever longer to find its first entry, past all that were forgotten.
 */
export class BoundedMap<K, V> {
  readonly #map = new Map<K, Entry<K, V>>()
  readonly #max: number
  #oldest: Entry<K, V> | undefined
  #youngest: Entry<K, V> | undefined

  /** @param max entries kept, at least 1 */
  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#map.size
  }

  has(key: K): boolean {
    return this.#map.has(key)
  }

  get(key: K): V | undefined {
    return this.#map.get(key)?.value
  }

  set(key: K, value: V): void {
    const known = this.#map.get(key)
    if (known) this.#unlink(known)
    const entry = known ?? { key, value, older: undefined, younger: undefined }
    entry.value = value
    entry.older = this.#youngest
    entry.younger = undefined
    if (this.#youngest) this.#youngest.younger = entry
    else this.#oldest = entry
    this.#youngest = entry
    if (known) return
    this.#map.set(key, entry)
    if (this.#map.size > this.#max && this.#oldest) this.delete(this.#oldest.key)
  }

  delete(key: K): boolean {
    const entry = this.#map.get(key)
    if (!entry) return false
    this.#unlink(entry)
    return this.#map.delete(key)
  }

  clear(): void {
    this.#map.clear()
    this.#oldest = undefined
    this.#youngest = undefined
  }

  /** Oldest first. The entry that was just told may be deleted. */
  *[Symbol.iterator](): Iterator<readonly [K, V]> {
    for (let entry = this.#oldest; entry; ) {
      const { key, value, younger } = entry
      yield [key, value]
      entry = younger
    }
  }

  #unlink({ older, younger }: Entry<K, V>): void {
    if (older) older.younger = younger
    else this.#oldest = younger
    if (younger) younger.older = older
    else this.#youngest = older
  }
}

/** A set that forgets its oldest element when it is full. Adding an element again makes it the youngest. */
export class BoundedSet<T> {
  readonly #items: BoundedMap<T, true>

  constructor(max: number) {
    this.#items = new BoundedMap(max)
  }

  get size(): number {
    return this.#items.size
  }

  has(item: T): boolean {
    return this.#items.has(item)
  }

  add(item: T): void {
    this.#items.set(item, true)
  }

  delete(item: T): boolean {
    return this.#items.delete(item)
  }

  clear(): void {
    this.#items.clear()
  }
}
