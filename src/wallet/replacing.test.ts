import { describe, expect, it } from 'vitest'
import type { Transfer } from '../consensus/types.ts'
import { SUBSIDY } from './testing/fake-chain.ts'
import { person, Rig } from './testing/rig.ts'

const bob = person(2)
const CHEESE = 100_000_000n

describe('raising the fee', () => {
  it('replaces the transfer, and the review of the past is right whoever wins', async () => {
    const rig = await Rig.rich()
    const transfers: Transfer[] = []
    rig.chain.beforeSubmit = (transfer) => transfers.push(transfer)
    const old = await rig.wallet.send({ to: bob.text, amount: String(CHEESE), memo: 'rent' })
    await expect(rig.wallet.replace(old.id, BigInt(old.fee))).rejects.toMatchObject({ code: 'FEE_TOO_LOW', message: expect.stringContaining('at least') })
    const next = await rig.wallet.replace(old.id, BigInt(old.fee) * 3n)
    expect(next).toMatchObject({ to: bob.text, amount: String(CHEESE), sequence: 0, fee: String(BigInt(old.fee) * 3n), expiry: old.expiry })
    expect(next.id).not.toBe(old.id)
    expect((await rig.states()).sort()).toEqual(['replaced', 'waiting'])
    expect((await rig.wallet.balance()).spendable).toBe(String(2n * SUBSIDY - CHEESE - BigInt(next.fee)))
    await expect(rig.wallet.replace(old.id, 10n ** 9n)).rejects.toMatchObject({ code: 'REJECTED', message: expect.stringContaining('replaced already') })

    // A miner who has not heard of the replacement takes the old one.
    rig.chain.mine({ transfers: transfers.slice(0, 1) })
    expect((await rig.wallet.journey(old.id)).entry.state).toBe('confirmed')
    expect((await rig.wallet.journey(next.id)).entry.state).toBe('replaced')
    rig.chain.disconnect(1)
    rig.chain.mine({ transfers: transfers.slice(-1) })
    expect((await rig.wallet.journey(old.id)).entry.state).toBe('replaced')
    expect((await rig.wallet.journey(next.id)).entry.state).toBe('confirmed')
    await expect(rig.wallet.replace(next.id, 10n ** 9n)).rejects.toMatchObject({ code: 'REJECTED', message: expect.stringContaining('in a cheese already') })
    await expect(rig.wallet.replace('00', 1n)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('needs the money for the difference alone', async () => {
    const rig = await Rig.rich({ ripe: 1 })
    const old = await rig.wallet.send({ to: bob.text, amount: String(SUBSIDY - 10_000n), fee: '5000' })
    await expect(rig.wallet.replace(old.id, 10_001n)).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' })
    await rig.wallet.replace(old.id, 10_000n)
    expect((await rig.wallet.balance()).spendable).toBe('0')
  })

  it('keeps the old one when the new one is refused', async () => {
    const rig = await Rig.rich()
    const old = await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    rig.chain.refuse = { code: 'other', message: 'No.' }
    await expect(rig.wallet.replace(old.id, BigInt(old.fee) * 3n)).rejects.toMatchObject({ code: 'REJECTED' })
    expect(await rig.states()).toEqual(['waiting'])
  })
})

describe('cancelling', () => {
  it('is sure only when the sequence is spent', async () => {
    const rig = await Rig.rich()
    const old = await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    const cancel = await rig.wallet.cancel(old.id)
    expect(cancel).toMatchObject({ to: rig.addressText, amount: '1', sequence: 0 })
    expect((await rig.wallet.journey(old.id)).entry.state).toBe('waiting')
    // Until then the payment may still win, so its money stays set aside.
    expect((await rig.wallet.balance()).spendable).toBe(String(2n * SUBSIDY - CHEESE - BigInt(old.fee)))
    rig.chain.mine()
    expect((await rig.wallet.journey(old.id)).entry.state).toBe('cancelled')
    expect((await rig.wallet.journey(cancel.id)).entry).toMatchObject({ state: 'confirmed', kind: 'sent', amount: '1', counterparty: rig.addressText })
    expect((await rig.wallet.balance()).spendable).toBe(String(2n * SUBSIDY - BigInt(cancel.fee)))
    expect(rig.chain.account(bob.address)).toBeUndefined()
  })

  it('may lose', async () => {
    const rig = await Rig.rich()
    const transfers: Transfer[] = []
    rig.chain.beforeSubmit = (transfer) => transfers.push(transfer)
    const old = await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    const cancel = await rig.wallet.cancel(old.id)
    rig.chain.mine({ transfers: transfers.slice(0, 1) })
    expect((await rig.wallet.journey(old.id)).entry.state).toBe('confirmed')
    expect((await rig.wallet.journey(cancel.id)).entry.state).toBe('replaced')
  })

  it('can be cancelled by a still higher fee, and every one is told apart', async () => {
    const rig = await Rig.rich()
    const first = await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    const second = await rig.wallet.replace(first.id, BigInt(first.fee) + 1000n)
    const cancel = await rig.wallet.cancel(second.id)
    const states = async () => Promise.all([first, second, cancel].map(async ({ id }) => (await rig.wallet.journey(id)).entry.state))
    expect(await states()).toEqual(['replaced', 'waiting', 'waiting'])
    await expect(rig.wallet.replace(second.id, BigInt(cancel.fee))).rejects.toMatchObject({ code: 'FEE_TOO_LOW' })
    expect(await states()).toEqual(['replaced', 'waiting', 'waiting'])
    const third = await rig.wallet.replace(second.id, BigInt(cancel.fee) + 1000n)
    rig.chain.mine()
    expect(await states()).toEqual(['replaced', 'replaced', 'replaced'])
    expect((await rig.wallet.journey(third.id)).entry.state).toBe('confirmed')
  })
})
