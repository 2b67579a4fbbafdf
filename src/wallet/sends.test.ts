import { describe, expect, it } from 'vitest'
import { signingHash } from '../consensus/hash.ts'
import { verifySignature } from '../consensus/signature.ts'
import type { Transfer } from '../consensus/types.ts'
import { SUBSIDY } from './testing/fake-chain.ts'
import { PASSPHRASE, person, Rig } from './testing/rig.ts'
import { DEFAULT_EXPIRY } from './transfers.ts'

const bob = person(2)
const carol = person(3)
const CHEESE = 100_000_000n

describe('sending', () => {
  it('signs, keeps and shares; the money is set aside at once and gone when confirmed', async () => {
    const rig = await Rig.rich()
    const shared: Transfer[] = []
    rig.chain.beforeSubmit = (transfer) => shared.push(transfer)
    const sent = await rig.wallet.send({ to: bob.text, amount: String(CHEESE), memo: 'für dich' })
    expect(sent).toMatchObject({ to: bob.text, amount: String(CHEESE), sequence: 0, expiry: rig.chain.tip().height + DEFAULT_EXPIRY })
    const [transfer] = shared
    expect(transfer && verifySignature({ publicKey: transfer.from, message: signingHash(transfer, rig.params), signature: transfer.signature })).toBe(true)
    const left = 2n * SUBSIDY - CHEESE - BigInt(sent.fee)
    expect(await rig.wallet.balance()).toEqual({ spendable: String(left), ripening: '0', pending: '0' })
    rig.chain.mine()
    expect(await rig.wallet.balance()).toEqual({ spendable: String(left), ripening: '0', pending: '0' })
    expect(rig.chain.account(bob.address)?.balance).toBe(CHEESE)
  })

  it('suggests the fee when none is given, takes any that is, zero too', async () => {
    const rig = await Rig.rich()
    const review = await rig.wallet.review({ to: bob.text, amount: String(CHEESE) })
    expect(BigInt(review.fee)).toBe(rig.chain.suggestFee(review.size))
    const free = await rig.wallet.review({ to: bob.text, amount: String(CHEESE), fee: '0' })
    expect(free).toMatchObject({ fee: '0', total: String(CHEESE), left: String(2n * SUBSIDY - CHEESE) })
    expect(free.warnings.join()).toContain('may never be in a cheese')
    await expect(rig.wallet.send({ to: bob.text, amount: String(CHEESE), fee: '0' })).rejects.toMatchObject({
      code: 'FEE_TOO_LOW',
      message: expect.stringContaining('Nothing was sent'),
    })
    expect((await rig.wallet.history()).entries.every(({ kind }) => kind === 'reward')).toBe(true)
  })

  it('gives two quick sends different sequences', async () => {
    const rig = await Rig.rich()
    const sends = await Promise.all([bob, carol, bob].map(({ text }) => rig.wallet.send({ to: text, amount: String(CHEESE) }, PASSPHRASE)))
    expect(sends.map(({ sequence }) => sequence).sort()).toEqual([0, 1, 2])
    rig.chain.mine()
    expect(await rig.states()).toEqual(['confirmed', 'confirmed', 'confirmed'])
  })

  it('does not let two quick sends spend the same money', async () => {
    const rig = await Rig.rich({ ripe: 1 })
    const sends = await Promise.allSettled([bob, carol].map(({ text }) => rig.wallet.send({ to: text, amount: String(30n * CHEESE) })))
    expect(sends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('works with the passphrase while locked, and stays locked', async () => {
    const rig = await Rig.rich()
    rig.wallet.lock()
    const request = { to: bob.text, amount: String(CHEESE) }
    await expect(rig.wallet.send(request)).rejects.toMatchObject({ code: 'WALLET_LOCKED', message: expect.stringContaining('--passphrase-file') })
    await expect(rig.wallet.send(request, 'not the passphrase')).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
    expect(rig.chain.submitted).toEqual([])
    await rig.wallet.send(request, PASSPHRASE)
    expect(rig.wallet.state).toBe('locked')
  })

  it('refuses a wrong passphrase even while unlocked', async () => {
    const rig = await Rig.rich()
    await expect(rig.wallet.send({ to: bob.text, amount: String(CHEESE) }, 'not the passphrase')).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
    expect(rig.chain.submitted).toEqual([])
  })

  it('says that there is no wallet', async () => {
    const rig = await Rig.empty()
    await expect(rig.wallet.send({ to: bob.text, amount: '1' })).rejects.toMatchObject({ code: 'WALLET_MISSING' })
    await expect(rig.wallet.send({ to: bob.text, amount: '1' }, PASSPHRASE)).rejects.toMatchObject({ code: 'WALLET_MISSING' })
    await expect(rig.wallet.review({ to: bob.text, amount: '1' })).rejects.toMatchObject({ code: 'WALLET_MISSING' })
    expect(await rig.wallet.balance()).toEqual({ spendable: '0', ripening: '0', pending: '0' })
    expect(await rig.wallet.history()).toEqual({ total: 0, entries: [] })
  })

  it.each([
    ['amount', { amount: '0' }, 'BAD_AMOUNT', 'at least one crumb'],
    ['amount', { amount: '1.5' }, 'BAD_AMOUNT', 'whole crumbs'],
    ['amount', { amount: '-1' }, 'BAD_AMOUNT', 'whole crumbs'],
    ['amount', { amount: String(2n ** 64n) }, 'BAD_AMOUNT', 'more cheese than there can be'],
    ['first payment', { amount: '99999' }, 'BAD_AMOUNT', 'at least 0.001 cheese'],
    ['fee', { fee: 'x' }, 'BAD_AMOUNT', 'fee must be whole crumbs'],
    ['memo', { memo: 'ä'.repeat(41) }, 'BAD_INPUT', '82 bytes'],
    ['memo', { memo: 'half \ud800' }, 'BAD_INPUT', 'half a character'],
    ['expiry', { expires: 1 }, 'BAD_INPUT', 'has passed'],
    ['expiry', { expires: 1.5 }, 'BAD_INPUT', 'whole number'],
    ['recipient', { to: ' ' }, 'BAD_INPUT', 'Whom'],
    ['address', { to: `${bob.text.slice(0, -1)}q` }, 'BAD_ADDRESS', 'typo'],
    ['network', { to: person(2, 'main').text }, 'OTHER_NETWORK', 'main network'],
    ['name', { to: 'nobody' }, 'UNKNOWN_RECIPIENT', 'Nobody is known as "nobody"'],
  ])('refuses a bad %s: %j', async (_what, changes, code, message) => {
    const rig = await Rig.rich()
    const request = { to: bob.text, amount: String(CHEESE), ...changes }
    await expect(rig.wallet.review(request)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    await expect(rig.wallet.send(request)).rejects.toMatchObject({ code })
    expect(rig.chain.submitted).toEqual([])
  })

  it('says what is there, what is needed and what still ripens', async () => {
    const rig = await Rig.rich({ ripe: 1 })
    rig.chain.mine({ to: rig.address })
    await expect(rig.wallet.send({ to: bob.text, amount: String(SUBSIDY), fee: '1000' })).rejects.toMatchObject({
      code: 'INSUFFICIENT_FUNDS',
      message:
        'Not enough cheese: you can send 50 now, and this needs 50.00001 with its fee, 0.00001 more. 50 cheese from mining still ripens: wait for it, or send less.',
      data: { have: String(SUBSIDY), need: String(SUBSIDY + 1000n), missing: '1000' },
    })
    await rig.wallet.send({ to: bob.text, amount: String(SUBSIDY - 1000n), fee: '1000' })
    expect((await rig.wallet.balance()).spendable).toBe('0')
  })

  it('lets little go to an address that is in use, or that an earlier send of ours opens', async () => {
    const rig = await Rig.rich()
    await rig.wallet.send({ to: bob.text, amount: '100000' })
    await rig.wallet.send({ to: bob.text, amount: '1' })
    await rig.wallet.send({ to: rig.addressText, amount: '1' })
    rig.chain.mine()
    expect(rig.chain.account(bob.address)?.balance).toBe(100_001n)
    await rig.wallet.send({ to: bob.text, amount: '1' })
  })

  it('forgets what the mempool refuses, and says why', async () => {
    const rig = await Rig.rich()
    const before = await rig.wallet.balance()
    rig.chain.refuse = { code: 'other', message: 'Too many of yours wait.' }
    await expect(rig.wallet.send({ to: bob.text, amount: String(CHEESE) })).rejects.toMatchObject({
      code: 'REJECTED',
      message: 'Too many of yours wait. Nothing was sent.',
    })
    expect(await rig.wallet.balance()).toEqual(before)
    expect(rig.store.size).toBe(0)
  })

  it('warns of what is odd in a review', async () => {
    const rig = await Rig.rich()
    const warnings = async (changes: object) => (await rig.wallet.review({ to: bob.text, amount: String(CHEESE), ...changes })).warnings.join(' ')
    expect(await warnings({})).toBe('')
    expect(await warnings({ to: rig.addressText })).toContain('your own address')
    expect(await warnings({ expires: 0 })).toContain('never expires')
    expect(await warnings({ fee: String(CHEESE) })).toContain('more than a tenth')
  })
})

describe('a crash', () => {
  it('between record and share loses nothing: the transfer is shared at the next start', async () => {
    const rig = await Rig.rich()
    rig.chain.beforeSubmit = () => {
      expect(rig.store.synced).toBe(1)
      throw new Error('killed')
    }
    await expect(rig.wallet.send({ to: bob.text, amount: String(CHEESE) })).rejects.toThrow('killed')
    rig.chain.beforeSubmit = () => {}
    // No close: the process is gone. The wallet that starts is locked.
    await rig.open()
    await rig.settle()
    expect(rig.wallet.state).toBe('locked')
    expect(await rig.states()).toEqual(['waiting'])
    rig.chain.mine()
    expect(await rig.states()).toEqual(['confirmed'])
  })

  it('of the mempool loses nothing either', async () => {
    const rig = await Rig.rich()
    const first = await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    const second = await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    rig.chain.drop()
    expect(await rig.states()).toEqual(['waiting', 'waiting'])
    rig.chain.submitted.length = 0
    await rig.restart()
    await rig.settle()
    expect(rig.chain.submitted).toEqual([first.id, second.id])
  })
})

describe('sharing again', () => {
  it('comes before a new send, which could not be confirmed without those before it', async () => {
    const rig = await Rig.rich()
    const first = await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    rig.chain.drop()
    rig.chain.submitted.length = 0
    const second = await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    expect(rig.chain.submitted).toEqual([first.id, second.id])
  })

  it('announces what waits every ten minutes or so, and what was dropped at the next tip', async () => {
    const rig = await Rig.rich()
    const { id } = await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    rig.chain.submitted.length = 0
    rig.clock.pass(13 * 60_000)
    await rig.settle()
    expect(rig.chain.submitted).toEqual([id])
    rig.chain.mine({ empty: true })
    await rig.settle()
    expect(rig.chain.submitted).toEqual([id])
    rig.chain.drop()
    rig.chain.mine({ empty: true })
    await rig.settle()
    expect(rig.chain.submitted).toEqual([id, id])
    expect(rig.chain.isWaiting(id)).toBe(true)
    rig.clock.pass(13 * 60_000)
    await rig.settle()
    expect(rig.chain.submitted).toEqual([id, id, id])
  })

  it('ends with close', async () => {
    const rig = await Rig.rich()
    await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })
    await rig.wallet.close()
    rig.chain.submitted.length = 0
    rig.chain.drop()
    rig.chain.mine({ empty: true })
    rig.clock.pass(60 * 60_000)
    await rig.settle()
    expect(rig.chain.submitted).toEqual([])
  })
})

describe('expiry', () => {
  it('frees the money and the sequence', async () => {
    const rig = await Rig.rich()
    const before = await rig.wallet.balance()
    const { expiry } = await rig.wallet.send({ to: bob.text, amount: String(CHEESE), expires: rig.chain.tip().height + 2 })
    rig.chain.mine({ empty: true })
    expect(await rig.states()).toEqual(['waiting'])
    rig.chain.mine({ empty: true })
    expect(rig.chain.tip().height).toBe(expiry)
    expect(await rig.states()).toEqual(['expired'])
    expect(await rig.wallet.balance()).toEqual(before)
    expect(await rig.wallet.send({ to: carol.text, amount: String(CHEESE) })).toMatchObject({ sequence: 0 })
    rig.chain.mine()
    expect(await rig.states()).toEqual(['confirmed', 'replaced'])
  })

  it('leaves those behind waiting, and they come alive when the sequence is used again', async () => {
    const rig = await Rig.rich()
    await rig.wallet.send({ to: bob.text, amount: String(CHEESE), expires: rig.chain.tip().height + 1 })
    await rig.wallet.send({ to: bob.text, amount: String(2n * CHEESE), expires: 0 })
    rig.chain.mine({ empty: true })
    rig.chain.mine()
    expect(rig.chain.account(bob.address)).toBeUndefined()
    expect(await rig.states()).toEqual(['waiting', 'expired'])
    expect(await rig.wallet.send({ to: carol.text, amount: String(CHEESE) })).toMatchObject({ sequence: 0 })
    rig.chain.mine()
    expect(rig.chain.account(bob.address)?.balance).toBe(2n * CHEESE)
    expect((await rig.states()).sort()).toEqual(['confirmed', 'confirmed', 'replaced'])
    expect(await rig.wallet.send({ to: carol.text, amount: String(CHEESE) })).toMatchObject({ sequence: 2 })
  })
})

describe('what is made elsewhere with the same words', () => {
  it('takes its sequence and its money', async () => {
    const here = await Rig.rich()
    const there = await Rig.rich()
    let made: Transfer | undefined
    there.chain.beforeSubmit = (transfer) => {
      made = transfer
    }
    const sent = await there.wallet.send({ to: bob.text, amount: String(CHEESE) })
    await here.chain.submit(made as Transfer)
    expect(await here.wallet.balance()).toMatchObject({ spendable: String(2n * SUBSIDY - CHEESE - BigInt(sent.fee)) })
    expect(await here.states()).toEqual(['waiting'])
    expect(await here.wallet.send({ to: carol.text, amount: String(CHEESE) })).toMatchObject({ sequence: 1 })
    here.chain.mine()
    expect(await here.states()).toEqual(['confirmed', 'confirmed'])
    expect((await here.wallet.journey(sent.id)).entry).toMatchObject({ state: 'confirmed', counterparty: bob.text })
  })
})
