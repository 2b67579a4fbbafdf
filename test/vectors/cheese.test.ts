/** Our own rules against the worked examples of a second implementation (cheese.ts says which). */
import { describe, expect, it } from 'vitest'
import { addressOf, formatAddress, parseAddress } from '../../src/consensus/address.ts'
import { decodeBody, decodeHeader, decodeTransfer, encodeBody, encodeHeader, encodeTransfer } from '../../src/consensus/codec.ts'
import { applyBody, checkBody, signatureJob } from '../../src/consensus/connect.ts'
import { relayId, sha256, signingHash, smellHex, smellOf, transferId } from '../../src/consensus/hash.ts'
import { checkHeader } from '../../src/consensus/header.ts'
import { bodyRoot } from '../../src/consensus/merkle.ts'
import { params } from '../../src/consensus/params.ts'
import { subsidyAt } from '../../src/consensus/reward.ts'
import { publicKeyOf, sign, verifySignature } from '../../src/consensus/signature.ts'
import { requiredBits } from '../../src/consensus/target.ts'
import { AccountsTree, accountPath, accountsRootOf } from '../../src/consensus/tree.ts'
import type { Account, AddressHex, Header, NetworkName, Transfer } from '../../src/consensus/types.ts'
import { fromHex, toHex } from '../../src/util/bytes.ts'
import { encodeUtf8 } from '../../src/util/utf8.ts'
import { testAccounts } from '../support/cheeses.ts'
import { ACCOUNTS, BLUE, BODY_ROOTS, HUNDRED_ACCOUNTS_ROOT, KEYS, STACK, TARGETS, TRANSFERS } from './cheese.ts'

const regtest = params('regtest')
const NETWORKS: readonly NetworkName[] = ['main', 'test', 'regtest']

function value<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

describe('keys and addresses', () => {
  it.each(KEYS)('$publicKey', (key) => {
    expect(toHex(publicKeyOf(fromHex(key.secretKey)))).toBe(key.publicKey)
    expect(toHex(addressOf(fromHex(key.publicKey)))).toBe(key.address)
    expect(toHex(accountPath(fromHex(key.address)))).toBe(key.path)
    for (const name of NETWORKS) {
      expect(formatAddress(fromHex(key.address), params(name))).toBe(key[name])
      expect(toHex(value(parseAddress(key[name], params(name))))).toBe(key.address)
    }
  })
})

describe('blue cheeses', () => {
  it.each(NETWORKS)('%s', (name) => {
    const { blue, blueSmellHex } = params(name)
    expect(toHex(encodeHeader(blue.header))).toBe(BLUE[name].header)
    expect(toHex(encodeBody(blue.body))).toBe(BLUE[name].body)
    expect(blueSmellHex).toBe(BLUE[name].smell)
  })
})

describe('accounts roots', () => {
  const rootOf = (accounts: ReadonlyMap<AddressHex, Account>) => {
    const rebuilt = toHex(accountsRootOf(accounts))
    expect(toHex(new AccountsTree({ get: () => undefined }).update(accounts).root)).toBe(rebuilt)
    return rebuilt
  }

  it.each(ACCOUNTS)('$root', ({ accounts, root }) => {
    expect(rootOf(new Map(accounts.map(([address, balance, sequence]) => [address, { balance, sequence }])))).toBe(root)
  })

  it('of a hundred', () => {
    const entries = Array.from({ length: 100 }, (_, i) => [toHex(sha256(Uint8Array.of(i)).subarray(0, 20)), { balance: BigInt(i + 1), sequence: i }] as const)
    expect(rootOf(new Map(entries))).toBe(HUNDRED_ACCOUNTS_ROOT)
  })
})

function made(index: number): Transfer {
  const { key, sequence, expiry, fee, payments, memo } = TRANSFERS[index]!
  const { publicKey, secretKey } = KEYS[key]!
  const unsigned: Transfer = {
    version: 1,
    from: fromHex(publicKey),
    sequence,
    expiry,
    fee,
    payments: payments.map(([to, amount]) => ({ to: fromHex(to), amount })),
    memo: encodeUtf8(memo),
    signature: new Uint8Array(64),
  }
  return { ...unsigned, signature: sign(signingHash(unsigned, regtest), fromHex(secretKey), new Uint8Array(32)) }
}

describe('transfers', () => {
  it.each(TRANSFERS.map((given, index) => [index, given] as const))('%i', (index, given) => {
    const transfer = made(index)
    expect(toHex(encodeTransfer(transfer))).toBe(given.bytes)
    expect(value(decodeTransfer(fromHex(given.bytes)))).toEqual(transfer)
    expect(toHex(signingHash(transfer, regtest))).toBe(given.signingHash)
    expect(toHex(transferId(transfer, regtest))).toBe(given.id)
    expect(toHex(transferId(transfer, params('main')))).toBe(given.idOnMain)
    expect(toHex(relayId(transfer))).toBe(given.relayId)
    expect(verifySignature({ publicKey: transfer.from, message: fromHex(given.signingHash), signature: transfer.signature })).toBe(true)
  })

  it.each(BODY_ROOTS.map((root, count) => [count, root] as const))('%i of them in a body', (count, root) => {
    const reward = { height: 7, to: fromHex(KEYS[0].address), extra: fromHex('c0ffee') }
    expect(toHex(bodyRoot({ reward, transfers: [0, 1, 2].slice(0, count).map(made) }))).toBe(root)
  })
})

describe('a stack', () => {
  it('of four cheeses is valid in every rule', () => {
    const accounts = new Map<AddressHex, Account>()
    const headers: Header[] = [regtest.blue.header]
    for (const [index, given] of STACK.entries()) {
      const height = index + 1
      const parent = headers[index]!
      const grandparent = headers[index - 1]
      const header = value(decodeHeader(fromHex(given.header)))
      expect(smellHex(header)).toBe(given.smell)
      const ancestorTimes = headers.map(({ time }) => time)
      const context = { height, parentSmell: smellOf(parent), parent, ...(grandparent && { grandparent }), ancestorTimes }
      expect(checkHeader(header, context, regtest)).toBeUndefined()
      const body = value(checkBody(fromHex(given.body), header, height, regtest))
      expect(value(decodeBody(fromHex(given.body)))).toEqual(body)
      const ripe = height > regtest.ripening ? { to: fromHex(KEYS[0].address), amount: subsidyAt(height - regtest.ripening) } : undefined
      const applied = value(applyBody({ body, height, accounts: testAccounts(accounts), ripe }))
      expect(body.transfers.every((transfer) => verifySignature(signatureJob(transfer, regtest)))).toBe(true)
      for (const [key, account] of applied.changes) {
        if (account) accounts.set(key, account)
        else accounts.delete(key)
      }
      expect(toHex(header.accountsRoot)).toBe(toHex(accountsRootOf(accounts)))
      headers.push(header)
    }
    expect(accounts.get(KEYS[1].address)).toEqual({ balance: 100_000n, sequence: 0 })
  })
})

describe('targets on main', () => {
  it.each(TARGETS)('%i after %i s become %i', (bits, seconds, next) => {
    expect(requiredBits({ height: 3, parent: { time: 2_000_000_000 + seconds, bits }, grandparent: { time: 2_000_000_000 } }, params('main'))).toBe(next)
  })
})
