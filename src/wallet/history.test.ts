import { describe, expect, it } from 'vitest'
import type { HistoryEntry } from '../api/schemas.ts'
import { SUBSIDY } from './testing/fake-chain.ts'
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
      seenByPeers: [
        { memberId: '1'.repeat(64), nickname: 'Carol' },
        { memberId: '2'.repeat(64), nickname: '' },
      ],
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

  it('does not show twice what the mempool still holds though the stack has it', async () => {
    const rig = await Rig.rich()
    const elsewhere = await Rig.rich()
    elsewhere.chain.beforeSubmit = (transfer) => void rig.chain.submit(transfer)
    await elsewhere.wallet.send({ to: bob.text, amount: String(CHEESE) })
    feedBob(rig)
    await rig.chain.submit(rig.transferFrom(bob.secretKey, { sequence: 0, to: rig.address, amount: CHEESE }))
    rig.chain.disconnect(3)
    rig.chain.mine({ to: bob.address, count: 3, empty: true })
    const stale = rig.chain.waiting(rig.address)
    expect(stale).toHaveLength(2)
    rig.chain.mine()
    rig.chain.waiting = () => stale
    const { total, entries } = await rig.wallet.history()
    expect(entries.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
      'received confirmed',
      'reward confirmed',
      'reward confirmed',
      'sent confirmed',
    ])
    expect(total).toBe(4)
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
