import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../platform/store-memory.ts'
import { toHex } from '../util/bytes.ts'
import { silent } from '../util/ports.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { FORMAT_KEY, MIGRATING_KEY } from './keys.ts'
import { MIGRATIONS } from './migrate.ts'
import { type Made, Maker } from './testing/maker.ts'
import { addAll, failing, openStack, regtest } from './testing/stack.ts'

const letterOf = (key: Uint8Array) => String.fromCharCode(key[0] ?? 0)

async function dumped(store: Store, letters: string): Promise<string[]> {
  const lines: string[] = []
  for await (const [key, value] of store.entries({})) if (letters.includes(letterOf(key))) lines.push(`${toHex(key)}=${toHex(value)}`)
  return lines
}

/** The same as schema 1 kept it: the header tree, bodies and what follows from the main stack, and no more. */
async function asSchema1(store: Store): Promise<Store> {
  const ops: StoreOp[] = []
  for await (const [key, stored] of store.entries({})) {
    const value = stored.slice()
    if ('qsw'.includes(letterOf(key))) continue
    // The state of a body, without whether it is complete.
    if (letterOf(key) === 'h') value[156] = (value[156] ?? 0) & 0x7f
    if (letterOf(key) === 'f') value[3] = 1
    ops.push({ type: 'put', key, value })
  }
  const old = openMemoryStore()
  await old.batch(ops)
  return old
}

/** A trunk, a branch that waits for one body, a complete branch with less work, an invalid one, and headers alone on top. */
async function grown(): Promise<{ store: Store; made: Made[] }> {
  const maker = new Maker(regtest)
  const trunk = maker.makeMany(maker.blue, 12)
  const waiting = maker.makeMany(trunk[3] as Made, 12)
  const less = maker.makeMany(trunk[5] as Made, 4)
  const invalid = maker.makeMany(maker.make(trunk[11] as Made, { header: { accountsRoot: new Uint8Array(32).fill(1) } }), 2)
  const culprit = invalid[0]?.parent as Made
  const headers = maker.makeMany(waiting[11] as Made, 9)
  const store = openMemoryStore()
  const { stack } = await openStack(store)
  await addAll(stack, [...trunk, ...less])
  await stack.addHeaders([...waiting, ...headers, culprit, ...invalid].map(({ header }) => header))
  for (const { smell, bodyBytes } of [...waiting.filter((_, i) => i !== 2), culprit]) await stack.addBody(smell, bodyBytes)
  expect(stack.entry(culprit.smell)?.state).toBe('invalid')
  return { store, made: [...trunk, ...waiting, ...less, ...invalid, ...headers] }
}

describe('a store of schema 1', () => {
  it('is brought up to date with all that is known in it', async () => {
    const { store, made } = await grown()
    const old = await asSchema1(store)
    const { stack } = await openStack(old)
    expect(await dumped(old, 'fhswq')).toEqual(await dumped(store, 'fhswq'))
    const { stack: present } = await openStack(store)
    for (const { smell } of made) expect(stack.entry(smell)).toMatchObject({ state: present.entry(smell)?.state, height: present.entry(smell)?.height })
    expect([stack.tip.smell, stack.bestHeader.smell, stack.missingBodies(20)]).toEqual([present.tip.smell, present.bestHeader.smell, present.missingBodies(20)])
    const missing = made.find(({ smell }) => smell === stack.missingBodies(1)[0]) as Made
    await addAll(stack, [missing])
    expect(stack.tip.height).toBe(16)
    expect(await stack.verify()).toMatchObject({ ok: true })
  })

  it('is brought up to date from wherever that was cut short', async () => {
    const { store } = await grown()
    const whole = await dumped(store, 'fhswq')
    const [step] = MIGRATIONS
    for (const piece of [1, 3, 7]) {
      for (let stopAt = 1; ; stopAt++) {
        const old = await asSchema1(store)
        const cutting = failing(old)
        cutting.failAt(stopAt)
        const wasCut = await step?.run(cutting, regtest, silent, piece).then(
          () => false,
          () => true,
        )
        expect(old.get(FORMAT_KEY)?.[3]).toBe(1)
        expect(old.get(MIGRATING_KEY) !== undefined).toBe(stopAt > 1)
        await openStack(old)
        expect(await dumped(old, 'fhswq')).toEqual(whole)
        expect(old.get(MIGRATING_KEY)).toBeUndefined()
        if (!wasCut) break
      }
    }
  })

  it('that lacks a header is damaged', async () => {
    const old = await asSchema1((await grown()).store)
    const keys: Uint8Array[] = []
    for await (const [key] of old.entries({})) if (letterOf(key) === 'h') keys.push(key)
    await old.batch([{ type: 'del', key: keys[6] as Uint8Array }])
    await expect(openStack(old)).rejects.toMatchObject({ code: 'damaged' })
  })
})
