import { describe, expect, it } from 'vitest'
import type { SignatureJob, Transfer } from '../consensus/types.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { BodiesAhead } from './ahead.ts'
import type { CheeseStack } from './stack.ts'
import { keyOf, type Made, Maker } from './testing/maker.ts'
import { openStack, plainVerifier, regtest } from './testing/stack.ts'
import type { Verifier } from './verifier.ts'

const ann = keyOf(1)
const bob = keyOf(2)

/** Four cheeses that pay Ann, and three in each of which Ann pays Bob. */
function cheeses(): { below: Made[]; above: Made[]; maker: Maker } {
  const maker = new Maker(regtest)
  const below = maker.makeMany(maker.blue, 4, { to: ann.address })
  const above: Made[] = []
  for (let sequence = 0; sequence < 3; sequence++) {
    const transfers = [maker.transfer({ from: ann, sequence, payments: [{ to: bob.address, amount: 100_000n }] })]
    above.push(maker.make(above.at(-1) ?? (below[3] as Made), { transfers }))
  }
  return { below, above, maker }
}

/** A stack that has the headers of all, and the bodies of those below. */
async function opened(verifier: Verifier = plainVerifier()): Promise<{ stack: CheeseStack; above: Made[]; maker: Maker }> {
  const { below, above, maker } = cheeses()
  const { stack } = await openStack(openMemoryStore(), { verifier })
  for (const { headerBytes, bodyBytes } of below) await stack.addCheese(headerBytes, bodyBytes)
  await stack.addHeaders(above.map(({ header }) => header))
  return { stack, above, maker }
}

/** A verifier that answers when it is told to. */
function slowVerifier(): Verifier & { readonly asked: SignatureJob[]; answer(): void } {
  const plain = plainVerifier()
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  return {
    asked: plain.asked,
    answer: () => release(),
    async verify(jobs) {
      const good = await plain.verify(jobs)
      await released
      return good
    },
    async close() {},
  }
}

/** Resolves when the main loop has had some turns: whatever could be begun has begun. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('bodies that wait', () => {
  it('are looked at in a turn of the main loop each, however many come at once', async () => {
    const { above } = cheeses()
    let looked = 0
    const ahead = new BodiesAhead(async () => {
      looked++
      return undefined
    })
    for (const { smell, bodyBytes, header, height } of above) expect(ahead.add(smell, bodyBytes, header, height)).toBe(true)
    for (let turn = 0; turn <= above.length; turn++) {
      for (let i = 0; i < 1_000; i++) await undefined
      expect(looked).toBeLessThanOrEqual(turn)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await turns()
    expect(looked).toBe(above.length)
  })

  it('have their signatures verified before their turn, and not again', async () => {
    const verifier = slowVerifier()
    const { stack, above } = await opened(verifier)
    for (const { smell, bodyBytes } of above) expect(stack.prefetch(smell, bodyBytes)).toBe(true)
    await turns()
    expect(verifier.asked).toHaveLength(3)
    expect(stack.tip.height).toBe(4)
    verifier.answer()
    for (const { smell, bodyBytes } of above) expect(await stack.addBody(smell, bodyBytes.slice())).toMatchObject({ ok: true, value: { outcome: 'connected' } })
    expect(verifier.asked).toHaveLength(3)
    expect(stack.tip.height).toBe(7)
  })

  it('are looked at afresh when other bytes come', async () => {
    const verifier = plainVerifier()
    const { stack, above, maker } = await opened(verifier)
    const [one] = above as [Made]
    const other = maker.make(one.parent as Made, { transfers: one.body.transfers, extra: 'other' })
    expect(stack.prefetch(one.smell, other.bodyBytes)).toBe(true)
    await turns()
    // Its root does not fit the header: no signature is worth looking at.
    expect(verifier.asked).toHaveLength(0)
    expect(await stack.addBody(one.smell, one.bodyBytes)).toMatchObject({ ok: true, value: { outcome: 'connected' } })
    expect(verifier.asked).toHaveLength(1)
  })

  it('are refused for what was found, as if nobody had looked before', async () => {
    const { stack, above, maker } = await opened()
    const [one] = above as [Made]
    const [transfer] = one.body.transfers as [Transfer]
    const forged: Transfer = { ...transfer, signature: transfer.signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) }
    const bad = maker.make(one.parent as Made, { transfers: [forged] })
    await stack.addHeaders([bad.header])
    // A prefetch of what has a bad signature, one with a wrong root, and one that cannot be read.
    expect(stack.prefetch(bad.smell, bad.bodyBytes)).toBe(true)
    const cut = one.bodyBytes.subarray(1)
    expect(stack.prefetch(one.smell, cut)).toBe(true)
    await turns()
    expect(await stack.addBody(bad.smell, bad.bodyBytes)).toMatchObject({ ok: false, error: { code: 'signature', transfer: 0, fault: 'cheese' } })
    expect(stack.entry(bad.smell)).toMatchObject({ state: 'invalid', invalid: 'signature' })
    expect(await stack.addBody(one.smell, cut)).toMatchObject({ ok: false, error: { code: 'body-shape', fault: 'sender' } })
    expect(stack.entry(one.smell)?.state).toBe('header')
    expect(await stack.addBody(one.smell, one.bodyBytes)).toMatchObject({ ok: true, value: { outcome: 'connected' } })
  })

  it('give their room back when the cheese below them turns out to be invalid', async () => {
    const { stack, above, maker } = await opened()
    const [one] = above as [Made]
    const [transfer] = one.body.transfers as [Transfer]
    const bad = maker.make(one.parent as Made, { transfers: [{ ...transfer, signature: new Uint8Array(64).fill(7) }] })
    const worthless = maker.makeMany(bad, 9)
    await stack.addHeaders([bad, ...worthless].map(({ header }) => header))
    const large = new Uint8Array(1_000_000)
    expect(worthless.map(({ smell }) => stack.prefetch(smell, large))).toEqual([...Array.from({ length: 8 }, () => true), false])
    expect(stack.prefetch(one.smell, large)).toBe(false)
    expect(await stack.addBody(bad.smell, bad.bodyBytes)).toMatchObject({ ok: false, error: { fault: 'cheese' } })
    expect(stack.prefetch(one.smell, large)).toBe(true)
  })

  it('never lend a good signature to the same transfer with another one', async () => {
    const verifier = plainVerifier()
    const { stack, above, maker } = await opened(verifier)
    const [one] = above as [Made]
    expect(stack.prefetch(one.smell, one.bodyBytes)).toBe(true)
    await turns()
    const [transfer] = one.body.transfers
    const forged = { ...transfer, signature: new Uint8Array(64) } as NonNullable<typeof transfer>
    const bad = maker.make(one.parent as Made, { transfers: [forged] })
    expect(await stack.addCheese(bad.headerBytes, bad.bodyBytes)).toMatchObject({ ok: false, error: { code: 'signature' } })
    expect(verifier.asked).toHaveLength(2)
  })

  it('are verified in their turn when the verifier failed before it', async () => {
    let broken = true
    const plain = plainVerifier()
    const verifier: Verifier = {
      verify: (jobs) => (broken ? Promise.reject(new Error('the threads are gone')) : plain.verify(jobs)),
      async close() {},
    }
    const { stack, above } = await opened(verifier)
    const [one] = above as [Made]
    expect(stack.prefetch(one.smell, one.bodyBytes)).toBe(true)
    await turns()
    await expect(stack.addBody(one.smell, one.bodyBytes)).rejects.toThrow('the threads are gone')
    expect(stack.tip.height).toBe(4)
    broken = false
    expect(await stack.addBody(one.smell, one.bodyBytes)).toMatchObject({ ok: true, value: { outcome: 'connected' } })
  })

  it('are no more than fit, and make room when the stack has grown past them', async () => {
    const maker = new Maker(regtest)
    // Bodies of some 870,000 bytes, told apart by their rewards' extras: only their lengths matter here.
    const made = maker.makeMany(maker.blue, 12)
    const { stack } = await openStack(openMemoryStore())
    await stack.addHeaders(made.map(({ header }) => header))
    const big = made.map(() => new Uint8Array(999_999))
    const taken = made.map(({ smell }, i) => stack.prefetch(smell, big[i] as Uint8Array))
    expect(taken).toEqual(made.map((_, i) => i < 8))
    // The same again is no second one.
    expect(stack.prefetch(made[0]?.smell ?? '', big[0] as Uint8Array)).toBe(false)
    for (const { smell, bodyBytes } of made.slice(0, 3)) expect(await stack.addBody(smell, bodyBytes)).toMatchObject({ ok: true })
    expect(made.slice(8).map(({ smell }, i) => stack.prefetch(smell, big[8 + i] as Uint8Array))).toEqual([true, true, true, false])
    expect(stack.prefetch(made[0]?.smell ?? '', made[0]?.bodyBytes as Uint8Array)).toBe(false)
    expect(stack.prefetch('00'.repeat(32), new Uint8Array())).toBe(false)
  })
})
