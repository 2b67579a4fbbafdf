import { afterEach, describe, expect, it } from 'vitest'
import { keyOf, type Made } from '../chain/testing/maker.ts'
import { encodeTransfer } from '../consensus/codec.ts'
import { relayId } from '../consensus/hash.ts'
import type { Transfer } from '../consensus/types.ts'
import { toHex } from '../util/bytes.ts'
import { Puppet } from './testing/puppet.ts'
import { at, idOf, START_MS, type TestMember, World } from './testing/world.ts'

let world: World
/** That every member of the mesh has. */
let cheeses: readonly Made[]
afterEach(async () => world.close())

const [ann, bob] = [keyOf(1), keyOf(2)]
const CHEESE = 100_000_000n
const idOfTransfer = (transfer: Transfer) => toHex(relayId(transfer))

function pay(sequence: number): Transfer {
  return world.maker.transfer({ from: ann, sequence, payments: [{ to: bob.address, amount: CHEESE }], fee: 10_000n })
}

/** Members in a mesh, each with the same few cheeses that made Ann rich. */
async function mesh(count: number, degree = 3): Promise<TestMember[]> {
  world = new World({ latencyMs: (from, to) => 10 + ((from.charCodeAt(2) + to.charCodeAt(2)) % 30) })
  cheeses = world.maker.makeMany(world.maker.blue, 5, { to: ann.address })
  const members: TestMember[] = []
  for (let i = 0; i < count; i++) {
    const member = await world.member(`m${i}`)
    await member.give(cheeses)
    for (let j = Math.max(0, i - degree); j < i; j++) await world.link(member, members[j] as TestMember)
    members.push(member)
  }
  await world.clock.until(() => members.every((member) => count === 1 || member.network.sync().stage === 'synced'), 'all synced')
  return members
}

describe('transfers', () => {
  it('reach twenty members, and the first learns who has them', async () => {
    const members = await mesh(20)
    const first = members[0] as TestMember
    const transfer = pay(0)
    const id = idOfTransfer(transfer)
    const adding = first.mempool.add(transfer, { local: true })
    expect(first.network.seenBy(id)).toHaveLength(0)
    expect((await world.run(adding)).ok).toBe(true)
    await world.clock.until(() => members.every((member) => member.mempool.has(id)), 'everybody has it', 5_000)
    const peers = first.network.peers().length
    await world.clock.until(() => first.network.seenBy(id).length === peers, 'all peers showed it', 5_000)
    // Who they are, and when each showed it, the first to show it first.
    const seen = first.network.seenBy(id)
    expect(seen.map(({ memberId }) => memberId).sort()).toEqual(
      first.network
        .peers()
        .map(({ memberId }) => memberId)
        .sort(),
    )
    expect(seen.map(({ at }) => at)).toEqual(seen.map(({ at }) => at).sort((a, b) => a - b))
    expect(seen[0]?.at).toBeGreaterThan(START_MS)
    for (const member of members) for (const peer of member.network.peers()) expect(peer.reputation).toBe(100)
  })

  it('of one sender arrive complete, whatever way each took', async () => {
    const members = await mesh(8)
    const transfers = Array.from({ length: 10 }, (_, i) => pay(i))
    for (const [i, transfer] of transfers.entries()) {
      await world.run((members[i % 2] as TestMember).mempool.add(transfer))
      if (i % 3 === 0) await world.clock.advance(40)
    }
    await world.clock.until(
      () => members.every((member) => transfers.every((transfer) => member.mempool.byRelayId(idOfTransfer(transfer)))),
      'everybody has all',
      30_000,
    )
  })

  it('that wait are learned by whoever comes late, and by whoever was away', async () => {
    const members = await mesh(3)
    const first = members[0] as TestMember
    world.internet.partition((a, b) => a === members[2]?.host || b === members[2]?.host)
    const transfers = [pay(0), pay(1)]
    for (const transfer of transfers) await world.run(first.mempool.add(transfer))
    const late = await world.member('late')
    await world.link(late, members[1] as TestMember)
    await world.clock.until(() => transfers.every((transfer) => late.mempool.byRelayId(idOfTransfer(transfer))), 'the late one has them', 20_000)
    expect(members[2]?.mempool.size).toBe(0)
    world.internet.partition(() => false)
    await world.clock.until(() => members[2]?.mempool.size === 2, 'the one that was away has them')
  })

  it('that are announced all at once are all asked for, a thousand at a time', async () => {
    const [member] = (await mesh(1)) as [TestMember]
    const puppet = await Puppet.dial(world, world.stranger('stocked'), at(member))
    await world.clock.until(() => member.network.sync().stage === 'synced', 'synced')
    const ids = Array.from({ length: 4_500 }, (_, i) => i.toString(16).padStart(64, '0'))
    const asked: string[] = []
    let most = 0
    puppet.react = (message) => {
      if (message.type !== 'getTransfers') return
      asked.push(...message.ids)
      most = Math.max(most, message.ids.length)
      puppet.send({ type: 'notFound', what: 'transfer', ids: message.ids })
    }
    for (let at = 0; at < ids.length; at += 1_000) puppet.send({ type: 'inv', ids: ids.slice(at, at + 1_000) })
    await world.clock.until(() => asked.length >= ids.length, 'all were asked for', 5_000)
    expect(new Set(asked)).toEqual(new Set(ids))
    expect(most).toBeLessThanOrEqual(1_000)
  })

  it('are counted as seen by a peer that had them before, once it is asked again', async () => {
    const [a, b] = (await mesh(2)) as [TestMember, TestMember]
    const transfer = pay(0)
    const id = idOfTransfer(transfer)
    await world.run(a.mempool.add(transfer))
    await world.clock.until(() => b.mempool.has(id), 'b has it')
    a.network.disconnect(b.network.memberId)
    expect(a.network.seenBy(id)).toHaveLength(0)
    await world.clock.until(() => a.network.peers().length === 1, 'redialled')
    a.network.broadcastTransfer(id)
    await world.clock.until(() => a.network.seenBy(id).length === 1, 'the echo', 3_000)
  })

  it('with a bad signature are not passed on, and cost whoever sent them half its name', async () => {
    const members = await mesh(3)
    const first = members[0] as TestMember
    const puppet = await Puppet.dial(world, world.stranger('villain'), at(first))
    const bad = { ...pay(0), signature: pay(1).signature }
    puppet.react = (message) => {
      if (message.type === 'getTransfers') puppet.send({ type: 'transfer', bytes: encodeTransfer(bad) })
    }
    puppet.send({ type: 'inv', ids: [idOfTransfer(bad)] })
    await world.clock.until(() => puppet.of('getTransfers').length > 0, 'asked for')
    await world.clock.advance(3_000)
    for (const member of members) expect(member.mempool.has(idOfTransfer(bad))).toBe(false)
    expect(first.network.peers().find((peer) => peer.memberId === idOf('villain'))?.reputation).toBe(50)
    // It is known to be bad: announced again, it is not fetched again.
    puppet.send({ type: 'inv', ids: [idOfTransfer(bad)] })
    await world.clock.advance(1_000)
    expect(puppet.of('getTransfers')).toHaveLength(1)
  })

  it('are asked of the next one who announced them when the first is silent', async () => {
    const [member] = (await mesh(1)) as [TestMember]
    const silent = await Puppet.dial(world, world.stranger('silent'), at(member))
    const helpful = await Puppet.dial(world, world.stranger('helpful'), at(member))
    await world.clock.until(() => member.network.sync().stage === 'synced', 'synced')
    const transfer = pay(0)
    helpful.react = (message) => {
      if (message.type === 'getTransfers') helpful.send({ type: 'transfer', bytes: encodeTransfer(transfer) })
    }
    silent.send({ type: 'inv', ids: [idOfTransfer(transfer)] })
    await world.clock.advance(200)
    helpful.send({ type: 'inv', ids: [idOfTransfer(transfer)] })
    await world.clock.until(() => member.mempool.has(idOfTransfer(transfer)), 'it came', 15_000)
    expect(member.network.peers().find((peer) => peer.memberId === idOf('silent'))?.reputation).toBe(90)
  })

  it('that are announced while we catch up are asked for once we can judge them', async () => {
    const [member] = (await mesh(1)) as [TestMember]
    const puppet = await Puppet.dial(world, world.stranger('ahead'), at(member))
    await world.clock.until(() => puppet.of('getInventory').length > 0, 'asked what waits')
    const more = world.maker.makeMany(cheeses.at(-1) as Made, 6)
    puppet.send({ type: 'headers', request: 0, headers: more.map(({ headerBytes }) => headerBytes) })
    await world.clock.until(() => member.network.sync().stage === 'bodies', 'catching up')
    const transfer = pay(0)
    puppet.react = (message) => {
      if (message.type === 'getTransfers') puppet.send({ type: 'transfer', bytes: encodeTransfer(transfer) })
    }
    puppet.send({ type: 'inv', ids: [idOfTransfer(transfer)] })
    await world.clock.advance(2_000)
    expect(puppet.of('getTransfers')).toHaveLength(0)
    await member.give(more)
    await world.clock.until(() => member.mempool.has(idOfTransfer(transfer)), 'it came', 5_000)
    expect(puppet.of('getInventory')).toHaveLength(1)
  })

  it('that come a moment before the cheese that pays for them are taken after it', async () => {
    const [member] = (await mesh(1)) as [TestMember]
    const puppet = await Puppet.dial(world, world.stranger('early'), at(member))
    await world.clock.until(() => member.network.sync().stage === 'synced', 'synced')
    // Bob has nothing before the next cheese pays him.
    const gift = pay(0)
    const next = world.maker.make(cheeses.at(-1) as Made, { transfers: [gift] })
    const spend = world.maker.transfer({ from: bob, sequence: 0, payments: [{ to: ann.address, amount: CHEESE / 2n }], fee: 10_000n })
    puppet.react = (message) => {
      if (message.type === 'getTransfers') puppet.send({ type: 'transfer', bytes: encodeTransfer(spend) })
    }
    puppet.send({ type: 'inv', ids: [idOfTransfer(spend)] })
    await world.clock.until(() => puppet.of('getTransfers').length > 0, 'asked for')
    await world.clock.advance(1_000)
    expect(member.mempool.has(idOfTransfer(spend))).toBe(false)
    await member.give([next])
    await world.clock.until(() => member.mempool.has(idOfTransfer(spend)), 'it is taken', 5_000)
    expect(puppet.of('getTransfers')).toHaveLength(1)
  })
})
