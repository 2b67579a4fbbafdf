import { describe, expect, it } from 'vitest'
import { addressOf } from '../consensus/address.ts'
import { relayId, signingHash } from '../consensus/hash.ts'
import { params } from '../consensus/params.ts'
import { publicKeyOf, sign, verifySignature } from '../consensus/signature.ts'
import type { Transfer } from '../consensus/types.ts'
import { toHex } from '../util/bytes.ts'
import { type Bench, bench, FakeChain, FakeClock, named, PLAIN, person, regtest, transfer } from './fixture.ts'
import { Mempool } from './mempool.ts'

const alice = person(1)
const bob = person(2)
const carol = person(3)

async function code(result: ReturnType<Mempool['add']>): Promise<string> {
  const { ok, ...rest } = await result
  return ok ? (rest as { value: { state: string } }).value.state : (rest as unknown as { error: { code: string } }).error.code
}

function funded(policy: Parameters<typeof bench>[0] = {}): Bench {
  const made = bench(policy)
  made.chain.fund(alice, 10_000_000n, 5)
  made.chain.fund(bob, 10_000_000n)
  return made
}

describe('a transfer that may wait', () => {
  it('waits, and is found by everything that names it', async () => {
    const { mempool, log, best } = funded()
    const sent = transfer({ from: alice, to: bob, sequence: 5, amount: 7n, fee: 500n })
    const result = await mempool.add(sent)
    if (!result.ok) throw new Error(result.error.message)
    const { entry, state } = result.value
    expect(state).toBe('waiting')
    expect(entry).toMatchObject({ sender: alice.hex, size: PLAIN, debit: 507n, local: false })
    expect(mempool.byId(entry.id)).toBe(entry)
    expect(mempool.byRelayId(entry.relayId)).toBe(entry)
    expect(mempool.has(entry.relayId)).toBe(true)
    expect(mempool.wasVerified(entry.relayId)).toBe(true)
    expect(mempool.bySender(alice.hex)).toEqual([entry])
    expect(mempool.payingTo(bob.hex)).toEqual([entry])
    expect(mempool.pendingDebit(alice.hex)).toBe(507n)
    expect(mempool.nextSequence(alice.hex)).toBe(6)
    expect([mempool.size, mempool.bytes]).toEqual([1, PLAIN])
    expect(mempool.select(1_000_000)).toEqual([sent])
    expect(log()).toEqual([`added ${named(alice, 5)}`])
    expect(best()).toBe(1)
  })

  it('is known the second time, also with another signature, and while it is looked at', async () => {
    const made = funded()
    const { mempool } = made
    const first = transfer({ from: alice, sequence: 5 })
    let open = () => {}
    made.gate = new Promise((resolve) => {
      open = resolve
    })
    const both = [mempool.add(first), mempool.add({ ...first })]
    open()
    expect(await Promise.all(both.map(code))).toEqual(['waiting', 'waiting'])
    expect(made.verified()).toBe(1)
    expect(await code(mempool.add(first))).toBe('known')
    expect(await code(mempool.add(transfer({ from: alice, sequence: 5, signature: 2 })))).toBe('known')
    expect(mempool.size).toBe(1)
  })

  it('is checked once more after its signature, since the tip may have moved meanwhile', async () => {
    const made = funded()
    let open = () => {}
    made.gate = new Promise((resolve) => {
      open = resolve
    })
    const slow = made.mempool.add(transfer({ from: alice, sequence: 5 }))
    const rival = transfer({ from: alice, sequence: 5, memo: 'mined elsewhere' })
    made.mempool.handleTip({ disconnected: [], connected: [made.chain.connect(rival)] })
    open()
    expect(await code(slow)).toBe('sequence-used')
    expect(made.mempool.size).toBe(0)
  })

  it('has a real signature of this network', async () => {
    const secret = new Uint8Array(32).fill(7)
    const from = publicKeyOf(secret)
    const chain = new FakeChain()
    chain.accounts.set(toHex(addressOf(from)), { balance: 1_000_000n, sequence: 0 })
    const verifier = { verify: async (jobs: Parameters<typeof verifySignature>[0][]) => jobs.map(verifySignature) }
    const mempool = new Mempool({ params: regtest, chain, verifier: verifier as never, clock: new FakeClock() })
    const bare: Transfer = { ...transfer({ from: bob }), from }
    const foreign = { ...bare, signature: sign(signingHash(bare, params('main')), secret) }
    const good = { ...bare, signature: sign(signingHash(bare, regtest), secret) }
    expect(await mempool.add(foreign)).toMatchObject({ ok: false, error: { code: 'signature', fault: 'sender' } })
    expect(await code(mempool.add(good))).toBe('waiting')
  })
})

describe('a transfer that may not wait', () => {
  const cases: [string, string, Parameters<typeof transfer>[0]][] = [
    ['pays nothing', 'shape', { from: alice, sequence: 5, amount: 0n }],
    ['has a memo of 81 bytes', 'shape', { from: alice, sequence: 5, memo: 'x'.repeat(81) }],
    ['has a bad signature', 'signature', { from: alice, sequence: 5, signature: 0xff }],
    ['has a sequence that is spent', 'sequence-used', { from: alice, sequence: 4 }],
    ['has a sequence far ahead', 'sequence-far', { from: alice, sequence: 30 }],
    ['takes more than the balance', 'balance', { from: alice, sequence: 5, amount: 9_999_001n, fee: 1000n }],
    ['comes from nobody', 'balance', { from: carol, sequence: 0 }],
    ['opens an account with too little', 'new-account', { from: alice, sequence: 5, amount: 99_999n }],
    ['has no fee', 'fee-too-low', { from: alice, sequence: 5, fee: 0n }],
    ['has a fee one crumb too low', 'fee-too-low', { from: alice, sequence: 5, fee: BigInt(PLAIN) - 1n }],
    ['has expired', 'expired', { from: alice, sequence: 5, expiry: 100 }],
    ['expires with the next cheese', 'expires-soon', { from: alice, sequence: 5, expiry: 101 }],
    ['has sums above 2^64', 'balance', { from: alice, sequence: 5, to: [bob, carol], amount: 2n ** 64n - 1n, fee: 2n ** 64n - 1n }],
  ]
  for (const [what, wanted, draft] of cases) {
    it(`${what}: ${wanted}`, async () => {
      const { mempool, log } = funded()
      const result = await mempool.add(transfer(draft))
      if (result.ok) throw new Error('it was taken')
      expect(result.error.code).toBe(wanted)
      expect(result.error.fault).toBe(['shape', 'signature'].includes(wanted) ? 'sender' : 'none')
      expect(mempool.size).toBe(0)
      expect(log()).toEqual([])
    })
  }

  it('but one that is good to the edge may', async () => {
    const { mempool } = funded()
    expect(await code(mempool.add(transfer({ from: alice, sequence: 5, amount: 9_999_000n, fee: 1000n, expiry: 102 })))).toBe('waiting')
    expect(await code(mempool.add(transfer({ from: bob, sequence: 0, fee: BigInt(PLAIN) })))).toBe('waiting')
    expect(await code(funded().mempool.add(transfer({ from: alice, sequence: 5, expiry: 101 }), { local: true }))).toBe('waiting')
  })

  it('opens an account within itself, then pays a crumb to it', async () => {
    const { mempool } = funded()
    const both = transfer({ from: alice, sequence: 5 })
    const payments = [
      { to: carol.address, amount: 100_000n },
      { to: carol.address, amount: 1n },
    ]
    expect(await code(mempool.add({ ...both, payments }))).toBe('waiting')
    expect(await code(mempool.add({ ...both, sequence: 6, payments: payments.slice(1) }))).toBe('waiting')
    expect(await code(mempool.add({ ...transfer({ from: bob }), payments: payments.slice(1) }))).toBe('new-account')
  })

  it('is remembered, so that its signature is not looked at twice, until the tip moves', async () => {
    const { mempool, chain, verified } = funded()
    const forged = transfer({ from: alice, sequence: 5, signature: 0xff })
    expect([await code(mempool.add(forged)), await code(mempool.add(forged))]).toEqual(['signature', 'signature'])
    expect(verified()).toBe(1)
    const poor = transfer({ from: carol })
    expect(await code(mempool.add(poor))).toBe('balance')
    chain.fund(carol, 1_000_000n)
    expect(await code(mempool.add(poor))).toBe('balance')
    mempool.handleTip({ disconnected: [], connected: [chain.connect()] })
    expect(await code(mempool.add(poor))).toBe('waiting')
    expect(await code(mempool.add(forged))).toBe('signature')
    expect(verified()).toBe(2)
  })
})

describe("a sender's line", () => {
  it('takes 25 and refuses the 26th', async () => {
    const { mempool, chain } = funded()
    for (let sequence = 5; sequence < 30; sequence++) expect(await code(mempool.add(transfer({ from: alice, sequence })))).toBe('waiting')
    expect(await code(mempool.add(transfer({ from: alice, sequence: 30 })))).toBe('too-many')
    expect(mempool.bySender(alice.hex)).toHaveLength(25)
    mempool.handleTip({ disconnected: [], connected: [chain.connect(...mempool.select(PLAIN))] })
    expect(await code(mempool.add(transfer({ from: alice, sequence: 30 })))).toBe('waiting')
  })

  it('counts what waits before against the balance, and what others pay to the sender not at all', async () => {
    const { mempool } = funded()
    expect(await code(mempool.add(transfer({ from: alice, sequence: 5, amount: 6_000_000n })))).toBe('waiting')
    expect(await code(mempool.add(transfer({ from: bob, to: alice, sequence: 0, amount: 5_000_000n })))).toBe('waiting')
    expect(await code(mempool.add(transfer({ from: alice, sequence: 6, amount: 6_000_000n })))).toBe('balance')
    expect(await code(mempool.add(transfer({ from: alice, sequence: 6, amount: 3_998_000n })))).toBe('waiting')
    expect(await code(mempool.add(transfer({ from: alice, sequence: 7, amount: 100_000n })))).toBe('balance')
  })

  it('keeps what comes too early, does not mine it, and lets it in when the gap is filled', async () => {
    const { mempool, log } = funded()
    expect(await code(mempool.add(transfer({ from: alice, sequence: 7 })))).toBe('early')
    expect(await code(mempool.add(transfer({ from: alice, sequence: 6 })))).toBe('early')
    expect([mempool.size, mempool.select(1_000_000).length, log()]).toEqual([0, 0, []])
    expect(mempool.nextSequence(alice.hex)).toBe(5)
    expect(await code(mempool.add(transfer({ from: alice, sequence: 5 })))).toBe('waiting')
    expect(log()).toEqual([5, 6, 7].map((sequence) => `added ${named(alice, sequence)}`))
    expect(mempool.select(1_000_000).map(({ sequence }) => sequence)).toEqual([5, 6, 7])
  })

  it('counts early ones among the 25, and gives no room to who has nothing', async () => {
    const { mempool } = funded()
    for (let sequence = 6; sequence < 30; sequence++) expect(await code(mempool.add(transfer({ from: alice, sequence })))).toBe('early')
    expect(await code(mempool.add(transfer({ from: alice, sequence: 29, memo: 'again' })))).toBe('known')
    expect(await code(mempool.add(transfer({ from: alice, sequence: 30 })))).toBe('sequence-far')
    expect(await code(mempool.add(transfer({ from: carol, sequence: 3 })))).toBe('balance')
    expect(await code(mempool.add(transfer({ from: alice, sequence: 5 })))).toBe('waiting')
    expect(mempool.bySender(alice.hex)).toHaveLength(25)
  })

  it('keeps no more early ones of one giver than its share, so that nobody pushes out what others gave', async () => {
    const { mempool, chain } = bench({ early: { maxCount: 8, maxBytes: 10_000, ttlMs: 1000 } })
    const early = async (i: number, from: string) => {
      chain.fund(person(i), 10_000_000n)
      const item = transfer({ from: person(i), sequence: 1 })
      expect(await mempool.add(item, { from })).toMatchObject({ ok: true, value: { state: 'early' } })
      return toHex(relayId(item))
    }
    const honest = [await early(10, 'honest'), await early(11, 'honest')]
    const greedy: string[] = []
    for (let i = 20; i < 40; i++) greedy.push(await early(i, 'greedy'))
    expect(honest.map((id) => mempool.has(id))).toEqual([true, true])
    expect(greedy.filter((id) => mempool.has(id))).toEqual(greedy.slice(-2))
  })

  it('forgets early ones after a while, and the oldest when there are too many', async () => {
    const made = bench({ early: { maxCount: 3, maxBytes: 10_000, ttlMs: 1000 } })
    const { mempool, chain, clock } = made
    const sent = []
    for (let i = 10; i < 15; i++) {
      chain.fund(person(i), 1_000_000n)
      const early = transfer({ from: person(i), sequence: 1 })
      sent.push(early)
      const result = await mempool.add(early)
      expect(result).toMatchObject({ ok: true, value: { state: 'early' } })
    }
    const fill = async (i: number) => {
      await mempool.add(transfer({ from: person(i), sequence: 0 }))
      return mempool.bySender(person(i).hex).length
    }
    expect([await fill(10), await fill(11), await fill(12)]).toEqual([1, 1, 2])
    clock.advance(1001)
    mempool.handleTip({ disconnected: [], connected: [chain.connect()] })
    expect([await fill(13), await fill(14)]).toEqual([1, 1])
  })
})

describe('a replacement', () => {
  it('must add the least rate times its size to the fee', async () => {
    const { mempool, log } = funded()
    await mempool.add(transfer({ from: alice, sequence: 5, fee: 1000n }))
    log()
    const low = await mempool.add(transfer({ from: alice, to: alice, sequence: 5, amount: 1n, fee: 999n + BigInt(PLAIN) }))
    expect(low).toMatchObject({ ok: false, error: { code: 'replacement-fee', fee: 1000n + BigInt(PLAIN) } })
    expect(await code(mempool.add(transfer({ from: alice, to: alice, sequence: 5, amount: 1n, fee: 1000n + BigInt(PLAIN) })))).toBe('waiting')
    expect(log()).toEqual([`removed ${named(alice, 5)} replaced`, `added ${named(alice, 5)}`])
    expect(mempool.payingTo(person(99).hex)).toEqual([])
    expect(mempool.size).toBe(1)
  })

  it('keeps those behind it that still fit, and pays for those that do not', async () => {
    const { mempool, log } = funded()
    await mempool.add(transfer({ from: alice, sequence: 5, amount: 100_000n, fee: 1000n }))
    await mempool.add(transfer({ from: alice, sequence: 6, amount: 100_000n, fee: 3000n }))
    await mempool.add(transfer({ from: alice, sequence: 7, amount: 5_000_000n, fee: 7000n }))
    log()
    const big = (fee: bigint) => transfer({ from: alice, sequence: 5, amount: 6_000_000n, fee })
    expect(await mempool.add(big(7999n + BigInt(PLAIN)))).toMatchObject({ error: { code: 'replacement-fee', fee: 8000n + BigInt(PLAIN) } })
    expect(await code(mempool.add(big(8000n + BigInt(PLAIN))))).toBe('waiting')
    expect(log()).toEqual([`removed ${named(alice, 5)} replaced`, `removed ${named(alice, 7)} evicted`, `added ${named(alice, 5)}`])
    expect(mempool.bySender(alice.hex).map(({ transfer: { sequence } }) => sequence)).toEqual([5, 6])
  })

  it('loop costs its maker more each time', async () => {
    const { mempool } = funded()
    const a = transfer({ from: alice, sequence: 5, fee: 1000n, memo: 'a' })
    const b = transfer({ from: alice, sequence: 5, fee: 2000n, memo: 'b' })
    expect(await code(mempool.add(a))).toBe('waiting')
    expect(await code(mempool.add(b))).toBe('waiting')
    for (let i = 0; i < 10; i++) expect(await code(mempool.add(a))).toBe('replacement-fee')
    expect(await code(mempool.add(b))).toBe('known')
    expect(mempool.select(1000)).toEqual([b])
  })

  it('must be covered itself', async () => {
    const { mempool } = funded()
    await mempool.add(transfer({ from: alice, sequence: 5 }))
    expect(await code(mempool.add(transfer({ from: alice, sequence: 5, fee: 10_000_000n })))).toBe('balance')
    expect(mempool.size).toBe(1)
  })
})

describe('a full mempool', () => {
  it('evicts what pays least, from the ends of lines, and asks more of newcomers for a while', async () => {
    const made = bench({ maxBytes: 20 * (PLAIN + 1000) })
    const { mempool, chain, clock, log } = made
    for (let i = 10; i < 20; i++) {
      chain.fund(person(i), 10_000_000n)
      await mempool.add(transfer({ from: person(i), sequence: 0, fee: BigInt(PLAIN * (i + 10)) }))
      await mempool.add(transfer({ from: person(i), sequence: 1, fee: BigInt(PLAIN * i) }))
    }
    expect([mempool.size, mempool.minFeeRate()]).toEqual([20, 1])
    log()
    chain.fund(alice, 10_000_000n)
    expect(await code(mempool.add(transfer({ from: alice, sequence: 0, fee: BigInt(PLAIN * 50) })))).toBe('waiting')
    expect(log()).toEqual([`added ${named(alice, 0)}`, `removed ${named(person(10), 1)} evicted`, `removed ${named(person(11), 1)} evicted`])
    expect(mempool.minFeeRate()).toBe(12)
    chain.fund(bob, 10_000_000n)
    const low = transfer({ from: bob, fee: BigInt(PLAIN * 11) })
    expect(await mempool.add(low)).toMatchObject({ error: { code: 'fee-too-low', fee: BigInt(PLAIN * 12) } })
    clock.advance(made.mempool.policy.floorHalfLifeMs)
    expect(mempool.minFeeRate()).toBe(6)
    clock.advance(made.mempool.policy.floorHalfLifeMs * 10)
    expect(mempool.minFeeRate()).toBe(1)
  })

  it('says so to a newcomer that would be the first to go', async () => {
    const { mempool, chain } = bench({ maxBytes: 5 * (PLAIN + 1000) })
    for (let i = 10; i < 15; i++) {
      chain.fund(person(i), 10_000_000n)
      expect(await code(mempool.add(transfer({ from: person(i), fee: 5000n })))).toBe('waiting')
    }
    chain.fund(alice, 10_000_000n)
    expect(await code(mempool.add(transfer({ from: alice, fee: 1000n })))).toBe('full')
    expect(mempool.bySender(alice.hex)).toEqual([])
    expect(mempool.size).toBe(5)
  })
})
