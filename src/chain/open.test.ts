import { describe, expect, it } from 'vitest'
import { params as paramsOf } from '../consensus/params.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { fromHex } from '../util/bytes.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'
import { accountKey, bodyKey, FORMAT_KEY, headerKey, indexKey, nodeKey, TIP_KEY, transferKey, undoKey } from './keys.ts'
import { salvage } from './salvage.ts'
import { keyOf, type Made, Maker } from './testing/maker.ts'
import { addAll, openStack, regtest } from './testing/stack.ts'

const ann = keyOf(1)
const bob = keyOf(2)

/** Ten cheeses, the last six with a payment to Bob; a header without a body on top. */
async function stored(): Promise<{ store: Store; cheeses: Made[]; above: Made }> {
  const maker = new Maker(regtest)
  const cheeses = maker.makeMany(maker.blue, 4, { to: ann.address })
  for (let sequence = 0; sequence < 6; sequence++) {
    const transfers = [maker.transfer({ from: ann, sequence, payments: [{ to: bob.address, amount: 100_000n }], fee: 5n })]
    cheeses.push(maker.make(cheeses.at(-1) as Made, { transfers }))
  }
  const above = maker.make(cheeses.at(-1) as Made)
  const store = openMemoryStore()
  const { stack } = await openStack(store)
  await addAll(stack, cheeses)
  await stack.addHeaders([above.header])
  await stack.close()
  return { store, cheeses, above }
}

const put = (key: Uint8Array, value: Uint8Array): StoreOp => ({ type: 'put', key, value })
const del = (key: Uint8Array): StoreOp => ({ type: 'del', key })

describe('opening', () => {
  it('refuses another network, saying which', async () => {
    const { store } = await stored()
    const opening = openStack(store, { params: paramsOf('test') })
    await expect(opening).rejects.toBeInstanceOf(StoreError)
    await expect(opening).rejects.toMatchObject({ code: 'other-network', message: expect.stringContaining('regtest') })
  })

  it('refuses a newer schema and leaves it as it is', async () => {
    const { store } = await stored()
    const newer = (store.get(FORMAT_KEY) as Uint8Array).slice()
    newer[3] = 200
    await store.batch([put(FORMAT_KEY, newer)])
    await expect(openStack(store)).rejects.toMatchObject({ code: 'newer-schema' })
    expect(store.get(FORMAT_KEY)).toEqual(newer)
  })

  const tipOf = (cheeses: readonly Made[]) => cheeses.at(-1) as Made
  const damages: [string, (cheeses: Made[]) => StoreOp[]][] = [
    ['no format', () => [del(FORMAT_KEY)]],
    ['a cut format', () => [put(FORMAT_KEY, new Uint8Array(3))]],
    ['no tip', () => [del(TIP_KEY)]],
    ['a tip that is no cheese', () => [put(TIP_KEY, new Uint8Array(32))]],
    ['a tip that was never connected', (cheeses) => [put(TIP_KEY, fromHex(cheeses[0]?.smell ?? ''))]],
    ['no headers', (cheeses) => cheeses.map(({ height, smell }) => del(headerKey(height, fromHex(smell))))],
    ['a header missing within', (cheeses) => [del(headerKey(4, fromHex(cheeses[3]?.smell ?? '')))]],
    ['a header cut short', (cheeses) => [put(headerKey(4, fromHex(cheeses[3]?.smell ?? '')), new Uint8Array(50))]],
    ['no blue cheese', () => [del(headerKey(0, regtest.blueSmell))]],
    ["no body of the tip's", (cheeses) => [del(bodyKey(fromHex(tipOf(cheeses).smell)))]],
    ["a body of the tip's that is none", (cheeses) => [put(bodyKey(fromHex(tipOf(cheeses).smell)), new Uint8Array(9))]],
    ["no undo of the tip's", (cheeses) => [del(undoKey(fromHex(tipOf(cheeses).smell)))]],
    ['no index of the tip', (cheeses) => [del(indexKey(tipOf(cheeses).height))]],
    ['another accounts tree', () => [del(nodeKey(Uint8Array.of(0)))]],
    ['an accounts tree that cannot be read', () => [put(nodeKey(Uint8Array.of(0)), Uint8Array.of(7, 7))]],
  ]
  it.each(damages)('recognises %s', async (_name, damage) => {
    const { store, cheeses } = await stored()
    await store.batch(damage(cheeses))
    await expect(openStack(store)).rejects.toMatchObject({ name: 'StoreError', code: 'damaged' })
  })

  it('does not take a damaged account for a broken rule', async () => {
    const { store, above } = await stored()
    await store.batch([del(accountKey(ann.address))])
    const { stack } = await openStack(store)
    const maker = new Maker(regtest)
    const pay = maker.transfer({ from: ann, sequence: 6, payments: [{ to: bob.address, amount: 100_000n }] })
    const next = maker.make(above.parent as Made, { transfers: [pay] })
    await expect(stack.addCheese(next.headerBytes, next.bodyBytes)).rejects.toMatchObject({ code: 'damaged' })
    expect(stack.entry(next.smell)?.state).toBe('header')
    // Else it would be found again and again: opening looks at the latest cheeses alone.
    await expect(openStack(store)).rejects.toMatchObject({ code: 'damaged' })
  })

  it('says that a header is damaged which somebody came upon while the stack was open last', async () => {
    const { store, above } = await stored()
    const [second, third] = new Maker(regtest).makeMany(above, 2) as [Made, Made]
    const { stack } = await openStack(store)
    await stack.addHeaders([second.header, third.header])
    await stack.close()
    await store.batch([del(headerKey(second.height, fromHex(second.smell)))])
    const damagedOne = await openStack(store)
    expect(() => damagedOne.stack.missingBodies(9)).toThrow('damaged')
    await damagedOne.stack.close()
    await expect(openStack(store)).rejects.toMatchObject({ code: 'damaged' })
  })
})

describe('checking everything', () => {
  it('passes what is whole, telling how far it is', async () => {
    const { store, cheeses } = await stored()
    const { stack } = await openStack(store)
    const seen: number[] = []
    const verified = await stack.verify({ progress: (height, tip) => seen.push(height / tip) })
    expect(verified).toMatchObject({
      ok: true,
      value: { height: 10, tip: cheeses[9]?.smell, accountsRoot: cheeses[9]?.header.accountsRoot, cheeses: 11, transfers: 6 },
    })
    expect(seen).toHaveLength(10)
    expect(seen.at(-1)).toBe(1)
  })

  const smellAt = (cheeses: readonly Made[], height: number) => fromHex(cheeses[height - 1]?.smell ?? '')
  const cases: [string, (cheeses: Made[], store: Store) => StoreOp[], number, string][] = [
    ['a missing body', (cheeses) => [del(bodyKey(smellAt(cheeses, 6)))], 6, 'store'],
    ['a body that was changed', (cheeses) => [put(bodyKey(smellAt(cheeses, 6)), cheeses[4]?.bodyBytes as Uint8Array)], 6, 'body-root'],
    ['another undo', (cheeses, store) => [put(undoKey(smellAt(cheeses, 7)), store.get(undoKey(smellAt(cheeses, 8))) as Uint8Array)], 7, 'store'],
    ['another index of heights', (cheeses) => [put(indexKey(3), smellAt(cheeses, 4))], 3, 'store'],
    ['a missing place of a transfer', (_cheeses, _store) => [], 5, 'store'],
    [
      'a richer account',
      (_cheeses, store) => [
        put(
          accountKey(bob.address),
          (store.get(accountKey(bob.address)) as Uint8Array).map((byte, i) => (i === 0 ? 1 : byte)),
        ),
      ],
      10,
      'store',
    ],
    ['an account too many', () => [put(accountKey(keyOf(9).address), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0))], 10, 'store'],
    ['an account too few', () => [del(accountKey(bob.address))], 10, 'store'],
  ]
  it.each(cases)('finds %s', async (name, damage, height, code) => {
    const { store, cheeses } = await stored()
    const { stack } = await openStack(store)
    const ops = damage(cheeses, store)
    if (name.includes('place of a transfer')) ops.push(del(transferKey(fromHex(stack.cheese(cheeses[4]?.smell ?? '')?.ids[0] ?? ''))))
    await store.batch(ops)
    expect(await stack.verify()).toMatchObject({ ok: false, error: { height, code } })
  })
})

describe('salvage', () => {
  it('takes over what is readable, and leaves the rest to peers', async () => {
    const { store, cheeses, above } = await stored()
    const lost = bodyKey(fromHex(cheeses[6]?.smell ?? ''))
    // A value that cannot be read, as in a damaged LevelDB.
    const broken: Store = {
      ...store,
      get(key) {
        if (Buffer.compare(key, lost) === 0) throw new StoreError('damaged', 'unreadable')
        return store.get(key)
      },
    }
    await store.batch([del(TIP_KEY), del(FORMAT_KEY)])
    const { stack } = await openStack(openMemoryStore())
    expect(await salvage(broken, stack)).toEqual({ height: 6, headers: 11, bodies: 9 })
    expect(stack.bestHeader.smell).toBe(above.smell)
    expect(stack.missingBodies(9)).toEqual([cheeses[6]?.smell, above.smell])
    await addAll(stack, cheeses.slice(6, 7))
    expect(stack.tip.height).toBe(10)
    expect((await stack.verify()).ok).toBe(true)
  })

  it('ends where headers cannot be read any more', async () => {
    const { store, cheeses } = await stored()
    await store.batch([put(headerKey(5, fromHex(cheeses[4]?.smell ?? '')), Uint8Array.of(1))])
    const { stack } = await openStack(openMemoryStore())
    expect(await salvage(store, stack)).toEqual({ height: 4, headers: 4, bodies: 4 })
  })
})
