/**
 * Small builders for tests of any folder: keys, transfers, and cheeses that really are valid.
 *
 *   const stack = new TestStack(params('regtest'))
 *   const alice = testKey('alice', stack.params)
 *   stack.add({ to: alice.address })                       // height 1, its reward ripens at height 3
 *   stack.addEmpty(2)
 *   stack.add({ transfers: [testTransfer(alice, stack.params, { payments: [{ to, amount: 5n }] })] })
 *   stack.fork(2).add(…)                                   // another branch above height 2
 */

import { addressOf, formatAddress } from '../../src/consensus/address.ts'
import { encodeBody } from '../../src/consensus/codec.ts'
import { applyBody, checkBody } from '../../src/consensus/connect.ts'
import { sha256, signingHash, smellOf } from '../../src/consensus/hash.ts'
import { MEDIAN_SPAN, medianTime, meetsTarget } from '../../src/consensus/header.ts'
import { bodyRoot } from '../../src/consensus/merkle.ts'
import { ripeningHeight, subsidyAt } from '../../src/consensus/reward.ts'
import { publicKeyOf, sign } from '../../src/consensus/signature.ts'
import { bitsToTarget, requiredBits } from '../../src/consensus/target.ts'
import { accountsRootOf } from '../../src/consensus/tree.ts'
import type { Account, AccountsReader, AddressHex, Cheese, Header, Params, Payment, Transfer } from '../../src/consensus/types.ts'
import { toHex } from '../../src/util/bytes.ts'
import { assert } from '../../src/util/result.ts'
import { encodeUtf8 } from '../../src/util/utf8.ts'

export interface TestKey {
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
  /** 20 bytes. */
  readonly address: Uint8Array
  readonly addressHex: AddressHex
  /** As people write it on the network that was given. */
  readonly text: string
}

/** A key made from any text: the same text, the same key. */
export function testKey(seed: string, params: Pick<Params, 'hrp'>): TestKey {
  const secretKey = sha256(encodeUtf8(`test key ${seed}`))
  const publicKey = publicKeyOf(secretKey)
  const address = addressOf(publicKey)
  return { secretKey, publicKey, address, addressHex: toHex(address), text: formatAddress(address, params) }
}

export interface TransferFields {
  readonly payments: readonly Payment[]
  /** 0 when left out. */
  readonly sequence?: number
  readonly fee?: bigint
  readonly expiry?: number
  readonly memo?: string | Uint8Array
  readonly version?: number
}

/** A transfer, signed, right or wrong as its fields say. */
export function testTransfer(key: TestKey, params: Pick<Params, 'blueSmell'>, fields: TransferFields): Transfer {
  const { payments, sequence = 0, fee = 0n, expiry = 0, memo = '', version = 1 } = fields
  const unsigned: Transfer = {
    version,
    from: key.publicKey,
    sequence,
    expiry,
    fee,
    payments,
    memo: typeof memo === 'string' ? encodeUtf8(memo) : memo,
    signature: new Uint8Array(64),
  }
  return { ...unsigned, signature: sign(signingHash(unsigned, params), key.secretKey) }
}

/** Accounts in memory, by address in hex. */
export function testAccounts(accounts: ReadonlyMap<AddressHex, Account>): AccountsReader {
  return { get: (address) => accounts.get(toHex(address)) }
}

/** The header with the first nonce from its own up that satisfies its bits (some 256 tries on regtest). */
export function solve(header: Header): Header {
  const target = bitsToTarget(header.bits)
  assert(target !== undefined, 'bits that are a target')
  for (let solved = header; ; solved = { ...solved, nonce: solved.nonce + 1n }) if (meetsTarget(smellOf(solved), target)) return solved
}

export interface CheeseFields {
  /** Whom the reward pays; the zero address when left out. */
  readonly to?: Uint8Array
  readonly transfers?: readonly Transfer[]
  readonly extra?: Uint8Array
  /** 60 s after its parent when left out (or just above the median, if that is later). */
  readonly time?: number
  /** The reward's height; the right one when left out. */
  readonly rewardHeight?: number
  /** Put in before the nonce is looked for, whatever the rules say. */
  readonly header?: Partial<Header>
}

/** A stack of valid cheeses in memory, with its accounts. */
export class TestStack {
  readonly params: Params
  /** By height, the blue cheese first. */
  readonly cheeses: Cheese[]
  readonly accounts = new Map<AddressHex, Account>()
  /** Crumbs of fees, by height. */
  readonly #fees: bigint[] = [0n]

  constructor(params: Params) {
    this.params = params
    this.cheeses = [params.blue]
  }

  get height(): number {
    return this.cheeses.length - 1
  }

  get tip(): Cheese {
    return this.cheeses[this.height] as Cheese
  }

  /** The next cheese: valid unless `fields` make it otherwise. Does not add it. */
  build(fields: CheeseFields = {}): Cheese {
    const height = this.height + 1
    const { to = new Uint8Array(20), transfers = [], extra = new Uint8Array(0), rewardHeight = height } = fields
    const body = { reward: { height: rewardHeight, to, extra }, transfers }
    const parent = this.tip.header
    const median = medianTime(this.cheeses.slice(-MEDIAN_SPAN).map(({ header }) => header.time))
    const grandparent = this.cheeses[height - 2]?.header
    const header: Header = {
      version: 1,
      parent: smellOf(parent),
      accountsRoot: fields.header?.accountsRoot ?? accountsRootOf(this.#connect(body, height).accounts),
      bodyRoot: bodyRoot(body),
      time: fields.time ?? Math.max(parent.time + 60, median + 1),
      bits: requiredBits({ height, parent, ...(grandparent && { grandparent }) }, this.params),
      nonce: 0n,
    }
    return { header: solve({ ...header, ...fields.header }), body }
  }

  /** Builds the next cheese and puts it on top. */
  add(fields: CheeseFields = {}): Cheese {
    const cheese = this.build(fields)
    this.push(cheese)
    return cheese
  }

  /** Adds `count` cheeses without transfers. */
  addEmpty(count: number, fields: CheeseFields = {}): Cheese[] {
    return Array.from({ length: count }, () => this.add(fields))
  }

  /** Puts a cheese on top that was made elsewhere for this place. Throws when its body breaks a rule. */
  push(cheese: Cheese): void {
    const height = this.height + 1
    const checked = checkBody(encodeBody(cheese.body), cheese.header, height, this.params)
    assert(checked.ok, checked.ok ? '' : checked.error.message)
    const { accounts, fees } = this.#connect(checked.value, height)
    this.accounts.clear()
    for (const [key, account] of accounts) this.accounts.set(key, account)
    this.cheeses.push(cheese)
    this.#fees.push(fees)
  }

  /** Another stack with the same cheeses up to `height`, to grow a branch on. */
  fork(height = this.height): TestStack {
    const branch = new TestStack(this.params)
    for (const cheese of this.cheeses.slice(1, height + 1)) branch.push(cheese)
    return branch
  }

  /** The reward that ripens in the cheese at `height`, as `applyBody` wants it. */
  ripe(height: number): { to: Uint8Array; amount: bigint } | undefined {
    const ripe = ripeningHeight(height, this.params)
    if (ripe === undefined) return undefined
    const cheese = this.cheeses[ripe] as Cheese
    return { to: cheese.body.reward.to, amount: subsidyAt(ripe) + (this.#fees[ripe] as bigint) }
  }

  /** Crumbs of rewards that are mined and not yet credited. */
  ripening(): bigint {
    let total = 0n
    for (let height = Math.max(1, this.height - this.params.ripening + 1); height <= this.height; height++) {
      total += subsidyAt(height) + (this.#fees[height] as bigint)
    }
    return total
  }

  #connect(body: Cheese['body'], height: number): { accounts: Map<AddressHex, Account>; fees: bigint } {
    const accounts = new Map(this.accounts)
    const applied = applyBody({ body, height, accounts: testAccounts(this.accounts), ripe: this.ripe(height) })
    assert(applied.ok, applied.ok ? '' : applied.error.message)
    for (const [key, account] of applied.value.changes) {
      if (account) accounts.set(key, account)
      else accounts.delete(key)
    }
    return { accounts, fees: applied.value.fees }
  }
}
