import { expect, it } from 'vitest'
import { params } from '../consensus/params.ts'
import { BoundedMap, BoundedSet } from '../util/bounded.ts'
import { Announcer } from './announcer.ts'
import type { NetContext } from './context.ts'
import type { Message } from './messages.ts'
import type { Peer } from './peer.ts'
import { FakeClock, seeded } from './testing/world.ts'

const id = (number: number) => number.toString(16).padStart(64, '0')

/** An announcer with peers that note when they were told what. */
function scene(network: 'main' | 'regtest', seed = 1) {
  const clock = new FakeClock()
  const context = { params: params(network), clock, random: seeded(seed), mempool: { get: () => new Uint8Array(1) } } as unknown as NetContext
  const announcer = new Announcer(context)
  const join = (direction: 'in' | 'out') => {
    const told: { readonly at: number; readonly ids: readonly string[] }[] = []
    const send = (message: Message) => void (message.type === 'inv' && told.push({ at: clock.now(), ids: message.ids }))
    const peer = { direction, shown: new BoundedMap(10), told: new BoundedSet(10), congested: false, send } as unknown as Peer
    announcer.connected(peer)
    return { peer, told }
  }
  return { clock, announcer, join }
}

it('batches what waits, and tells each outbound peer at a moment of its own, those who came in together and later', async () => {
  const { clock, announcer, join } = scene('main')
  const out = Array.from({ length: 40 }, () => join('out'))
  const inbound = Array.from({ length: 10 }, () => join('in'))
  const delays = { out: [] as number[], in: [] as number[] }
  for (let round = 0; round < 60; round++) {
    const start = clock.now()
    for (let i = 0; i < 3; i++) announcer.queueForAll(id(round * 10 + i))
    await clock.advance(30_000)
    for (const { told } of out) delays.out.push((told.at(-1)?.at ?? 0) - start)
    delays.in.push((inbound[0]?.told.at(-1)?.at ?? 0) - start)
    for (const { told } of [...out, ...inbound]) {
      expect(told).toHaveLength(round + 1)
      expect(told.at(-1)?.ids).toHaveLength(3)
    }
    expect(new Set(inbound.map(({ told }) => told.at(-1)?.at)).size).toBe(1)
    expect(new Set(out.map(({ told }) => told.at(-1)?.at)).size).toBeGreaterThan(30)
  }
  const mean = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0) / list.length
  expect(mean(delays.out)).toBeGreaterThan(1_700)
  expect(mean(delays.out)).toBeLessThan(2_300)
  expect(mean(delays.in)).toBeGreaterThan(3_000)
  expect(mean(delays.in)).toBeLessThan(7_000)
  // As often late as chance has it, and early just as well: a fixed delay would tell where a transfer set out.
  expect(delays.out.filter((ms) => ms < 500).length).toBeGreaterThan(300)
  expect(delays.out.filter((ms) => ms > 4_000).length).toBeGreaterThan(200)
  expect(Math.max(...delays.out)).toBeLessThanOrEqual(10_000)
})

it('tells nothing to whoever has gone, and keeps no more for anybody than its limit', async () => {
  const { clock, announcer, join } = scene('regtest')
  const [gone, slow] = [join('out'), join('out')]
  for (let i = 0; i < 30_000; i++) announcer.queue(slow.peer, id(i))
  announcer.queue(gone.peer, id(1))
  expect(announcer.waiting(slow.peer)).toBe(20_000)
  announcer.disconnected(gone.peer)
  await clock.advance(1_000)
  announcer.queue(slow.peer, id(70_000))
  expect(gone.told).toEqual([])
  expect(announcer.waiting(slow.peer)).toBe(1)
  announcer.stop()
  await clock.advance(60_000)
  expect(slow.told.reduce((sum, { ids }) => sum + ids.length, 0)).toBe(20_000)
})

it('holds back a transfer of our own as any other, and knows that nobody was told of it yet', () => {
  const { announcer, join } = scene('main')
  const { peer, told } = join('out')
  announcer.queueForAll(id(7))
  expect(told).toEqual([])
  expect(announcer.isUntold(peer, id(7))).toBe(true)
  peer.shown.set(id(7), 1)
  expect(announcer.isUntold(peer, id(7))).toBe(false)
  expect(announcer.isUntold(peer, id(8))).toBe(false)
})
