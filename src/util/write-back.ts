import { allAtOnce, type Steps } from './steps.ts'

/**
 * Values by key over something slower: what was read lately is kept under a limit, and what was changed is kept until it
 * has been written, however much that is. `null` stands for a key that is known to have nothing.
 */
export class WriteBack<V, K extends string | number = string> {
  readonly #sizeOf: (value: V | null) => number
  readonly #maxBytes: number
  /** Changed and not written; the second is being written. */
  #changed = new Map<K, V | null>()
  #writing: Map<K, V | null> | undefined
  /** Half the room is for what was used lately; when that is full it becomes the old half, and the old one goes. */
  #young = new Map<K, V | null>()
  #old = new Map<K, V | null>()
  #youngBytes = 0
  #oldBytes = 0
  #changedBytes = 0

  /**
   * @param maxBytes of what is kept though it need not be written
   * @param sizeOf bytes that a value takes up in memory with its key, about
   */
  constructor(maxBytes: number, sizeOf: (value: V | null) => number) {
    this.#maxBytes = maxBytes
    this.#sizeOf = sizeOf
  }

  /** Bytes of what was changed since the last `begin`. */
  get changedBytes(): number {
    return this.#changedBytes
  }

  /** Bytes of what is kept though it need not be. */
  get cachedBytes(): number {
    return this.#youngBytes + this.#oldBytes
  }

  /** The value; `undefined` when nothing is known of the key. */
  get(key: K): V | null | undefined {
    let value = this.#changed.size === 0 ? undefined : this.#changed.get(key)
    if (value !== undefined) return value
    value = this.#writing?.get(key)
    if (value !== undefined) return value
    value = this.#young.get(key)
    if (value !== undefined) return value
    value = this.#old.get(key)
    if (value === undefined) return undefined
    this.remember(key, value)
    return value
  }

  /** Notes what was read of a key. */
  remember(key: K, value: V | null): void {
    if (this.#maxBytes <= 0) return
    const { size } = this.#young
    this.#young.set(key, value)
    if (this.#young.size > size) this.#youngBytes += this.#sizeOf(value)
    if (2 * this.#youngBytes <= this.#maxBytes) return
    this.#old = this.#young
    this.#oldBytes = this.#youngBytes
    this.#young = new Map()
    this.#youngBytes = 0
  }

  /** Changes a value. */
  set(key: K, value: V | null): void {
    const { size } = this.#changed
    this.#changed.set(key, value)
    // A value that takes the place of another is about as big.
    if (this.#changed.size > size) this.#changedBytes += this.#sizeOf(value)
  }

  /** Everything that was changed, which is to be written now; until `done` it is still known here. Not before the last ones are done. */
  begin(): ReadonlyMap<K, V | null> {
    if (this.#writing) throw new Error('bug: two writes at once')
    this.#writing = this.#changed
    this.#changed = new Map()
    this.#changedBytes = 0
    return this.#writing
  }

  /** What `begin` gave has been written or, with `written` false, has not, and stays changed. */
  done(written: boolean): void {
    if (written) {
      allAtOnce(this.doneSteps())
      return
    }
    const writing = this.#writing
    this.#writing = undefined
    if (!writing) return
    for (const [key, value] of this.#changed) writing.set(key, value)
    this.#changed = writing
    this.#changedBytes = 0
    for (const value of writing.values()) this.#changedBytes += this.#sizeOf(value)
  }

  /** As `done` of what has been written, in steps: of many values it takes long to put each where it is kept. */
  *doneSteps(): Steps<void> {
    for (const [key, value] of this.#writing ?? []) {
      this.remember(key, value)
      yield
    }
    this.#writing = undefined
  }

  /** Forgets what need not be written. */
  forget(): void {
    this.#young.clear()
    this.#old.clear()
    this.#youngBytes = 0
    this.#oldBytes = 0
  }
}
