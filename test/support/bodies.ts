/** A body of alice's transfers at one height, and what becomes of it: for the tests of limits and of accounts. */
import { encodeBody } from '../../src/consensus/codec.ts'
import { type Applied, applyBody, checkBody } from '../../src/consensus/connect.ts'
import type { RuleError } from '../../src/consensus/errors.ts'
import { bodyRoot } from '../../src/consensus/merkle.ts'
import { params } from '../../src/consensus/params.ts'
import type { Account, AddressHex, Body, Transfer } from '../../src/consensus/types.ts'
import type { Result } from '../../src/util/result.ts'
import { type TransferFields, testAccounts, testKey, testTransfer } from './cheeses.ts'

export const regtest = params('regtest')
export const alice = testKey('alice', regtest)
export const bob = testKey('bob', regtest)
export const HEIGHT = 7
export const NEW = 100_000n
export const ZERO = new Uint8Array(20)
export const U64_MAX = (1n << 64n) - 1n

export function bodyOf(...transfers: Transfer[]): Body {
  return { reward: { height: HEIGHT, to: bob.address, extra: new Uint8Array(0) }, transfers }
}

export function pay(fields: Partial<TransferFields> & { to?: Uint8Array; amount?: bigint } = {}): Transfer {
  const { to = bob.address, amount = NEW, ...rest } = fields
  return testTransfer(alice, regtest, { payments: [{ to, amount }], ...rest })
}

export function check(body: Body): RuleError | undefined {
  const result = checkBody(encodeBody(body), { bodyRoot: bodyRoot(body) }, HEIGHT, regtest)
  return result.ok ? undefined : result.error
}

export function accountsOf(...entries: [{ addressHex: AddressHex }, Account][]): Map<AddressHex, Account> {
  return new Map(entries.map(([{ addressHex }, account]) => [addressHex, account]))
}

export const rich = accountsOf([alice, { balance: 1_000_000n, sequence: 0 }])

export function apply(body: Body, accounts = rich, ripe?: { to: Uint8Array; amount: bigint }): Result<Applied, RuleError> {
  return applyBody({ body, height: HEIGHT, accounts: testAccounts(accounts), ripe })
}

export function codeOf(body: Body, accounts = rich): string | undefined {
  const result = apply(body, accounts)
  return result.ok ? undefined : result.error.code
}

/** What becomes of accounts, or throws. */
export function outcome(body: Body, accounts = rich, ripe?: { to: Uint8Array; amount: bigint }): Map<AddressHex, Account | undefined> {
  const result = apply(body, accounts, ripe)
  if (!result.ok) throw new Error(result.error.code)
  return new Map(result.value.changes)
}
