import { describe, expect, it } from 'vitest'
import { TestStack, type TransferFields, testAccounts, testKey, testTransfer } from '../../test/support/cheeses.ts'
import { concatBytes, fromHex, toHex } from '../util/bytes.ts'
import { decodeTransfer, encodeBody, encodeReward, encodeTransfer } from './codec.ts'
import { AccountsOverlay, applyBody, applyTransfer, checkBody, checkTransferShape } from './connect.ts'
import type { RuleError } from './errors.ts'
import { bodyRoot, merkleRoot } from './merkle.ts'
import { params } from './params.ts'
import { verifySignature } from './signature.ts'
import type { Account, AddressHex, Body, Payment, Transfer } from './types.ts'

const regtest = params('regtest')
const alice = testKey('alice', regtest)
const bob = testKey('bob', regtest)
const HEIGHT = 7
const NEW = 100_000n
const ZERO = new Uint8Array(20)
const U64_MAX = (1n << 64n) - 1n

function bodyOf(...transfers: Transfer[]): Body {
  return { reward: { height: HEIGHT, to: bob.address, extra: new Uint8Array(0) }, transfers }
}

function pay(fields: Partial<TransferFields> & { to?: Uint8Array; amount?: bigint } = {}): Transfer {
  const { to = bob.address, amount = NEW, ...rest } = fields
  return testTransfer(alice, regtest, { payments: [{ to, amount }], ...rest })
}

function check(body: Body): RuleError | undefined {
  const result = checkBody(encodeBody(body), { bodyRoot: bodyRoot(body) }, HEIGHT, regtest)
  return result.ok ? undefined : result.error
}

function accountsOf(...entries: [{ addressHex: AddressHex }, Account][]): Map<AddressHex, Account> {
  return new Map(entries.map(([{ addressHex }, account]) => [addressHex, account]))
}

const rich = accountsOf([alice, { balance: 1_000_000n, sequence: 0 }])

function apply(body: Body, accounts = rich, ripe?: { to: Uint8Array; amount: bigint }) {
  return applyBody({ body, height: HEIGHT, accounts: testAccounts(accounts), ripe, params: regtest })
}

function codeOf(body: Body, accounts = rich): string | undefined {
  const result = apply(body, accounts)
  return result.ok ? undefined : result.error.code
}

/** What becomes of accounts, or throws. */
function after(body: Body, accounts = rich, ripe?: { to: Uint8Array; amount: bigint }): Map<AddressHex, Account | undefined> {
  const result = apply(body, accounts, ripe)
  if (!result.ok) throw new Error(result.error.code)
  return new Map(result.value.changes)
}

describe('limits of fields', () => {
  it.each<[string, string, Partial<TransferFields>]>([
    ['transfer-version', 'version 0', { version: 0 }],
    ['transfer-version', 'version 2', { version: 2 }],
    ['transfer-sequence-limit', 'sequence 2^32 − 1', { sequence: 0xffffffff }],
    ['payment-count', 'no payments', { payments: [] }],
    [
      'payment-zero',
      'a payment of nothing',
      {
        payments: [
          { to: ZERO, amount: NEW },
          { to: ZERO, amount: 0n },
        ],
      },
    ],
    ['memo-length', 'a memo of 81 bytes', { memo: 'm'.repeat(81) }],
    ['memo-utf8', 'half a letter', { memo: fromHex('c3') }],
    ['memo-utf8', 'an overlong slash', { memo: fromHex('c0af') }],
    ['memo-utf8', 'a surrogate', { memo: fromHex('eda080') }],
    ['memo-utf8', 'above U+10FFFF', { memo: fromHex('f4908080') }],
  ])('%s: %s', (code, _what, fields) => {
    const bad = pay(fields)
    expect(checkTransferShape(bad)).toMatchObject({ code, fault: 'cheese' })
    expect(check(bodyOf(pay(), bad))).toMatchObject({ code, fault: 'cheese', transfer: 1 })
  })

  it.each<[string, Partial<TransferFields>]>([
    ['sequence 2^32 − 2', { sequence: 0xfffffffe }],
    ['255 payments', { payments: Array.from({ length: 255 }, () => ({ to: ZERO, amount: 1n })) }],
    [
      'amounts and a fee of 2^64 − 1',
      {
        payments: [
          { to: ZERO, amount: U64_MAX },
          { to: ZERO, amount: U64_MAX },
        ],
        fee: U64_MAX,
      },
    ],
    ['a memo of 80 bytes, in letters of four', { memo: '🧀'.repeat(20) }],
    ['a memo with NUL', { memo: '\0' }],
    ['any expiry', { expiry: 0xffffffff }],
  ])('allow %s', (_what, fields) => {
    expect(checkTransferShape(pay(fields))).toBeUndefined()
    expect(check(bodyOf(pay(fields)))).toBeUndefined()
  })

  it('extra-length, reward-height', () => {
    const { reward } = bodyOf()
    expect(check({ reward: { ...reward, extra: new Uint8Array(32) }, transfers: [] })).toBeUndefined()
    expect(check({ reward: { ...reward, extra: new Uint8Array(33) }, transfers: [] })).toMatchObject({ code: 'extra-length', fault: 'cheese' })
    for (const height of [0, HEIGHT - 1, HEIGHT + 1, 0xffffffff]) {
      expect(check({ reward: { ...reward, height }, transfers: [] })).toMatchObject({ code: 'reward-height', fault: 'cheese' })
    }
  })

  it('come transfers first, in order, then the reward', () => {
    const wrongReward = { reward: { height: 0, to: ZERO, extra: new Uint8Array(33) } }
    expect(check({ ...wrongReward, transfers: [pay({ memo: fromHex('ff') }), pay({ version: 3 })] })?.code).toBe('memo-utf8')
    expect(check({ ...wrongReward, transfers: [] })?.code).toBe('extra-length')
  })
})

describe('a body', () => {
  const body = bodyOf(pay(), pay({ sequence: 1 }), pay({ sequence: 2 }))
  const bytes = encodeBody(body)
  const code = (input: Uint8Array, root = bodyRoot(body)) => {
    const result = checkBody(input, { bodyRoot: root }, HEIGHT, regtest)
    return result.ok ? undefined : [result.error.code, result.error.fault]
  }

  it('is checked for size, shape and root before anything in it, at the sender’s cost', () => {
    expect(code(bytes)).toBeUndefined()
    expect(code(new Uint8Array(1_000_001))).toEqual(['body-size', 'sender'])
    expect(code(concatBytes(bytes, Uint8Array.of(0)))).toEqual(['body-shape', 'sender'])
    expect(code(bytes.subarray(1))).toEqual(['body-shape', 'sender'])
    expect(code(bytes, new Uint8Array(32))).toEqual(['body-root', 'sender'])
    const bad = bodyOf(pay({ version: 9 }))
    expect(code(encodeBody(bad))).toEqual(['body-root', 'sender'])
  })

  it('has another root with a leaf twice, left out or in another order', () => {
    const [a, b, c] = body.transfers as [Transfer, Transfer, Transfer]
    for (const transfers of [
      [a, b, c, c],
      [a, b, b, c],
      [a, b],
      [b, a, c],
      [a, b, c, a, b, c],
    ]) {
      expect(code(encodeBody(bodyOf(...transfers)))).toEqual(['body-root', 'sender'])
    }
  })

  it('has a root in which no node passes for a leaf', () => {
    const leaves = [encodeReward(body.reward), ...body.transfers.map(encodeTransfer)]
    const left = merkleRoot(leaves.slice(0, 2))
    const right = merkleRoot(leaves.slice(2))
    expect(toHex(merkleRoot([concatBytes(left, right)]))).not.toBe(toHex(bodyRoot(body)))
    expect(toHex(merkleRoot([left, right]))).not.toBe(toHex(bodyRoot(body)))
  })

  it('with a bit flipped anywhere is never taken for it', () => {
    for (let at = 0; at < bytes.length; at += 3) {
      const flipped = bytes.slice()
      flipped[at]! ^= 1 << (at % 8)
      expect(code(flipped)?.[1]).toBe('sender')
    }
  })
})

describe('transfers in order', () => {
  it('debit the sender, count the sequence, credit the payments', () => {
    const changes = after(bodyOf(pay({ amount: 200_000n, fee: 7n })))
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
    expect(after(bodyOf(pay({ sequence: 0xfffffffe })), last).get(alice.addressHex)).toEqual({ balance: 0n, sequence: 0xffffffff })
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
    const changes = after(bodyOf(pay({ to: alice.address, amount: 1n, fee: 3n })))
    expect(changes.get(alice.addressHex)).toEqual({ balance: 999_997n, sequence: 1 })
    // The account would be empty between debit and credit, and is stored all the same: its sequence is 1.
    const whole = after(bodyOf(pay({ to: alice.address, amount: 1n, fee: 999_999n })))
    expect(whole.get(alice.addressHex)).toEqual({ balance: 1n, sequence: 1 })
  })

  it('leave an emptied account with its sequence', () => {
    const changes = after(bodyOf(pay({ amount: 1_000_000n })))
    expect(changes.get(alice.addressHex)).toEqual({ balance: 0n, sequence: 1 })
    // It is stored, so a crumb to it is enough.
    const emptied = accountsOf([alice, { balance: 0n, sequence: 1 }], [bob, { balance: 50n, sequence: 0 }])
    const crumb = testTransfer(bob, regtest, { payments: [{ to: alice.address, amount: 1n }] })
    expect(codeOf(bodyOf(crumb), emptied)).toBeUndefined()
  })

  it('to the zero address are payments like others', () => {
    expect(codeOf(bodyOf(pay({ to: ZERO, amount: NEW - 1n })))).toBe('payment-new-account')
    expect(after(bodyOf(pay({ to: ZERO }))).get(toHex(ZERO))).toEqual({ balance: NEW, sequence: 0 })
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
    expect(after(bodyOf(pay({ amount: 1n })), rich, { to: bob.address, amount: 1n }).get(bob.addressHex)).toEqual({ balance: 2n, sequence: 0 })
  })

  it('may pay in the cheese that made it', () => {
    const onward = testTransfer(bob, regtest, { payments: [to(NEW, alice)] })
    const changes = after(bodyOf(pay({ amount: NEW }), onward))
    expect(changes.get(bob.addressHex)).toEqual({ balance: 0n, sequence: 1 })
    expect(changes.get(alice.addressHex)).toEqual({ balance: 1_000_000n, sequence: 1 })
  })
})

describe('the reward that ripens', () => {
  it('comes before the transfers, and may be spent by them', () => {
    expect(after(bodyOf(pay()), new Map(), { to: alice.address, amount: NEW }).get(alice.addressHex)).toEqual({ balance: 0n, sequence: 1 })
  })

  it('has no least amount, and of nothing makes no account', () => {
    expect(after(bodyOf(), rich, { to: bob.address, amount: 1n }).get(bob.addressHex)).toEqual({ balance: 1n, sequence: 0 })
    expect(after(bodyOf(), rich, { to: bob.address, amount: 0n }).size).toBe(0)
  })
})

describe('what connecting gives back', () => {
  it('undoes itself', () => {
    const accounts = accountsOf([alice, { balance: 1_000_000n, sequence: 0 }], [bob, { balance: 5n, sequence: 3 }])
    const result = apply(bodyOf(pay({ amount: 3n }), pay({ to: ZERO, sequence: 1 })), accounts, { to: alice.address, amount: 9n })
    if (!result.ok) throw new Error(result.error.code)
    expect(new Set(result.value.undo.keys())).toEqual(new Set(result.value.changes.keys()))
    expect(new Map(result.value.undo)).toEqual(
      new Map<AddressHex, Account | undefined>([
        [alice.addressHex, { balance: 1_000_000n, sequence: 0 }],
        [bob.addressHex, { balance: 5n, sequence: 3 }],
        [toHex(ZERO), undefined],
      ]),
    )
  })

  it('holds signatures to verify, good on this network alone', () => {
    const good = pay()
    const foreign = testTransfer(alice, params('test'), { payments: [{ to: bob.address, amount: NEW }], sequence: 1 })
    const result = apply(bodyOf(good, foreign))
    if (!result.ok) throw new Error(result.error.code)
    expect(result.value.signatures.map(verifySignature)).toEqual([true, false])
  })

  it('finds a signature bad when any byte of the transfer differs', () => {
    const bytes = encodeTransfer(pay({ memo: 'for the feta', fee: 2n }))
    for (let at = 33; at < bytes.length; at += 5) {
      const changed = bytes.slice()
      changed[at]! ^= 4
      const read = decodeTransfer(changed)
      if (!read.ok) continue
      const result = applyBody({
        body: bodyOf({ ...read.value, sequence: read.value.sequence }),
        height: HEIGHT,
        accounts: { get: () => ({ balance: 1n << 70n, sequence: read.value.sequence }) },
        ripe: undefined,
        params: regtest,
      })
      if (result.ok) expect(result.value.signatures.map(verifySignature)).toEqual([false])
      else expect(result.error.code).toBe('transfer-expired')
    }
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

describe('a stack of cheeses', () => {
  it('mines, ripens and pays', () => {
    const stack = new TestStack(regtest)
    stack.add({ to: alice.address })
    stack.addEmpty(1)
    expect(stack.accounts.size).toBe(0)
    stack.addEmpty(1)
    expect(stack.accounts.get(alice.addressHex)).toEqual({ balance: 5_000_000_000n, sequence: 0 })
    const transfer = testTransfer(alice, regtest, { payments: [{ to: bob.address, amount: NEW }], fee: 10n })
    stack.add({ to: bob.address, transfers: [transfer] })
    stack.addEmpty(2)
    expect(stack.accounts.get(bob.addressHex)).toEqual({ balance: NEW + 5_000_000_010n, sequence: 0 })
    expect(stack.fork(3).accounts.get(bob.addressHex)).toBeUndefined()
  })
})
