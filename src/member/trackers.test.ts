import { afterEach, describe, expect, it, vi } from 'vitest'
import { pureVerifier } from '../net/identity.ts'
import type { PortMapper } from '../net/port-mapping.ts'
import { memoryFiles } from '../net/testing/world.ts'
import type { Transport } from '../net/transport.ts'
import { openTrackerServer, type TrackerServer } from '../tracker/server.ts'
import { ManualClock, regtest, seededRandom, testMember } from '../tracker/testing/fixture.ts'
import { silent } from '../util/ports.ts'
import { err, ok } from '../util/result.ts'
import { MemberSettings } from './settings.ts'
import { Trackers, type TrackersDeps } from './trackers.ts'

const me = await testMember('Me')
const opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})
const eventually = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5000 })

async function trackers(overrides: Partial<TrackersDeps> = {}, files = memoryFiles()) {
  const clock = new ManualClock()
  const settings = await MemberSettings.open(files, '/m/member.json')
  const nobody: Transport = {
    memberId: me.identity.memberId,
    connect: async () => err({ kind: 'transport', code: 'refused', message: 'no' }),
    listen: async () => err({ kind: 'transport', code: 'failed', message: 'no' }),
  }
  const made = new Trackers({
    self: { identity: me.identity, card: () => me.card(), port: () => 0, height: () => 1 },
    identity: me.identity,
    transport: nobody,
    via: () => undefined,
    params: regtest,
    settings,
    verifier: pureVerifier,
    version: '0',
    files,
    folder: '/m/tracker',
    mappers: [],
    mayMap: () => true,
    clock,
    random: seededRandom(5),
    log: silent,
    changed: () => undefined,
    ...overrides,
  })
  opened.push(made)
  return { trackers: made, clock, settings, files }
}

async function tracker(clock: ManualClock): Promise<TrackerServer> {
  const server = await openTrackerServer({
    listen: '127.0.0.1:0',
    clock,
    random: seededRandom(4),
    log: silent,
    dialBack: async () => err({ message: 'no' }),
    version: '0',
  })
  if (!server.ok) throw new Error(server.error.message)
  opened.push(server.value)
  return server.value
}

const states = (one: Trackers) => one.joined().map(({ state }) => state)

describe('trackers that were joined', () => {
  it('are a problem when none answers any more, and only then', async () => {
    const { trackers: mine, clock } = await trackers()
    const [one, two] = [await tracker(clock), await tracker(clock)]
    for (const { listen } of [one, two]) await mine.service.join({ url: listen })
    expect(mine.outage()).toBeUndefined()
    clock.advance(1)
    await eventually(() => expect(states(mine)).toEqual(['joined', 'joined']))
    // One of them is dead: the other carries on, and the first says since when.
    await one.close()
    clock.advance(61_000)
    await eventually(() => expect(states(mine)).toEqual(['failing', 'joined']))
    expect(mine.joined()[0]?.failingSince).toBeGreaterThan(mine.joined()[0]?.lastAnswer ?? 0)
    clock.advance(25_000)
    expect(mine.outage()).toBeUndefined()
    await two.close()
    clock.advance(61_000)
    await eventually(() => expect(states(mine)).toEqual(['failing', 'failing']))
    // Not at once: a tracker that is started anew is no reason to alarm anybody.
    expect(mine.outage()).toBeUndefined()
    clock.advance(25_000)
    expect(mine.outage()).toMatch(/^None of your 2 trackers answers: .*join another one\.$/)
    for (const { url } of mine.joined()) await mine.service.leave({ url })
    expect(mine.outage()).toBeUndefined()
  })

  it('do not count the one that is hosted here, which is left by hosting it no more', async () => {
    const { trackers: mine, clock, settings } = await trackers()
    const hosted = await mine.service.host({ listen: '127.0.0.1:0' })
    clock.advance(1)
    await eventually(() => expect(states(mine)).toEqual(['joined']))
    const [own] = mine.joined()
    expect(own).toMatchObject({ own: true, url: hosted.urls[0] })
    await expect(mine.service.leave({ url: own?.url ?? '' })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('stop hosting') })
    // Pasting one's own link joins nothing that would stay behind.
    await mine.service.join({ url: hosted.link })
    expect(settings.values.trackers).toEqual([])
    await mine.service.unhost(undefined)
    expect(mine.joined()).toEqual([])
  })
})

describe('a tracker that is hosted', () => {
  it('has a link, says what is known of its port, and lists who is there', async () => {
    const asked: number[] = []
    const { trackers: mine, clock } = await trackers({
      checkPort: async (port) => {
        asked.push(port)
        return 'answers'
      },
    })
    const hosted = await mine.service.host({ listen: '127.0.0.1:0' })
    expect(hosted).toMatchObject({ link: `cheese-tracker:127.0.0.1:${hosted.port}`, startWithApp: true, total: 0, selfTest: { state: 'unknown' } })
    expect((await mine.service.check(undefined)).selfTest).toMatchObject({ state: 'reachable', repair: null })
    expect(asked).toEqual([hosted.port])
    clock.advance(1)
    await eventually(() => expect(states(mine)).toEqual(['joined']))
    const { hosting } = await mine.service.status(undefined)
    expect(hosting).toMatchObject({ total: 1, members: [{ nickname: 'Me', memberId: me.identity.memberId }] })
  })

  it('is hosted again at the next start, unless the person does not want that', async () => {
    const first = await trackers()
    const { listen } = await first.trackers.service.host({ listen: '127.0.0.1:0' })
    expect(await first.trackers.service.set({ startWithApp: false })).toMatchObject({ startWithApp: false, listen })
    await first.trackers.close()
    const second = await trackers({}, first.files)
    expect(await second.trackers.start([])).toEqual([])
    expect(second.trackers.hosting).toBeNull()
    await second.trackers.service.host({ listen: '127.0.0.1:0' })
    await second.trackers.close()
    const third = await trackers({}, first.files)
    await third.trackers.start([])
    expect(third.trackers.hosting).toMatch(/^127\.0\.0\.1:\d+$/)
    await expect(third.trackers.service.host({ listen: '127.0.0.1:0' })).rejects.toMatchObject({ code: 'BUSY' })
  })

  it('has the router let others in, and puts that address first', async () => {
    const asked: string[] = []
    const mapper: PortMapper = {
      by: 'upnp',
      map: async (port) => {
        asked.push(`map ${port}`)
        return ok({ endpoints: [{ ip: new Uint8Array([8, 8, 8, 8]), port: 40_000 }], lifetime: 3600 })
      },
      unmap: async (port) => void asked.push(`unmap ${port}`),
    }
    let wanted = true
    const { trackers: mine } = await trackers({ mappers: [mapper], mayMap: () => wanted })
    const { port } = await mine.service.host({ listen: '[::]:0' })
    const view = async () => (await mine.service.status(undefined)).hosting
    await vi.waitFor(async () => expect((await view())?.link).toBe('cheese-tracker:8.8.8.8:40000'))
    expect(await view()).toMatchObject({ selfTest: { state: 'unknown', words: expect.stringContaining('Your router lets others in') } })
    expect((await view())?.urls[0]).toBe('http://8.8.8.8:40000')
    wanted = false
    mine.lookAgain()
    await vi.waitFor(() => expect(asked.at(-1)).toBe(`unmap ${port}`))
    expect((await view())?.link).not.toContain('8.8.8.8')
    await mine.service.unhost(undefined)
    // For this computer alone there is nothing to let in.
    wanted = true
    const before = asked.length
    await mine.service.host({ listen: '127.0.0.1:0' })
    await mine.service.unhost(undefined)
    expect(asked).toHaveLength(before)
  })

  it('that is none has nothing to change or check', async () => {
    const { trackers: mine } = await trackers()
    await expect(mine.service.set({ startWithApp: true })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(mine.service.check(undefined)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
