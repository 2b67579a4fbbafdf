/**
 * The store as the main stack sees it: what follows from the main stack ('u', 'i', 't', 'c', 'x' and 'p' of keys.ts) is kept
 * in memory at first and written many cheeses together, and can be read all the while. It can be made anew from headers and
 * bodies, so what a crash takes of it costs time and nothing else.
 */
import type { Steps } from '../util/steps.ts'
import type { Store, StoreOp, StoreRange } from '../util/store.ts'
import { WriteBack } from '../util/write-back.ts'
import { isCountKey } from './keys.ts'

/** Bytes that an entry takes up in memory besides its value, about: key as text and as bytes, and the map's. */
const ENTRY_BYTES = 350

/** Bytes that a number of activity entries takes up in memory, about: each transfer reads and writes two or more of them. */
const COUNT_BYTES = 250

/** One character a byte. */
function textOf(key: Uint8Array): string {
  return String.fromCharCode.apply(null, key as unknown as number[])
}

export class WriteBehind implements Store {
  readonly #store: Store
  readonly #staged = new WriteBack<StoreOp>(0, (op) => ENTRY_BYTES + (op?.type === 'put' ? op.value.length : 0))
  readonly #counts: WriteBack<Uint8Array>
  #empty = true

  /** @param countBytes of numbers of activity entries that are kept though they are stored */
  constructor(store: Store, countBytes: number) {
    this.#store = store
    this.#counts = new WriteBack(countBytes, () => COUNT_BYTES)
  }

  /** Bytes of what is staged and not being written yet. */
  get stagedBytes(): number {
    return this.#staged.changedBytes
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const isCount = isCountKey(key)
    if (!isCount && this.#empty) return this.#store.get(key)
    const text = textOf(key)
    const op = this.#empty ? undefined : this.#staged.get(text)
    if (op) return op.type === 'put' ? op.value : undefined
    if (!isCount) return this.#store.get(key)
    const known = this.#counts.get(text)
    if (known !== undefined) return known ?? undefined
    const value = this.#store.get(key)
    this.#counts.remember(text, value ?? null)
    return value
  }

  /** Readers see each of `ops` from its step on; they are written later. Nothing may begin to be written meanwhile. */
  *stageSteps(ops: readonly StoreOp[]): Steps<void> {
    this.#empty = false
    for (const op of ops) {
      const text = textOf(op.key)
      this.#staged.set(text, op)
      if (isCountKey(op.key)) this.#counts.remember(text, op.type === 'put' ? op.value : null)
      yield
    }
  }

  /** What is staged, to be written now. `written` must follow before the next. */
  begin(): Iterable<StoreOp> {
    return this.#staged.begin().values() as Iterable<StoreOp>
  }

  /** What `begin` gave has been written or, with `stored` false, is to be given again. */
  written(stored: boolean): void {
    this.#staged.done(stored)
    this.#empty = stored && this.#staged.changedBytes === 0
  }

  /** Writes `ops`, none of which is of a staged kind, now. */
  batch(ops: readonly StoreOp[], options?: { readonly sync?: boolean }): Promise<void> {
    return this.#store.batch(ops, options)
  }

  /** What is stored: of staged kinds only what has been written. */
  entries(range: StoreRange): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]> {
    return this.#store.entries(range)
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}
