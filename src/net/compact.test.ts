import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keyOf, Maker } from '../chain/testing/maker.ts'
import { encodeTransfer } from '../consensus/codec.ts'
import { sha256 } from '../consensus/hash.ts'
import { params } from '../consensus/params.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import { CompactChoice } from './compact-choice.ts'
import { CompactFill } from './compact-fill.ts'
import { CompactCheese, joinBody, layoutOf, transferAt } from './compact-layout.ts'
import { decodeMessage, encodeMessage, type Message } from './messages.ts'
import type { CompactMessage } from './messages-compact.ts'
import { OrphanRoom } from './orphans.ts'
import type { Peer } from './peer.ts'
import { putShortId, saltOf, shortId, shortIdAt } from './short-ids.ts'
import { FakeClock } from './testing/world.ts'

const maker = new Maker(params('regtest'))
const [ann, bob] = [keyOf(1), keyOf(2)]
const rich = maker.makeMany(maker.blue, 5, { to: ann.address }).at(-1) ?? maker.blue
const transfers = Array.from({ length: 12 }, (_, sequence) =>
  maker.transfer({ from: ann, sequence, payments: [{ to: bob.address, amount: 1_000_000n }], fee: 500n, memo: 'x'.repeat(sequence) }),
)
const cheese = maker.make(rich, { transfers })
const encodings = transfers.map(encodeTransfer)
const made = new CompactCheese(cheese.headerBytes, cheese.bodyBytes, 7n)

/** As it comes out at the far end. */
function sent(message: CompactMessage): CompactMessage {
  const { type, payload } = encodeMessage(message)
  const back = decodeMessage(type, payload)
  if (!back.ok || back.value?.type !== 'compact') throw new Error('not a compact cheese')
  return back.value
}

it('a short id is the first six bytes of SHA-256 over salt and relay id', () => {
  const header = new Uint8Array(116).fill(3)
  const salt = saltOf(header, 258n)
  expect(toHex(salt)).toBe(toHex(sha256(Uint8Array.of(...header, 0, 0, 0, 0, 0, 0, 1, 2))).slice(0, 32))
  const id = sha256(Uint8Array.of(1))
  const list = new Uint8Array(12)
  putShortId(list, 1, shortId(salt, id))
  expect(toHex(list.subarray(6))).toBe(toHex(sha256(Uint8Array.of(...salt, ...id))).slice(0, 12))
  expect(shortIdAt(list, 1)).toBe(shortId(salt, id))
  expect(shortIdAt(Uint8Array.of(255, 255, 255, 255, 255, 255), 0)).toBe(2 ** 48 - 1)
})

it('a body is its reward and its transfers, wherever they lie', () => {
  const layout = layoutOf(cheese.bodyBytes)
  const parts = transfers.map((_, i) => transferAt(cheese.bodyBytes, layout, i))
  expect(parts.map(toHex)).toEqual(encodings.map(toHex))
  expect(joinBody(cheese.bodyBytes.subarray(0, layout.rewardLength), parts)).toEqual(cheese.bodyBytes)
  expect(() => layoutOf(cheese.bodyBytes.subarray(0, -1))).toThrow()
})

it('the exact bytes of a body come out again, whatever was known, prefilled or asked for', () => {
  fc.assert(
    fc.property(fc.subarray([...encodings.keys()]), fc.subarray([...encodings.keys()]), (known, filled) => {
      const fill = new CompactFill(sent(made.message(cheese.bodyBytes, filled)))
      expect(fill.hasShape).toBe(true)
      for (const i of known) fill.offer(sha256(encodings[i] as Uint8Array), () => encodings[i])
      const lacking = [...encodings.keys()].filter((i) => !known.includes(i) && !filled.includes(i))
      expect(fill.ask()).toEqual(lacking)
      expect(fill.isFull).toBe(lacking.length === 0)
      if (!fill.isFull) expect(fill.take(lacking.map((i) => encodings[i] as Uint8Array))).toBe(true)
      expect(fill.isFull).toBe(true)
      expect(fill.body()?.bytes).toEqual(cheese.bodyBytes)
    }),
  )
})

it('what is given in answer must be what the short ids promised: as many, in order, and nothing else', () => {
  const fill = new CompactFill(sent(made.message(cheese.bodyBytes)))
  const [first, second] = encodings as [Uint8Array, Uint8Array]
  for (const encoding of encodings.slice(2)) fill.offer(sha256(encoding), () => encoding)
  expect(fill.ask()).toEqual([0, 1])
  expect(fill.take([first])).toBe(false)
  expect(fill.take([second, first])).toBe(false)
  expect(fill.take([first, second, first])).toBe(false)
  expect(fill.take([first, second])).toBe(true)
  // Nothing is asked for any more.
  expect(fill.take([])).toBe(false)
})

it('of two waiting transfers with one short id neither is taken: the sender is asked', () => {
  const [first] = encodings as [Uint8Array]
  const fill = new CompactFill(sent(made.message(cheese.bodyBytes)))
  for (const encoding of encodings) fill.offer(sha256(encoding), () => encoding)
  expect(fill.isFull).toBe(true)
  fill.offer(sha256(first), () => new Uint8Array(3))
  expect(fill.isFull).toBe(false)
  fill.offer(sha256(first), () => first)
  expect(fill.ask()).toEqual([0])
  expect(fill.take([first])).toBe(true)
  expect(fill.body()?.bytes).toEqual(cheese.bodyBytes)
})

it('two places with one short id are seen, and what is no transfer too', () => {
  const message = sent(made.message(cheese.bodyBytes))
  const twice = new CompactFill({ ...message, shortIds: message.shortIds.slice().fill(9, 0, 12) })
  expect(twice.isAmbiguous).toBe(true)
  expect(new CompactFill(message).isAmbiguous).toBe(false)
  const crooked = new CompactFill({ ...message, shortIds: message.shortIds.slice(6), prefilled: [{ index: 0, bytes: Uint8Array.of(1, 2) }] })
  expect(crooked.hasShape).toBe(false)
})

it('no more is prefilled than there is room for', () => {
  const all = [...encodings.keys()]
  const room = 3 * ((encodings[2]?.length ?? 0) + 4)
  expect(made.message(cheese.bodyBytes, all, room).prefilled.map(({ index }) => index)).toEqual([0, 1, 2])
  expect(made.message(cheese.bodyBytes, all).prefilled).toHaveLength(all.length)
  expect(made.relayIds).toEqual(encodings.map((encoding) => toHex(sha256(encoding))))
})

it('a body that would be longer than any may be is none', () => {
  const long = encodeTransfer(maker.transfer({ from: ann, sequence: 0, payments: Array.from({ length: 255 }, () => ({ to: bob.address, amount: 1n })) }))
  const salt = saltOf(cheese.headerBytes, 7n)
  const shortIds = new Uint8Array(6 * 140)
  const copies = Array.from({ length: 140 }, (_, i) => Uint8Array.from(long, (byte, at) => (at === 40 ? i : byte)))
  for (const [i, copy] of copies.entries()) putShortId(shortIds, i, shortId(salt, sha256(copy)))
  const fill = new CompactFill({ type: 'compact', header: cheese.headerBytes, nonce: 7n, reward: fromHex('00'.repeat(25)), shortIds, prefilled: [] })
  fill.ask()
  expect(fill.take(copies)).toBe(true)
  expect(fill.body()).toBeUndefined()
})

it('three peers at most are asked to push, those that helped last, and of those whom we dialled one stays', () => {
  const asked: string[] = []
  const peer = (name: string, direction: 'in' | 'out', version = 2) =>
    ({
      version,
      direction,
      relay: 'low',
      channel: { ended: false },
      send: (message: Message) => void (message.type === 'sendCompact' && asked.push(`${name} ${message.mode}`)),
    }) as unknown as Peer
  const choice = new CompactChoice()
  const [a, b, c, d, e] = [peer('a', 'out'), peer('b', 'in'), peer('c', 'in'), peer('d', 'in'), peer('e', 'in')] as [Peer, Peer, Peer, Peer, Peer]
  choice.helped(peer('old', 'out', 1))
  for (const one of [a, b, c, a, b]) choice.helped(one)
  expect(asked.splice(0)).toEqual(['a high', 'b high', 'c high'])
  choice.helped(d)
  expect(asked.splice(0)).toEqual(['d high', 'c low'])
  expect([a.relay, b.relay, c.relay, d.relay]).toEqual(['high', 'high', 'low', 'high'])
  // The oldest is the last one that we dialled: the next one goes in its place.
  choice.helped(e)
  expect(asked.splice(0)).toEqual(['e high', 'b low'])
  expect([a.mayPush, b.mayPush, c.mayPush]).toEqual([true, true, true])
  choice.disconnected(a)
  choice.helped(b)
  expect(asked.splice(0)).toEqual(['b high'])
})

it('orphans are kept for a while, no more of one peer than its share, and nobody pushes out those of others with many', async () => {
  const clock = new FakeClock()
  const room = new OrphanRoom<number>(clock, { most: 4, perPeer: 3, ttlMs: 1_000 })
  const [honest, greedy, third] = [{}, {}, {}] as [Peer, Peer, Peer]
  room.put('p', honest, 1)
  for (let i = 10; i < 30; i++) room.put('p', greedy, i)
  expect(room.size).toBe(4)
  room.put('q', third, 2)
  expect(room.size).toBe(4)
  expect(room.take((parent) => parent === 'q')).toEqual([{ peer: third, item: 2 }])
  // What was taken out is gone, and the greedy one has paid for the room.
  expect(room.take((parent) => parent === 'p').map(({ item }) => item)).toEqual([1, 28, 29])
  room.put('p', honest, 3)
  room.put('p', greedy, 4)
  room.disconnected(greedy)
  expect(room.size).toBe(1)
  await clock.advance(1_000)
  expect(room.take(() => true)).toEqual([])
})
