import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../platform/store-memory.ts'
import type { StoreOp } from '../util/store.ts'
import { indexKey, undoKey } from './keys.ts'
import { WriteBehind } from './write-behind.ts'

const smell = (byte: number) => new Uint8Array(32).fill(byte)
const put = (key: Uint8Array, value: number): StoreOp => ({ type: 'put', key, value: Uint8Array.of(value) })

describe('what is staged', () => {
  it('is read at once, and stored when it has been written', async () => {
    const below = openMemoryStore()
    const store = new WriteBehind(below)
    await below.batch([put(undoKey(smell(1)), 1), put(indexKey(1), 1)])
    expect(store.get(indexKey(1))).toEqual(Uint8Array.of(1))
    store.stage([{ type: 'del', key: undoKey(smell(1)) }, put(undoKey(smell(2)), 2), put(indexKey(1), 2)])
    const read = () => [store.get(undoKey(smell(1))), store.get(undoKey(smell(2))), store.get(indexKey(1))?.[0]]
    expect(read()).toEqual([undefined, Uint8Array.of(2), 2])
    expect(below.get(undoKey(smell(2)))).toBeUndefined()
    for (const works of [false, true]) {
      const ops = [...store.begin()]
      expect(read()).toEqual([undefined, Uint8Array.of(2), 2])
      if (works) await below.batch(ops)
      store.written(works)
      expect(read()).toEqual([undefined, Uint8Array.of(2), 2])
    }
    expect(store.stagedBytes).toBe(0)
    expect([below.get(undoKey(smell(1))), below.get(undoKey(smell(2))), below.get(indexKey(1))?.[0]]).toEqual([undefined, Uint8Array.of(2), 2])
  })

  it('stays staged when it comes while something else is being written', async () => {
    const below = openMemoryStore()
    const store = new WriteBehind(below)
    store.stage([put(indexKey(1), 1)])
    const ops = [...store.begin()]
    store.stage([put(indexKey(1), 2), put(undoKey(smell(3)), 3)])
    await below.batch(ops)
    store.written(true)
    expect([store.get(indexKey(1))?.[0], store.get(undoKey(smell(3)))?.[0], below.get(indexKey(1))?.[0]]).toEqual([2, 3, 1])
    await below.batch([...store.begin()])
    store.written(true)
    expect([below.get(indexKey(1))?.[0], below.get(undoKey(smell(3)))?.[0]]).toEqual([2, 3])
  })
})
