import { afterEach, describe, expect, it } from 'vitest'
import { Puppet } from './testing/puppet.ts'
import { at, World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

/** A member that is synced with an honest one that it dialled. */
async function pair(count = 10) {
  world = new World({ latencyMs: () => 5 })
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
    world = new World({ latencyMs: () => 5 })
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
