/**
 * The store as the main stack sees it: undo, index of heights and tip ('u', 'i' and 'p' of keys.ts) are kept in memory at
 * first and written many cheeses together, and can be read all the while. They can be made anew from headers and bodies, so
 * what a crash takes of them costs time and nothing else.
 */
import type { Store, StoreOp, StoreRange } from '../util/store.ts'
import { WriteBack } from '../util/write-back.ts'

/** Bytes that an entry takes up in memory besides its value, about: key as text and as bytes, and the map's. */
const ENTRY_BYTES = 350

/** One character a byte. */
function textOf(key: Uint8Array): string {
  return String.fromCharCode.apply(null, key as unknown as number[])
}

export class WriteBehind implements Store {
  readonly #store: Store
  readonly #staged = new WriteBack<StoreOp>(0, (op) => ENTRY_BYTES + (op?.type === 'put' ? op.value.length : 0))
  #empty = true

  constructor(store: Store) {
    this.#store = store
  }

  /** Bytes of what is staged and not being written yet. */
  get stagedBytes(): number {
    return this.#staged.changedBytes
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const op = this.#empty ? undefined : this.#staged.get(textOf(key))
    if (op) return op.type === 'put' ? op.value : undefined
    return this.#store.get(key)
  }

  /** Readers see `ops` from here on; they are written later. */
  stage(ops: readonly StoreOp[]): void {
    this.#empty = false
    for (const op of ops) this.#staged.set(textOf(op.key), op)
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

  /** Writes `ops`, none of which is of a staged kind but those that `begin` gave, now. */
  batch(ops: Iterable<StoreOp>, options?: { readonly sync?: boolean }): Promise<void> {
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
