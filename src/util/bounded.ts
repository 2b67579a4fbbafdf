/** A map that forgets its oldest entries: for what strangers may fill. Setting a key again makes it the youngest. */
export class BoundedMap<K, V> {
  readonly #map = new Map<K, V>()
  readonly #max: number

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
    this.#map.delete(key)
    this.#map.set(key, value)
    if (this.#map.size > this.#max) this.#map.delete(this.#map.keys().next().value as K)
  }

  delete(key: K): boolean {
    return this.#map.delete(key)
  }

  clear(): void {
    this.#map.clear()
  }
}
