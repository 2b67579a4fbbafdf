/** What must hold for any cheeses: no crumb is made or lost, undoing restores every bit, the tree agrees with a rebuild. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf } from '../../src/consensus/address.ts'
import { applyBody } from '../../src/consensus/connect.ts'
import { params } from '../../src/consensus/params.ts'
import { subsidyAt } from '../../src/consensus/reward.ts'
import { AccountsTree, accountsRootOf, type TreeUpdate } from '../../src/consensus/tree.ts'
import type { Account, AddressHex, Body, Transfer } from '../../src/consensus/types.ts'
import { equalBytes, toHex } from '../../src/util/bytes.ts'
import { testAccounts } from '../support/cheeses.ts'

// Few addresses and small amounts, so that transfers meet each other, succeed often and fail often. Signatures do not matter here.
const KEYS = Array.from({ length: 3 }, (_, i) => new Uint8Array(32).fill(i + 1))
const regtest = params('regtest')

interface Plan {
  readonly miner: number
  readonly transfers: readonly { from: number; fee: number; payments: readonly { to: number; amount: number }[]; expiry: number; skew: boolean }[]
}

const person = fc.nat({ max: KEYS.length - 1 })
const plan: fc.Arbitrary<Plan> = fc.record({
  miner: person,
  transfers: fc.array(
    fc.record({
      from: person,
      fee: fc.nat({ max: 1000 }),
      payments: fc.array(
        fc.record({ to: fc.nat({ max: KEYS.length + 2 }), amount: fc.oneof(fc.integer({ min: 1, max: 200_000 }), fc.constant(4_999_000_000)) }),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
      expiry: fc.constantFrom(0, 0, 0, 4, 100),
      skew: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
    { maxLength: 5 },
  ),
})

/** The three people's addresses and three that nobody has the key of, the zero address among them. */
const addresses = [...KEYS.map(addressOf), new Uint8Array(20), new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)]

function makeBody(plan: Plan, height: number, accounts: ReadonlyMap<AddressHex, Account>): Body {
  const next = new Map<number, number>()
  const transfers = plan.transfers.map(({ from, fee, payments, expiry, skew }): Transfer => {
    const sequence = next.get(from) ?? accounts.get(toHex(addresses[from]!))?.sequence ?? 0
    next.set(from, sequence + 1)
    return {
      version: 1,
      from: KEYS[from]!,
      sequence: skew ? sequence + 1 : sequence,
      expiry,
      fee: BigInt(fee),
      payments: payments.map(({ to, amount }) => ({ to: addresses[to]!, amount: BigInt(amount) })),
      memo: new Uint8Array(0),
      signature: new Uint8Array(64),
    }
  })
  return { reward: { height, to: addresses[plan.miner]!, extra: new Uint8Array(0) }, transfers }
}

class Ledger {
  readonly accounts = new Map<AddressHex, Account>()
  readonly pages = new Map<string, Uint8Array>()
  readonly tree = new AccountsTree({ get: (key) => this.pages.get(toHex(key)) }, { cacheBytes: 6_000 })

  change(changes: ReadonlyMap<AddressHex, Account | undefined>): Uint8Array {
    for (const [key, account] of changes) {
      if (account) this.accounts.set(key, account)
      else this.accounts.delete(key)
    }
    const update: TreeUpdate = this.tree.update(changes)
    for (const [key, value] of update.writes) {
      if (value) this.pages.set(key, value)
      else this.pages.delete(key)
    }
    this.tree.apply(update)
    return update.root
  }

  total(): bigint {
    let sum = 0n
    for (const { balance } of this.accounts.values()) sum += balance
    return sum
  }
}

describe('accounts', () => {
  it('neither make nor lose a crumb, agree with a rebuild, and come back bit for bit when cheeses are taken off', () => {
    let connected = 0
    let refused = 0
    fc.assert(
      fc.property(fc.array(plan, { minLength: 6, maxLength: 14 }), (plans) => {
        const ledger = new Ledger()
        const rewards: { to: Uint8Array; amount: bigint }[] = [{ to: new Uint8Array(20), amount: 0n }]
        const undos: ReadonlyMap<AddressHex, Account | undefined>[] = []
        const roots = [toHex(ledger.tree.root())]
        const pages = [new Map(ledger.pages)]
        let issued = 0n
        for (const [index, one] of plans.entries()) {
          const height = index + 1
          const ripe = height - regtest.ripening >= 1 ? rewards[height - regtest.ripening] : undefined
          const whole = makeBody(one, height, ledger.accounts)
          const apply = (tried: Body) => applyBody({ body: tried, height, accounts: testAccounts(ledger.accounts), ripe })
          let result = apply(whole)
          let used = whole
          while (!result.ok) {
            const fault = result.error.transfer
            refused++
            used = { ...used, transfers: used.transfers.filter((_, place) => place !== fault) }
            result = apply(used)
          }
          connected += used.transfers.length
          const { changes, undo, fees } = result.value
          rewards.push({ to: used.reward.to, amount: subsidyAt(height) + fees })
          issued += subsidyAt(height)
          roots.push(toHex(ledger.change(changes)))
          undos.push(undo)
          pages.push(new Map(ledger.pages))
          let ripening = 0n
          for (const { amount } of rewards.slice(Math.max(1, height - regtest.ripening + 1))) ripening += amount
          expect(ledger.total() + ripening).toBe(issued)
          expect(roots.at(-1)).toBe(toHex(accountsRootOf(ledger.accounts)))
          for (const account of ledger.accounts.values()) expect(account.balance >= 0n && (account.balance > 0n || account.sequence > 0)).toBe(true)
        }
        while (undos.length > 0) {
          const root = ledger.change(undos.pop()!)
          expect(toHex(root)).toBe(roots[undos.length])
          expect(ledger.pages).toEqual(pages[undos.length])
        }
        expect(ledger.accounts.size).toBe(0)
      }),
      { numRuns: 200 },
    )
    // Both kinds must have been many, or nothing was tested.
    expect(connected).toBeGreaterThan(500)
    expect(refused).toBeGreaterThan(500)
  })
})

describe('the accounts tree', () => {
  it('after any changes, removals among them, is the one that a rebuild makes', () => {
    // Addresses from a small set, so that they are changed and removed again; and its pages split and join.
    const change = fc.tuple(
      fc.nat({ max: 80 }),
      fc.option(fc.record({ balance: fc.bigInt({ min: 0n, max: 5n }), sequence: fc.nat({ max: 1 }) }), { nil: undefined }),
    )
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 40 }), { maxLength: 12 }), (rounds) => {
        const ledger = new Ledger()
        const model = new Map<AddressHex, Account>()
        for (const round of rounds) {
          const changes = new Map(round.map(([who, account]) => [toHex(new Uint8Array(20).fill(who)), account] as const))
          for (const [key, account] of changes) {
            if (account && (account.balance > 0n || account.sequence > 0)) model.set(key, account)
            else model.delete(key)
          }
          const root = ledger.change(changes)
          expect(equalBytes(root, accountsRootOf(model))).toBe(true)
          expect(equalBytes(root, new AccountsTree({ get: (key) => ledger.pages.get(toHex(key)) }).root())).toBe(true)
        }
        const fresh = new Ledger()
        fresh.change(model)
        expect(ledger.pages).toEqual(fresh.pages)
      }),
      { numRuns: 200 },
    )
  })
})
