import { afterEach, describe, expect, it } from 'vitest'
import type { LanMessage } from '../net/lan.ts'
import type { PortMapper } from '../net/port-mapping.ts'
import { memoryFiles, PORT, seeded, settle, type TestMember, World } from '../net/testing/world.ts'
import type { TrackerClient, TrackerClientEvents } from '../tracker/client.ts'
import type { TrackerState } from '../tracker/link.ts'
import { Emitter } from '../util/events.ts'
import { type Endpoint, formatEndpoint, parseEndpoint } from '../util/ip.ts'
import { silent } from '../util/ports.ts'
import { ok } from '../util/result.ts'
import { Reach, type ReachDeps } from './reach.ts'
import { MemberSettings } from './settings.ts'

let world: World
const reaches: Reach[] = []
afterEach(async () => {
  for (const reach of reaches.splice(0)) await reach.close()
  await world.close()
})

/** Trackers that say what a test wants. */
class FakeTrackers {
  readonly events = new Emitter<TrackerClientEvents>()
  announces = 0
  list: TrackerState[] = []

  joined() {
    return this.list.map(({ observed: _, ...state }) => ({ ...state, own: false }))
  }

  looks = 0
  lookAgain() {
    this.looks++
  }

  readonly client: Pick<TrackerClient, 'states' | 'announceNow' | 'events'> = {
    events: this.events,
    states: () => this.list,
    announceNow: () => {
      this.announces++
    },
  }

  /** A tracker says where it sees us, and whether it got through. */
  say(url: string, observed: string, reachable: boolean | null, some: Partial<TrackerState> = {}): void {
    const state: TrackerState = { url, state: 'joined', lastAnswer: 1, error: null, failingSince: null, reachable, observed, ...some }
    this.list = [...this.list.filter((one) => one.url !== url), state]
    this.events.emit('state', undefined)
  }
}

/** As members at home: the address that they listen at says nothing of where others see them. */
function listensAnywhere({ network }: TestMember): void {
  Object.defineProperty(network, 'listenAddress', { value: { host: '0.0.0.0', port: PORT } })
}

interface Setup {
  readonly member?: Parameters<World['member']>[1]
  readonly network?: 'test' | 'regtest'
  readonly options?: ReachDeps['options']
  /** Where the router says it passes on from; nowhere when left out. */
  readonly router?: string
  /** Members in address groups of their own that are connected. */
  readonly others?: readonly string[]
}

async function setup({ member, network = 'test', options = {}, router, others = [] }: Setup = {}) {
  world = new World({ network })
  const me = await world.member('me', { host: '8.100.0.1', limits: { outbound: 0 }, ...member })
  const rest: TestMember[] = []
  for (const [i, name] of others.entries()) {
    const other = await world.member(name, { host: `8.${101 + i}.0.1`, limits: { outbound: 0 } })
    await world.link(me, other)
    rest.push(other)
  }
  const trackers = new FakeTrackers()
  const asked: string[] = []
  const mapper: PortMapper = {
    by: 'pcp',
    async map(port) {
      asked.push(`map ${port}`)
      return router === undefined
        ? { ok: false, error: { code: 'refused', message: 'Your router refuses.' } }
        : ok({ endpoints: [parseEndpoint(router)].flatMap((one) => one ?? []), lifetime: 3_600 })
    },
    unmap: async (port) => void asked.push(`unmap ${port}`),
  }
  const called: LanMessage['kind'][] = []
  let hear: ((message: LanMessage, from: string) => void) | undefined
  const forget = () => {
    hear = undefined
  }
  let card: readonly Endpoint[] = []
  const state = { addresses: ['192.168.1.2'] }
  const deps: ReachDeps = {
    network: me.network,
    trackers,
    ownCard: {
      setEndpoints(endpoints) {
        const news = endpoints.map(formatEndpoint).join() !== card.map(formatEndpoint).join()
        card = endpoints
        return news
      },
    },
    params: world.params,
    settings: await MemberSettings.open(memoryFiles(), '/member.json'),
    memberId: me.network.memberId,
    clock: world.clock,
    random: seeded(1),
    log: silent,
    options,
    way: { proxy: undefined },
    listen: { host: me.host, port: PORT },
    addresses: () => state.addresses,
    mappers: [mapper],
    openLan: (onMessage) => {
      hear = onMessage
      return { send: ({ kind }) => void called.push(kind), close: async () => forget() }
    },
    changed: () => undefined,
  }
  const reach = new Reach(deps)
  reaches.push(reach)
  await settle()
  return { me, rest, reach, trackers, asked, called, state, deps, hear: () => hear, card: () => card.map(formatEndpoint) }
}

describe('whether others can reach us', () => {
  it('is found out by members a while after start, and what they agree on goes onto the card', async () => {
    const { reach, card } = await setup({ others: ['b', 'c'], member: { listen: { host: '8.100.0.1', port: PORT } } })
    expect(reach.status().verdict).toBe('unknown')
    await world.clock.until(() => reach.status().verdict === 'open', 'open', 40_000)
    expect(reach.status()).toMatchObject({ basis: 'member', repair: null })
    expect(reach.reachable).toBe(true)
    expect(card()).toEqual(['8.100.0.1:9875'])
  })

  it('is said by a check at once, and a closed port with what to do about it', async () => {
    const { reach, me } = await setup({ others: ['b', 'c'] })
    // A router in between lets nobody in.
    await me.network.listenAt({ host: me.host, port: 20_001 })
    listensAnywhere(me)
    const checked = await world.run(reach.service.check(undefined))
    expect(checked).toMatchObject({ verdict: 'closed', basis: 'member', repair: expect.stringContaining('Forward TCP port 9875') })
    expect(checked.repair).toContain('Your router refuses.')
  })

  it('by a tracker: one alone puts no address on the card, two that agree do, and so does the router', async () => {
    const one = await setup()
    listensAnywhere(one.me)
    one.trackers.say('http://liar.example:9876', '8.66.6.6:9875', true)
    expect(one.reach.status()).toMatchObject({ verdict: 'open', basis: 'tracker' })
    expect(one.card()).toEqual([])
    one.trackers.say('http://other.example:9876', '8.77.7.7:9875', true)
    one.trackers.say('http://third.example:9876', '8.77.7.7:9875', null)
    expect(one.card()).toEqual(['8.77.7.7:9875'])
    await one.reach.close()
    await world.close()
    const mapped = await setup({ router: '8.77.7.7:40001' })
    listensAnywhere(mapped.me)
    await mapped.reach.service.set({ portMapping: true })
    await settle()
    mapped.trackers.say('http://liar.example:9876', '8.66.6.6:9875', true)
    expect(mapped.card()).toEqual([])
    mapped.trackers.say('http://liar.example:9876', '8.77.7.7:40001', true)
    expect(mapped.card()).toEqual(['8.77.7.7:40001'])
  })
})

describe('the router', () => {
  it('is asked for the port, which is told to others, and it gets it back at the end', async () => {
    const { reach, asked } = await setup({ router: '8.5.5.5:40001' })
    expect(reach.status().mapping).toEqual({ state: 'mapped', by: 'pcp', external: '8.5.5.5:40001', error: null })
    expect(reach.port).toBe(40_001)
    await reach.service.set({ portMapping: false })
    expect(reach.status().mapping.state).toBe('off')
    expect(asked).toEqual(['map 9875', 'unmap 9875'])
    expect(reach.port).toBe(9_875)
  })

  it('is left alone on regtest, when only this machine is listened to, and when it was so asked', async () => {
    for (const some of [{ network: 'regtest' }, { options: { portMapping: false } }, { member: { host: '127.0.0.1' } }] as const) {
      const { reach, asked } = await setup({ ...some, router: '8.5.5.5:9875' })
      await world.clock.advance(60_000)
      expect(reach.status().mapping.state).toBe('off')
      expect(asked).toEqual([])
      await reach.close()
      await world.close()
    }
  })
})

describe('after sleep, or in another network', () => {
  it('everything is done anew: trackers, router, local network, and the verdict', async () => {
    const { reach, trackers, asked, called, state } = await setup({ router: '8.5.5.5:9875', others: ['b', 'c'] })
    await world.clock.until(() => reach.status().verdict === 'open', 'open', 40_000)
    const before = { announces: trackers.announces, looks: trackers.looks, asked: asked.length, called: called.length }
    state.addresses = ['10.1.1.7']
    await world.clock.advance(6_000)
    expect(trackers.announces).toBeGreaterThan(before.announces)
    expect(trackers.looks).toBeGreaterThan(before.looks)
    expect(asked.length).toBe(before.asked + 1)
    expect(called.slice(before.called)).toEqual(['question', 'here'])
    // What was found in the old network is not said of the new one.
    expect(reach.status().checkedAt).toBeNull()
    await world.clock.until(() => reach.status().verdict === 'open', 'looked at again', 200_000)
  })

  it('a machine in no network says so, and what to do', async () => {
    const { reach, state } = await setup()
    state.addresses = []
    await world.clock.advance(6_000)
    expect(reach.status().verdict).toBe('offline')
    expect(reach.alone()?.words).toContain('in no network')
    state.addresses = ['192.168.1.2']
    await world.clock.advance(6_000)
    expect(reach.alone()?.words).toContain('No other member is known')
  })
})

describe('members in the local network', () => {
  it('are dialled where they are, until a person switches that off', async () => {
    const { reach, me, hear } = await setup()
    const near = await world.member('near', { host: '192.168.1.9' })
    hear()?.({ kind: 'here', memberId: near.network.memberId, blue: world.params.blueSmellHex.slice(0, 16), port: PORT }, '192.168.1.9')
    expect(reach.status().lan).toEqual({ on: true, found: 1 })
    expect(me.network.knownAddresses).toBe(1)
    await reach.service.set({ lan: false })
    expect(reach.status().lan).toEqual({ on: false, found: 0 })
    expect(hear()).toBeUndefined()
  })

  it('are not looked for on regtest unless that was asked for', async () => {
    const quiet = await setup({ network: 'regtest' })
    expect(quiet.reach.status().lan.on).toBe(false)
    await quiet.reach.close()
    await world.close()
    expect((await setup({ network: 'regtest', options: { lan: true } })).reach.status().lan.on).toBe(true)
  })
})

describe('a proxy', () => {
  it('takes everything from the moment it is chosen, and nothing of ours is shown any more', async () => {
    const { reach, me, asked, deps, card } = await setup({ router: '8.5.5.5:9875', others: ['b', 'c'] })
    await world.clock.until(() => reach.status().verdict === 'open', 'open', 40_000)
    const left: string[] = []
    me.network.events.on('peerDisconnected', ({ reason }) => void left.push(reason))
    expect(await world.run(reach.service.set({ proxy: 'socks5://127.0.0.1:9050' }))).toMatchObject({ proxy: 'socks5://127.0.0.1:9050' })
    expect(left).toEqual(['a proxy is used from now on', 'a proxy is used from now on'])
    expect(deps.way.proxy).toEqual({ host: '127.0.0.1', port: 9050 })
    expect(me.network.listenAddress).toBeUndefined()
    expect(reach.status()).toMatchObject({ verdict: 'outbound-only', proxy: '127.0.0.1:9050', mapping: { state: 'off' }, lan: { on: false } })
    expect(asked.at(-1)).toBe('unmap 9875')
    expect(card()).toEqual([])
    await world.run(reach.service.set({ proxy: null }))
    expect(me.network.listenAddress).toBeDefined()
    expect(reach.status()).toMatchObject({ proxy: null, lan: { on: true } })
  })

  it('that is no address is refused in words, and changes nothing', async () => {
    const { reach } = await setup()
    await expect(reach.service.set({ proxy: 'http://127.0.0.1:8080' })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('SOCKS5') })
    await expect(reach.service.set({ proxy: 'socks5://nowhere' })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect(reach.choices.proxy).toBeNull()
  })
})
