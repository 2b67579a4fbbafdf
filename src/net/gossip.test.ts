import { afterEach, describe, expect, it } from 'vitest'
import { parseEndpoint } from '../util/ip.ts'
import { makeCard } from './card.ts'
import { Directory } from './directory.ts'
import { createIdentity, type Identity } from './identity.ts'
import { Puppet } from './testing/puppet.ts'
import { at, PORT, World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

/** A card as a member makes it now, that lists where it listens. */
function card(identity: Identity, nickname: string, options: { readonly host?: string; readonly ageSeconds?: number } = {}): Uint8Array {
  const endpoint = parseEndpoint(`${options.host ?? '8.200.0.1'}:${PORT}`)
  const time = Math.floor(world.clock.now() / 1000) - (options.ageSeconds ?? 0)
  return makeCard({ blueSmell: world.params.blueSmell, nickname, endpoints: endpoint ? [endpoint] : [], software: 'test', time }, identity).bytes
}

/** A member with a real key, so that it can have a card. */
async function carded(nickname: string, host: string) {
  const identity = await createIdentity()
  const shown = { bytes: card(identity, nickname, { host, ageSeconds: 600 }) }
  const member = await world.member(nickname, { host, transport: world.internet.transport(identity.memberId, host), card: () => shown.bytes })
  return { ...member, identity, shown }
}

describe('cards', () => {
  it('spread to members that are not connected, who then find each other', async () => {
    world = new World({ latencyMs: () => 10 })
    const hub = await carded('hub', '8.210.0.1')
    const others = [await carded('ann', '8.211.0.1'), await carded('bob', '8.212.0.1'), await carded('carol', '8.213.0.1')]
    for (const other of others) await world.link(other, hub)
    const all = [hub, ...others]
    await world.clock.until(() => all.every((one) => one.network.directory.list().length === 3), 'everybody knows everybody')
    expect(
      hub.network
        .peers()
        .map((peer) => peer.nickname)
        .sort(),
    ).toEqual(['ann', 'bob', 'carol'])
    await world.clock.until(() => all.every((one) => one.network.peers().length === 3), 'and is connected to everybody')
  })

  it('are replaced by newer ones alone, wherever they come from, and expire', async () => {
    world = new World()
    const ann = await carded('ann', '8.211.0.1')
    const bob = await carded('bob', '8.212.0.1')
    await world.link(ann, bob)
    const nick = () => bob.network.directory.get(ann.identity.memberId)?.card.nickname
    await world.clock.until(() => nick() === 'ann', 'known')
    const old = card(ann.identity, 'older', { ageSeconds: 3_600 })
    await world.run(bob.network.addCard(old))
    expect(nick()).toBe('ann')
    await world.clock.advance(2_000)
    ann.shown.bytes = card(ann.identity, 'Anna')
    await world.clock.until(() => nick() === 'Anna', 'renewed', 5_000)
    await ann.network.close()
    await world.clock.advance(24 * 3600_000 + 120_000)
    expect(bob.network.directory.list()).toEqual([])
  }, 30_000)

  it('that are forged cost whoever shows them, and are not kept', async () => {
    world = new World()
    const bob = await carded('bob', '8.212.0.1')
    const forged = card(await createIdentity(), 'mallory').slice()
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    const puppet = await Puppet.dial(world, world.stranger('villain'), at(bob))
    puppet.send({ type: 'cards', cards: [forged] })
    await world.clock.until(() => (bob.network.peers()[0]?.reputation ?? 0) <= 50, 'punished')
    expect(bob.network.directory.list()).toEqual([])
  })

  it('that are too old or of the future are passed over without blame', async () => {
    world = new World()
    const bob = await carded('bob', '8.212.0.1')
    const identity = await createIdentity()
    const puppet = await Puppet.dial(world, world.stranger('slow'), at(bob))
    puppet.send({ type: 'cards', cards: [card(identity, 'old', { ageSeconds: 25 * 3600 }), card(identity, 'early', { ageSeconds: -3600 })] })
    await world.clock.advance(3_000)
    expect(bob.network.directory.list()).toEqual([])
    expect(bob.network.peers()[0]?.reputation).toBe(100)
  })

  it('are given out in answer to getCards, with our own', async () => {
    world = new World()
    const bob = await carded('bob', '8.212.0.1')
    await world.run(bob.network.addCard(card(await createIdentity(), 'x')))
    await world.run(bob.network.addCard(card(await createIdentity(), 'y')))
    const puppet = await Puppet.dial(world, world.stranger('asker'), at(bob))
    puppet.send({ type: 'getCards' })
    await world.clock.until(() => puppet.of('cards').length > 0, 'an answer')
    expect(puppet.of('cards')[0]?.cards).toHaveLength(3)
  })
})

describe('the directory', () => {
  it('asks for cards ever more seldom while it is told of nobody new, and often again when it is', async () => {
    world = new World()
    const member = await world.member('a')
    const puppet = await Puppet.dial(world, world.stranger('p'), at(member))
    const stranger = await createIdentity()
    let answer: Uint8Array[] = []
    puppet.react = (message) => {
      if (message.type === 'ping') puppet.send({ type: 'pong', nonce: message.nonce })
      if (message.type === 'getCards') puppet.send({ type: 'cards', cards: answer })
    }
    const asked = async (minutes: number) => {
      const before = puppet.of('getCards').length
      await world.clock.advance(minutes * 60_000)
      return puppet.of('getCards').length - before
    }
    expect(await asked(8)).toBe(2)
    await asked(32)
    expect(await asked(64)).toBe(4)
    answer = [card(stranger, 'new one', { host: '8.214.0.1' })]
    await world.clock.until(() => member.network.directory.list().length === 1, 'it is known', 20 * 60_000)
    expect(await asked(8)).toBeGreaterThan(2)
  }, 30_000)

  it('keeps honest members when somebody makes up thousands', async () => {
    world = new World()
    const { clock, params } = world
    const directory = new Directory({ memberId: 'us', blueSmell: params.blueSmell, clock, verifier: () => true, max: 400 })
    const identity = await createIdentity()
    let made = 0
    /** A card of another member each time; nobody looks at its signature. */
    const fresh = () => {
      const bytes = card(identity, `m${++made}`)
      const key = identity.spki.slice()
      new DataView(key.buffer).setUint32(key.length - 4, made)
      const start = bytes.findIndex((_, i) => identity.spki.every((byte, j) => bytes[i + j] === byte))
      bytes.set(key, start)
      return bytes
    }
    const add = (bytes: Uint8Array, from: string) => world.run(directory.add(bytes, from))
    const honest: string[] = []
    for (let i = 0; i < 40; i++) honest.push((await add(fresh(), `${120 + (i % 8)}.1.1.1`)).card?.memberId ?? '')
    const sybils: Uint8Array[] = []
    for (let i = 0; i < 600; i++) sybils.push(fresh())
    const run = Promise.all(sybils.map((bytes, i) => directory.add(bytes, `66.${i % 2}.1.1`)))
    await world.run(run)
    expect(directory.size).toBe(400)
    for (const memberId of honest) expect(directory.get(memberId)).toBeDefined()
    // Nor does it help to have honest members pass them on: who was known first stays.
    const passedOn = Array.from({ length: 300 }, fresh)
    await world.run(Promise.all(passedOn.map((bytes) => directory.add(bytes, '121.1.1.1'))))
    expect(directory.size).toBe(400)
    for (const memberId of honest) expect(directory.get(memberId)).toBeDefined()
  }, 60_000)
})
