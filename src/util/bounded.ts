/** A map that forgets its oldest entries: for what strangers may fill. Setting a key again makes it the youngest. */
export class BoundedMap<K, V> {
  readonly #map = new Map<K, V>()
  readonly #max: number
  /**
   * Stands at the oldest entry while nothing but new ones come: looking for it from the front, past all that were
   * forgotten, takes ever longer. Given up otherwise, since it keeps alive what the map outgrows.
   */
  #oldest: Iterator<K> | undefined

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
    return this.#map.get(key)
  }

  set(key: K, value: V): void {
    this.delete(key)
    this.#map.set(key, value)
    if (this.#map.size <= this.#max) return
    this.#oldest ??= this.#map.keys()
    this.#map.delete(this.#oldest.next().value as K)
  }

  delete(key: K): boolean {
    if (!this.#map.delete(key)) return false
    this.#oldest = undefined
    return true
  }

  clear(): void {
    this.#map.clear()
    this.#oldest = undefined
  }
}
