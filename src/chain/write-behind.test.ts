import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../platform/store-memory.ts'
import { allAtOnce } from '../util/steps.ts'
import type { StoreOp } from '../util/store.ts'
import { countKey, transferKey } from './keys.ts'
import { WriteBehind } from './write-behind.ts'

const id = (byte: number) => new Uint8Array(32).fill(byte)
const address = new Uint8Array(20).fill(5)
const put = (key: Uint8Array, value: number): StoreOp => ({ type: 'put', key, value: Uint8Array.of(value) })

const stage = (store: WriteBehind, ops: readonly StoreOp[]) => allAtOnce(store.stageSteps(ops))

describe('what is staged', () => {
  it('is read at once, and stored when it has been written', async () => {
    const below = openMemoryStore()
    const store = new WriteBehind(below, 100_000)
    await below.batch([put(transferKey(id(1)), 1), put(countKey(address), 1)])
    expect(store.get(countKey(address))).toEqual(Uint8Array.of(1))
    stage(store, [{ type: 'del', key: transferKey(id(1)) }, put(transferKey(id(2)), 2), put(countKey(address), 2)])
    const read = () => [store.get(transferKey(id(1))), store.get(transferKey(id(2))), store.get(countKey(address))?.[0]]
    expect(read()).toEqual([undefined, Uint8Array.of(2), 2])
    expect(below.get(transferKey(id(2)))).toBeUndefined()
    for (const works of [false, true]) {
      const ops = [...store.begin()]
      expect(read()).toEqual([undefined, Uint8Array.of(2), 2])
      if (works) await below.batch(ops)
      store.written(works)
      expect(read()).toEqual([undefined, Uint8Array.of(2), 2])
    }
    expect(store.stagedBytes).toBe(0)
    expect([below.get(transferKey(id(1))), below.get(transferKey(id(2))), below.get(countKey(address))?.[0]]).toEqual([undefined, Uint8Array.of(2), 2])
  })

  it('stays staged when it comes while something else is being written', async () => {
    const below = openMemoryStore()
    const store = new WriteBehind(below, 100_000)
    stage(store, [put(countKey(address), 1)])
    const ops = [...store.begin()]
    stage(store, [put(countKey(address), 2), put(transferKey(id(3)), 3)])
    await below.batch(ops)
    store.written(true)
    expect([store.get(countKey(address))?.[0], store.get(transferKey(id(3)))?.[0], below.get(countKey(address))?.[0]]).toEqual([2, 3, 1])
    await below.batch([...store.begin()])
    store.written(true)
    expect([below.get(countKey(address))?.[0], below.get(transferKey(id(3)))?.[0]]).toEqual([2, 3])
  })
})
