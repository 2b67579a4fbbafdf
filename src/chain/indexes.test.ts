import { describe, expect, it } from 'vitest'
import { encodeBody } from '../consensus/codec.ts'
import { transferId } from '../consensus/hash.ts'
import { params } from '../consensus/params.ts'
import type { Transfer } from '../consensus/types.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { toHex } from '../util/bytes.ts'
import { type IndexedCheese, Indexes } from './indexes.ts'
import { bodyKey } from './keys.ts'
import { keyOf, Maker } from './testing/maker.ts'

const regtest = params('regtest')
const maker = new Maker(regtest)
const [ann, bob, carol] = [keyOf(1), keyOf(2), keyOf(3)]

/** A store with the bodies of as many cheeses as asked for; they need not fit each other. */
async function cheeses(count: number) {
  const store = openMemoryStore()
  const made: { cheese: IndexedCheese; transfers: Transfer[] }[] = []
  for (let height = 1; height <= count; height++) {
    const transfers = [
      maker.transfer({ from: ann, sequence: height, payments: [{ to: bob.address, amount: BigInt(1000 + height) }], fee: 5n, memo: `to bob ${height}` }),
      maker.transfer({
        from: bob,
        sequence: height,
        payments: [
          { to: carol.address, amount: 1n },
          { to: bob.address, amount: 2n },
          { to: ann.address, amount: 3n },
          { to: carol.address, amount: 4n },
        ],
      }),
    ]
    const smellBytes = new Uint8Array(32).fill(height)
    const bytes = encodeBody({ reward: { height, to: carol.address, extra: new Uint8Array() }, transfers })
    await store.batch([{ type: 'put', key: bodyKey(smellBytes), value: bytes }])
    made.push({ cheese: { height, smellBytes, transfers: 2, rewardTo: carol.address, rewardAmount: 50n }, transfers })
  }
  return { store, made }
}

/** All that readers can see, as text. */
function seen(indexes: Indexes, transfers: readonly Transfer[]): string {
  const lines = transfers.map((transfer) => String(indexes.place(transferId(transfer, regtest))))
  for (const { address } of [ann, bob, carol]) {
    lines.push(String(indexes.count(address)))
    for (const item of indexes.read(address, Number.POSITIVE_INFINITY, 1000)) {
      const { number, kind, height, id, amount, fee, counterparty, memo } = item
      lines.push([number, kind, height, id && toHex(id), amount, fee, counterparty && toHex(counterparty), toHex(memo)].join(' '))
    }
  }
  return lines.join('\n')
}

describe('the indexes', () => {
  it('tell the same of a cheese whether it waits, is being written, or is stored', async () => {
    const { store, made } = await cheeses(3)
    const all = made.flatMap(({ transfers }) => transfers)
    const indexes = new Indexes(store, regtest, 100_000)
    for (const { cheese } of made) indexes.on(cheese)
    const wanted = seen(indexes, all)
    expect(indexes.place(transferId(made[1]?.transfers[1] as Transfer, regtest))).toEqual([2, 1])
    expect([ann, bob, carol].map(({ address }) => indexes.count(address))).toEqual([6, 6, 6])
    expect(indexes.read(carol.address, 2, 5).map(({ kind, amount, number }) => [kind, amount, number])).toEqual([
      ['received', 5n, 1],
      ['reward', 50n, 0],
    ])
    for (const works of [false, true]) {
      const ops = [...indexes.begin()]
      expect(indexes.bytes).toBe(0)
      expect(seen(indexes, all)).toBe(wanted)
      if (works) await store.batch(ops)
      // Written, and not known to be.
      expect(seen(indexes, all)).toBe(wanted)
      indexes.written(works)
      expect(seen(indexes, all)).toBe(wanted)
    }
    expect(seen(new Indexes(store, regtest, 0), all)).toBe(wanted)
  })

  it('are as if a cheese that was taken off had never been there, wherever it was when it went', async () => {
    for (const upTo of ['waiting', 'writing', 'stored'] as const) {
      const { store, made } = await cheeses(4)
      const all = made.flatMap(({ transfers }) => transfers)
      const [one, two, three, four] = made.map(({ cheese }) => cheese) as [IndexedCheese, IndexedCheese, IndexedCheese, IndexedCheese]
      const without = new Indexes(store, regtest, 0)
      without.on(one)
      without.on(four)
      const wanted = seen(without, all)
      const indexes = new Indexes(store, regtest, 100_000)
      for (const cheese of [one, two, three]) indexes.on(cheese)
      const before = upTo === 'waiting' ? [] : [...indexes.begin()]
      if (upTo === 'stored') {
        await store.batch(before)
        indexes.written(true)
      }
      indexes.off(three)
      indexes.off(two)
      indexes.on(four)
      expect(seen(indexes, all)).toBe(wanted)
      if (upTo === 'writing') {
        await store.batch(before)
        indexes.written(true)
        expect(seen(indexes, all)).toBe(wanted)
      }
      await store.batch(indexes.begin())
      indexes.written(true)
      const fresh = seen(new Indexes(store, regtest, 0), all)
      expect(fresh).toBe(seen(indexes, all))
      const clean = await cheeses(4)
      const other = new Indexes(clean.store, regtest, 0)
      other.on(one)
      other.on(four)
      await clean.store.batch(other.begin())
      other.written(true)
      expect(fresh).toBe(seen(other, all))
    }
  })
})
