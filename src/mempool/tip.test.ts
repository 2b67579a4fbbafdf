import { describe, expect, it } from 'vitest'
import { bench, named, person, transfer } from './fixture.ts'

const alice = person(1)
const bob = person(2)
const none = { disconnected: [], connected: [] }

describe('when a cheese is connected', () => {
  it('what is in it leaves, and the rest of the line stays', async () => {
    const { mempool, chain, log } = bench()
    chain.fund(alice, 10_000_000n)
    const sent = [0, 1, 2].map((sequence) => transfer({ from: alice, sequence }))
    for (const each of sent) await mempool.add(each)
    log()
    mempool.handleTip({ disconnected: [], connected: [chain.connect(...sent.slice(0, 2))] })
    expect(log()).toEqual([`removed ${named(alice, 0)} confirmed`, `removed ${named(alice, 1)} confirmed`])
    expect(mempool.select(1e6)).toEqual([sent[2]])
    expect(mempool.nextSequence(alice.hex)).toBe(3)
  })

  it('the same transfer with another signature counts as confirmed', async () => {
    const { mempool, chain, log } = bench()
    chain.fund(alice, 10_000_000n)
    await mempool.add(transfer({ from: alice }))
    mempool.handleTip({ disconnected: [], connected: [chain.connect(transfer({ from: alice, signature: 9 }))] })
    expect(log()).toEqual([`added ${named(alice, 0)}`, `removed ${named(alice, 0)} confirmed`])
  })

  it('a double spend in it makes the waiting one leave, and those behind it that are not covered any more', async () => {
    const { mempool, chain, log } = bench()
    chain.fund(alice, 10_000_000n)
    await mempool.add(transfer({ from: alice, sequence: 0, amount: 200_000n }))
    await mempool.add(transfer({ from: alice, sequence: 1, amount: 200_000n }))
    await mempool.add(transfer({ from: alice, sequence: 2, amount: 9_000_000n }))
    await mempool.add(transfer({ from: alice, sequence: 3, amount: 200_000n }))
    log()
    mempool.handleTip({ disconnected: [], connected: [chain.connect(transfer({ from: alice, to: bob, amount: 1_000_000n }))] })
    expect(log()).toEqual([`removed ${named(alice, 0)} conflict`, `removed ${named(alice, 2)} invalid`, `removed ${named(alice, 3)} evicted`])
    expect(mempool.bySender(alice.hex)).toHaveLength(1)
    // When alice is paid, they come alive again.
    chain.fund(bob, 5_000_000n)
    mempool.handleTip({ disconnected: [], connected: [chain.connect(transfer({ from: bob, to: alice, amount: 2_000_000n }))] })
    expect(log()).toEqual([`added ${named(alice, 2)}`, `added ${named(alice, 3)}`])
  })

  it('a gap that it fills lets early ones in', async () => {
    const { mempool, chain, log } = bench()
    chain.fund(alice, 10_000_000n)
    await mempool.add(transfer({ from: alice, sequence: 1 }))
    mempool.handleTip({ disconnected: [], connected: [chain.connect(transfer({ from: alice, sequence: 0 }))] })
    expect(log()).toEqual([`added ${named(alice, 1)}`])
  })
})

describe('time', () => {
  it('lets a transfer be mined up to its expiry and no further; what waited behind it comes back when the sequence is used', async () => {
    const { mempool, chain, log } = bench()
    chain.fund(alice, 10_000_000n)
    await mempool.add(transfer({ from: alice, sequence: 0, expiry: 103 }))
    await mempool.add(transfer({ from: alice, sequence: 1 }))
    log()
    mempool.handleTip({ disconnected: [], connected: [chain.connect()] })
    mempool.handleTip({ disconnected: [], connected: [chain.connect()] })
    // The next is 103: the last in which it may be.
    expect([chain.height(), log(), mempool.select(1e6).length]).toEqual([102, [], 2])
    mempool.handleTip({ disconnected: [], connected: [chain.connect()] })
    expect(log()).toEqual([`removed ${named(alice, 0)} expired`, `removed ${named(alice, 1)} evicted`])
    expect([mempool.size, mempool.nextSequence(alice.hex)]).toEqual([0, 0])
    await mempool.add(transfer({ from: alice, to: alice, sequence: 0, amount: 1n }))
    expect(log()).toEqual([`added ${named(alice, 0)}`, `added ${named(alice, 1)}`])
  })

  it('lets go of what waited for 14 days', async () => {
    const { mempool, chain, clock, log } = bench()
    chain.fund(alice, 10_000_000n)
    chain.fund(bob, 10_000_000n)
    await mempool.add(transfer({ from: alice }))
    clock.advance(mempool.policy.maxAgeMs - 1)
    mempool.handleTip(none)
    expect(mempool.size).toBe(1)
    log()
    clock.advance(600_001)
    // No cheese for long: a newcomer makes it look at the time.
    await mempool.add(transfer({ from: bob }))
    expect(log()).toEqual([`removed ${named(alice, 0)} expired`, `added ${named(bob, 0)}`])
  })
})

describe('a reorg', () => {
  it('brings back the transfers of disconnected cheeses that are in no connected one', async () => {
    const { mempool, chain, log, verified } = bench()
    chain.fund(alice, 10_000_000n)
    chain.fund(bob, 10_000_000n)
    const a = [0, 1].map((sequence) => transfer({ from: alice, sequence }))
    const b = transfer({ from: bob })
    const first = chain.connect(a[0]!, b)
    const second = chain.connect(a[1]!)
    mempool.handleTip({ disconnected: [], connected: [first, second] })
    await mempool.add(transfer({ from: alice, sequence: 2 }))
    log()
    const looked = verified()
    const disconnected = [chain.disconnect(), chain.disconnect()]
    const connected = [chain.connect(b), chain.connect(), chain.connect()]
    mempool.handleTip({ disconnected, connected })
    expect(log()).toEqual([`added ${named(alice, 0)} returned`, `added ${named(alice, 1)} returned`])
    expect(mempool.select(1e6).map(({ sequence }) => sequence)).toEqual([0, 1, 2])
    expect(mempool.bySender(bob.hex)).toEqual([])
    // They were in a valid cheese: nobody verifies them again, and the chain need not either.
    expect(verified()).toBe(looked)
    expect(mempool.wasVerified(mempool.bySender(alice.hex)[0]!.relayId)).toBe(true)
  })

  it('keeps what was paid out of a cheese that is gone until the payment is back', async () => {
    const { mempool, chain, log } = bench()
    const carol = person(3)
    chain.fund(alice, 10_000_000n)
    const paid = chain.connect(transfer({ from: alice, to: bob, amount: 5_000_000n }))
    const passedOn = chain.connect(transfer({ from: bob, to: carol, amount: 4_000_000n }))
    mempool.handleTip({ disconnected: [], connected: [paid, passedOn] })
    await mempool.add(transfer({ from: bob, sequence: 1 }))
    log()
    mempool.handleTip({ disconnected: [chain.disconnect(), chain.disconnect()], connected: [chain.connect(), chain.connect(), chain.connect()] })
    expect(log()).toEqual([`added ${named(alice, 0)} returned`, `removed ${named(bob, 1)} evicted`].sort().reverse())
    mempool.handleTip({ disconnected: [], connected: [chain.connect(...mempool.select(1e6))] })
    expect(log()).toEqual([`removed ${named(alice, 0)} confirmed`, `added ${named(bob, 0)}`, `added ${named(bob, 1)}`])
  })

  it('takes out what needs an account that is not there any more', async () => {
    const { mempool, chain, log } = bench()
    const carol = person(3)
    chain.fund(alice, 10_000_000n)
    chain.fund(bob, 10_000_000n)
    mempool.handleTip({ disconnected: [], connected: [chain.connect(transfer({ from: alice, to: carol }))] })
    await mempool.add(transfer({ from: bob, to: carol, amount: 1n }))
    log()
    const disconnected = [chain.disconnect()]
    mempool.handleTip({ disconnected, connected: [chain.connect(transfer({ from: alice, to: bob })), chain.connect()] })
    expect(log()).toEqual([`removed ${named(bob, 0)} invalid`])
    expect(mempool.select(1e6)).toEqual([])
  })

  it('returns more of one sender than may wait otherwise', () => {
    const { mempool, chain } = bench()
    chain.fund(alice, 10_000_000n)
    const sent = Array.from({ length: 40 }, (_, sequence) => transfer({ from: alice, sequence, fee: 0n }))
    const cheese = chain.connect(...sent)
    mempool.handleTip({ disconnected: [], connected: [cheese] })
    mempool.handleTip({ disconnected: [chain.disconnect()], connected: [chain.connect(), chain.connect()] })
    expect(mempool.select(1e6)).toEqual(sent)
  })
})

describe('between a move of the stack and word of it', () => {
  it('newcomers are held against the stack as it is, and nobody is blamed for what has just moved', async () => {
    const { mempool, chain, log } = bench()
    chain.fund(alice, 10_000_000n)
    const sent = [0, 1].map((sequence) => transfer({ from: alice, sequence }))
    for (const each of sent) await mempool.add(each)
    log()
    const first = chain.connect(sent[0]!)
    // Behind what waits, in its place, and far behind: while sequence 0 is in the stack and still in the line.
    expect(await mempool.add(transfer({ from: alice, sequence: 2 }))).toMatchObject({ ok: true, value: { state: 'waiting' } })
    expect(await mempool.add(transfer({ from: alice, sequence: 1, fee: 900n, memo: 'rival' }))).toMatchObject({
      ok: false,
      error: { code: 'replacement-fee', fault: 'none' },
    })
    expect(await mempool.add(transfer({ from: alice, sequence: 4 }))).toMatchObject({ ok: true, value: { state: 'early' } })
    mempool.handleTip({ disconnected: [], connected: [first] })
    expect(mempool.bySender(alice.hex).map((item) => item.transfer.sequence)).toEqual([1, 2])
    expect(log()).toEqual([`added ${named(alice, 2)}`, `removed ${named(alice, 0)} confirmed`])
    expect(mempool.nextSequence(alice.hex)).toBe(3)
  })

  it('nobody is blamed while a cheese is taken off either', async () => {
    const { mempool, chain } = bench()
    chain.fund(alice, 10_000_000n)
    const zero = transfer({ from: alice, sequence: 0 })
    mempool.handleTip({ disconnected: [], connected: [chain.connect(zero)] })
    for (const sequence of [1, 2]) await mempool.add(transfer({ from: alice, sequence }))
    const off = chain.disconnect()
    for (const sequence of [0, 1, 2, 3, 4]) {
      const added = await mempool.add(transfer({ from: alice, sequence, fee: 5000n, memo: 'now' }))
      if (!added.ok) expect(added.error.fault).toBe('none')
    }
    mempool.handleTip({ disconnected: [off], connected: [] })
    expect(mempool.bySender(alice.hex).map(({ transfer }) => [transfer.sequence, transfer.fee])).toEqual([
      [0, 1000n],
      [1, 1000n],
      [2, 1000n],
    ])
  })
})

describe('a move that concerns thousands', () => {
  /** Every sender has two waiting, and the mempool is about to hear that the first of each is in a cheese. */
  async function crowd() {
    const world = bench()
    const { chain, mempool } = world
    const people = Array.from({ length: 4000 }, (_, i) => person(1000 + i))
    for (const each of people) chain.fund(each, 10_000_000n)
    for (const from of people) for (const sequence of [0, 1]) await mempool.add(transfer({ from, sequence }))
    world.log()
    const first = chain.connect(...people.map((from) => transfer({ from, sequence: 0 })))
    return { ...world, people, first }
  }
  const settled = (mempool: { whenSettled(job: () => void): void }) => new Promise<void>((resolve) => mempool.whenSettled(resolve))

  it('is followed up over several turns of the event loop, and told to whoever waits for that', async () => {
    const { mempool, people, first } = await crowd()
    const reasons = new Map<string, number>()
    mempool.events.on('removed', ({ reason }) => reasons.set(reason, (reasons.get(reason) ?? 0) + 1))
    let best = 0
    mempool.events.on('best', () => best++)
    mempool.handleTip({ disconnected: [], connected: [first] })
    await settled(mempool)
    expect([mempool.size, best, [...reasons]]).toEqual([people.length, 1, [['confirmed', people.length]]])
  })

  it('is followed up at once when a cheese is to be made', async () => {
    const { mempool, people, first } = await crowd()
    mempool.handleTip({ disconnected: [], connected: [first] })
    expect(mempool.select(1e9).map(({ sequence }) => sequence)).toEqual(people.map(() => 1))
  })

  it('may be taken back before that is done, and a newcomer may come in between', async () => {
    const { mempool, chain, people, first } = await crowd()
    mempool.handleTip({ disconnected: [], connected: [first] })
    const alice = people[0]!
    expect(await mempool.add(transfer({ from: alice, sequence: 2 }))).toMatchObject({ ok: true, value: { state: 'waiting' } })
    mempool.handleTip({ disconnected: [chain.disconnect()], connected: [chain.connect()] })
    await settled(mempool)
    expect(mempool.size).toBe(2 * people.length + 1)
    expect(mempool.bySender(alice.hex).map((item) => item.transfer.sequence)).toEqual([0, 1, 2])
    const rest = mempool.select(1e9)
    expect(() => chain.connect(...rest)).not.toThrow()
  })
})
