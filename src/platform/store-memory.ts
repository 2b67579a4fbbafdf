import type { Store, StoreOp, StoreRange } from '../util/store.ts'

type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** One character a byte: strings then compare as the bytes do. */
function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}

/** Index of the first of the sorted `keys` that is not below `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}

/** A store that lives as long as the process: for tests and for checking a stack afresh. Keeps the arrays that it is given. */
export function openMemoryStore(): Store {
  const map = new Map<string, Entry>()
  let sorted: string[] | undefined
  const range = (wanted: StoreRange): Entry[] => {
    sorted ??= [...map.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    const from = wanted.gte ? lowerBound(sorted, textOf(wanted.gte)) : 0
    const to = Math.max(from, wanted.lt ? lowerBound(sorted, textOf(wanted.lt)) : sorted.length)
    const limit = wanted.limit ?? Number.POSITIVE_INFINITY
    const keys = wanted.reverse === true ? sorted.slice(Math.max(from, to - limit), to).reverse() : sorted.slice(from, Math.min(to, from + limit))
    return keys.map((key) => map.get(key) as Entry)
  }
  return {
    get(key) {
      return map.get(textOf(key))?.[1]
    },
    async batch(ops: Iterable<StoreOp>) {
      for (const op of ops) {
        const text = textOf(op.key)
        if (op.type === 'put') {
          if (!map.has(text)) sorted = undefined
          map.set(text, [op.key, op.value])
        } else if (map.delete(text)) sorted = undefined
      }
    },
    entries(wanted) {
      const found = range(wanted)
      return (async function* () {
        yield* found
      })()
    },
    // What it holds stays, as a folder's does: a test opens another stack on it.
    async close() {},
  }
}
