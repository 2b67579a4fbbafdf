import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AccountsOverlay, applyTransfer } from '../consensus/connect.ts'
import { bench, FakeChain, PLAIN, person, regtest, transfer } from './fixture.ts'
import { chunksOf, compareChunks, rateAtDepth, selectFrom } from './order.ts'
import { makeWaiting, type Waiting } from './waiting.ts'

/** A line of one sender with these fees. */
function line(name: number, fees: readonly number[], addedAt = 1): Waiting[] {
  return fees.map((fee, sequence) => makeWaiting(transfer({ from: person(name), sequence, fee: BigInt(fee) }), regtest, addedAt, false))
}

function chosen(lines: readonly Waiting[][], maxBytes: number): string[] {
  const names = new Map(lines.flatMap((items, n) => items.map((item) => [item, `${n}.${item.transfer.sequence}`] as const)))
  const chunks = lines.flatMap((items) => chunksOf(items)).sort(compareChunks)
  return selectFrom(chunks, maxBytes).map((item) => names.get(item) ?? '?')
}

describe('the order', () => {
  it('is by fee rate', () => {
    expect(chosen([line(1, [100]), line(2, [300]), line(3, [200])], 1e6)).toEqual(['1.0', '2.0', '0.0'])
  })

  it('lets a transfer pull in those before it', () => {
    expect(chosen([line(1, [100, 900]), line(2, [400]), line(3, [600])], 1e6)).toEqual(['2.0', '0.0', '0.1', '1.0'])
  })

  it('does not let those behind gain from one that pays much', () => {
    expect(chosen([line(1, [900, 100, 100]), line(2, [500])], 1e6)).toEqual(['0.0', '1.0', '0.1', '0.2'])
  })

  it('prefers who came first when two pay the same', () => {
    expect(chosen([line(1, [500], 2), line(2, [500], 1)], 1e6)).toEqual(['1.0', '0.0'])
  })

  it('fills what is left with what still fits', () => {
    const big = makeWaiting(transfer({ from: person(9), to: Array.from({ length: 20 }, () => person(8)), fee: 900_000n }), regtest, 1, false)
    expect(chosen([[big], line(1, [500, 400])], big.size + PLAIN)).toEqual(['0.0', '1.0'])
    expect(chosen([[big], line(1, [500, 400])], big.size - 1)).toEqual(['1.0', '1.1'])
    expect(chosen([line(1, [100, 900])], PLAIN)).toEqual(['0.0'])
    expect(chosen([line(1, [100, 900])], PLAIN - 1)).toEqual([])
  })

  it('tells the rate at a depth', () => {
    const chunks = [...chunksOf(line(1, [143 * 5])), ...chunksOf(line(2, [143 * 3]))]
    expect([0, PLAIN - 1, PLAIN, 2 * PLAIN - 1, 2 * PLAIN].map((depth) => rateAtDepth(chunks, depth))).toEqual([5, 5, 3, 3, 0])
  })

  it('is the same whatever order the lines come in, keeps sequences, never exceeds the room, and its chunks fall in rate', () => {
    const fees = fc.array(fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fees, fc.integer({ min: 0, max: 3000 }), fc.infiniteStream(fc.integer({ min: 1, max: 3 })), (all, room, times) => {
        const lines = all.map((each, n) => line(n + 1, each, times.next().value))
        for (const items of lines) {
          const rates = chunksOf(items).map(({ rate }) => rate)
          expect(rates).toEqual([...rates].sort((a, b) => b - a))
          expect(chunksOf(items).flatMap((chunk) => chunk.items)).toEqual(items)
        }
        const there = selectFrom(lines.flatMap((items) => chunksOf(items)).sort(compareChunks), room)
        const back = selectFrom(
          [...lines]
            .reverse()
            .flatMap((items) => chunksOf(items))
            .sort(compareChunks),
          room,
        )
        expect(back).toEqual(there)
        expect(there.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(room)
        for (const items of lines) {
          const mine = there.filter((item) => items.includes(item))
          expect(mine).toEqual(items.slice(0, mine.length))
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('what the mempool says about fees', () => {
  it('suggests the least rate while everything fits into a cheese', async () => {
    const { mempool, chain } = bench()
    chain.fund(person(1), 10_000_000n)
    await mempool.add(transfer({ from: person(1), fee: 1_000_000n }))
    expect([mempool.suggestFeeRate(), mempool.suggestFee(PLAIN)]).toEqual([1, 143n])
  })

  it('suggests more than what is just left out, and says how many are ahead', async () => {
    const chain = new FakeChain()
    const { mempool, clock, best } = bench({}, chain)
    const many = Array.from({ length: 255 }, () => person(8))
    chain.fund(person(8), 1n)
    let last = ''
    for (let i = 0; i < 150; i++) {
      chain.fund(person(1000 + i), 100_000_000n)
      const result = await mempool.add(transfer({ from: person(1000 + i), to: many, amount: 1n, fee: BigInt(7255 * (i + 10)) }))
      if (!result.ok) throw new Error(result.error.message)
      if (i === 0) last = result.value.entry.id
    }
    clock.advance(6000)
    expect(mempool.bytes).toBe(150 * 7255)
    // 137 fit: those from 159 down to 23; the one at 22 does not.
    expect(mempool.suggestFeeRate()).toBe(23)
    expect(mempool.suggestFee(143)).toBe(143n * 23n)
    expect(mempool.ahead(last)).toBe(149)
    expect(mempool.ahead('00')).toBeUndefined()
    best()
    chain.fund(person(1), 10_000_000n)
    await mempool.add(transfer({ from: person(1), sequence: 0, fee: 143n * 5n }))
    expect(best()).toBe(0)
    await mempool.add(transfer({ from: person(1), sequence: 1, fee: 143n * 99n }))
    expect(best()).toBe(1)
  })

  it('selects what can be connected, whatever waits', async () => {
    const chain = new FakeChain()
    const { mempool } = bench({}, chain)
    for (let i = 1; i <= 6; i++) chain.fund(person(i), 2_000_000n)
    const draft = fc.record({
      from: fc.integer({ min: 1, max: 6 }),
      to: fc.integer({ min: 1, max: 12 }),
      amount: fc.bigInt(1n, 700_000n),
      fee: fc.bigInt(143n, 5000n),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(draft, { maxLength: 20 }), fc.integer({ min: 0, max: 4000 }), async (drafts, room) => {
        for (const { from, to, amount, fee } of drafts) {
          await mempool.add(transfer({ from: person(from), to: person(to), sequence: mempool.nextSequence(person(from).hex), amount, fee }))
        }
        const picked = mempool.select(room)
        const overlay = new AccountsOverlay({ get: (address) => chain.account(address) })
        for (const each of picked) expect(applyTransfer(overlay, each, chain.height() + 1)).toBeUndefined()
        mempool.handleTip({ disconnected: [], connected: [chain.connect(...picked)] })
        // On a busy machine what follows from it takes more than one turn.
        await new Promise<void>((done) => mempool.whenSettled(done))
        for (const each of picked) expect(mempool.bySender(person(1).hex).some((item) => item.transfer === each)).toBe(false)
        for (let i = 1; i <= 6; i++)
          if ((chain.account(person(i).address)?.balance ?? 0n) < 1_000_000n) chain.fund(person(i), 2_000_000n, chain.account(person(i).address)?.sequence ?? 0)
      }),
      { numRuns: 100 },
    )
    expect(chain.height()).toBeGreaterThan(150)
  })
})
