/** The one thing that everything durable is built on: an ordered map of bytes with atomic batches. Adapters are in platform/. */

export type StoreOp = { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array } | { readonly type: 'del'; readonly key: Uint8Array }

export interface StoreRange {
  /** First key, included. */
  readonly gte?: Uint8Array
  /** Key to stop before, excluded. */
  readonly lt?: Uint8Array
  readonly reverse?: boolean
  readonly limit?: number
}

/** Keys are compared as unsigned bytes. */
export interface Store {
  /** The value under `key`, read at once (a few microseconds when cached). */
  get(key: Uint8Array): Uint8Array | undefined
  /**
   * All of `ops` or, whatever happens, none. With `sync`, they have reached the disk when it resolves. They are gone through
   * once, with pauses where they are many: what is made as it is gone through need not be in memory all at once.
   */
  batch(ops: Iterable<StoreOp>, options?: { readonly sync?: boolean }): Promise<void>
  /** The entries of `range` in key order, as they stood when it was called. */
  entries(range: StoreRange): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>
  close(): Promise<void>
}
