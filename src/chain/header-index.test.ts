import { beforeAll, describe, expect, it } from 'vitest'
import { openMemoryStore } from '../platform/store-memory.ts'
import { silent } from '../util/ports.ts'
import { missingBodies } from './branches.ts'
import { HEADERS_IN_MEMORY, HeaderIndex, skipHeight } from './header-index.ts'
import { openCore } from './open.ts'
import { counting, longSmellHex, writeLong } from './testing/long.ts'
import { type Made, Maker } from './testing/maker.ts'
import { openStack, regtest } from './testing/stack.ts'

const smellAt = (height: number) => longSmellHex(regtest, height)

/** A store with so many connected cheeses and so many headers above them. */
async function long(connected: number, headers: number) {
  const store = openMemoryStore()
  await openStack(store)
  await writeLong(store, regtest, connected, headers)
  return counting(store)
}

const open = (store: ReturnType<typeof counting>) => openCore({ store, params: regtest, log: silent, badSignature: async () => undefined })

describe('a stack of 200,000 headers', () => {
  let store: ReturnType<typeof counting>
  beforeAll(async () => {
    store = await long(100_000, 100_000)
  }, 60_000)

  it('is opened by reading the latest of them, whatever lies below', async () => {
    const short = await long(2_000, 2_000)
    await open(short)
    store.reads = 0
    const core = await open(store)
    expect([core.tip.height, core.index.best.height]).toEqual([100_000, 200_000])
    expect(store.reads).toBeLessThan(5_000)
    expect(store.reads).toBeLessThan(short.reads + 100)
    expect(core.index.inMemory).toBeLessThan(1_100)
  })

  it('is looked through with no more of it in memory than was allowed', async () => {
    const core = await open(store)
    for (let height = 0; height <= 100_000; height += 5) expect(core.mainSmell(height)).toBe(smellAt(height))
    for (let height = 100_000; height > 0; height -= 7) expect(core.mainAt(height)?.parent?.smell).toBe(smellAt(height - 1))
    expect(core.index.inMemory).toBeGreaterThan(HEADERS_IN_MEMORY / 2 - 1)
    expect(core.index.inMemory).toBeLessThanOrEqual(HEADERS_IN_MEMORY)

    store.reads = 0
    expect(missingBodies(core.index, core.tip, 512)).toEqual(Array.from({ length: 512 }, (_, i) => smellAt(100_001 + i)))
    expect(store.reads).toBeLessThan(3_000)
  })

  it('finds any ancestor in a few hundred steps', async () => {
    const store = await long(0, 100_000)
    const index = new HeaderIndex(store, 2)
    const node = index.get(smellAt(100_000))
    if (!node) throw new Error('it was written')
    let seed = 7
    for (let i = 0; i < 200; i++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      const height = seed % 100_001
      store.reads = 0
      expect(index.ancestor(node, height)?.smell).toBe(smellAt(height))
      expect(store.reads).toBeLessThan(400)
    }
    expect(index.ancestor(node, 100_001)).toBeUndefined()
    expect([0, 1, 6, 7, 8, 44].map(skipHeight)).toEqual([0, 0, 4, 6, 0, 40])
  })

  it('grows by headers of which no more stay in memory than was allowed', async () => {
    const limit = 64
    const maker = new Maker(regtest)
    const store = await long(0, 5_000)
    const core = await openCore({ store, params: regtest, log: silent, badSignature: async () => undefined, headersInMemory: limit })
    const header = core.index.best.header
    const top: Made = { ...maker.blue, header, smell: smellAt(5_000), height: 5_000 }
    const { stack } = await openStack(store, { headersInMemory: limit })
    const above = maker.makeMany({ ...top, parent: { ...top, header: core.index.at(4_999, smellAt(4_999)).header } }, 500)
    for (let from = 0; from < above.length; from += 100) {
      const added = await stack.addHeaders(above.slice(from, from + 100).map(({ header: each }) => each))
      expect(added).toMatchObject({ ok: true, value: { early: undefined } })
    }
    expect(stack.bestHeader).toMatchObject({ height: 5_500, smell: above[499]?.smell })
    expect(stack.missingBodies(1)).toEqual([smellAt(1)])
    const again = new HeaderIndex(store, limit)
    const best = again.get(stack.bestHeader.smell)
    if (!best) throw new Error('it was stored')
    for (const height of [0, 1, 2_048, 4_999, 5_000]) expect(again.ancestor(best, height)?.smell).toBe(smellAt(height))
    for (let i = 0; i < 500; i++) expect(again.ancestor(best, 5_001 + i)?.smell).toBe(above[i]?.smell)
    expect(again.inMemory).toBeLessThanOrEqual(limit)
  })
})
