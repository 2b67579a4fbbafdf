import { describe, expect, it } from 'vitest'
import { accountsOf, alice, apply, bob, bodyOf, check, HEIGHT, NEW, pay, regtest, U64_MAX, ZERO } from '../../test/support/bodies.ts'
import { TestStack, type TransferFields, testTransfer } from '../../test/support/cheeses.ts'
import { concatBytes, fromHex, toHex } from '../util/bytes.ts'
import { decodeTransfer, encodeBody, encodeReward, encodeTransfer } from './codec.ts'
import { applyBody, checkBody, checkTransferShape, signatureJob } from './connect.ts'
import { bodyRoot, merkleRoot } from './merkle.ts'
import { params } from './params.ts'
import { verifySignature } from './signature.ts'
import type { Account, AddressHex, Transfer } from './types.ts'

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
    expect([good, foreign].map((transfer) => verifySignature(signatureJob(transfer, regtest)))).toEqual([true, false])
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
      })
      if (result.ok) expect(verifySignature(signatureJob(read.value, regtest))).toBe(false)
      else expect(result.error.code).toBe('transfer-expired')
    }
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
