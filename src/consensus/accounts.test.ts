import { describe, expect, it } from 'vitest'
import { accountsOf, alice, apply, bob, bodyOf, codeOf, HEIGHT, NEW, outcome, pay, regtest, rich, U64_MAX, ZERO } from '../../test/support/bodies.ts'
import { type TransferFields, testAccounts, testTransfer } from '../../test/support/cheeses.ts'
import { toHex } from '../util/bytes.ts'
import { AccountsOverlay, applyTransfer } from './connect.ts'
import type { Payment } from './types.ts'

describe('transfers in order', () => {
  it('debit the sender, count the sequence, credit the payments', () => {
    const changes = outcome(bodyOf(pay({ amount: 200_000n, fee: 7n })))
    expect(changes.get(alice.addressHex)).toEqual({ balance: 799_993n, sequence: 1 })
    expect(changes.get(bob.addressHex)).toEqual({ balance: 200_000n, sequence: 0 })
    const result = apply(bodyOf(pay({ fee: 7n }), pay({ fee: 8n, sequence: 1 })))
    expect(result).toMatchObject({ ok: true, value: { fees: 15n } })
  })

  it.each([
    [0, undefined],
    [HEIGHT + 1, undefined],
    [HEIGHT, undefined],
    [HEIGHT - 1, 'transfer-expired'],
    [1, 'transfer-expired'],
  ])('with expiry %i: %s', (expiry, code) => {
    expect(codeOf(bodyOf(pay({ expiry })))).toBe(code)
  })

  it('take exactly the next sequence', () => {
    expect(codeOf(bodyOf(pay({ sequence: 1 })))).toBe('transfer-sequence')
    expect(codeOf(bodyOf(pay(), pay()))).toBe('transfer-sequence')
    expect(codeOf(bodyOf(pay(), pay({ sequence: 2 })))).toBe('transfer-sequence')
    expect(codeOf(bodyOf(pay({ sequence: 1 }), pay()))).toBe('transfer-sequence')
    expect(codeOf(bodyOf(pay(), pay({ sequence: 1 })))).toBeUndefined()
    const last = accountsOf([alice, { balance: NEW, sequence: 0xfffffffe }])
    expect(outcome(bodyOf(pay({ sequence: 0xfffffffe })), last).get(alice.addressHex)).toEqual({ balance: 0n, sequence: 0xffffffff })
  })

  it('must be covered, fee and all, to the crumb', () => {
    expect(codeOf(bodyOf(pay({ amount: 999_999n, fee: 1n })))).toBeUndefined()
    expect(codeOf(bodyOf(pay({ amount: 999_999n, fee: 2n })))).toBe('transfer-balance')
    expect(codeOf(bodyOf(pay({ amount: 1_000_001n })))).toBe('transfer-balance')
    expect(codeOf(bodyOf(pay()), new Map())).toBe('transfer-balance')
  })

  it('are summed exactly, not modulo 2^64', () => {
    const overflows: Partial<TransferFields>[] = [
      { payments: [{ to: bob.address, amount: NEW }], fee: U64_MAX },
      { payments: [{ to: bob.address, amount: U64_MAX }], fee: 1n },
      {
        payments: [
          { to: bob.address, amount: U64_MAX },
          { to: bob.address, amount: NEW + 1n },
        ],
      },
      { payments: Array.from({ length: 255 }, () => ({ to: bob.address, amount: 1n << 63n })) },
      { payments: Array.from({ length: 2 }, () => ({ to: bob.address, amount: 1n << 63n })) },
    ]
    for (const fields of overflows) {
      expect(codeOf(bodyOf(pay(fields)))).toBe('transfer-balance')
      expect(codeOf(bodyOf(pay(fields)), accountsOf([alice, { balance: U64_MAX, sequence: 0 }]))).toBe('transfer-balance')
    }
  })

  it('debit before they credit: nobody lends to himself', () => {
    const self: Payment[] = [
      { to: alice.address, amount: 600_000n },
      { to: bob.address, amount: 600_000n },
    ]
    expect(codeOf(bodyOf(pay({ payments: self })))).toBe('transfer-balance')
  })

  it('to oneself cost the fee alone, however small', () => {
    const changes = outcome(bodyOf(pay({ to: alice.address, amount: 1n, fee: 3n })))
    expect(changes.get(alice.addressHex)).toEqual({ balance: 999_997n, sequence: 1 })
    // The account would be empty between debit and credit, and is stored all the same: its sequence is 1.
    const whole = outcome(bodyOf(pay({ to: alice.address, amount: 1n, fee: 999_999n })))
    expect(whole.get(alice.addressHex)).toEqual({ balance: 1n, sequence: 1 })
  })

  it('leave an emptied account with its sequence', () => {
    const changes = outcome(bodyOf(pay({ amount: 1_000_000n })))
    expect(changes.get(alice.addressHex)).toEqual({ balance: 0n, sequence: 1 })
    // It is stored, so a crumb to it is enough.
    const emptied = accountsOf([alice, { balance: 0n, sequence: 1 }], [bob, { balance: 50n, sequence: 0 }])
    const crumb = testTransfer(bob, regtest, { payments: [{ to: alice.address, amount: 1n }] })
    expect(codeOf(bodyOf(crumb), emptied)).toBeUndefined()
  })

  it('to the zero address are payments like others', () => {
    expect(codeOf(bodyOf(pay({ to: ZERO, amount: NEW - 1n })))).toBe('payment-new-account')
    expect(outcome(bodyOf(pay({ to: ZERO }))).get(toHex(ZERO))).toEqual({ balance: NEW, sequence: 0 })
  })

  it('say which of them is at fault', () => {
    expect(apply(bodyOf(pay(), pay({ sequence: 5 })))).toMatchObject({ ok: false, error: { code: 'transfer-sequence', fault: 'cheese', transfer: 1 } })
  })

  it('break the first rule of several', () => {
    const wrong: TransferFields = { payments: [{ to: bob.address, amount: 1n }], fee: U64_MAX, sequence: 9, expiry: 1 }
    expect(codeOf(bodyOf(pay(wrong)))).toBe('transfer-expired')
    expect(codeOf(bodyOf(pay({ ...wrong, expiry: 0 })))).toBe('transfer-sequence')
    expect(codeOf(bodyOf(pay({ ...wrong, expiry: 0, sequence: 0 })))).toBe('transfer-balance')
    expect(codeOf(bodyOf(pay({ ...wrong, expiry: 0, sequence: 0, fee: 0n })))).toBe('payment-new-account')
  })
})

describe('a new account', () => {
  const to = (amount: bigint, key = bob): Payment => ({ to: key.address, amount })

  it('takes 100,000 crumbs in one payment', () => {
    expect(codeOf(bodyOf(pay({ amount: NEW })))).toBeUndefined()
    expect(codeOf(bodyOf(pay({ amount: NEW - 1n })))).toBe('payment-new-account')
    expect(codeOf(bodyOf(pay({ payments: [to(NEW / 2n), to(NEW / 2n)] })))).toBe('payment-new-account')
  })

  it('takes any amount once it is there: earlier in the transfer, in the cheese, or by a reward that ripens', () => {
    expect(codeOf(bodyOf(pay({ payments: [to(NEW), to(1n)] })))).toBeUndefined()
    expect(codeOf(bodyOf(pay({ payments: [to(1n), to(NEW)] })))).toBe('payment-new-account')
    expect(codeOf(bodyOf(pay(), pay({ sequence: 1, amount: 1n })))).toBeUndefined()
    expect(codeOf(bodyOf(pay({ amount: 1n }), pay({ sequence: 1 })))).toBe('payment-new-account')
    expect(outcome(bodyOf(pay({ amount: 1n })), rich, { to: bob.address, amount: 1n }).get(bob.addressHex)).toEqual({ balance: 2n, sequence: 0 })
  })

  it('may pay in the cheese that made it', () => {
    const onward = testTransfer(bob, regtest, { payments: [to(NEW, alice)] })
    const changes = outcome(bodyOf(pay({ amount: NEW }), onward))
    expect(changes.get(bob.addressHex)).toEqual({ balance: 0n, sequence: 1 })
    expect(changes.get(alice.addressHex)).toEqual({ balance: 1_000_000n, sequence: 1 })
  })
})

describe('the reward that ripens', () => {
  it('comes before the transfers, and may be spent by them', () => {
    expect(outcome(bodyOf(pay()), new Map(), { to: alice.address, amount: NEW }).get(alice.addressHex)).toEqual({ balance: 0n, sequence: 1 })
  })

  it('has no least amount, and of nothing makes no account', () => {
    expect(outcome(bodyOf(), rich, { to: bob.address, amount: 1n }).get(bob.addressHex)).toEqual({ balance: 1n, sequence: 0 })
    expect(outcome(bodyOf(), rich, { to: bob.address, amount: 0n }).size).toBe(0)
  })
})

describe('an overlay', () => {
  it('changes nothing when a transfer fails half-way', () => {
    const overlay = new AccountsOverlay(testAccounts(rich))
    const payments = [
      { to: bob.address, amount: NEW },
      { to: ZERO, amount: 1n },
    ]
    expect(applyTransfer(overlay, pay({ payments }), HEIGHT, regtest)?.code).toBe('payment-new-account')
    expect(overlay.changes().size).toBe(0)
  })

  it('is read through where nothing is set, and a fork leaves it alone', () => {
    const base = new Map(rich)
    const overlay = new AccountsOverlay(testAccounts(base))
    const fork = overlay.fork()
    expect(applyTransfer(fork, pay(), HEIGHT, regtest)).toBeUndefined()
    expect(fork.get(bob.address)).toEqual({ balance: NEW, sequence: 0 })
    expect(overlay.get(bob.address)).toBeUndefined()
    base.set(bob.addressHex, { balance: 1n, sequence: 0 })
    expect(overlay.get(bob.address)).toEqual({ balance: 1n, sequence: 0 })
    overlay.set(bob.address, { balance: 0n, sequence: 0 })
    expect(overlay.get(bob.address)).toBeUndefined()
    expect([...overlay.changes()]).toEqual([[bob.addressHex, undefined]])
    expect(base.get(bob.addressHex)).toEqual({ balance: 1n, sequence: 0 })
  })
})
