import { afterEach, describe, expect, it } from 'vitest'
import { Puppet } from '../net/testing/puppet.ts'
import { at, idOf, type TestMember, World } from '../net/testing/world.ts'
import { formatHostPort } from '../net/transport.ts'
import { peersService } from './peers-service.ts'

let world: World
afterEach(async () => world.close())

const endpointOf = (member: TestMember) => formatHostPort(at(member))
const service = (member: TestMember) => peersService(member.network)

async function pair() {
  world = new World({ latencyMs: () => 5 })
  const [a, b] = [await world.member('a'), await world.member('b')]
  await world.link(a, b)
  return { a, b, peers: service(a) }
}

describe('a ban', () => {
  it('of a member hangs up on it and keeps it out both ways, until it is lifted', async () => {
    const { a, b, peers } = await pair()
    const ban = await peers.ban({ memberId: idOf('b'), hours: 2, reason: 'rude' })
    expect(ban).toMatchObject({ memberId: idOf('b'), address: null, kind: 'manual', reason: 'rude' })
    expect(ban.until - ban.since).toBe(7_200)
    expect(await peers.list(undefined)).toEqual([])
    await world.clock.advance(10_000)
    expect(a.network.peers()).toEqual([])
    await expect(world.run(peers.connect({ endpoint: endpointOf(b) }))).rejects.toThrow(/is banned until .* lift the ban/)
    await expect(world.run(service(b).connect({ endpoint: endpointOf(a) }))).rejects.toThrow(/refuses this member/)
    expect(await peers.bans(undefined)).toEqual([ban])
    expect(await peers.unban({ id: ban.id })).toEqual({ unbanned: true })
    await expect(peers.unban({ id: ban.id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await world.run(peers.connect({ endpoint: endpointOf(b) }))).toMatchObject({ memberId: idOf('b'), manual: true, offences: [] })
  })

  it('of a range of addresses keeps out everybody from there, and nobody else', async () => {
    const { b, peers, a } = await pair()
    const c = await world.member('c', { host: '9.9.9.9' })
    await world.link(c, a)
    expect(await peers.ban({ address: `${b.host}/16` })).toMatchObject({ memberId: null, address: `${b.host.split('.').slice(0, 2).join('.')}.0.0/16` })
    expect((await peers.list(undefined)).map(({ memberId }) => memberId)).toEqual([idOf('c')])
    await expect(Puppet.dial(world, world.stranger('new', b.host), at(a))).rejects.toThrow()
    await world.run(a.network.close())
    const again = await world.member('a', { files: a.files, host: '8.77.0.1' })
    await expect(Puppet.dial(world, world.stranger('new', b.host), at(again))).rejects.toThrow()
  })

  it('of nobody, or of what is no address, is refused in words', async () => {
    const { peers } = await pair()
    await expect(peers.ban({})).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('Say whom') })
    await expect(peers.ban({ address: 'example.org' })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect(await peers.bans(undefined)).toEqual([])
  })
})

describe('an address that is kept', () => {
  it('is redialled, after a restart too, until it is forgotten', async () => {
    world = new World({ latencyMs: () => 5 })
    const [a, b] = [await world.member('a'), await world.member('b')]
    const peers = service(a)
    expect(await world.run(peers.connect({ endpoint: endpointOf(b), keep: true }))).toMatchObject({ memberId: idOf('b') })
    expect(await peers.kept(undefined)).toEqual([endpointOf(b)])
    await world.run(a.network.close())
    const again = await world.member('a', { files: a.files, host: '8.77.0.1' })
    await world.clock.until(() => again.network.peers().length === 1, 'redialled', 10_000)
    expect(again.network.peers()[0]).toMatchObject({ memberId: idOf('b'), manual: true, direction: 'out' })
    expect(await service(again).forget({ endpoint: endpointOf(b) })).toEqual({ forgotten: true })
    await expect(service(again).forget({ endpoint: endpointOf(b) })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(again.network.peers()).toHaveLength(1)
    expect(await service(again).kept(undefined)).toEqual([])
  })

  it('stays kept when nobody answers yet, unless it is this member itself', async () => {
    world = new World({ latencyMs: () => 5 })
    const a = await world.member('a')
    const peers = service(a)
    await expect(world.run(peers.connect({ endpoint: '8.99.0.1:9875', keep: true }))).rejects.toThrow(/It stays among the addresses that are redialled/)
    await expect(world.run(peers.connect({ endpoint: endpointOf(a), keep: true }))).rejects.toThrow(/this member itself/)
    await expect(peers.connect({ endpoint: '8.99.0.1:0', keep: true })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect(await peers.kept(undefined)).toEqual(['8.99.0.1:9875'])
    const late = await world.member('late', { host: '8.99.0.1' })
    await world.clock.until(() => late.network.peers().length === 1, 'redialled', 20_000)
  })
})

it('the address book is counted', async () => {
  const { a, b, peers } = await pair()
  a.network.addEndpoints([{ host: '120.1.1.1', port: 9875 }], 'tracker', 'tracker.example')
  expect(await peers.book(undefined)).toEqual({ fresh: 1, tried: 1, groups: 2, anchors: 0 })
  expect(await service(b).book(undefined)).toMatchObject({ fresh: 1, tried: 0 })
})
