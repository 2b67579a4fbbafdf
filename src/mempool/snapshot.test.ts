import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { params } from '../consensus/params.ts'
import { bench, type FakeChain, person, regtest, transfer } from './fixture.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts'

const people = [1, 2, 3, 4].map(person)

async function filled() {
  const made = bench()
  for (const each of people) made.chain.fund(each, 10_000_000n)
  for (const from of people) for (const sequence of [0, 1, 3]) await made.mempool.add(transfer({ from, sequence }), { local: sequence === 1 })
  return made
}

function again(chain: FakeChain, time: number) {
  const made = bench({}, chain)
  made.clock.time = time
  return made
}

describe('a snapshot', () => {
  it('brings back everything that still may wait, with its age, checked', async () => {
    const { mempool, chain, clock } = await filled()
    clock.advance(1000)
    const bytes = mempool.snapshot()
    const next = again(chain, clock.time)
    expect(await next.mempool.restore(bytes)).toEqual({ ok: true, value: { taken: 12, refused: 0, damaged: 0 } })
    expect(next.verified()).toBe(12)
    expect(next.mempool.select(1e6)).toEqual(mempool.select(1e6))
    expect(next.mempool.all().map(({ addedAt, local }) => [addedAt, local])).toEqual(mempool.all().map(({ addedAt, local }) => [addedAt, local]))
    // The early ones too: when the gap is filled, they are there.
    await next.mempool.add(transfer({ from: people[0]!, sequence: 2 }))
    expect(next.mempool.bySender(people[0]!.hex)).toHaveLength(4)
  })

  it('does not bring back what is in the stack, has a bad signature, or waited too long', async () => {
    const { mempool, chain, clock } = await filled()
    chain.connect(transfer({ from: people[0]!, sequence: 0 }))
    const next = again(chain, clock.time)
    expect(await next.mempool.restore(mempool.snapshot())).toMatchObject({ value: { taken: 11, refused: 1 } })
    const forged = encodeSnapshot([{ transfer: transfer({ from: people[1]!, signature: 0xff }), addedAt: clock.time, local: true }], regtest)
    expect(await again(chain, clock.time).mempool.restore(forged)).toMatchObject({ value: { taken: 0, refused: 1 } })
    const late = again(chain, clock.time + mempool.policy.maxAgeMs)
    expect(await late.mempool.restore(mempool.snapshot())).toMatchObject({ value: { taken: 0, refused: 12 } })
    // A time in the future does not make anybody younger than now.
    const tomorrow = encodeSnapshot([{ transfer: transfer({ from: people[1]! }), addedAt: clock.time + 1e9, local: false }], regtest)
    const young = again(chain, clock.time)
    await young.mempool.restore(tomorrow)
    expect(young.mempool.all().map(({ addedAt }) => addedAt)).toEqual([clock.time])
  })

  it('is refused whole when it is something else, and loses nothing that waits', async () => {
    const { mempool, chain, clock } = await filled()
    const bytes = mempool.snapshot()
    const version = bytes.slice()
    version[11] = 2
    const tries: [Uint8Array, string][] = [
      [new Uint8Array(), 'not-a-snapshot'],
      [bytes.subarray(0, 20), 'not-a-snapshot'],
      [new TextEncoder().encode('x'.repeat(100)), 'not-a-snapshot'],
      [version, 'version'],
      [encodeSnapshot([], params('main')), 'other-network'],
    ]
    for (const [wrong, code] of tries) expect(await mempool.restore(wrong)).toMatchObject({ ok: false, error: { code } })
    expect(mempool.size).toBe(8)
    expect(await again(chain, clock.time).mempool.restore(encodeSnapshot([], regtest))).toMatchObject({ value: { taken: 0, damaged: 0 } })
  })

  it('loses a damaged record alone', async () => {
    const { mempool } = await filled()
    const bytes = mempool.snapshot()
    const whole = decodeSnapshot(bytes, regtest)
    if (!whole.ok) throw new Error(whole.error.message)
    expect(whole.value.entries).toHaveLength(12)
    fc.assert(
      fc.property(fc.integer({ min: 44, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = bytes.slice()
        damaged[at] = (damaged[at] as number) ^ flip
        const read = decodeSnapshot(damaged, regtest)
        if (!read.ok) throw new Error(read.error.message)
        expect(read.value.damaged).toBe(1)
        expect(read.value.entries).toHaveLength(11)
        for (const entry of read.value.entries) expect(whole.value.entries).toContainEqual(entry)
      }),
      { numRuns: 300 },
    )
    for (const cut of [45, 60, 300, bytes.length - 1]) {
      const read = decodeSnapshot(bytes.subarray(0, cut), regtest)
      if (!read.ok) throw new Error(read.error.message)
      expect(read.value.damaged).toBe(1)
      expect(read.value.entries).toEqual(whole.value.entries.slice(0, read.value.entries.length))
    }
  })

  it('never throws on bytes of any kind', () => {
    const head = encodeSnapshot([], regtest)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (tail) => {
        decodeSnapshot(tail, regtest)
        const read = decodeSnapshot(Uint8Array.from([...head, ...tail]), regtest)
        expect(read.ok && read.value.entries).toEqual([])
      }),
    )
  })

  it('holds as many as can ever wait', () => {
    const one = { transfer: transfer({ from: people[0]! }), addedAt: 1, local: false }
    const bytes = encodeSnapshot(new Array(45_000).fill(one), regtest)
    expect(decodeSnapshot(bytes, regtest)).toMatchObject({ value: { damaged: 0 } })
  })

  it('of a hostile file takes no longer than its length', () => {
    const bytes = new Uint8Array(2_000_000)
    bytes.set(encodeSnapshot([], regtest))
    // Marks all the way, each with a length that reaches the end.
    for (let at = 44; at + 8 < bytes.length; at += 8) {
      bytes.set([0xf0, 0x9f, 0xa7, 0x80], at)
      new DataView(bytes.buffer).setUint32(at + 4, bytes.length - at - 21)
    }
    expect(decodeSnapshot(bytes, regtest)).toMatchObject({ ok: true, value: { entries: [] } })
  }, 5_000)
})
