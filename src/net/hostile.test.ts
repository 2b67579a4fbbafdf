import { afterEach, describe, expect, it, vi } from 'vitest'
import { encodeHeader } from '../consensus/codec.ts'
import { params } from '../consensus/params.ts'
import { MAX_UNKNOWN_BYTES } from './frame.ts'
import { asksForBody, Puppet } from './testing/puppet.ts'
import { at, idOf, type TestMember, World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

/** A member with ten cheeses and a stranger connected to it. */
async function meet(hello: Parameters<typeof Puppet.dial>[3] = {}) {
  world = new World({ latencyMs: () => 5 })
  const cheeses = world.maker.makeMany(world.maker.blue, 12)
  const member = await world.member('victim')
  await member.give(cheeses.slice(0, 10))
  const puppet = await Puppet.dial(world, world.stranger('villain'), at(member), hello)
  return { member, puppet, cheeses, villain: idOf('villain') }
}

/** Whether the member refuses the villain when it comes back. */
async function isBanned(member: TestMember): Promise<boolean> {
  const again = await Puppet.dial(world, world.stranger('villain'), at(member))
  return again.goodbye === 'banned'
}

describe('hostile peers', () => {
  it('of another network are told so and dropped, without harm to their name', async () => {
    const { member, puppet } = await meet({ blueSmell: params('main').blueSmell, network: 'main' })
    expect(puppet.of('goodbye')[0]).toMatchObject({ code: 'other-network', reason: 'this is regtest' })
    expect(puppet.of('hello')).toEqual([])
    await world.clock.until(() => puppet.closed !== undefined, 'hung up')
    expect(member.network.peers()).toEqual([])
    expect(await isBanned(member)).toBe(false)
  })

  it('that speak only a later protocol are told so', async () => {
    const { puppet } = await meet({ version: 9, lowestVersion: 7 })
    expect(puppet.goodbye).toBe('version')
  })

  it('of a later protocol that still speak ours are welcome, with messages that we do not know and a longer hello', async () => {
    const { member, puppet } = await meet({ version: 9, lowestVersion: 1 })
    puppet.raw(999, new Uint8Array(100_000))
    puppet.raw(7, new Uint8Array(0))
    puppet.send({ type: 'ping', nonce: 77n })
    await world.clock.until(() => puppet.of('pong').some(({ nonce }) => nonce === 77n), 'a pong')
    expect(member.network.peers()[0]).toMatchObject({ version: 'puppet', reputation: 100 })
  })

  it('that send garbage instead of hello are dropped', async () => {
    world = new World()
    const member = await world.member('victim')
    const connected = await world.run(world.stranger('villain').connect(at(member), { timeoutMs: 1000 }))
    if (!connected.ok) throw new Error(connected.error.message)
    const puppet = new Puppet(connected.value)
    connected.value.send(new TextEncoder().encode('GET / HTTP/1.1\r\nHost: example\r\n\r\n'))
    await world.clock.until(() => puppet.closed !== undefined, 'hung up')
    expect(member.network.peers()).toEqual([])
  })

  it('that say nothing are dropped after a while', async () => {
    world = new World()
    const member = await world.member('victim')
    const connected = await world.run(world.stranger('villain').connect(at(member), { timeoutMs: 1000 }))
    if (!connected.ok) throw new Error(connected.error.message)
    const puppet = new Puppet(connected.value)
    await world.clock.until(() => puppet.closed !== undefined, 'hung up', 15_000)
    expect(puppet.goodbye).toBe('timeout')
  })

  it('with a message longer than its type allows are dropped before it is read', async () => {
    const { member, puppet } = await meet()
    puppet.raw(3, new Uint8Array(9))
    await world.clock.until(() => puppet.closed !== undefined, 'hung up')
    expect(puppet.goodbye).toBe('misbehaved')
    await world.clock.until(() => member.network.peers().length === 0, 'gone')
    const again = await Puppet.dial(world, world.stranger('villain'), at(member))
    const info = member.network.peers()[0]
    expect(info?.reputation).toBeLessThan(60)
    // Twice is enough.
    again.raw(999, new Uint8Array(MAX_UNKNOWN_BYTES + 1))
    await world.clock.until(() => again.closed !== undefined, 'hung up again')
    expect(await isBanned(member)).toBe(true)
  })

  it('with payloads that cannot be parsed lose half their name each time', async () => {
    const { member, puppet } = await meet()
    puppet.raw(17, Uint8Array.of(0, 0, 0, 0, 0, 5, 1, 2, 3))
    await world.clock.until(() => puppet.closed !== undefined, 'hung up')
    expect(puppet.of('goodbye')[0]?.reason).toContain('headers')
    expect(member.network.peers()).toEqual([])
  })

  it('with a header without work are banned at once', async () => {
    const { member, puppet, cheeses } = await meet()
    const header = cheeses[10]?.header
    if (!header) throw new Error('no header')
    puppet.send({ type: 'headers', request: 0, headers: [encodeHeader({ ...header, nonce: header.nonce + 1n })] })
    await world.clock.until(() => puppet.closed !== undefined, 'hung up')
    expect(puppet.goodbye).toBe('banned')
    expect(await isBanned(member)).toBe(true)
    await world.clock.advance(25 * 3600_000)
    expect(await isBanned(member)).toBe(false)
  })

  it('with a body that is not that of its header are banned, and the true one is still taken', async () => {
    const { member, puppet, cheeses } = await meet()
    const [good, other] = [cheeses[10], cheeses[11]]
    if (!good || !other) throw new Error('no cheeses')
    puppet.react = (message) => {
      if (asksForBody(message)) puppet.send({ type: 'body', smell: good.smell, body: other.bodyBytes })
    }
    puppet.send({ type: 'headers', request: 0, headers: [good.headerBytes] })
    await world.clock.until(() => puppet.closed !== undefined, 'hung up')
    expect(puppet.goodbye).toBe('banned')
    const honest = await world.member('honest')
    await honest.give(cheeses.slice(0, 11))
    await world.link(honest, member)
    await world.agree(good.smell)
  })

  it('with a cheese that breaks a later rule are banned', async () => {
    const { member, puppet, cheeses } = await meet()
    const parent = cheeses[9]
    if (!parent) throw new Error('no cheese')
    const bad = world.maker.make(parent, { extra: 'x'.repeat(33), unruly: true })
    puppet.react = (message) => {
      if (asksForBody(message)) puppet.send({ type: 'body', smell: bad.smell, body: bad.bodyBytes })
    }
    puppet.send({ type: 'headers', request: 0, headers: [bad.headerBytes] })
    await world.clock.until(() => puppet.closed !== undefined, 'hung up')
    expect(await isBanned(member)).toBe(true)
    expect(member.stack.tip.smell).toBe(parent.smell)
  })

  it('with bodies, transfers and headers that nobody asked for lose their name', async () => {
    const { member, puppet, cheeses } = await meet()
    const body = cheeses[10]?.bodyBytes ?? new Uint8Array()
    const scores: number[] = []
    const say = async (send: () => void) => {
      send()
      await world.clock.advance(100)
      scores.push(member.network.peers()[0]?.reputation ?? 0)
    }
    await say(() => puppet.send({ type: 'body', smell: cheeses[10]?.smell ?? '', body }))
    await say(() => puppet.send({ type: 'transfer', bytes: new Uint8Array(200) }))
    await say(() => puppet.send({ type: 'headers', request: 4711, headers: [] }))
    await say(() => puppet.send({ type: 'headers', request: 0, headers: [] }))
    expect(scores).toEqual([80, 60, 40, 20])
    await say(() => puppet.send({ type: 'body', smell: cheeses[10]?.smell ?? '', body }))
    expect(puppet.goodbye).toBe('banned')
  })

  it('that flood are rationed, lose their name and are banned in the end', async () => {
    const { member, puppet } = await meet()
    for (let round = 0; round < 60 && puppet.closed === undefined; round++) {
      for (let i = 0; i < 3_000; i++) puppet.send({ type: 'ping', nonce: BigInt(i) })
      await world.clock.advance(1_000)
    }
    expect(puppet.goodbye).toBe('banned')
    expect(member.network.peers()).toEqual([])
  })

  it('that ask for everything and read nothing are not served more than a buffer, and go', async () => {
    const { member, puppet, cheeses } = await meet()
    puppet.connection.pause()
    for (let i = 0; i < 30; i++) {
      puppet.send({ type: 'getHeaders', request: i + 1, locator: [world.params.blueSmellHex] })
      puppet.send({ type: 'getBodies', smells: cheeses.slice(0, 10).map(({ smell }) => smell) })
    }
    await world.clock.advance(200_000)
    expect(member.network.peers()).toEqual([])
  })

  it('cannot make it serve a body that it has not connected itself', async () => {
    const { member, puppet, cheeses } = await meet()
    const aside = world.maker.make(cheeses[4] ?? world.maker.blue, { header: { accountsRoot: new Uint8Array(32).fill(7) } })
    await member.stack.addHeaders([aside.header])
    await member.stack.addBody(aside.smell, aside.bodyBytes)
    expect(member.stack.hasBody(aside.smell)).toBe(true)
    const good = cheeses[3]?.smell ?? ''
    puppet.send({ type: 'getBodies', smells: [aside.smell, good] })
    await world.clock.until(() => puppet.of('notFound').length > 0, 'an answer')
    expect(puppet.of('notFound')[0]?.ids).toEqual([aside.smell])
    expect(puppet.of('body').map(({ smell }) => smell)).toEqual([good])
  })

  it('cannot bring it down by asking for what its disk has lost, nor does its own next look', async () => {
    const { member, puppet, cheeses } = await meet()
    const [lost, good] = [cheeses[3]?.smell ?? '', cheeses[4]?.smell ?? '']
    const uncaught = vi.fn()
    process.on('uncaughtException', uncaught)
    const unreadable = (): never => {
      throw new Error('damaged')
    }
    const body = member.stack.body.bind(member.stack)
    vi.spyOn(member.stack, 'body').mockImplementation((smell) => (smell === lost ? unreadable() : body(smell)))
    puppet.send({ type: 'getBodies', smells: [lost, good] })
    await world.clock.until(() => puppet.of('notFound').length > 0, 'an answer')
    expect(puppet.of('notFound')[0]?.ids).toEqual([lost])
    expect(puppet.of('body').map(({ smell }) => smell)).toEqual([good])
    const looked = vi.spyOn(member.stack, 'missingBodies').mockImplementation(unreadable)
    puppet.send({ type: 'notFound', what: 'body', ids: [good] })
    await world.clock.advance(3_000)
    expect(looked.mock.calls.length).toBeGreaterThan(2)
    expect(member.network.peers()).toHaveLength(1)
    process.off('uncaughtException', uncaught)
    expect(uncaught).not.toHaveBeenCalled()
  })

  it('that ask for bodies of cheeses that nobody knows do not keep it looking for them', async () => {
    const { member, puppet } = await meet()
    const looked = vi.spyOn(member.stack, 'entry')
    for (let i = 0; i < 600; i++) {
      puppet.send({ type: 'getBodies', smells: Array.from({ length: 16 }, (_, j) => (16 * i + j).toString(16).padStart(64, '0')) })
    }
    await world.clock.advance(100)
    expect(looked.mock.calls.length).toBeGreaterThan(1_000)
    expect(looked.mock.calls.length).toBeLessThan(2_000)
  })

  it('cannot make it dial addresses that are not its business', async () => {
    world = new World({ network: 'main' })
    const member = await world.member('victim')
    for (const host of ['127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.1.1', '::1', 'localhost', '0.0.0.0'])
      member.network.addEndpoints([{ host, port: 9875 }], 'card')
    member.network.addEndpoints(
      [
        { host: '8.8.8.8', port: 22 },
        { host: '8.8.8.8', port: 0 },
      ],
      'tracker',
    )
    await world.clock.advance(5_000)
    await member.network.close()
    const saved = await member.files.read('/victim/net/peers.json')
    expect(saved === undefined || JSON.parse(new TextDecoder().decode(saved)).endpoints.length === 0).toBe(true)
  })
})
