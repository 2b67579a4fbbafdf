import { describe, expect, it } from 'vitest'
import { transferId } from '../consensus/hash.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { toHex } from '../util/bytes.ts'
import { keyOf, type Made, Maker } from './testing/maker.ts'
import { addAll, openStack, plainVerifier, regtest, standingClock } from './testing/stack.ts'

const ann = keyOf(1)
const bob = keyOf(2)
const carol = keyOf(3)
const CHEESE = 100_000_000n

/** Three cheeses for Ann, whose first reward (height 1) is credited at height 3. */
function begin(maker: Maker) {
  const ripened = maker.makeMany(maker.blue, 3, { to: ann.address })
  return { ripened, top: ripened[2] ?? maker.blue }
}

describe('a stack that grows', () => {
  it('begins with the blue cheese', async () => {
    const { stack } = await openStack(openMemoryStore())
    expect(stack.tip).toMatchObject({ smell: regtest.blueSmellHex, height: 0, state: 'valid' })
    expect(stack.bestHeader).toBe(stack.tip)
    expect(stack.tip.header).toEqual(regtest.blue.header)
    expect(stack.ripening(new Uint8Array(20))).toEqual([])
    expect(stack.missingBodies(10)).toEqual([])
  })

  it('keeps accounts, rewards, transfers and activity', async () => {
    const maker = new Maker(regtest)
    const { ripened, top } = begin(maker)
    const pay = maker.transfer({ from: ann, sequence: 0, payments: [{ to: bob.address, amount: 7n * CHEESE }], fee: 1000n, memo: 'lunch' })
    const split = maker.transfer({
      from: ann,
      sequence: 1,
      payments: [
        { to: bob.address, amount: CHEESE },
        { to: carol.address, amount: CHEESE },
        { to: bob.address, amount: 5n },
        { to: ann.address, amount: 9n },
      ],
    })
    const paying = maker.make(top, { transfers: [pay, split], to: carol.address })
    const { stack, changes } = await openStack(openMemoryStore())
    await addAll(stack, [...ripened, paying])

    expect(stack.tip).toMatchObject({ smell: paying.smell, height: 4 })
    for (const [address, account] of paying.accounts) expect(stack.account(Buffer.from(address, 'hex'))).toEqual(account)
    expect(stack.account(bob.address)).toEqual({ balance: 8n * CHEESE + 5n, sequence: 0 })
    expect(stack.account(keyOf(9).address)).toBeUndefined()

    expect(stack.ripening(ann.address)).toEqual([{ height: 3, smell: top.smell, amount: 50n * CHEESE, ripensAt: 5 }])
    expect(stack.ripening(carol.address)).toEqual([{ height: 4, smell: paying.smell, amount: 50n * CHEESE + 1000n, ripensAt: 6 }])

    const id = toHex(transferId(split, regtest))
    expect(stack.findTransfer(id)).toEqual({ smell: paying.smell, height: 4, position: 1, transfer: split })
    expect(stack.findTransfer('00'.repeat(32))).toBeUndefined()
    expect(stack.findTransfer('not hex')).toBeUndefined()

    const bobs = stack.activity(bob.address, { limit: 10 })
    expect(bobs.map(({ kind, amount, fee, number, height, time }) => ({ kind, amount, fee, number, height, time }))).toEqual([
      { kind: 'received', amount: CHEESE + 5n, fee: 0n, number: 1, height: 4, time: paying.header.time },
      { kind: 'received', amount: 7n * CHEESE, fee: 0n, number: 0, height: 4, time: paying.header.time },
    ])
    expect(bobs[1]).toMatchObject({ id: toHex(transferId(pay, regtest)), counterparty: ann.address, smell: paying.smell })
    expect(Buffer.from(bobs[1]?.memo ?? []).toString()).toBe('lunch')

    const page = stack.activityPage(ann.address, { offset: 1, limit: 2 })
    expect(page.total).toBe(5)
    expect(page.entries.map(({ kind, amount, fee, counterparty, id }) => ({ kind, amount, fee, counterparty, id }))).toEqual([
      { kind: 'sent', amount: 7n * CHEESE, fee: 1000n, counterparty: bob.address, id: toHex(transferId(pay, regtest)) },
      { kind: 'reward', amount: 50n * CHEESE, fee: 0n, counterparty: undefined, id: undefined },
    ])
    expect(stack.activityPage(ann.address, { offset: 5, limit: 2 }).entries).toEqual([])
    expect(stack.activity(ann.address, { limit: 1 })[0]).toMatchObject({ kind: 'sent', amount: 2n * CHEESE + 14n, counterparty: undefined })
    expect(stack.activity(ann.address, { limit: 9, before: 2 }).map(({ number }) => number)).toEqual([1, 0])

    expect(stack.facts(paying.smell)).toMatchObject({
      transfers: 2,
      rewardTo: carol.address,
      rewardAmount: 50n * CHEESE + 1000n,
      size: 116 + paying.bodyBytes.length,
    })
    expect(stack.cheese(paying.smell)?.body).toEqual(paying.body)
    expect(stack.body(paying.smell)).toEqual(paying.bodyBytes)
    expect(changes.map(({ connected, disconnected, tip }) => [connected.length, disconnected.length, tip.height])).toEqual(
      [1, 2, 3, 4].map((height) => [1, 0, height]),
    )
    expect(changes[3]?.connected[0]?.ids).toEqual([pay, split].map((transfer) => toHex(transferId(transfer, regtest))))
  })

  it('previews the root that the next cheese must have', async () => {
    const maker = new Maker(regtest)
    const { ripened, top } = begin(maker)
    const { stack } = await openStack(openMemoryStore())
    await addAll(stack, ripened)
    const pay = maker.transfer({ from: ann, sequence: 0, payments: [{ to: bob.address, amount: CHEESE }], fee: 3n })
    const next = maker.make(top, { transfers: [pay] })
    const preview = stack.previewRoot({ transfers: [pay] })
    expect(preview).toMatchObject({ ok: true, value: { height: 4, fees: 3n, accountsRoot: next.header.accountsRoot } })
    expect(stack.previewRoot({ transfers: [pay, pay] })).toMatchObject({ ok: false, error: { code: 'transfer-sequence', transfer: 1 } })
    expect(stack.requiredBits()).toBe(next.header.bits)
    expect(stack.medianTimePast()).toBe(ripened[1]?.header.time)
    expect(toHex(stack.tip.header.accountsRoot)).toBe(toHex(top.header.accountsRoot))
    await addAll(stack, [next])
  })

  it('is the same after a restart', async () => {
    const maker = new Maker(regtest)
    const cheeses = maker.makeMany(maker.blue, 30, { to: ann.address })
    const store = openMemoryStore()
    const first = await openStack(store)
    await addAll(first.stack, cheeses.slice(0, 20))
    await first.stack.close()
    const { stack } = await openStack(store)
    expect(stack.tip).toMatchObject({ smell: cheeses[19]?.smell, height: 20, work: first.stack.tip.work })
    expect(stack.smellAt(7)).toBe(cheeses[6]?.smell)
    await addAll(stack, cheeses.slice(20))
    expect(stack.tip.height).toBe(30)
    expect(stack.account(ann.address)).toEqual({ balance: 28n * 50n * CHEESE, sequence: 0 })
  })

  it('gives headers as sync needs them', async () => {
    const maker = new Maker(regtest)
    const cheeses = maker.makeMany(maker.blue, 40)
    const { stack } = await openStack(openMemoryStore())
    expect(await stack.addHeaders(cheeses.map(({ header }) => header))).toMatchObject({ ok: true, value: { early: undefined } })
    expect(stack.bestHeader.height).toBe(40)
    expect(stack.tip.height).toBe(0)
    expect(stack.missingBodies(3)).toEqual(cheeses.slice(0, 3).map(({ smell }) => smell))
    expect(stack.ancestor(cheeses[39]?.smell ?? '', 7)?.smell).toBe(cheeses[6]?.smell)
    expect(await stack.headersFrom(1, 10)).toEqual([])
    for (const { smell, bodyBytes } of cheeses.slice(0, 30)) expect(await stack.addBody(smell, bodyBytes)).toMatchObject({ ok: true })
    const other = maker.makeMany(cheeses[7] as Made, 9)
    await stack.addHeaders(other.map(({ header }) => header))
    const bytes = cheeses.map(({ headerBytes }) => headerBytes)
    expect(await stack.headersFrom(11, 5)).toEqual(bytes.slice(10, 15))
    expect(await stack.headersFrom(1, 2000)).toEqual(bytes.slice(0, 30))
    expect(await stack.headersFrom(30, 2000)).toEqual(bytes.slice(29, 30))
    expect(await stack.headersFrom(31, 2000)).toEqual([])
    expect(stack.missingBodies(1)).toEqual([cheeses[30]?.smell])
    expect(stack.entry(cheeses[35]?.smell ?? '')).toMatchObject({ state: 'header', height: 36 })
  })
})

describe('what it is given', () => {
  it('takes nothing twice', async () => {
    const maker = new Maker(regtest)
    const [one] = maker.makeMany(maker.blue, 1)
    const { stack, changes } = await openStack(openMemoryStore())
    if (!one) throw new Error('made one')
    expect(await stack.addCheese(one.headerBytes, one.bodyBytes)).toMatchObject({ ok: true, value: { outcome: 'connected' } })
    expect(await stack.addCheese(one.headerBytes, one.bodyBytes)).toMatchObject({ ok: true, value: { outcome: 'known' } })
    expect(await stack.addHeaders([one.header, regtest.blue.header])).toMatchObject({ ok: true, value: { added: [] } })
    expect(changes).toHaveLength(1)
  })

  it('refuses what stands on nothing, and what has no work', async () => {
    const maker = new Maker(regtest)
    const [one, two] = maker.makeMany(maker.blue, 2)
    const { stack } = await openStack(openMemoryStore())
    if (!one || !two) throw new Error('made two')
    expect(await stack.addCheese(two.headerBytes, two.bodyBytes)).toMatchObject({ ok: false, error: { code: 'header-parent', fault: 'sender' } })
    expect(await stack.addBody(two.smell, two.bodyBytes)).toMatchObject({ ok: false, error: { code: 'header-parent' } })
    expect(await stack.addCheese(one.headerBytes.subarray(1), one.bodyBytes)).toMatchObject({ ok: false, error: { code: 'header-length' } })
    const idle = { ...one.header, nonce: one.header.nonce === 0n ? 1n : 0n }
    expect(await stack.addHeaders([one.header, two.header, { ...idle, time: idle.time + 1 }])).toMatchObject({ ok: false, error: { code: 'header-work' } })
    // Those before the bad one are kept.
    expect(stack.bestHeader.smell).toBe(two.smell)
  })

  it('holds back what comes from the future, and takes it when its time has come', async () => {
    const params = { ...regtest, maxFutureSeconds: 600 }
    const maker = new Maker(params)
    const one = maker.make(maker.blue, { after: 5000 })
    const two = maker.make(one)
    const clock = standingClock((maker.blue.header.time + 4399) * 1000)
    const { stack } = await openStack(openMemoryStore(), { params, clock })
    expect(await stack.addHeaders([one.header, two.header])).toMatchObject({ ok: true, value: { added: [], early: { code: 'header-time-future' } } })
    expect(stack.entry(one.smell)).toBeUndefined()
    expect(await stack.addCheese(one.headerBytes, one.bodyBytes)).toMatchObject({ ok: false, error: { fault: 'early' } })
    const idle = { ...one.header, nonce: one.header.nonce === 0n ? 1n : 0n }
    expect(await stack.addHeaders([idle])).toMatchObject({ ok: false, error: { code: 'header-work' } })
    clock.set((maker.blue.header.time + 4400) * 1000)
    expect(await stack.addCheese(one.headerBytes, one.bodyBytes)).toMatchObject({ ok: true, value: { outcome: 'connected' } })
  })

  it('holds nothing against a smell whose body was sent wrong', async () => {
    const maker = new Maker(regtest)
    const [one, other] = [maker.make(maker.blue), maker.make(maker.blue)]
    const { stack } = await openStack(openMemoryStore())
    await stack.addHeaders([one.header])
    for (const [bytes, code] of [
      [other.bodyBytes, 'body-root'],
      [one.bodyBytes.subarray(1), 'body-shape'],
      [new Uint8Array(1_000_001), 'body-size'],
    ] as const) {
      expect(await stack.addBody(one.smell, bytes)).toMatchObject({ ok: false, error: { code, fault: 'sender' } })
    }
    expect(stack.entry(one.smell)?.state).toBe('header')
    expect(await stack.addBody(one.smell, one.bodyBytes)).toMatchObject({ ok: true, value: { outcome: 'connected' } })
  })

  it('verifies no signature that the mempool has verified', async () => {
    const maker = new Maker(regtest)
    const { ripened, top } = begin(maker)
    const pay = (sequence: number) => maker.transfer({ from: ann, sequence, payments: [{ to: bob.address, amount: CHEESE }] })
    const cheese = maker.make(top, { transfers: [pay(0), pay(1), pay(2)] })
    const verifier = plainVerifier()
    const seen: string[] = []
    const { stack } = await openStack(openMemoryStore(), { verifier, isVerified: (id) => seen.push(id) === 2 })
    await addAll(stack, [...ripened, cheese])
    expect(seen).toHaveLength(3)
    expect(verifier.asked.map(({ signature }) => signature)).toEqual([0, 2].map((i) => cheese.body.transfers[i]?.signature))
  })
})
