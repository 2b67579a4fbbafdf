import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryEntry } from '../api/schemas.ts'
import type { Transfer } from '../consensus/types.ts'
import { type FakeChain, SUBSIDY } from './testing/fake-chain.ts'
import { PASSPHRASE, person, Rig, WORDS } from './testing/rig.ts'

const bob = person(2)
const CHEESE = 100_000_000n

/** Gives Bob an account with money. */
function feedBob(rig: Rig): void {
  rig.chain.mine({ to: bob.address })
  rig.chain.mine({ count: rig.params.ripening })
}

describe('the history', () => {
  it('tells of rewards that ripen', async () => {
    const rig = await Rig.empty()
    await rig.wallet.restore({ words: WORDS, passphrase: PASSPHRASE, nickname: 'Me' })
    rig.chain.mine({ to: rig.address })
    const { total, entries } = await rig.wallet.history()
    expect(total).toBe(1)
    expect(entries).toEqual([
      {
        kind: 'reward',
        state: 'ripening',
        smell: expect.stringMatching(/^[0-9a-f]{64}$/),
        amount: String(SUBSIDY),
        fee: '0',
        counterparty: null,
        name: null,
        memo: '',
        height: 1,
        confirmations: 1,
        time: expect.any(Number),
      },
    ])
    expect(await rig.wallet.balance()).toEqual({ spendable: '0', ripening: String(SUBSIDY), pending: '0' })
    rig.chain.mine({ count: rig.params.ripening })
    expect((await rig.wallet.history()).entries[0]).toMatchObject({ state: 'confirmed', confirmations: 3 })
    expect(await rig.wallet.balance()).toEqual({ spendable: String(SUBSIDY), ripening: '0', pending: '0' })
  })

  it('shows what comes in at once, as pending, then confirmed', async () => {
    const rig = await Rig.rich()
    feedBob(rig)
    await rig.chain.submit(rig.transferFrom(bob.secretKey, { sequence: 0, to: rig.address, amount: CHEESE }))
    expect((await rig.wallet.balance()).pending).toBe(String(CHEESE))
    const [waiting] = (await rig.wallet.history()).entries
    expect(waiting).toMatchObject({
      kind: 'received',
      state: 'waiting',
      amount: String(CHEESE),
      fee: '0',
      counterparty: bob.text,
      height: null,
      confirmations: 0,
    })
    rig.chain.mine()
    expect((await rig.wallet.balance()).pending).toBe('0')
    const [confirmed] = (await rig.wallet.history()).entries
    expect(confirmed).toMatchObject({ kind: 'received', state: 'confirmed', id: waiting?.id, height: rig.chain.tip().height, confirmations: 1 })
  })

  it('tells the journey of a transfer', async () => {
    const rig = await Rig.rich()
    const { id, expiry } = await rig.wallet.send({ to: bob.text, amount: String(CHEESE), memo: 'Käse 🧀' })
    expect(await rig.wallet.journey(id.toUpperCase())).toMatchObject({
      entry: { state: 'waiting', memo: 'Käse 🧀' },
      seenBy: 2,
      peers: 3,
      ahead: 0,
      expiry,
      sequence: 0,
      smell: null,
    })
    rig.chain.mine({ count: 3 })
    expect(await rig.wallet.journey(id)).toMatchObject({
      entry: { state: 'confirmed', confirmations: 3, memo: 'Käse 🧀' },
      ahead: null,
      smell: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    await expect(rig.wallet.journey('00'.repeat(32))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(rig.wallet.journey('x')).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  it('does not tell the journey of strangers', async () => {
    const rig = await Rig.rich()
    feedBob(rig)
    const foreign = rig.transferFrom(bob.secretKey, { sequence: 0, to: bob.address, amount: CHEESE })
    await rig.chain.submit(foreign)
    const id = rig.chain.submitted.at(-1) as string
    await expect(rig.wallet.journey(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    rig.chain.mine()
    await expect(rig.wallet.journey(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('shows a payment to oneself once', async () => {
    const rig = await Rig.rich()
    const { fee } = await rig.wallet.send({ to: rig.addressText, amount: String(CHEESE) })
    const look = async () => (await rig.wallet.history()).entries.filter(({ kind }) => kind !== 'reward')
    expect(await look()).toEqual([expect.objectContaining({ kind: 'sent', state: 'waiting', amount: String(CHEESE), fee, counterparty: rig.addressText })])
    expect(await rig.wallet.balance()).toMatchObject({ spendable: String(2n * SUBSIDY - CHEESE - BigInt(fee)), pending: String(CHEESE) })
    rig.chain.mine()
    expect(await look()).toEqual([expect.objectContaining({ kind: 'sent', state: 'confirmed', amount: String(CHEESE) })])
    expect(await rig.wallet.balance()).toMatchObject({ spendable: String(2n * SUBSIDY - BigInt(fee)), pending: '0' })
  })

  it('names the other side by contact, else by nickname', async () => {
    const rig = await Rig.rich()
    await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    const name = async () => (await rig.wallet.history()).entries[0]?.name
    expect(await name()).toBeNull()
    rig.members.push({ nickname: 'bobby', address: bob.address, memberId: 'b0', paymentKey: bob.paymentKey })
    expect(await name()).toBe('bobby')
    await rig.wallet.addContact({ name: 'Bob', address: bob.text })
    expect(await name()).toBe('Bob')
  })

  it('of a restored wallet has its whole past', async () => {
    const rig = await Rig.rich()
    await rig.wallet.send({ to: bob.text, amount: String(CHEESE), memo: 'before' })
    rig.chain.mine()
    const past = await rig.wallet.history()
    const again = await Rig.empty()
    await again.open({ chain: rig.chain })
    await again.wallet.restore({ words: WORDS, passphrase: PASSPHRASE, nickname: 'Me again' })
    expect(await again.wallet.history()).toEqual(past)
    expect(past.entries[0]).toMatchObject({ kind: 'sent', memo: 'before', counterparty: bob.text })
  })

  it('gives each page without reading more than it needs', async () => {
    const rig = await Rig.rich({ ripe: 30 })
    for (let i = 0; i < 3; i++) await rig.wallet.send({ to: bob.text, amount: String(CHEESE), expires: rig.chain.tip().height + 1 })
    rig.chain.mine({ empty: true, to: rig.address, count: 4 })
    await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    const all = await rig.wallet.history({ limit: 500 })
    expect(all.total).toBe(30 + 3 + 4 + 1)
    expect(all.entries.map(({ kind, state }) => (kind === 'sent' ? state : 'r')).join(' ')).toBe(
      `waiting r r r r expired expired expired ${'r '.repeat(30).trim()}`,
    )
    const asked: number[] = []
    const activity = rig.chain.activity.bind(rig.chain)
    rig.chain.activity = async (address, page) => {
      asked.push(page.limit)
      return activity(address, page)
    }
    for (const limit of [1, 2, 3, 5, 7]) {
      const entries: HistoryEntry[] = []
      for (let offset = 0; offset < all.total + 3; offset += limit) {
        const page = await rig.wallet.history({ offset, limit })
        expect(page.total).toBe(all.total)
        entries.push(...page.entries)
      }
      expect(entries).toEqual(all.entries)
    }
    expect(Math.max(...asked)).toBeLessThanOrEqual(7 + 4)
  })

  it('tells when it changed', async () => {
    const rig = await Rig.rich()
    let told = 0
    rig.wallet.events.on('history', () => told++)
    await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    expect(told).toBeGreaterThan(0)
    const before = told
    rig.chain.mine()
    expect(told).toBeGreaterThan(before)
  })
})

describe('a reorg', () => {
  it('makes what was confirmed wait again, and be shared again', async () => {
    const rig = await Rig.rich()
    const { id } = await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    const waiting = await rig.wallet.balance()
    rig.chain.mine()
    expect(await rig.states()).toEqual(['confirmed'])
    rig.chain.disconnect(1, { forget: true })
    expect(await rig.states()).toEqual(['waiting'])
    expect(await rig.wallet.balance()).toEqual(waiting)
    await rig.settle()
    expect(rig.chain.isWaiting(id)).toBe(true)
    rig.chain.mine({ count: 2 })
    expect((await rig.wallet.journey(id)).entry).toMatchObject({ state: 'confirmed', confirmations: 2 })
  })

  it('while the history is read is not half seen', async () => {
    const rig = await Rig.rich()
    await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    const activity = rig.chain.activity.bind(rig.chain)
    let moves = [() => rig.chain.mine(), () => rig.chain.disconnect(1), () => rig.chain.mine(), () => {}]
    rig.chain.activity = async (address, page) => {
      const answer = await activity(address, page)
      moves.shift()?.()
      return answer
    }
    const { total, entries } = await rig.wallet.history()
    expect(entries.filter(({ kind }) => kind === 'sent')).toEqual([expect.objectContaining({ state: 'confirmed', confirmations: 1 })])
    expect(total).toBe(3)
    moves = []
  })
})

type Step =
  | { readonly do: 'send'; readonly amount: number; readonly expires: number }
  | { readonly do: 'self' }
  | { readonly do: 'cancel' }
  | { readonly do: 'raise' }
  | { readonly do: 'receive' }
  | { readonly do: 'drop' }
  | { readonly do: 'restart' }
  | { readonly do: 'mine'; readonly empty: boolean; readonly mine: boolean; readonly count: number }
  | { readonly do: 'reorg'; readonly depth: number; readonly forget: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), amount: fc.integer({ min: 1, max: 20 }), expires: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ do: 'self' }, { do: 'cancel' }, { do: 'raise' }, { do: 'receive' }, { do: 'drop' }, { do: 'restart' }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('mine' as const), empty: fc.boolean(), mine: fc.boolean(), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reorg' as const), depth: fc.integer({ min: 1, max: 4 }), forget: fc.boolean() }) },
)

/** Sends that were taken, by id: whatever happens, each must be in the history once. */
async function act(rig: Rig, taken: Set<string>, all: Transfer[], one: Step): Promise<void> {
  const attempt = async (make: () => Promise<{ id: string }>) => {
    try {
      taken.add((await make()).id)
    } catch (error) {
      expect(error).toMatchObject({ name: 'Failure' })
    }
  }
  const waiting = async () => (await rig.wallet.history({ limit: 500 })).entries.find(({ kind, state }) => kind === 'sent' && state === 'waiting')
  const { height } = rig.chain.tip()
  if (one.do === 'send')
    await attempt(() => rig.wallet.send({ to: bob.text, amount: String(BigInt(one.amount) * CHEESE), expires: one.expires && height + one.expires }))
  else if (one.do === 'self') await attempt(() => rig.wallet.send({ to: rig.addressText, amount: String(CHEESE) }))
  else if (one.do === 'cancel' || one.do === 'raise') {
    const entry = await waiting()
    if (entry?.id === undefined) return
    const { id, fee } = entry
    await attempt(() => (one.do === 'cancel' ? rig.wallet.cancel(id) : rig.wallet.replace(id, BigInt(fee) + 1000n)))
  } else if (one.do === 'receive') {
    const sequence = rig.chain.account(bob.address)?.sequence ?? 0
    const transfer = rig.transferFrom(bob.secretKey, { sequence, to: rig.address, amount: CHEESE, fee: 1000n + BigInt(all.length) })
    all.push(transfer)
    await rig.chain.submit(transfer)
  } else if (one.do === 'drop') rig.chain.drop()
  else if (one.do === 'restart') {
    await rig.restart()
    await rig.wallet.keepUnlocked(PASSPHRASE)
  } else if (one.do === 'mine') rig.chain.mine({ empty: one.empty, count: one.count, ...(one.mine ? { to: rig.address } : {}) })
  else rig.chain.disconnect(Math.min(one.depth, height - 5), { forget: one.forget })
}

/** What the stack itself says: one entry for each transfer of it that touches us, and each reward. */
async function inStack(chain: FakeChain, address: Uint8Array): Promise<number> {
  return (await chain.activity(address, { offset: 0, limit: 0 })).total
}

describe('whatever connects and disconnects', () => {
  it('the history has every entry once, in any paging, and the balance is never more than there is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.integer({ min: 1, max: 9 }), async (steps, limit) => {
        const rig = await Rig.rich()
        feedBob(rig)
        const taken = new Set<string>()
        const received: Transfer[] = []
        for (const one of steps) {
          await act(rig, taken, received, one)
          const { total, entries } = await rig.wallet.history({ limit: 500 })
          expect(entries).toHaveLength(total)
          const names = entries.map(({ kind, id, smell }) => `${kind} ${id ?? smell}`)
          expect(new Set(names).size).toBe(total)
          const ids = new Set(entries.map(({ id }) => id))
          for (const id of taken) expect(ids).toContain(id)
          const stacked = entries.filter(({ height }) => height !== null)
          expect(stacked).toHaveLength(await inStack(rig.chain, rig.address))
          for (const { state, confirmations } of stacked) {
            expect(['confirmed', 'ripening']).toContain(state)
            expect(confirmations).toBeGreaterThan(0)
          }
          expect(entries.filter(({ height }) => height === null).every(({ state }) => state !== 'confirmed')).toBe(true)
          expect(stacked.map(({ height }) => height)).toEqual(stacked.map(({ height }) => height).sort((a, b) => (b ?? 0) - (a ?? 0)))
          const paged: HistoryEntry[] = []
          for (let offset = 0; offset < total; offset += limit) paged.push(...(await rig.wallet.history({ offset, limit })).entries)
          expect(paged).toEqual(entries)
          const balance = await rig.wallet.balance()
          expect(BigInt(balance.spendable)).toBeLessThanOrEqual(rig.chain.account(rig.address)?.balance ?? 0n)
        }
        await rig.wallet.close()
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
