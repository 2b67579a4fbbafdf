import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../util/bytes.ts'
import { sha256, taggedHash } from './hash.ts'
import { AccountsTree, accountLeaf, accountPath, accountsRootOf, type TreeNodes, type TreeUpdate } from './tree.ts'
import { LEAVES_MAX } from './tree-pages.ts'
import type { Account, AccountChanges, AddressHex } from './types.ts'

class Shelf implements TreeNodes {
  readonly stored = new Map<string, Uint8Array>()
  reads = 0

  get(key: Uint8Array): Uint8Array | undefined {
    this.reads++
    return this.stored.get(toHex(key))
  }

  store(update: TreeUpdate): void {
    for (const [key, value] of update.writes) {
      if (value) this.stored.set(key, value)
      else this.stored.delete(key)
    }
  }
}

function addressNumber(i: number): AddressHex {
  return toHex(sha256(Uint8Array.of(i >> 16, i >> 8, i)).subarray(0, 20))
}

function some(count: number, from = 0): Map<AddressHex, Account> {
  return new Map(Array.from({ length: count }, (_, i) => [addressNumber(from + i), { balance: BigInt(i + 1), sequence: i % 3 }]))
}

/** The definition in the design, word for word. */
function plainRoot(accounts: ReadonlyMap<AddressHex, Account>): string {
  const leaves = [...accounts].map(([hex, { balance, sequence }]) => {
    const tail = new DataView(new ArrayBuffer(12))
    tail.setBigUint64(0, balance)
    tail.setUint32(8, sequence)
    const path = taggedHash('Cheese/path', fromHex(hex))
    const bits = [...path].map((byte) => byte.toString(2).padStart(8, '0')).join('')
    return { bits, hash: sha256(Uint8Array.of(0), fromHex(hex), new Uint8Array(tail.buffer)) }
  })
  const root = (prefix: string): Uint8Array => {
    const under = leaves.filter(({ bits }) => bits.startsWith(prefix))
    if (under.length === 0) return new Uint8Array(32)
    if (under.length === 1) return under[0]!.hash
    return sha256(Uint8Array.of(1), root(`${prefix}0`), root(`${prefix}1`))
  }
  return toHex(root(''))
}

function commit(tree: AccountsTree, shelf: Shelf, changes: AccountChanges): string {
  const update = tree.update(changes)
  shelf.store(update)
  tree.apply(update)
  return toHex(update.root)
}

/** Two addresses whose paths agree in their first `bits` bits. */
function neighbours(bits: number): [AddressHex, AddressHex] {
  const seen = new Map<number, AddressHex>()
  for (let i = 0; ; i++) {
    const address = addressNumber(i)
    const head = new DataView(accountPath(fromHex(address)).buffer).getUint32(0) >>> (32 - bits)
    const other = seen.get(head)
    if (other) return [other, address]
    seen.set(head, address)
  }
}

describe('the accounts root', () => {
  it('of nobody is 32 zero bytes, of one account its leaf', () => {
    expect(toHex(new AccountsTree(new Shelf()).root())).toBe('00'.repeat(32))
    expect(toHex(accountsRootOf(new Map()))).toBe('00'.repeat(32))
    const account = { balance: 5n, sequence: 6 }
    const address = fromHex(addressNumber(1))
    const leaf = sha256(Uint8Array.of(0), address, fromHex('000000000000000500000006'))
    expect(toHex(accountLeaf(address, account))).toBe(toHex(leaf))
    expect(commit(new AccountsTree(new Shelf()), new Shelf(), new Map([[addressNumber(1), account]]))).toBe(toHex(leaf))
  })

  it('is what the definition says, for any number of accounts', () => {
    for (const count of [1, 2, 3, LEAVES_MAX, LEAVES_MAX + 1, 30, 200]) {
      const accounts = some(count)
      const expected = plainRoot(accounts)
      expect(toHex(accountsRootOf(accounts)), `${count} rebuilt`).toBe(expected)
      const shelf = new Shelf()
      expect(commit(new AccountsTree(shelf), shelf, accounts), `${count} at once`).toBe(expected)
      expect(toHex(new AccountsTree(shelf).root()), `${count} stored`).toBe(expected)
    }
  })

  it('hashes every level that two paths share', () => {
    const [a, b] = neighbours(18)
    const accounts = new Map([a, b].map((address) => [address, { balance: 1n, sequence: 0 }] as const))
    expect(toHex(accountsRootOf(accounts))).toBe(plainRoot(accounts))
    const shelf = new Shelf()
    const tree = new AccountsTree(shelf)
    const others = some(12, 1_000_000)
    expect(commit(tree, shelf, new Map([...accounts, ...others]))).toBe(plainRoot(new Map([...accounts, ...others])))
    expect(commit(tree, shelf, new Map([...others.keys()].map((key) => [key, undefined])))).toBe(plainRoot(accounts))
    expect(commit(tree, shelf, new Map([[a, undefined]]))).toBe(plainRoot(new Map([[b, accounts.get(b)!]])))
  })

  it('counts an account with nothing in it as none', () => {
    const nothing = { balance: 0n, sequence: 0 }
    expect(toHex(accountsRootOf(new Map([[addressNumber(1), nothing]])))).toBe('00'.repeat(32))
    const update = new AccountsTree(new Shelf()).update(new Map([[addressNumber(1), nothing]]))
    expect(toHex(update.root)).toBe('00'.repeat(32))
    expect(update.writes.size).toBe(0)
  })
})

describe('an update', () => {
  it('leaves pages that do not tell the order in which accounts came and went', () => {
    const shelf = new Shelf()
    const tree = new AccountsTree(shelf)
    const all = some(700)
    for (const [key, account] of [...all].reverse()) commit(tree, shelf, new Map([[key, account]]))
    commit(tree, shelf, some(300, 5_000))
    commit(tree, shelf, new Map([...some(300, 5_000).keys()].map((key) => [key, undefined])))
    const once = new Shelf()
    commit(new AccountsTree(once), once, all)
    expect(new Map([...shelf.stored].sort())).toEqual(new Map([...once.stored].sort()))
    commit(tree, shelf, new Map([...all.keys()].map((key) => [key, undefined])))
    expect(shelf.stored.size).toBe(0)
    expect(toHex(tree.root())).toBe('00'.repeat(32))
  })

  it('changes nothing by itself', () => {
    const shelf = new Shelf()
    const tree = new AccountsTree(shelf)
    const before = commit(tree, shelf, some(100))
    const stored = new Map(shelf.stored)
    const preview = tree.update(some(100, 50))
    expect(preview.writes.size).toBeGreaterThan(0)
    expect(toHex(tree.root())).toBe(before)
    expect(toHex(tree.update(some(100, 50)).root)).toBe(toHex(preview.root))
    expect(shelf.stored).toEqual(stored)
    expect(tree.update(some(100)).writes.size).toBe(0)
    expect(tree.update(new Map([[addressNumber(9_999), undefined]])).writes.size).toBe(0)
  })

  it('can stand on others that are not stored yet', () => {
    const shelf = new Shelf()
    const tree = new AccountsTree(shelf)
    commit(tree, shelf, some(60))
    const removed = new Map([...some(55).keys()].map((key) => [key, undefined]))
    const first = tree.update(some(40, 500))
    const second = tree.update(removed, first)
    const third = tree.update(some(20, 900), second)
    const expected = new Map([...some(60), ...some(40, 500), ...some(20, 900)])
    for (const key of removed.keys()) expected.delete(key)
    expect(toHex(third.root)).toBe(plainRoot(expected))
    for (const update of [first, second, third]) {
      shelf.store(update)
      tree.apply(update)
    }
    expect(toHex(tree.root())).toBe(plainRoot(expected))
    expect(toHex(new AccountsTree(shelf).root())).toBe(plainRoot(expected))
  })

  it('reads and writes a few pages, not the tree', () => {
    const shelf = new Shelf()
    commit(new AccountsTree(shelf), shelf, some(20_000))
    const tree = new AccountsTree(shelf)
    shelf.reads = 0
    const update = tree.update(new Map([[addressNumber(7), { balance: 1n, sequence: 1 }]]))
    expect(shelf.reads).toBeLessThanOrEqual(5)
    expect(update.writes.size).toBeLessThanOrEqual(5)
    shelf.store(update)
    tree.apply(update)
    shelf.reads = 0
    tree.update(new Map([[addressNumber(7), undefined]]))
    expect(shelf.reads).toBe(0)
  })

  it('is right with hardly any page in memory', () => {
    const shelf = new Shelf()
    const tree = new AccountsTree(shelf, { cacheBytes: 3_000 })
    const accounts = new Map<AddressHex, Account>()
    for (let round = 0; round < 20; round++) {
      const changes = some(50, round * 37)
      for (const [key, account] of changes) accounts.set(key, account)
      expect(commit(tree, shelf, changes)).toBe(toHex(accountsRootOf(accounts)))
    }
  })

  it('says that the store is damaged where it is', () => {
    const shelf = new Shelf()
    commit(new AccountsTree(shelf), shelf, some(500))
    const change = new Map([[addressNumber(3), { balance: 7n, sequence: 7 }]])
    for (const [key, value] of [...shelf.stored].filter((_, i) => i % 12 === 0)) {
      for (const damaged of [new Uint8Array(0), value.subarray(1), value.subarray(0, -1), Uint8Array.of(9, ...value.subarray(1))]) {
        shelf.stored.set(key, damaged)
        const all = () => new AccountsTree(shelf).update(new Map([...some(500).keys()].map((address) => [address, undefined])))
        expect(all).toThrow(/accounts tree.*(damaged|missing)/)
      }
      shelf.stored.set(key, value)
    }
    for (const key of [...shelf.stored.keys()].filter((key) => key.startsWith('01'))) shelf.stored.delete(key)
    expect(() => new AccountsTree(shelf).update(change)).toThrow(/missing/)
  })
})
