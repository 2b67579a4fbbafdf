import { mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Store, StoreOp } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'
import { openClassicStore } from './store-classic.ts'
import { openMemoryStore } from './store-memory.ts'
import { repairClassicStore } from './store-repair.ts'

const folders: string[] = []
async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cheese-store-'))
  folders.push(folder)
  return folder
}
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const put = (key: Uint8Array, value: Uint8Array): StoreOp => ({ type: 'put', key, value })
const del = (key: Uint8Array): StoreOp => ({ type: 'del', key })

async function keysOf(store: Store, range: Parameters<Store['entries']>[0]): Promise<number[][]> {
  const out: number[][] = []
  for await (const [key] of store.entries(range)) out.push([...key])
  return out
}

describe.each([
  ['memory', async () => openMemoryStore()],
  ['classic-level', async () => openClassicStore(await freshFolder())],
])('%s store', (_name, open) => {
  it('gives back what was put, and nothing after a delete', async () => {
    const store = await open()
    await store.batch([put(bytes(1), bytes(9, 8)), put(bytes(2), bytes())])
    expect(store.get(bytes(1))).toEqual(bytes(9, 8))
    expect(store.get(bytes(2))).toEqual(bytes())
    await store.batch([del(bytes(1)), put(bytes(2), bytes(7))], { sync: true })
    expect(store.get(bytes(1))).toBeUndefined()
    expect(store.get(bytes(2))).toEqual(bytes(7))
    await store.close()
  })

  it('orders keys as unsigned bytes, with bounds, limit and reverse', async () => {
    const store = await open()
    const keys = [bytes(0xff), bytes(0x7f, 1), bytes(0x80), bytes(0x7f), bytes(0), bytes(0, 0)]
    await store.batch(keys.map((key) => put(key, key)))
    expect(await keysOf(store, {})).toEqual([[0], [0, 0], [0x7f], [0x7f, 1], [0x80], [0xff]])
    expect(await keysOf(store, { gte: bytes(0, 0), lt: bytes(0x80) })).toEqual([[0, 0], [0x7f], [0x7f, 1]])
    expect(await keysOf(store, { gte: bytes(0, 0), lt: bytes(0xff), reverse: true, limit: 2 })).toEqual([[0x80], [0x7f, 1]])
    expect(await keysOf(store, { gte: bytes(0x7f), limit: 2 })).toEqual([[0x7f], [0x7f, 1]])
    expect(await keysOf(store, { gte: bytes(0x90), lt: bytes(0x10) })).toEqual([])
    await store.close()
  })

  it('iterates over the entries as they were when asked', async () => {
    const store = await open()
    await store.batch([put(bytes(1), bytes(1)), put(bytes(3), bytes(3))])
    const entries = store.entries({})
    await store.batch([put(bytes(2), bytes(2)), del(bytes(3))])
    const seen: number[] = []
    for await (const [key] of entries) seen.push(key[0] ?? -1)
    expect(seen).toEqual([1, 3])
    expect(await keysOf(store, {})).toEqual([[1], [2]])
    await store.close()
  })
})

describe('classic-level store', () => {
  it('keeps entries over a restart', async () => {
    const folder = await freshFolder()
    const first = await openClassicStore(folder)
    await first.batch([put(bytes(5), bytes(6))])
    await first.close()
    const second = await openClassicStore(folder)
    expect(second.get(bytes(5))).toEqual(bytes(6))
    await second.close()
  })

  it('says when it is in use', async () => {
    const folder = await freshFolder()
    const store = await openClassicStore(folder)
    await expect(openClassicStore(folder)).rejects.toMatchObject({ name: 'StoreError', code: 'in-use' })
    await store.close()
  })

  it('says that it is damaged when CURRENT is gone, and removes nothing', async () => {
    const folder = await freshFolder()
    const store = await openClassicStore(folder)
    await store.batch([put(bytes(5), bytes(6))])
    await store.close()
    await unlink(join(folder, 'CURRENT'))
    const before = (await readdir(folder)).sort()
    await expect(openClassicStore(folder)).rejects.toMatchObject({ code: 'damaged' })
    expect((await readdir(folder)).sort()).toEqual(before)
  })

  it('says that it is damaged when a table file is gone', async () => {
    const folder = await freshFolder()
    for (let round = 0; round < 3; round++) {
      const store = await openClassicStore(folder)
      await store.batch([put(bytes(round), new Uint8Array(10_000).fill(round))])
      await store.close()
    }
    const table = (await readdir(folder)).find((name) => name.endsWith('.ldb'))
    await unlink(join(folder, table ?? 'no table was written'))
    await expect(openClassicStore(folder)).rejects.toMatchObject({ code: 'damaged' })
  })

  it('never hands out a value whose bytes have changed on the disk', async () => {
    const folder = await freshFolder()
    const value = Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff)
    for (let round = 0; round < 2; round++) {
      const store = await openClassicStore(folder)
      if (round === 0) await store.batch([put(bytes(7), value)])
      await store.close()
    }
    const tables = (await readdir(folder)).filter((name) => name.endsWith('.ldb'))
    expect(tables.length).toBeGreaterThan(0)
    for (const table of tables) {
      const path = join(folder, table)
      const content = await readFile(path)
      content[1500] = (content[1500] ?? 0) ^ 0x40
      await writeFile(path, content)
    }
    const attempt = openClassicStore(folder).then(async (store) => {
      try {
        return store.get(bytes(7))
      } finally {
        await store.close()
      }
    })
    await expect(attempt).rejects.toBeInstanceOf(StoreError)
    await expect(attempt).rejects.toMatchObject({ code: 'damaged' })
  })

  it('says so when the folder cannot be made', async () => {
    const folder = await freshFolder()
    await writeFile(join(folder, 'file'), 'x')
    await expect(openClassicStore(join(folder, 'file', 'chain'))).rejects.toBeInstanceOf(StoreError)
  })

  it('gives back what is left of a damaged one', async () => {
    const folder = await freshFolder()
    for (let round = 0; round < 4; round++) {
      const store = await openClassicStore(folder)
      await store.batch([put(bytes(round), new Uint8Array(2000).fill(round))])
      await store.close()
    }
    const tables = (await readdir(folder)).filter((name) => name.endsWith('.ldb')).sort()
    expect(tables.length).toBeGreaterThan(1)
    await unlink(join(folder, tables[0] ?? ''))
    await unlink(join(folder, 'CURRENT'))
    await expect(openClassicStore(folder)).rejects.toMatchObject({ code: 'damaged' })
    expect(await repairClassicStore(folder)).toBe(true)
    const store = await openClassicStore(folder)
    expect(await keysOf(store, {})).toEqual([[1], [2], [3]])
    expect(store.get(bytes(2))).toEqual(new Uint8Array(2000).fill(2))
    await store.close()
  })
})
