import { afterEach, describe, expect, it, vi } from 'vitest'
import { Emitter } from '../util/events.ts'
import { silent } from '../util/ports.ts'
import { Admission } from './admission.ts'
import { Channel } from './channel.ts'
import { CheeseRelay } from './cheese-relay.ts'
import { Connector } from './connector.ts'
import { Peer } from './peer.ts'
import { helloOf, Puppet } from './testing/puppet.ts'
import { at, FakeClock, idOf, seeded, World } from './testing/world.ts'
import type { Connection, ConnectionEvents } from './transport.ts'

let world: World | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

async function meet() {
  world = new World({ latencyMs: () => 5 })
  const member = await world.member('victim')
  const puppet = await Puppet.dial(world, world.stranger('villain'), at(member))
  const reputation = () => member.network.peers()[0]?.reputation ?? 0
  return { world, member, puppet, reputation }
}

/** The first bytes of a body of a megabyte, which never comes whole. */
const OPENING = Uint8Array.of(0, 0x0f, 0x42, 0x60, 0, 19)

describe('a peer that wants more than its share', () => {
  it('of looking for transfers that nobody has is told no, and loses its name by and by', async () => {
    const { world, puppet, reputation } = await meet()
    const ids = (salt: number) => Array.from({ length: 1000 }, (_, i) => (salt * 1000 + i).toString(16).padStart(64, '0'))
    const ask = async (i: number) => {
      puppet.send({ type: 'getTransfers', ids: ids(i) })
      await world.clock.advance(10)
    }
    for (let i = 0; i < 50; i++) await ask(i)
    expect([puppet.of('notFound').length, reputation()]).toEqual([50, 100])
    for (let i = 0; i < 20; i++) await ask(i)
    expect(puppet.of('notFound')).toHaveLength(50)
    expect(reputation()).toBe(95)
    // A second later it may ask for a thousand more.
    await world.clock.advance(1_000)
    await ask(0)
    await world.clock.advance(10)
    expect(puppet.of('notFound')).toHaveLength(51)
  })

  it('of megabytes under types that nobody knows loses its name; a few are a newer version’s', async () => {
    const { world, puppet, reputation } = await meet()
    for (let i = 0; i < 7; i++) puppet.raw(999, new Uint8Array(1_048_576))
    await world.clock.advance(100)
    expect(reputation()).toBe(100)
    for (let second = 0; second < 30; second++) {
      for (let i = 0; i < 7; i++) puppet.raw(999, new Uint8Array(1_048_576))
      await world.clock.advance(1_000)
    }
    expect(puppet.goodbye).toBe('banned')
  })

  it('of patience is left when a message does not end in five minutes, however it trickles', async () => {
    const { world, puppet } = await meet()
    puppet.connection.send(OPENING)
    for (let second = 0; second < 310 && puppet.closed === undefined; second++) {
      puppet.connection.send(Uint8Array.of(1))
      await world.clock.advance(1_000)
      if (second === 290) expect(puppet.closed).toBeUndefined()
    }
    expect(puppet.of('goodbye')[0]).toMatchObject({ code: 'timeout', reason: 'a message took too long' })
  })
})

describe('a peer with a fast line', () => {
  function open() {
    const clock = new FakeClock()
    const connection = connectionFrom('8.1.2.3', 1)
    const channel = new Channel(connection, { message() {}, unknown() {}, malformed() {}, closed() {} })
    const hello = helloOf(new World(), {})
    const peer = new Peer({ channel, hello, version: 2, clock, random64: () => 1n, endpoint: undefined, manual: false, dialNonce: 1n })
    connection.send.mockImplementation((bytes: Uint8Array) => {
      connection.bytesOut += bytes.length
      return true
    })
    return { clock, connection, peer }
  }

  it('takes turns with everything else, however much it asks for at once', async () => {
    const { clock, connection, peer } = open()
    for (let i = 0; i < 64; i++) peer.answer(() => ({ type: 'body', smell: '00'.repeat(32), body: new Uint8Array(200_000) }))
    expect(connection.send).toHaveBeenCalledTimes(2)
    await clock.advance(0)
    expect(connection.send.mock.calls.length).toBeGreaterThanOrEqual(4)
    await clock.advance(100)
    expect(connection.send).toHaveBeenCalledTimes(64)
  })

  it('takes turns, too, where answers are small and much work', async () => {
    const { clock, connection, peer } = open()
    const chain = { entry: () => undefined, body: () => undefined, onTip: () => () => undefined }
    const relay = new CheeseRelay({ chain, clock, mempool: {}, punish: vi.fn(), log: silent } as never, { isUntold: () => false, missing: vi.fn() } as never)
    for (let i = 0; i < 60; i++) relay.onGetMissing(peer, '00'.repeat(32), [0])
    const first = connection.send.mock.calls.length
    expect(first).toBeLessThan(6)
    await clock.advance(100)
    expect(connection.send.mock.calls.length).toBe(60)
  })
})

describe('a stranger', () => {
  it('that says anything else before hello is no member', async () => {
    world = new World()
    const member = await world.member('victim')
    const connected = await world.run(world.stranger('villain').connect(at(member), { timeoutMs: 1000 }))
    if (!connected.ok) throw new Error(connected.error.message)
    const puppet = new Puppet(connected.value)
    puppet.raw(999, new Uint8Array(1000))
    await world.clock.until(() => puppet.closed !== undefined, 'hung up', 1_000)
    expect(puppet.goodbye).toBe('misbehaved')
  })

  it('that dials many times at once gets no more room than one that dials one by one', () => {
    const clock = new FakeClock()
    const connector = new Connector({
      transport: { memberId: idOf('victim'), listen: vi.fn(), connect: vi.fn() },
      reputation: { banned: () => undefined } as never,
      clock,
      random: seeded(1),
      log: silent,
      maxInbound: 64,
      admission: new Admission({ clock, perAddress: 4, perGroup: 16, relaxed: false }),
      hello: vi.fn(() => ({}) as never),
      onPeer: vi.fn(),
      onReplaced: vi.fn(),
      onEvicted: vi.fn(),
    })
    const host = '8.1.2.3'
    const connections = Array.from({ length: 12 }, (_, i) => connectionFrom(host, i))
    // All are asked about before the first has done with TLS.
    expect(connections.map(() => connector.admit(host))).toEqual(connections.map(() => true))
    for (const connection of connections) connector.accept(connection)
    expect(connections.filter(({ close }) => close.mock.calls.length === 0)).toHaveLength(4)
    connector.close()
  })
})

function connectionFrom(host: string, index: number) {
  return {
    remoteId: idOf(`stranger ${index}`),
    remote: { host, port: 10_000 + index },
    direction: 'in',
    events: new Emitter<ConnectionEvents>(),
    bytesIn: 0,
    bytesOut: 0,
    buffered: 0,
    send: vi.fn((_bytes: Uint8Array) => true),
    pause: vi.fn(),
    resume: vi.fn(),
    close: vi.fn(),
  } satisfies Connection
}
