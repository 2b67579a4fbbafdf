import { afterEach, describe, expect, it } from 'vitest'
import { formatIp } from '../util/ip.ts'
import { Puppet } from './testing/puppet.ts'
import { at, idOf, PORT, type TestMember, World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

/** Members of the test network, each in an address group of its own, with `asker` connected to all the others. */
async function around(asker: Parameters<World['member']>[1], ...others: string[]): Promise<{ readonly asker: TestMember; readonly others: TestMember[] }> {
  world = new World({ network: 'test' })
  const me = await world.member('asker', { host: '8.100.0.1', ...asker })
  const rest: TestMember[] = []
  for (const [i, name] of others.entries()) {
    const other = await world.member(name, { host: `8.${101 + i}.0.1`, limits: { outbound: 0 } })
    await world.link(me, other)
    rest.push(other)
  }
  return { asker: me, others: rest }
}

const limits = { outbound: 0 }

describe('a port of ours', () => {
  it('is dialled by peers of several groups at the address that they see', async () => {
    const { asker } = await around({ limits }, 'b', 'c', 'd')
    const words = await world.run(asker.network.askAboutPort(PORT))
    expect(words.map(({ verdict }) => verdict)).toEqual(['answers', 'answers', 'answers'])
    expect(new Set(words.map(({ group }) => group)).size).toBe(3)
    expect(words.map(({ dialled }) => formatIp(dialled))).toEqual(['8.100.0.1', '8.100.0.1', '8.100.0.1'])
    await world.clock.advance(61_000)
    expect(await world.run(asker.network.checkPort(PORT, 'member'))).toBe('answers')
  })

  it('that nobody answers at is said to be closed when peers of several groups have tried', async () => {
    const { asker } = await around({ limits, listen: undefined }, 'b', 'c')
    expect(await world.run(asker.network.checkPort(PORT, 'member'))).toBe('nobody')
  })

  it('is called closed on no single peer’s word, and somebody else who answers there is nobody', async () => {
    const { asker } = await around({ limits, listen: undefined }, 'b')
    await world.stranger('another', '8.100.0.1').listen({ host: '8.100.0.1', port: PORT, admit: () => true, onConnection: (one) => one.close('me') })
    const words = await world.run(asker.network.askAboutPort(PORT))
    expect(words.map(({ verdict }) => verdict)).toEqual(['nobody'])
    await world.clock.advance(61_000)
    expect(await world.run(asker.network.checkPort(PORT, 'member'))).toBe('not-tried')
  })

  it('is not asked about where nobody is connected, and an old peer is not bothered', async () => {
    const { asker } = await around({ limits })
    expect(await world.run(asker.network.askAboutPort(PORT))).toEqual([])
    const old = await Puppet.dial(world, world.stranger('old', '8.200.0.1'), at(asker), { version: 1, lowestVersion: 1 })
    expect(await world.run(asker.network.askAboutPort(PORT))).toEqual([])
    expect(old.of('checkPort')).toEqual([])
  })

  it('is given up when a peer does not answer in time, and a late answer is no fault', async () => {
    const { asker } = await around({ limits })
    const slow = await Puppet.dial(world, world.stranger('slow', '8.200.0.1'), at(asker))
    expect((await world.run(asker.network.askAboutPort(PORT))).map(({ verdict }) => verdict)).toEqual(['not-tried'])
    const [asked] = slow.of('checkPort')
    slow.send({ type: 'portChecked', request: asked?.request ?? 0, verdict: 'nobody', dialled: new Uint8Array() })
    await world.clock.advance(100)
    expect(asker.network.peers()[0]?.reputation).toBe(100)
  })
})

describe('a stranger who asks', () => {
  const ask = async (puppet: Puppet, port: number, what: 'member' | 'tracker' = 'member') => {
    const before = puppet.of('portChecked').length
    puppet.send({ type: 'checkPort', request: before + 1, port, what })
    await world.clock.advance(20)
    return puppet.of('portChecked')[before]?.verdict
  }

  it('gets one dial a minute, none below port 1024, and none to an address that cannot be his', async () => {
    const { asker: member } = await around({ limits })
    const puppet = await Puppet.dial(world, world.stranger('p', '8.200.0.1'), at(member))
    expect(await ask(puppet, 80)).toBe('not-tried')
    expect(await ask(puppet, PORT)).toBe('nobody')
    expect(await ask(puppet, PORT)).toBe('not-tried')
    // Another member at the same address waits its turn too.
    const neighbour = await Puppet.dial(world, world.stranger('q', '8.200.0.1'), at(member))
    expect(await ask(neighbour, PORT)).toBe('not-tried')
    await world.clock.advance(61_000)
    expect(await ask(neighbour, PORT)).toBe('nobody')
    const local = await Puppet.dial(world, world.stranger('r', '192.168.1.7'), at(member))
    expect(await ask(local, PORT)).toBe('not-tried')
  })

  it('waits while two others are being dialled for', async () => {
    const waiting: ((answers: boolean) => void)[] = []
    const { asker: member } = await around({ limits, trackerAnswers: () => new Promise((resolve) => waiting.push(resolve)) })
    const puppets: Puppet[] = []
    for (const i of [1, 2, 3]) puppets.push(await Puppet.dial(world, world.stranger(`p${i}`, `8.20${i}.0.1`), at(member)))
    const answers: (string | undefined)[] = []
    for (const puppet of puppets) answers.push(await ask(puppet, 9876, 'tracker'))
    expect(answers).toEqual([undefined, undefined, 'not-tried'])
    waiting[0]?.(true)
    waiting[1]?.(false)
    await world.clock.advance(20)
    expect(puppets.map((puppet) => puppet.of('portChecked')[0]?.verdict)).toEqual(['answers', 'nobody', 'not-tried'])
  })

  it('and one who answers what nobody asked is at fault', async () => {
    const { asker: member } = await around({ limits })
    const puppet = await Puppet.dial(world, world.stranger('p', '8.200.0.1'), at(member))
    puppet.send({ type: 'portChecked', request: 7, verdict: 'answers', dialled: new Uint8Array() })
    await world.clock.advance(20)
    expect(member.network.peers().find(({ memberId }) => memberId === idOf('p'))?.reputation).toBe(80)
  })
})
