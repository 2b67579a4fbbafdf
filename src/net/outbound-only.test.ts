import { afterEach, expect, it } from 'vitest'
import { keyOf } from '../chain/testing/maker.ts'
import { relayId } from '../consensus/hash.ts'
import { toHex } from '../util/bytes.ts'
import { World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

it('members that nobody can dial take full part: they catch up, send, receive, and what they mine reaches everybody', async () => {
  world = new World({ latencyMs: () => 20 })
  const [ann, bob] = [keyOf(1), keyOf(2)]
  const cheeses = world.maker.makeMany(world.maker.blue, 5, { to: ann.address })
  const hub = await world.member('hub', { host: '8.1.0.1' })
  await hub.give(cheeses)
  // Behind routers that let nobody in, with one member in between that does.
  const sender = await world.member('sender', { host: '8.2.0.1', listen: undefined })
  const receiver = await world.member('receiver', { host: '8.3.0.1', listen: undefined })
  for (const closed of [sender, receiver]) {
    await world.link(closed, hub)
    expect(closed.network.listenAddress).toBeUndefined()
  }
  await world.agree(cheeses.at(-1)?.smell ?? '')
  await world.clock.until(() => world.members.every(({ network }) => network.sync().stage === 'synced'), 'all in step')

  const transfer = world.maker.transfer({ from: ann, sequence: 0, payments: [{ to: bob.address, amount: 100_000_000n }], fee: 10_000n })
  const id = toHex(relayId(transfer))
  expect((await world.run(sender.mempool.add(transfer, { local: true }))).ok).toBe(true)
  await world.clock.until(() => receiver.mempool.has(id), 'the receiver knows of the transfer', 30_000)
  await world.clock.until(() => sender.network.seenBy(id).length > 0, 'and the sender of that', 60_000)

  const mined = world.maker.make(cheeses.at(-1) ?? world.maker.blue, { to: bob.address, transfers: [transfer] })
  await receiver.give([mined])
  await world.agree(mined.smell, world.members, 30_000)
  expect((await sender.stack.account(bob.address))?.balance).toBe(100_000_000n)
  for (const { network } of world.members) for (const { reputation } of network.peers()) expect(reputation).toBe(100)
})
