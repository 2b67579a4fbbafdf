import { afterEach, describe, expect, it } from 'vitest'
import { Puppet } from './testing/puppet.ts'
import { at, idOf, PORT, type TestMember, World } from './testing/world.ts'
import type { HostPort, Transport } from './transport.ts'

let world: World
afterEach(async () => world.close())

const MINUTE = 60_000
const outbound = (member: TestMember) => member.network.peers().filter(({ direction }) => direction === 'out')
const inbound = (member: TestMember) => member.network.peers().filter(({ direction }) => direction === 'in')
const isBad = ({ endpoint }: { readonly endpoint: string }) => endpoint.startsWith('66.')

/** Answers pings, so that it is a peer for as long as it is wanted. */
function answerPings(puppet: Puppet): void {
  puppet.react = (message) => {
    if (message.type === 'ping') puppet.send({ type: 'pong', nonce: message.nonce })
  }
}

async function listen(host: string): Promise<void> {
  await Puppet.listen(world, world.stranger(host, host), { host, port: PORT }, {}, answerPings)
}

/** A transport that notes whom it dials. */
function noting(transport: Transport, dialled: HostPort[]): Transport {
  return {
    ...transport,
    connect(endpoint, options) {
      dialled.push(endpoint)
      return transport.connect(endpoint, options)
    },
  }
}

/** Thousands of addresses in three groups, of which some hundred answer. */
const GROUPS = 3
const sybil = (i: number) => `66.${i % GROUPS}.${(i >> 8) & 0xff}.${i & 0xff}`
const honestHost = (i: number) => `${120 + i}.1.1.1`

describe('an attacker with thousands of addresses in few groups', () => {
  it('does not get all outbound peers, nor push out the addresses that are good, nor who is dialled first after a restart', async () => {
    world = new World({ network: 'main', latencyMs: () => 5 })
    const honest = Array.from({ length: 12 }, (_, i) => honestHost(i))
    for (const host of honest) await listen(host)
    for (let i = 0; i < 120; i++) await listen(sybil(i))
    const victim = await world.member('victim')
    victim.network.addEndpoints(
      honest.slice(0, 6).map((host) => ({ host, port: PORT })),
      'tracker',
      'tracker.example',
    )
    await world.clock.advance(10 * MINUTE)
    expect(outbound(victim)).toHaveLength(6)
    // Everything that three parts of the internet can tell, ten times over, and one honest peer with six more addresses.
    const all = Array.from({ length: 5_000 }, (_, i) => ({ host: sybil(i), port: PORT }))
    for (let round = 0; round < 10; round++) for (let group = 0; group < GROUPS; group++) victim.network.addEndpoints(all, 'card', `66.${group}.9.9`)
    victim.network.addEndpoints(
      honest.slice(6).map((host) => ({ host, port: PORT })),
      'card',
      honestHost(0),
    )
    await world.clock.advance(60 * MINUTE)
    const peers = outbound(victim)
    // Eight, and from time to time one more while no cheese comes.
    expect([8, 9]).toContain(peers.length)
    expect(peers.filter(isBad).length).toBeLessThanOrEqual(GROUPS)
    expect(victim.network.book().fresh).toBeLessThan(1_000)
    const anchors = [...peers].sort((a, b) => a.connectedAt - b.connectedAt).slice(0, 2)
    expect(anchors.some(isBad)).toBe(false)
    const { files } = victim
    await world.run(victim.network.close())

    const dialled: HostPort[] = []
    const transport = noting(world.internet.transport(idOf('victim'), '8.200.0.1'), dialled)
    const again = await world.member('victim', { files, host: '8.200.0.1', transport })
    expect(again.network.book().anchors).toBe(2)
    expect(await files.read('/victim/net/anchors.json')).toBeUndefined()
    await world.clock.advance(5_000)
    expect(dialled.slice(0, 2).map(({ host }) => `${host}:${PORT}`)).toEqual(anchors.map(({ endpoint }) => endpoint))
    await world.clock.advance(30 * MINUTE)
    expect([8, 9]).toContain(outbound(again).length)
    expect(outbound(again).filter(isBad).length).toBeLessThanOrEqual(GROUPS)
    // All that were good are known still.
    expect(again.network.book().tried).toBeGreaterThanOrEqual(6)
  }, 60_000)

  it('does not keep others from coming in', async () => {
    world = new World({ network: 'main', latencyMs: () => 5 })
    const victim = await world.member('victim', { limits: { inbound: 40 } })
    const dial = async (host: string) => {
      try {
        const puppet = await Puppet.dial(world, world.stranger(host, host), at(victim))
        answerPings(puppet)
        return puppet
      } catch {
        // Not let in at all.
        return undefined
      }
    }
    const storm = async (from: number) => {
      for (let i = from; i < from + 60; i++) await dial(sybil(i))
    }
    await storm(0)
    await world.clock.advance(MINUTE)
    // No group has more than its share, and so they have not even filled the room.
    for (let group = 0; group < GROUPS; group++)
      expect(inbound(victim).filter(({ endpoint }) => endpoint.startsWith(`66.${group}.`)).length).toBeLessThanOrEqual(16)
    const honest: (Puppet | undefined)[] = []
    for (let i = 0; i < 12; i++) {
      honest.push(await dial(honestHost(i)))
      await storm(100 + i * 60)
      await world.clock.advance(20_000)
    }
    expect(honest.filter((puppet) => puppet && puppet.closed === undefined)).toHaveLength(12)
    expect(inbound(victim).length).toBeLessThanOrEqual(40)
  }, 60_000)

  it('does not keep others out by saying nothing', async () => {
    world = new World({ network: 'main' })
    const victim = await world.member('victim')
    let open = 0
    for (let i = 0; i < 60; i++) {
      const connected = await world.run(world.stranger(`mute ${i}`, sybil(i)).connect(at(victim), { timeoutMs: 1_000 }))
      if (!connected.ok) continue
      open++
      connected.value.resume()
      connected.value.events.on('close', () => open--)
    }
    expect(open).toBe(32)
    const honest = await Puppet.dial(world, world.stranger('honest', honestHost(0)), at(victim))
    expect(honest.of('hello')).toHaveLength(1)
    expect(honest.closed).toBeUndefined()
  })
})

describe('outbound peers', () => {
  it('are tested for later, without becoming peers', async () => {
    world = new World({ network: 'main', latencyMs: () => 5 })
    const hosts = Array.from({ length: 5 }, (_, i) => honestHost(i))
    for (const host of hosts) await listen(host)
    const member = await world.member('member', { limits: { outbound: 1 } })
    member.network.addEndpoints(
      hosts.map((host) => ({ host, port: PORT })),
      'tracker',
    )
    let most = 0
    for (let minute = 0; minute < 25; minute++) {
      await world.clock.advance(MINUTE)
      most = Math.max(most, member.network.peers().length)
    }
    expect(most).toBe(1)
    expect(member.network.book()).toMatchObject({ tried: 5, fresh: 0 })
  })

  it('are one more while no cheese comes, and then the one goes that gave the least', async () => {
    world = new World({ latencyMs: () => 5 })
    const [good, other] = [await world.member('good', { host: honestHost(0) }), await world.member('other', { host: honestHost(1) })]
    const member = await world.member('member', { limits: { outbound: 1 } })
    member.network.addEndpoints([at(good)], 'tracker')
    await world.clock.until(() => outbound(member).length === 1, 'connected')
    const cheeses = world.maker.makeMany(world.maker.blue, 2)
    await good.give(cheeses)
    await world.agree(cheeses.at(-1)?.smell ?? '', [member])
    member.network.addEndpoints([at(other)], 'tracker')
    await world.clock.advance(25 * MINUTE)
    expect(outbound(member)).toHaveLength(1)
    await world.clock.until(() => outbound(member).length === 2, 'one more', 10 * MINUTE)
    await world.clock.until(() => outbound(member).length === 1, 'one less', 5 * MINUTE)
    expect(outbound(member)[0]?.memberId).toBe(good.network.memberId)
  }, 30_000)

  it('that were anchors are none a second time when they end us, and a damaged file counts as none', async () => {
    world = new World({ network: 'main' })
    const files = (await world.member('first')).files
    const path = '/second/net/anchors.json'
    const write = (text: string) => files.write(path, new TextEncoder().encode(text))
    await write('{"schema":1,"endpoints":[{"host":"120.1.1.1","port":9875},{"host":"x","port":1},{"host":"121.1.1.1","port":9875}]}')
    const member = await world.member('second', { files })
    expect(member.network.book().anchors).toBe(1)
    expect(await files.read(path)).toBeUndefined()
    // It was never online: what it knew is as good as before.
    await world.run(member.network.close())
    expect(await files.read(path)).toBeDefined()
    await write('nonsense')
    const third = await world.member('second', { files, host: '8.77.0.1' })
    expect(third.network.book().anchors).toBe(0)
    expect(await files.read(path)).toBeUndefined()
  })
})
