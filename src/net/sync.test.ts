import { afterEach, describe, expect, it } from 'vitest'
import type { Made } from '../chain/testing/maker.ts'
import { chainPort } from './adapters.ts'
import { headersAfter, locatorFrom } from './locator.ts'
import type { Message } from './messages.ts'
import { asksForBody, type Puppet } from './testing/puppet.ts'
import { serve } from './testing/serving.ts'
import { PORT, type TestMember, World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

const smellOf = (cheeses: readonly Made[]) => cheeses.at(-1)?.smell ?? ''
const workOf = (member: TestMember) => member.stack.tip.work

describe('sync', () => {
  it('brings a new member to the height of several others, with bodies from more than one', async () => {
    world = new World({ latencyMs: () => 20 })
    const cheeses = world.maker.makeMany(world.maker.blue, 120)
    const old = [await world.member('a'), await world.member('b'), await world.member('c')]
    for (const member of old) await member.give(cheeses)
    const fresh = await world.member('fresh')
    expect(fresh.network.sync().stage).toBe('alone')
    const stages = new Set<string>()
    fresh.network.events.on('sync', (status) => stages.add(status.stage))
    for (const member of old) await world.link(fresh, member)
    await world.agree(smellOf(cheeses))
    await world.clock.until(() => fresh.network.sync().stage === 'synced', 'synced')
    expect(stages).toContain('headers')
    expect(stages).toContain('bodies')
    expect(fresh.network.peers()).toHaveLength(3)
    const served = old.map((member) => member.network.peers()[0]?.bytesOut ?? 0)
    expect(served.filter((bytes) => bytes > 2_000).length).toBeGreaterThan(1)
    for (const peer of fresh.network.peers()) expect(peer.reputation).toBe(100)
    expect(fresh.stack.tip.header.accountsRoot).toEqual(cheeses.at(-1)?.header.accountsRoot)
  })

  it('goes on where it stood after a restart in the middle', async () => {
    world = new World({ latencyMs: () => 50 })
    const cheeses = world.maker.makeMany(world.maker.blue, 150)
    const old = await world.member('old')
    await old.give(cheeses)
    const first = await world.member('fresh')
    await world.link(first, old)
    await world.clock.until(() => first.stack.tip.height >= 20, 'part of the way')
    const height = first.stack.tip.height
    expect(height).toBeLessThan(150)
    await first.network.close()
    world.members.splice(world.members.indexOf(first), 1)
    const { store, files, host } = first
    const second = await world.member('fresh', { store, files, host })
    expect(second.stack.tip.height).toBeGreaterThanOrEqual(height)
    // Nobody tells it whom to dial: it remembers.
    await world.agree(smellOf(cheeses), [second])
  })

  it('takes bodies from others when a peer stalls, and thinks less of that one', async () => {
    world = new World({ latencyMs: () => 10 })
    const cheeses = world.maker.makeMany(world.maker.blue, 60)
    await serve(world, '198.51.100.7', cheeses, (_puppet, message) => asksForBody(message))
    const honest = await world.member('honest')
    await honest.give(cheeses)
    const fresh = await world.member('fresh')
    await world.run(fresh.network.connect({ host: '198.51.100.7', port: PORT }))
    await world.link(fresh, honest)
    await world.agree(smellOf(cheeses), [fresh])
    await world.clock.until(() => fresh.network.peers().some((peer) => peer.reputation < 100), 'the staller loses')
    expect(fresh.network.peers().find((peer) => peer.memberId === honest.network.memberId)?.reputation).toBe(100)
  })

  it('turns to another peer when one claims much and sends no headers', async () => {
    world = new World({ latencyMs: () => 10 })
    const cheeses = world.maker.makeMany(world.maker.blue, 30)
    await serve(world, '198.51.100.7', [], (_puppet, { type }) => type === 'getHeaders', { work: 1n << 200n, height: 900_000 })
    const honest = await world.member('honest')
    await honest.give(cheeses)
    const fresh = await world.member('fresh')
    await world.run(fresh.network.connect({ host: '198.51.100.7', port: PORT }))
    await world.link(fresh, honest)
    await world.agree(smellOf(cheeses), [fresh])
    await world.clock.until(() => fresh.network.sync().stage === 'synced', 'the claim is not believed for ever')
    expect(fresh.network.sync().bestHeight).toBe(30)
  })

  it('moves to the branch with more work, however both met', async () => {
    world = new World({ latencyMs: () => 10 })
    const shared = world.maker.makeMany(world.maker.blue, 5)
    const top = shared.at(-1)
    if (!top) throw new Error('no cheeses')
    const short = world.maker.makeMany(top, 12)
    const long = world.maker.makeMany(top, 30)
    const [a, b] = [await world.member('a'), await world.member('b')]
    await a.give([...shared, ...short])
    await b.give([...shared, ...long])
    await world.link(b, a)
    await world.agree(smellOf(long))
    expect(workOf(a)).toBe(workOf(b))
  })

  it('stores nothing of a branch far below its work', async () => {
    world = new World({ latencyMs: () => 1 })
    const main = world.maker.makeMany(world.maker.blue, 160)
    const poor = world.maker.makeMany(world.maker.blue, 10)
    const member = await world.member('member')
    await member.give(main)
    // It claims more than it has.
    const puppets = await serve(world, '198.51.100.7', poor, undefined, { work: 1n << 100n, height: 1_000_000 })
    await world.run(member.network.connect({ host: '198.51.100.7', port: PORT }))
    await world.clock.until(() => member.network.sync().stage === 'synced', 'the poor branch is done with')
    puppets[0]?.send({ type: 'headers', request: 0, headers: poor.map((cheese) => cheese.headerBytes) })
    await world.clock.advance(2_000)
    expect(poor.some(({ smell }) => member.stack.entry(smell))).toBe(false)
    expect(member.stack.tip.smell).toBe(smellOf(main))
    expect(member.network.peers()[0]?.reputation).toBe(100)
  })
})

describe('locators', () => {
  it('finds where two stacks part, from any height', async () => {
    world = new World()
    const cheeses = world.maker.makeMany(world.maker.blue, 100)
    const member = await world.member('a')
    await member.give(cheeses)
    const chain = chainPort(member.stack)
    const locator = locatorFrom(chain, chain.tip)
    expect(locator[0]).toBe(smellOf(cheeses))
    expect(locator.at(-1)).toBe(world.params.blueSmellHex)
    expect(locator.length).toBeLessThan(20)
    expect(new Set(locator).size).toBe(locator.length)
    expect(await headersAfter(chain, [cheeses[39]?.smell ?? ''])).toEqual(cheeses.slice(40).map((cheese) => cheese.headerBytes))
    expect(await headersAfter(chain, ['00'.repeat(32), world.params.blueSmellHex])).toHaveLength(100)
    expect(await headersAfter(chain, [])).toEqual([])
    expect(await headersAfter(chain, locator)).toEqual([])
  })

  it('steps down a header branch that is not connected', async () => {
    world = new World()
    const cheeses = world.maker.makeMany(world.maker.blue, 60)
    const member = await world.member('a')
    await member.give(cheeses.slice(0, 10))
    await member.stack.addHeaders(cheeses.map((cheese) => cheese.header))
    const chain = chainPort(member.stack)
    const locator = locatorFrom(chain, chain.bestHeader)
    expect(locator[0]).toBe(smellOf(cheeses))
    expect(locator.at(-1)).toBe(world.params.blueSmellHex)
    expect(locator.length).toBeLessThan(30)
    expect(locator.filter((smell) => cheeses.slice(10).some((cheese) => cheese.smell === smell)).length).toBeGreaterThan(10)
  })
})

it('is not held up for long by somebody who gives a body now and then', async () => {
  world = new World({ latencyMs: () => 10 })
  const cheeses = world.maker.makeMany(world.maker.blue, 120)
  let given = 0
  const trickle = (puppet: Puppet, message: Message): boolean => {
    if (message.type !== 'getBodies') return false
    for (const smell of message.smells) {
      const cheese = cheeses.find((one) => one.smell === smell)
      // Each of them too late, but never silent for as long as counts as a stall.
      if (cheese) world.clock.after(8_000 * ++given, () => puppet.send({ type: 'body', smell, body: cheese.bodyBytes }))
    }
    return true
  }
  await serve(world, '198.51.100.7', cheeses, trickle)
  const member = await world.member('new')
  await world.run(member.network.connect({ host: '198.51.100.7', port: PORT }))
  await world.clock.until(() => given >= 16, 'the trickler has orders')
  await serve(world, '198.51.100.8', cheeses)
  await world.run(member.network.connect({ host: '198.51.100.8', port: PORT }))
  // Sixteen bodies, each waited for and asked for anew, would take longer.
  await world.agree(cheeses.at(-1)?.smell ?? '', [member], 16_000)
  expect(member.network.peers().every(({ reputation }) => reputation >= 90)).toBe(true)
})

describe('new cheeses', () => {
  it('reach everybody in a line of members', async () => {
    world = new World({ latencyMs: () => 30 })
    const members: TestMember[] = []
    for (let i = 0; i < 8; i++) members.push(await world.member(`m${i}`))
    for (let i = 1; i < members.length; i++) await world.link(members[i] as TestMember, members[i - 1] as TestMember)
    const cheeses = world.maker.makeMany(world.maker.blue, 3)
    await world.clock.until(() => members.every((member) => member.network.sync().stage === 'synced'), 'all synced')
    const started = world.clock.now()
    await members[0]?.give(cheeses.slice(0, 1))
    await world.agree(cheeses[0]?.smell ?? '')
    // Seven hops of three trips each, 30 ms a trip.
    expect(world.clock.now() - started).toBeLessThan(1_000)
    await members[4]?.give(cheeses.slice(1))
    await world.agree(smellOf(cheeses))
    for (const member of members) for (const peer of member.network.peers()) expect(peer.reputation).toBe(100)
  })

  it('are fetched from another member when the announcer does not answer', async () => {
    world = new World({ latencyMs: () => 10 })
    const cheeses = world.maker.makeMany(world.maker.blue, 4)
    const [honest, member] = [await world.member('honest'), await world.member('member')]
    for (const one of [honest, member]) await one.give(cheeses.slice(0, 3))
    const puppets = await serve(world, '198.51.100.7', cheeses.slice(0, 3), (_puppet, message) => asksForBody(message))
    await world.run(member.network.connect({ host: '198.51.100.7', port: PORT }))
    await world.link(member, honest)
    puppets[0]?.send({ type: 'headers', request: 0, headers: [cheeses[3]?.headerBytes ?? new Uint8Array()] })
    await world.clock.until(() => puppets[0]?.received.some(asksForBody) === true, 'the announcer is asked first')
    await honest.give(cheeses.slice(3))
    await world.agree(smellOf(cheeses), [member], 12_000)
  })

  it('heal a partition: the branch with more work wins everywhere', async () => {
    world = new World({ latencyMs: (from, to) => 5 + ((from.length * 7 + to.length * 3) % 20) })
    const members: TestMember[] = []
    for (let i = 0; i < 12; i++) members.push(await world.member(`m${i}`))
    for (let i = 1; i < members.length; i++)
      for (const j of [i - 1, Math.floor(i / 2)]) {
        const [from, to] = [members[i] as TestMember, members[j] as TestMember]
        if (from !== to && !from.network.peers().some((peer) => peer.memberId === to.network.memberId)) await world.link(from, to)
      }
    const shared = world.maker.makeMany(world.maker.blue, 3)
    await members[0]?.give(shared)
    await world.agree(smellOf(shared))
    const left = new Set(members.slice(0, 6).map((member) => member.host))
    world.internet.partition((a, b) => left.has(a) !== left.has(b))
    const top = shared[2] as Made
    const [ours, theirs] = [world.maker.makeMany(top, 20), world.maker.makeMany(top, 33)]
    await members[2]?.give(ours)
    await members[9]?.give(theirs)
    await world.agree(smellOf(ours), members.slice(0, 6))
    await world.agree(smellOf(theirs), members.slice(6))
    world.internet.partition(() => false)
    await world.agree(smellOf(theirs))
    const roots = new Set(members.map((member) => Buffer.from(member.stack.tip.header.accountsRoot).toString('hex')))
    expect(roots.size).toBe(1)
    for (const member of members) for (const peer of member.network.peers()) expect(peer.reputation).toBe(100)
  })
})
