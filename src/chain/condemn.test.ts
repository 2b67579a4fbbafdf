import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../platform/store-memory.ts'
import { CONDEMNING_KEY } from './keys.ts'
import { type Made, Maker } from './testing/maker.ts'
import { addAll, failing, openStack, regtest } from './testing/stack.ts'

const maker = new Maker(regtest)
const trunk = maker.makeMany(maker.blue, 4)
const culprit = maker.make(trunk[3] as Made, { header: { accountsRoot: new Uint8Array(32).fill(1) } })
const above = maker.makeMany(culprit, 1_100)
const good = maker.makeMany(trunk[3] as Made, 3)

describe('a bad cheese with a thousand headers above it', () => {
  it.each([false, true])('is marked with all of them, wherever that was cut short; restarted: %s', async (restarts) => {
    for (let batch = 1; batch <= 5; batch++) {
      const store = failing(openMemoryStore())
      let { stack } = await openStack(store, { headersInMemory: 50 })
      await addAll(stack, trunk)
      await stack.addHeaders([...good, culprit, ...above].map(({ header }) => header))
      const last = above.at(-1) as Made
      expect(stack.bestHeader.smell).toBe(last.smell)
      // One whose body is there waits, and is dropped.
      await stack.addBody(above[3]?.smell ?? '', above[3]?.bodyBytes ?? new Uint8Array())
      store.failAt(batch <= 4 ? batch : Number.POSITIVE_INFINITY)
      const adding = stack.addBody(culprit.smell, culprit.bodyBytes)
      if (batch <= 4) await expect(adding).rejects.toMatchObject({ code: 'disk-full' })
      else expect(await adding).toMatchObject({ ok: false, error: { code: 'accounts-root' } })
      expect(store.get(CONDEMNING_KEY) !== undefined).toBe(batch > 1 && batch <= 4)

      if (restarts) ({ stack } = await openStack(store, { headersInMemory: 50 }))
      const again = await stack.addBody(culprit.smell, culprit.bodyBytes)
      expect(again).toMatchObject({ ok: false, error: { code: 'accounts-root' } })
      for (const { smell } of [culprit, ...above]) expect(stack.entry(smell)).toMatchObject({ state: 'invalid', invalid: 'accounts-root' })
      expect(stack.body(above[3]?.smell ?? '')).toBeUndefined()
      expect([stack.tip.smell, stack.bestHeader.smell]).toEqual([trunk[3]?.smell, good[2]?.smell])
      expect(store.get(CONDEMNING_KEY)).toBeUndefined()
      await addAll(stack, good)
      expect(stack.tip.smell).toBe(good[2]?.smell)
    }
  })
})

describe('a bad cheese that was the best header', () => {
  it.each([false, true])('leaves the next best, though the batch that remembers it failed; restarted afterwards: %s', async (restarts) => {
    const store = failing(openMemoryStore())
    let { stack } = await openStack(store)
    await addAll(stack, trunk)
    await stack.addHeaders([...good, culprit, ...above.slice(0, 5)].map(({ header }) => header))
    store.failAt(2)
    await expect(stack.addBody(culprit.smell, culprit.bodyBytes)).rejects.toMatchObject({ code: 'disk-full' })
    // Whatever comes next ties up what is loose.
    await stack.addHeaders(trunk.map(({ header }) => header))
    if (restarts) ({ stack } = await openStack(store))
    expect(stack.bestHeader.smell).toBe(good[2]?.smell)
    expect(store.get(CONDEMNING_KEY)).toBeUndefined()
  })
})

describe('bodies that waited for one that was connected', () => {
  it.each([false, true])('are there when the batch after it failed; restarted: %s', async (restarts) => {
    const store = failing(openMemoryStore())
    let { stack } = await openStack(store)
    await stack.addHeaders(trunk.map(({ header }) => header))
    for (const { smell, bodyBytes } of trunk.slice(1)) await stack.addBody(smell, bodyBytes)
    store.failAt(2)
    const [first] = trunk as [Made]
    await expect(stack.addBody(first.smell, first.bodyBytes)).rejects.toMatchObject({ code: 'disk-full' })
    expect(stack.tip.smell).toBe(first.smell)
    if (restarts) ({ stack } = await openStack(store))
    else await addAll(stack, good.slice(0, 1))
    expect(stack.tip.height).toBe(restarts ? 4 : 5)
    expect(stack.missingBodies(9)).toEqual([])
  })
})
