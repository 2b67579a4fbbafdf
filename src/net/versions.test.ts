import { afterEach, expect, it } from 'vitest'
import { keyOf, type Made } from '../chain/testing/maker.ts'
import { PROTOCOL_VERSION } from './messages.ts'
import { Puppet } from './testing/puppet.ts'
import { at, idOf, World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

const PING = 3
const longPing = new Uint8Array(11)

it('a peer whose version is above ours may send more than we know of a message; others may not', async () => {
  world = new World()
  const member = await world.member('m')
  const newer = await Puppet.dial(world, world.stranger('newer'), at(member), { version: PROTOCOL_VERSION + 5, lowestVersion: 1 })
  newer.raw(PING, longPing)
  newer.raw(4_321, new Uint8Array(2_000))
  await world.clock.until(() => newer.of('pong').length > 0, 'an answer to the longer ping')
  expect(newer.closed).toBeUndefined()
  expect(member.network.peers()[0]?.reputation).toBe(100)
  const older = await Puppet.dial(world, world.stranger('older'), at(member), { version: 1, lowestVersion: 1 })
  older.raw(PING, longPing)
  await world.clock.until(() => older.closed !== undefined, 'hung up')
  expect(older.goodbye).toBe('misbehaved')
})

it('the version that is spoken is the lower one, and one that neither side wants is refused', async () => {
  world = new World()
  const member = await world.member('m')
  const old = await Puppet.dial(world, world.stranger('old'), at(member), { version: 1, lowestVersion: 1 })
  // What came with version 2 is an unknown type to it and to us: skipped, whatever it holds.
  old.raw(21, new Uint8Array(5))
  await world.clock.advance(100)
  expect(member.network.peers().find(({ memberId }) => memberId === idOf('old'))?.reputation).toBe(100)
  const picky = await Puppet.dial(world, world.stranger('picky'), at(member), { version: PROTOCOL_VERSION + 2, lowestVersion: PROTOCOL_VERSION + 1 })
  expect(picky.goodbye).toBe('version')
})

it('members of the first version take full part between newer ones', async () => {
  world = new World({ latencyMs: () => 10 })
  const ann = keyOf(1)
  const cheeses = world.maker.makeMany(world.maker.blue, 5, { to: ann.address })
  const members = [await world.member('new'), await world.member('old', { protocolVersion: 1 }), await world.member('newer')] as const
  const [first, old, last] = members
  await first.give(cheeses)
  await world.link(first, old)
  await world.link(last, old)
  await world.agree(cheeses.at(-1)?.smell ?? '')
  await world.clock.until(() => members.every((member) => member.network.sync().stage === 'synced'), 'synced')
  const transfer = world.maker.transfer({ from: ann, sequence: 0, payments: [{ to: keyOf(2).address, amount: 1_000_000n }], fee: 1_000n })
  await world.run(first.mempool.add(transfer))
  await world.clock.until(() => last.mempool.size === 1, 'the transfer has come through')
  let tip = cheeses.at(-1) as Made
  for (const member of [first, last, old]) {
    tip = world.maker.make(tip, { transfers: tip === cheeses.at(-1) ? [transfer] : [] })
    await member.give([tip])
    await world.agree(tip.smell)
    await world.clock.advance(1_000)
  }
  for (const member of members) for (const peer of member.network.peers()) expect(peer).toMatchObject({ reputation: 100, protocol: 1, relay: 'full' })
})
