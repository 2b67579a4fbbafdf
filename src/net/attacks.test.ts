import { afterEach, describe, expect, it } from 'vitest'
import { params } from '../consensus/params.ts'
import { BoundedSet } from '../util/bounded.ts'
import { TokenBucket } from '../util/bucket.ts'
import { toHex } from '../util/bytes.ts'
import { silent } from '../util/ports.ts'
import { makeCard } from './card.ts'
import type { NetContext } from './context.ts'
import { createIdentity } from './identity.ts'
import type { Message } from './messages.ts'
import type { Peer } from './peer.ts'
import { TransferRelay } from './relay.ts'
import { Puppet } from './testing/puppet.ts'
import { at, FakeClock, idOf, seeded, World } from './testing/world.ts'

let world: World
let isOpen = false
afterEach(async () => {
  if (isOpen) await world.close()
  isOpen = false
})

function open(options: ConstructorParameters<typeof World>[0] = {}): World {
  world = new World(options)
  isOpen = true
  return world
}

/** A member that is synced with an honest one that it dialled. */
async function pair(count = 10) {
  open({ latencyMs: () => 5 })
  const cheeses = world.maker.makeMany(world.maker.blue, count + 8)
  const [member, honest] = [await world.member('victim'), await world.member('honest')]
  for (const one of [member, honest]) await one.give(cheeses.slice(0, count))
  await world.link(member, honest)
  await world.clock.until(() => member.network.sync().stage === 'synced', 'synced')
  return { member, honest, cheeses }
}

describe('a stranger cannot stop a member', () => {
  it('by claiming a stack that it never shows', async () => {
    const { member } = await pair()
    const stages = new Set<string>()
    member.network.events.on('sync', ({ stage }) => stages.add(stage))
    for (let i = 0; i < 4; i++) {
      const puppet = await Puppet.dial(world, world.stranger(`liar ${i}`), at(member), { work: 1n << 200n, height: 900_000, tip: 'ee'.repeat(32) })
      await world.clock.advance(20_000)
      puppet.channel.goodbye('other', 'and come again under another name')
      await world.clock.advance(1_000)
    }
    expect([...stages].filter((stage) => stage !== 'synced')).toEqual([])
  })

  it('that has just come from finding out that it is synced', async () => {
    open({ latencyMs: () => 5 })
    const cheeses = world.maker.makeMany(world.maker.blue, 10)
    const [member, honest] = [await world.member('victim'), await world.member('honest')]
    await honest.give(cheeses)
    await world.link(member, honest)
    await Puppet.dial(world, world.stranger('liar'), at(member), { work: 1n << 200n, height: 900_000, tip: 'ee'.repeat(32) })
    await world.clock.until(() => member.network.sync().stage === 'synced', 'synced', 5_000)
    expect(member.stack.tip.height).toBe(10)
  })

  it('by showing headers whose bodies nobody gives', async () => {
    const { member, honest, cheeses } = await pair()
    const withheld = cheeses.slice(10, 15)
    const puppet = await Puppet.dial(world, world.stranger('miser'), at(member))
    puppet.send({ type: 'headers', request: 0, headers: withheld.map(({ headerBytes }) => headerBytes) })
    await world.clock.until(() => member.network.sync().stage === 'bodies', 'they are wanted')
    await world.clock.until(() => member.network.sync().stage === 'synced', 'they are waited for no longer', 150_000)
    // So the member mines again, and what it finds goes round.
    const found = world.maker.makeMany(cheeses[9] ?? world.maker.blue, 2, { extra: 'mine' })
    await member.give(found)
    await world.agree(found[1]?.smell ?? '', [member, honest], 5_000)
    expect(member.network.sync().stage).toBe('synced')
  })
})

describe('a stranger cannot get an honest member banned', () => {
  it('by having it pass on more cards than others take', async () => {
    open()
    const { params, clock } = world
    const member = await world.member('victim')
    const friend = await Puppet.dial(world, world.stranger('friend'), at(member))
    const time = Math.floor(clock.now() / 1000)
    for (let i = 0; i < 300; i++) {
      const fields = { blueSmell: params.blueSmell, nickname: `n${i}`, endpoints: [], software: '', time }
      await world.run(member.network.addCard(makeCard(fields, await createIdentity()).bytes))
    }
    const told = friend.of('cards').length
    expect(told).toBeGreaterThan(50)
    // Others allow 256 at once and 2 a second.
    expect(told).toBeLessThan(200)
    await clock.advance(60_000)
    expect(friend.of('cards').length).toBeLessThan(256)
  }, 60_000)

  it('by sending it a card that not everybody understands', async () => {
    open()
    const member = await world.member('judge')
    const honest = await Puppet.dial(world, world.stranger('honest'), at(member))
    const fields = { blueSmell: world.params.blueSmell, nickname: 'abc', endpoints: [], software: '', time: Math.floor(world.clock.now() / 1000) }
    const { bytes } = makeCard(fields, await createIdentity())
    // What counts as a letter, a mark or a format character differs from one version of Unicode to the next.
    const odd = bytes.slice()
    odd.set([0xe2, 0x80, 0x8b], odd.indexOf(0x61))
    honest.send({ type: 'cards', cards: [odd, bytes] })
    await world.clock.until(() => member.network.directory.size === 1, 'the other card is taken')
    expect(member.network.peers()[0]?.reputation).toBe(100)
  })

  it('by having it announce more transfers than others take', async () => {
    const clock = new FakeClock()
    const ids = Array.from({ length: 30_000 }, (_, i) => i.toString(16).padStart(64, '0'))
    let added: (id: string) => void = () => undefined
    const sent: string[] = []
    const peer = {
      shown: new BoundedSet<string>(10),
      told: new BoundedSet<string>(10),
      congested: false,
      send: (message: Message) => void (message.type === 'inv' && sent.push(...message.ids)),
    } as unknown as Peer
    const context: NetContext = {
      params: params('regtest'),
      chain: { onTip: () => () => undefined } as never,
      mempool: {
        has: () => true,
        get: () => new Uint8Array(1),
        ids: () => [],
        kept: () => undefined,
        inventory: () => [],
        add: async () => 'known',
        onAdded(handler) {
          added = handler
          return () => undefined
        },
      },
      clock,
      random: seeded(1),
      log: silent,
      peers: new Map([['p', peer]]),
      punish: () => undefined,
      isSynced: () => true,
    }
    const relay = new TransferRelay(context)
    relay.connected(peer)
    // As the other side counts it.
    const share = new TokenBucket(clock, 50_000, 1_000)
    for (let round = 0; round < 3; round++) {
      for (const id of ids) added(toHex(Uint8Array.of(round)) + id.slice(2))
      await clock.advance(1_000)
      expect(share.take(sent.splice(0).length)).toBe(true)
    }
    let late = 0
    for (let second = 0; second < 180; second++) {
      await clock.advance(1_000)
      late += sent.length
      expect(share.take(sent.splice(0).length)).toBe(true)
    }
    expect(late).toBeGreaterThan(15_000)
    relay.stop()
  })

  it('because its line hangs for half a minute', async () => {
    const { member } = await pair()
    const slow = await Puppet.dial(world, world.stranger('slow'), at(member))
    for (let i = 0; i < 25; i++) {
      slow.send({ type: 'inv', ids: [i.toString(16).padStart(64, '0')] })
      await world.clock.advance(1_000)
    }
    await world.clock.advance(15_000)
    expect(slow.closed).toBeUndefined()
    expect(member.network.peers().find(({ memberId }) => memberId === idOf('slow'))?.reputation).toBeGreaterThan(60)
  })
})
