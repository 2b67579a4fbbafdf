import { afterEach, describe, expect, it } from 'vitest'
import { params } from '../consensus/params.ts'
import { FEATURE } from './messages.ts'
import { probe } from './probe.ts'
import { Puppet } from './testing/puppet.ts'
import { at, idOf, PORT, seeded, type TestMember, World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

const peerIds = (member: TestMember) => member.network.peers().map((peer) => peer.memberId)

describe('connecting', () => {
  it('tells both sides who the other is', async () => {
    world = new World({ latencyMs: () => 40 })
    const [a, b] = [await world.member('a'), await world.member('b')]
    await b.give(world.maker.makeMany(world.maker.blue, 3))
    await world.link(a, b)
    await world.clock.until(() => [a, b].every((member) => member.network.peers()[0]?.latencyMs !== undefined), 'latencies')
    expect(a.network.peers()).toMatchObject([
      { memberId: idOf('b'), endpoint: `${b.host}:${PORT}`, direction: 'out', latencyMs: 80, height: 3, reputation: 100, version: 'test b', nickname: '' },
    ])
    expect(b.network.peers()).toMatchObject([{ memberId: idOf('a'), endpoint: `${a.host}:${PORT}`, direction: 'in', latencyMs: 80 }])
    expect(a.network.peers()[0]?.bytesIn).toBeGreaterThan(100)
    expect(b.network.peers()[0]?.bytesOut).toBeGreaterThan(100)
  })

  it('says in words why it does not work', async () => {
    world = new World()
    const a = await world.member('a')
    const nobody = await world.run(a.network.connect({ host: '8.99.0.1', port: 1 }))
    expect(nobody).toMatchObject({ ok: false, error: { code: 'refused' } })
    const self = await world.run(a.network.connect(at(a)))
    expect(self).toMatchObject({ ok: false, error: { code: 'self', message: expect.stringContaining('this member itself') } })
    await Puppet.listen(
      world,
      world.stranger('x', '8.50.0.1'),
      { host: '8.50.0.1', port: PORT },
      { blueSmell: params('test').blueSmell, network: 'test' },
      () => undefined,
    )
    const other = await world.run(a.network.connect({ host: '8.50.0.1', port: PORT }))
    expect(other).toMatchObject({ ok: false, error: { code: 'other-network', message: expect.stringContaining('network test') } })
    const mute = world.stranger('mute', '8.51.0.1')
    await mute.listen({ host: '8.51.0.1', port: PORT, admit: () => true, onConnection: (connection) => connection.resume() })
    const silent = await world.run(a.network.connect({ host: '8.51.0.1', port: PORT }))
    expect(silent).toMatchObject({ ok: false, error: { code: 'timeout' } })
    const busy = world.stranger('busy', '8.52.0.1')
    await busy.listen({ host: '8.52.0.1', port: PORT, admit: () => true, onConnection: (connection) => new Puppet(connection).channel.goodbye('full', 'no') })
    const full = await world.run(a.network.connect({ host: '8.52.0.1', port: PORT }))
    expect(full).toMatchObject({ ok: false, error: { code: 'refused', message: expect.stringContaining('no room') } })
    expect(a.network.peers()).toEqual([])
  })

  it('reports a port in use', async () => {
    world = new World()
    const a = await world.member('a')
    await expect(world.member('b', { host: a.host })).rejects.toThrow(/in use: choose another port/)
  })

  it('keeps one of two connections when both dial at the same moment, the same on both sides', async () => {
    for (const latency of [1, 30, 77]) {
      world = new World({ latencyMs: (from) => (from.endsWith('.1') ? latency : 5) })
      const members = [await world.member('a'), await world.member('b'), await world.member('c'), await world.member('d')]
      const dials = members.flatMap((from) => members.filter((to) => to !== from).map((to) => from.network.connect(at(to))))
      for (const result of await world.run(Promise.all(dials))) expect(result.ok).toBe(true)
      await world.clock.advance(5_000)
      for (const member of members) {
        expect(peerIds(member).sort()).toEqual(
          members
            .filter((other) => other !== member)
            .map((other) => other.network.memberId)
            .sort(),
        )
        for (const peer of member.network.peers()) {
          const mirror = members
            .find((other) => other.network.memberId === peer.memberId)
            ?.network.peers()
            .find((one) => one.memberId === member.network.memberId)
          expect(mirror?.direction).toBe(peer.direction === 'in' ? 'out' : 'in')
        }
      }
      await world.close()
    }
    world = new World()
  })

  it('answers with the peer that is there already', async () => {
    world = new World({ latencyMs: () => 5 })
    const [a, b] = [await world.member('a'), await world.member('b')]
    await world.link(a, b)
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      expect(await world.run(from.network.connect(at(to)))).toMatchObject({ ok: true, value: { memberId: to.network.memberId } })
      await world.clock.advance(1_000)
      expect(peerIds(a)).toEqual([b.network.memberId])
      expect(peerIds(b)).toEqual([a.network.memberId])
    }
  })

  it('takes the new connection of a member that has restarted', async () => {
    world = new World({ latencyMs: () => 5 })
    const a = await world.member('a')
    const old = await Puppet.dial(world, world.stranger('twice'), at(a), { instance: 1n, nonce: 5n })
    const fresh = await Puppet.dial(world, world.stranger('twice'), at(a), { instance: 2n, nonce: 9n })
    await world.clock.advance(100)
    expect(old.goodbye).toBe('duplicate')
    expect(fresh.goodbye).toBeUndefined()
    const same = await Puppet.dial(world, world.stranger('twice'), at(a), { instance: 2n, nonce: 10n })
    expect(same.goodbye).toBe('duplicate')
    expect(peerIds(a)).toEqual([idOf('twice')])
  })

  it('has no more peers than it wants, in all and from one address', async () => {
    world = new World({ network: 'main' })
    const a = await world.member('a', { limits: { inbound: 3, perAddress: 2 } })
    const dial = (name: string, host: string) => Puppet.dial(world, world.stranger(name, host), at(a))
    expect((await dial('p1', '8.70.0.1')).goodbye).toBeUndefined()
    const second = await dial('p2', '8.70.0.1')
    expect(second.goodbye).toBeUndefined()
    await expect(dial('p3', '8.70.0.1')).rejects.toThrow()
    expect((await dial('p4', '8.71.0.1')).goodbye).toBeUndefined()
    // Another part of the internet comes before a second connection from one that is there.
    expect((await dial('p5', '8.72.0.1')).goodbye).toBeUndefined()
    expect(second.goodbye).toBe('full')
    expect((await dial('p6', '8.73.0.1')).goodbye).toBe('full')
    expect(a.network.peers()).toHaveLength(3)
  })

  it('drops a peer that has gone silent', async () => {
    world = new World()
    const a = await world.member('a')
    const puppet = await Puppet.dial(world, world.stranger('sleepy'), at(a))
    await world.clock.until(() => puppet.closed !== undefined, 'dropped', 150_000)
    expect(puppet.goodbye).toBe('timeout')
    expect(a.network.peers()).toEqual([])
  })

  it('says goodbye when it closes and when a person hangs up', async () => {
    world = new World({ latencyMs: () => 5 })
    const [a, b] = [await world.member('a'), await world.member('b')]
    await world.link(a, b)
    const reasons: string[] = []
    b.network.events.on('peerDisconnected', ({ reason }) => reasons.push(reason))
    expect(a.network.disconnect(b.network.memberId)).toBe(true)
    expect(a.network.disconnect(b.network.memberId)).toBe(false)
    await world.clock.until(() => reasons.length === 1, 'b knows')
    expect(reasons[0]).toContain('asked')
    const again = await world.run(a.network.connect(at(b)))
    expect(again.ok).toBe(true)
    await world.run(a.network.close())
    await world.clock.until(() => reasons.length === 2, 'b knows again')
    expect(reasons[1]).toContain('closing')
  })
})

describe('dialling', () => {
  it('redials a peer that was given by hand, within seconds on regtest', async () => {
    world = new World()
    const b = await world.member('b')
    const a = await world.member('a', { peers: [at(b)] })
    await world.clock.until(() => peerIds(a).length === 1, 'dialled')
    world.internet.partition(() => true)
    await world.clock.advance(20_000)
    expect(peerIds(a)).toEqual([])
    world.internet.partition(() => false)
    await world.clock.until(() => peerIds(a).length === 1, 'redialled', 6_000)
  })

  it('dials what a tracker lists, but no two of one group, and no more than wanted', async () => {
    world = new World({ network: 'main' })
    const others = [await world.member('x', { host: '8.80.0.1' }), await world.member('y', { host: '8.80.0.2' }), await world.member('z', { host: '8.81.0.1' })]
    const a = await world.member('a')
    a.network.addEndpoints(
      others.map((member) => ({ ...at(member), memberId: member.network.memberId })),
      'tracker',
    )
    await world.clock.advance(30_000)
    expect(
      a.network
        .peers()
        .map((peer) => peer.endpoint.slice(0, 4))
        .sort(),
    ).toEqual(['8.80', '8.81'])
    const few = await world.member('few', { limits: { outbound: 1 } })
    few.network.addEndpoints(others.map(at), 'tracker')
    await world.clock.advance(30_000)
    expect(few.network.peers()).toHaveLength(1)
  })

  it('does not dial itself again', async () => {
    world = new World()
    const a = await world.member('a')
    expect(a.network.listenAddress).toEqual(at(a))
    a.network.addEndpoints([at(a)], 'tracker')
    await world.clock.advance(10_000)
    a.network.addEndpoints([at(a)], 'tracker')
    await a.network.close()
    const saved = await a.files.read('/a/net/peers.json')
    expect(saved && JSON.parse(new TextDecoder().decode(saved))).toMatchObject({ schema: 2, manual: [], lan: [], addresses: [] })
  })
})

describe('probes', () => {
  it('learn who answers, without becoming a peer', async () => {
    world = new World({ latencyMs: () => 5 })
    const card = Uint8Array.of(1, 2, 3)
    const a = await world.member('a', { card: () => card })
    let connected = 0
    a.network.events.on('peerConnected', () => connected++)
    const options = { endpoint: at(a), timeoutMs: 2_000, clock: world.clock, random: seeded(1) }
    const probed = await world.run(probe({ ...options, transport: world.stranger('tracker'), blueSmell: world.params.blueSmell }))
    expect(probed).toMatchObject({ ok: true, value: { memberId: idOf('a'), card } })
    // A tracker that the member itself hosts has the member's key.
    const own = await world.run(probe({ ...options, transport: world.internet.transport(idOf('a'), '8.90.0.1'), blueSmell: world.params.blueSmell }))
    expect(own.ok).toBe(true)
    const other = await world.run(probe({ ...options, transport: world.stranger('tracker'), blueSmell: params('main').blueSmell }))
    expect(other).toMatchObject({ ok: false, error: { code: 'refused', goodbye: 'other-network' } })
    const nobody = await world.run(
      probe({ ...options, endpoint: { host: '8.91.0.1', port: 1 }, transport: world.stranger('tracker'), blueSmell: world.params.blueSmell }),
    )
    expect(nobody).toMatchObject({ ok: false, error: { kind: 'transport' } })
    expect(connected).toBe(0)
    expect(a.network.peers()).toEqual([])
  })

  it('are answered when there is no room for peers, and do not stay', async () => {
    world = new World()
    const a = await world.member('a', { limits: { inbound: 0 } })
    const puppet = await Puppet.dial(world, world.stranger('prober'), at(a), { features: FEATURE.probe })
    expect(puppet.of('hello')).toHaveLength(1)
    await world.clock.until(() => puppet.closed !== undefined, 'sent away', 6_000)
    expect((await Puppet.dial(world, world.stranger('peer'), at(a))).goodbye).toBe('full')
  })
})
