import { afterEach, describe, expect, it } from 'vitest'
import { keyOf, type Made } from '../chain/testing/maker.ts'
import { encodeTransfer } from '../consensus/codec.ts'
import { sha256 } from '../consensus/hash.ts'
import type { Transfer } from '../consensus/types.ts'
import { openInlineVerifier } from '../platform/verify-inline.ts'
import { CompactCheese } from './compact-layout.ts'
import type { Message } from './messages.ts'
import { putShortId, saltOf, shortId } from './short-ids.ts'
import { Puppet } from './testing/puppet.ts'
import { at, idOf, type TestMember, World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

const [ann, bob] = [keyOf(1), keyOf(2)]
const V1 = { version: 1, lowestVersion: 1 }

function pay(sequence: number, memo = ''): Transfer {
  return world.maker.transfer({ from: ann, sequence, payments: [{ to: bob.address, amount: 1_000_000n }], fee: 10_000n, memo })
}

interface Scene {
  readonly members: TestMember[]
  readonly base: Made
}

/** Members in a line, each with the few cheeses that made Ann rich, all synced. */
async function line(count: number, options: Parameters<World['member']>[1] = {}): Promise<Scene> {
  world = new World({ latencyMs: () => 20 })
  const cheeses = world.maker.makeMany(world.maker.blue, 5, { to: ann.address })
  const members: TestMember[] = []
  for (let i = 0; i < count; i++) {
    const member = await world.member(`m${i}`, options)
    await member.give(cheeses)
    const before = members.at(-1)
    if (before) await world.link(member, before)
    members.push(member)
  }
  if (count > 1) await world.clock.until(() => members.every((member) => member.network.sync().stage === 'synced'), 'all synced')
  return { members, base: cheeses.at(-1) as Made }
}

/** A stranger with whom the member is synced, and whom it has asked to push: it gave the cheese on `base` first. */
async function pusher(member: TestMember, base: Made, name = 'pusher'): Promise<{ puppet: Puppet; tip: Made }> {
  const puppet = await Puppet.dial(world, world.stranger(name), at(member))
  await world.clock.until(() => member.network.sync().stage === 'synced', 'synced')
  const tip = world.maker.make(base)
  puppet.react = (message) => {
    if (message.type === 'getCompact') puppet.send({ type: 'body', smell: tip.smell, body: tip.bodyBytes })
  }
  puppet.send({ type: 'headers', request: 0, headers: [tip.headerBytes] })
  await world.clock.until(() => puppet.of('sendCompact').length > 0, 'asked to push')
  expect(puppet.of('sendCompact')).toEqual([{ type: 'sendCompact', mode: 'high' }])
  puppet.react = () => undefined
  return { puppet, tip }
}

const compactOf = (cheese: Made, lacking: readonly number[] = []) =>
  new CompactCheese(cheese.headerBytes, cheese.bodyBytes, 5n).message(cheese.bodyBytes, lacking)
const reputation = (member: TestMember, name: string) => member.network.peers().find(({ memberId }) => memberId === idOf(name))?.reputation
const bytesIn = (member: TestMember) => member.network.peers().reduce((sum, peer) => sum + peer.bytesIn, 0)

describe('a new cheese', () => {
  it('goes round as short ids where its transfers wait already, first when asked for and then unasked', async () => {
    const { members, base } = await line(3)
    const [first] = members as [TestMember]
    const transfers = Array.from({ length: 25 }, (_, i) => pay(i, 'm'.repeat(80)))
    for (const transfer of transfers) await world.run(first.mempool.add(transfer))
    await world.clock.until(() => members.every((member) => member.mempool.size === 25), 'everybody has all', 30_000)
    const one = world.maker.make(base, { transfers: transfers.slice(0, 12) })
    let before = members.map(bytesIn)
    await first.give([one])
    await world.agree(one.smell, members, 3_000)
    for (const [i, member] of members.entries()) if (i > 0) expect(bytesIn(member) - (before[i] ?? 0)).toBeLessThan(one.bodyBytes.length / 3)
    // Now each knows who is quick, and hears of the next one in one trip a hop.
    expect(members[2]?.network.peers().map(({ relay }) => relay)).toEqual(['high'])
    await world.clock.advance(2_000)
    const two = world.maker.make(one, { transfers: transfers.slice(12) })
    before = members.map(bytesIn)
    await first.give([two])
    await world.clock.advance(55)
    expect(members.map((member) => member.stack.tip.height)).toEqual([7, 7, 7])
    for (const [i, member] of members.entries()) if (i > 0) expect(bytesIn(member) - (before[i] ?? 0)).toBeLessThan(two.bodyBytes.length / 3)
    for (const member of members) for (const peer of member.network.peers()) expect(peer.reputation).toBe(100)
  })

  it('with transfers that others lack costs one round trip more, and is passed on with those in it', async () => {
    const { members, base } = await line(3)
    const [first, second, third] = members as [TestMember, TestMember, TestMember]
    const known = Array.from({ length: 10 }, (_, i) => pay(i))
    for (const transfer of known) await world.run(first.mempool.add(transfer))
    await world.clock.until(() => members.every((member) => member.mempool.size === 10), 'everybody has those', 30_000)
    const warm = world.maker.make(base)
    await first.give([warm])
    await world.agree(warm.smell)
    await world.clock.advance(2_000)
    // Never announced to anybody: its miner kept it.
    const cheese = world.maker.make(warm, { transfers: [...known, pay(10, 'secret')] })
    await first.give([cheese])
    // Compact, getMissing, missing; then compact again, with what was lacking in it.
    await world.clock.advance(65)
    expect(second.stack.tip.smell).toBe(cheese.smell)
    await world.clock.advance(20)
    expect(third.stack.tip.smell).toBe(cheese.smell)
  })

  it('is passed on to those who want that before it is checked, but not connected', async () => {
    world = new World({ latencyMs: () => 20 })
    const held: (() => void)[] = []
    let isSlow = false
    const inline = openInlineVerifier()
    // Stands for a machine on which checking takes long.
    const slow = {
      verify: async (jobs: Parameters<typeof inline.verify>[0]) => {
        if (isSlow) await new Promise<void>((resolve) => held.push(resolve))
        return inline.verify(jobs)
      },
      close: async () => undefined,
    }
    const cheeses = world.maker.makeMany(world.maker.blue, 5, { to: ann.address })
    const a = await world.member('a')
    const b = await world.member('b', { signatures: slow })
    const c = await world.member('c')
    for (const member of [a, b, c]) await member.give(cheeses)
    await world.link(b, a)
    await world.link(c, b)
    await world.clock.until(() => [a, b, c].every((member) => member.network.sync().stage === 'synced'), 'synced')
    const one = world.maker.make(cheeses[4] as Made)
    await a.give([one])
    await world.agree(one.smell)
    await world.clock.advance(1_000)
    isSlow = true
    const two = world.maker.make(one, { transfers: [pay(0)] })
    await a.give([two])
    await world.clock.until(() => c.stack.tip.smell === two.smell, 'the last one has it', 2_000)
    expect(b.stack.tip.smell).toBe(one.smell)
    // Who did not ask for unchecked ones gets none.
    const asker = await Puppet.dial(world, world.stranger('asker'), at(b))
    asker.send({ type: 'getBodies', smells: [two.smell] })
    asker.send({ type: 'getMissing', smell: two.smell, indexes: [0] })
    await world.clock.until(() => asker.of('notFound').length === 2, 'two honest words')
    isSlow = false
    for (const go of held.splice(0)) go()
    await world.agree(two.smell)
  })

  it('is told to members of the first version by header, and served whole', async () => {
    const { members, base } = await line(1)
    const [member] = members as [TestMember]
    const old = await Puppet.dial(world, world.stranger('old'), at(member), V1)
    await world.clock.until(() => member.network.sync().stage === 'synced', 'synced')
    const [one, two] = world.maker.makeMany(base, 2) as [Made, Made]
    await member.give([one])
    await world.clock.until(() => old.of('headers').some(({ headers }) => headers.length === 1), 'announced')
    // And asked for as they know it.
    old.send({ type: 'headers', request: 0, headers: [two.headerBytes] })
    await world.clock.until(() => old.of('getBodies').length > 0, 'asked for whole')
    old.send({ type: 'body', smell: two.smell, body: two.bodyBytes })
    await world.agree(two.smell)
    await world.clock.advance(2_000)
    const later = ['sendCompact', 'compact', 'getMissing', 'missing', 'getCompact']
    expect(old.received.filter(({ type }) => later.includes(type))).toEqual([])
    expect(member.network.peers().map(({ relay }) => relay)).toEqual(['full'])
  })
})

describe('short ids', () => {
  it('that stand for another transfer are nobody’s fault once: the body is fetched whole; a second time they are', async () => {
    const { members, base } = await line(1)
    const [member] = members as [TestMember]
    const { puppet, tip } = await pusher(member, base)
    let below = tip
    for (const [round, left] of [
      [0, 100],
      [1, 50],
    ] as const) {
      const [honest, other] = [pay(round), pay(round, 'another')]
      await world.run(member.mempool.add(other))
      const cheese = world.maker.make(below, { transfers: [honest] })
      // As if the two collided: the id in the cheese is that of the other, which waits here.
      const shortIds = new Uint8Array(6)
      putShortId(shortIds, 0, shortId(saltOf(cheese.headerBytes, 5n), sha256(encodeTransfer(other))))
      puppet.received.length = 0
      puppet.send({ ...compactOf(cheese), shortIds })
      await world.clock.until(() => puppet.of('getBodies').length > 0, 'asked for whole')
      expect(puppet.of('getMissing')).toEqual([])
      puppet.send({ type: 'body', smell: cheese.smell, body: cheese.bodyBytes })
      await world.agree(cheese.smell)
      expect(reputation(member, 'pusher')).toBe(left)
      below = cheese
    }
  })

  it('that are invented cost whoever cannot show their transfers half its name, and the cheese comes from another', async () => {
    const { members, base } = await line(1)
    const [member] = members as [TestMember]
    const { puppet, tip } = await pusher(member, base)
    const cheese = world.maker.make(tip, { transfers: [pay(0), pay(1)] })
    puppet.send({ ...compactOf(cheese), shortIds: new Uint8Array(12).map((_, i) => i) })
    await world.clock.until(() => puppet.of('getMissing').length > 0, 'asked for what is missing')
    expect(puppet.of('getMissing')[0]?.indexes).toEqual([0, 1])
    puppet.send({ type: 'missing', smell: cheese.smell, transfers: [pay(0), pay(1)].map(encodeTransfer) })
    await world.clock.until(() => reputation(member, 'pusher') === 50, 'it lost half its name')
    const helper = await Puppet.dial(world, world.stranger('helper'), at(member))
    helper.react = (message) => {
      if (message.type === 'getCompact') helper.send(compactOf(cheese))
      if (message.type === 'getMissing') helper.send({ type: 'missing', smell: cheese.smell, transfers: message.indexes.map((i) => encodeTransfer(pay(i))) })
      if (message.type === 'getBodies') helper.send({ type: 'body', smell: cheese.smell, body: cheese.bodyBytes })
    }
    helper.send({ type: 'headers', request: 0, headers: [cheese.headerBytes] })
    await world.agree(cheese.smell)
    expect(reputation(member, 'helper')).toBe(100)
  })

  it('whose sender goes silent keep the cheese from us for some seconds only', async () => {
    const { members, base } = await line(2)
    const [member, friend] = members as [TestMember, TestMember]
    const { puppet, tip } = await pusher(member, base)
    await world.agree(tip.smell)
    const cheese = world.maker.make(tip, { transfers: [pay(0)] })
    puppet.send(compactOf(cheese))
    await world.clock.until(() => puppet.of('getMissing').length > 0, 'asked for what is missing')
    // Another one pushes the same, or announces it, and has what is missing.
    await friend.give([cheese])
    await world.agree(cheese.smell, [member], 8_000)
  })

  it('are looked up at three peers at once, so that one who stalls keeps nothing from us', async () => {
    const { members, base } = await line(1)
    const [member] = members as [TestMember]
    const { puppet: stalling, tip } = await pusher(member, base, 'stalling')
    const { puppet: helpful, tip: next } = await pusher(member, tip, 'helpful')
    const cheese = world.maker.make(next, { transfers: [pay(0)] })
    stalling.send(compactOf(cheese))
    await world.clock.until(() => stalling.of('getMissing').length > 0, 'the first is asked')
    helpful.send(compactOf(cheese))
    await world.clock.until(() => helpful.of('getMissing').length > 0, 'so is the second', 500)
    helpful.send({ type: 'missing', smell: cheese.smell, transfers: [encodeTransfer(pay(0))] })
    await world.agree(cheese.smell, [member], 500)
    // The first one answers late: asked for all the same.
    stalling.send({ type: 'missing', smell: cheese.smell, transfers: [encodeTransfer(pay(0))] })
    await world.clock.advance(500)
    expect(reputation(member, 'stalling')).toBe(100)
  })
})

describe('who sends compact cheeses', () => {
  it('unasked loses its name; who was asked to push and cannot know better does not', async () => {
    const { members, base } = await line(1)
    const [member] = members as [TestMember]
    const { puppet, tip } = await pusher(member, base)
    const stranger = await Puppet.dial(world, world.stranger('stranger'), at(member))
    // Its header and body fit each other; its accounts are wrong, which only connecting it shows.
    const wrong = world.maker.make(tip, { header: { accountsRoot: new Uint8Array(32).fill(5) } })
    stranger.send(compactOf(wrong))
    await world.clock.until(() => reputation(member, 'stranger') === 80, 'unasked')
    stranger.send({ type: 'missing', smell: tip.smell, transfers: [] })
    await world.clock.until(() => reputation(member, 'stranger') === 60, 'unasked too')
    puppet.send(compactOf(wrong))
    await world.clock.until(() => member.stack.entry(wrong.smell)?.state === 'invalid', 'found out')
    expect(reputation(member, 'pusher')).toBe(100)
    expect(puppet.closed).toBeUndefined()
  })

  it('with a header without work is banned', async () => {
    const { members, base } = await line(1)
    const [member] = members as [TestMember]
    const { puppet, tip } = await pusher(member, base)
    const cheese = world.maker.make(tip)
    const header = cheese.headerBytes.slice()
    for (let nonce = 0; sha256(sha256(header))[0] === 0; nonce++) header[115] = nonce
    puppet.send({ ...compactOf(cheese), header })
    await world.clock.until(() => puppet.closed !== undefined, 'banned')
    expect(puppet.goodbye).toBe('banned')
  })

  it('with a header without work on a parent that we do not know is banned too; one with work waits for its parent', async () => {
    const { members, base } = await line(1)
    const [member] = members as [TestMember]
    const { puppet, tip } = await pusher(member, base)
    const [parent, child] = world.maker.makeMany(tip, 2) as [Made, Made]
    puppet.send(compactOf(child))
    await world.clock.until(() => puppet.of('getHeaders').length > 0, 'asked what lies below')
    puppet.send({ type: 'headers', request: puppet.of('getHeaders').at(-1)?.request ?? 0, headers: [] })
    const asked = puppet.received.length
    puppet.react = (message: Message) => {
      if (message.type === 'getCompact') puppet.send(compactOf(parent))
    }
    puppet.send({ type: 'headers', request: 0, headers: [parent.headerBytes] })
    await world.agree(child.smell)
    // The child was not asked for again.
    const smells = puppet.received
      .slice(asked)
      .flatMap((message) => (message.type === 'getCompact' ? [message.smell] : message.type === 'getBodies' ? message.smells : []))
    expect(smells).not.toContain(child.smell)
    const header = world.maker.make(world.maker.make(child)).headerBytes.slice()
    for (let nonce = 0; sha256(sha256(header))[0] === 0; nonce++) header[115] = nonce
    puppet.send({ ...compactOf(child), header })
    await world.clock.until(() => puppet.closed !== undefined, 'banned')
    expect(puppet.goodbye).toBe('banned')
  })
})

describe('who asks for what is missing', () => {
  it('of a recent cheese gets it, of a deep one the whole body, of none an honest word; places outside cost half its name', async () => {
    const { members, base } = await line(1)
    const [member] = members as [TestMember]
    const rich = world.maker.make(base, { transfers: [pay(0), pay(1), pay(2)] })
    const above = world.maker.makeMany(rich, 10)
    await member.give([rich, ...above])
    const puppet = await Puppet.dial(world, world.stranger('asker'), at(member))
    puppet.send({ type: 'getMissing', smell: rich.smell, indexes: [0, 2] })
    puppet.send({ type: 'getCompact', smell: rich.smell })
    puppet.send({ type: 'getMissing', smell: 'ab'.repeat(32), indexes: [0] })
    await world.clock.until(() => puppet.of('notFound').length > 0, 'answers')
    expect(puppet.of('missing')).toEqual([{ type: 'missing', smell: rich.smell, transfers: [pay(0), pay(2)].map(encodeTransfer) }])
    expect(puppet.of('compact')[0]?.shortIds).toHaveLength(18)
    expect(puppet.of('notFound')).toEqual([{ type: 'notFound', what: 'body', ids: ['ab'.repeat(32)] }])
    await member.give([world.maker.make(above.at(-1) as Made)])
    puppet.send({ type: 'getMissing', smell: rich.smell, indexes: [0, 2] })
    puppet.send({ type: 'getCompact', smell: rich.smell })
    await world.clock.until(() => puppet.of('body').length === 2, 'whole bodies')
    expect(puppet.of('body').every(({ smell, body }) => smell === rich.smell && body.length === rich.bodyBytes.length)).toBe(true)
    expect(reputation(member, 'asker')).toBe(100)
    puppet.send({ type: 'getMissing', smell: above[5]?.smell ?? '', indexes: [0] })
    await world.clock.until(() => reputation(member, 'asker') === 50, 'an index out of range')
  })
})
