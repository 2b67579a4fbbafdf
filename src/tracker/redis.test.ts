import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { RedisStore } from '../platform/redis-store.ts'
import { fromHex } from '../util/bytes.ts'
import { silent } from '../util/ports.ts'
import { err, ok } from '../util/result.ts'
import type { DialBack } from './dial-back.ts'
import { type Announce, AnnounceAnswer, ErrorAnswer, fromBase64, MembersAnswer, makeSessionAnnounce } from './protocol.ts'
import { RedisTable } from './redis-table.ts'
import { Registry } from './registry.ts'
import { openTrackerServer, type TrackerServer } from './server.ts'
import { sessionKey } from './session.ts'
import type { Entry, MemberTable, TableLimits } from './table.ts'
import { arrivalOf, ManualClock, regtest, START, seededRandom, type TestMember, testMember } from './testing/fixture.ts'
import { redisMissing, TestRedis } from './testing/redis.ts'

/** The same table in memory and in a real Redis, and trackers that share one, through its end and its return. */

const missing = redisMissing()
if (missing) console.log(missing)

const crowd = await Promise.all(Array.from({ length: 12 }, (_, i) => testMember(`Member ${i}`)))
const [alice, bob, carol] = crowd as [TestMember, TestMember, TestMember]
const network = regtest.blueSmellHex
const LIMITS: TableLimits = { maxEntries: 100, maxPerAddress: 100, maxPerSubnet: 100 }

describe.skipIf(missing !== undefined)('a table in Redis', () => {
  const redis = new TestRedis()
  const closing: (() => Promise<unknown>)[] = []
  let prefixes = 0
  beforeAll(() => redis.start())
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()))
  })
  afterAll(() => redis.remove())

  const freshPrefix = () => `test-${++prefixes}`

  async function table(options: { clock?: ManualClock; limits?: Partial<TableLimits>; prefix?: string; perMinute?: { address: number; subnet: number } } = {}) {
    const { clock = new ManualClock(), prefix = freshPrefix(), perMinute = { address: 0, subnet: 0 } } = options
    const limits = { ...LIMITS, ...options.limits }
    const own = new Registry(clock, seededRandom(1), limits)
    const store = await RedisStore.open({ path: redis.path }, prefix)
    const made = new RedisTable({ store, own, clock, log: silent, limits, perMinute })
    closing.push(() => made.close())
    return { clock, prefix, table: made, own, store }
  }

  const arrive = async (at: MemberTable, member: TestMember, fields: Parameters<typeof arrivalOf>[1] = {}, card = member.card()) => {
    const result = await at.arrive(arrivalOf(card, fields), 50)
    return result.ok ? (result.value.entry ? 'listed' : 'gone') : result.error.code
  }

  it('answers as the one in memory does, whatever comes', { timeout: 60_000 }, async () => {
    const random = seededRandom(7)
    const pick = <T>(list: readonly T[]) => list[Math.floor(random.fraction() * list.length)] as T
    const codes = new Map<string, number>()
    for (let round = 0; round < 6; round++) {
      const limits = { ...LIMITS, maxPerAddress: 2, maxPerSubnet: 4 }
      const { clock, table: shared } = await table({ limits })
      const memory = new Registry(clock, seededRandom(1), limits)
      for (let step = 0; step < 120; step++) {
        const member = pick(crowd.slice(0, 8))
        const now = Math.floor(clock.now() / 1000)
        const card = member.card({ time: START + pick([0, 0, 0, 5, 9]), nickname: pick(['A', 'A', 'A', 'B']) })
        const fields = {
          event: pick(['update', 'update', 'update', 'stopped'] as const),
          time: now - pick([0, 0, 0, 1, 3]),
          ip: pick(['192.0.2.1', '192.0.2.2', '192.0.2.3', '198.51.100.1', '2001:db8::1', '2001:db8::2', '2001:db8:0:1::1']),
          port: pick([0, 9875, 9876]),
          host: pick(['tracker:9876', 'tracker:9876', 'other:1']),
          height: step,
        }
        const expected = await arrive(memory, member, fields, card)
        expect([step, await arrive(shared, member, fields, card)]).toEqual([step, expected])
        codes.set(expected, (codes.get(expected) ?? 0) + 1)
        if (step % 7 === 0) {
          const entry = memory.latest(network, 1)[0]
          const verdict = { reachable: pick([true, false]), dialAfter: clock.now() + 1000, failures: step }
          if (entry) expect((await shared.setReachable({ ...entry }, verdict))?.reachable).toBe(memory.setReachable({ ...entry }, verdict)?.reachable)
        }
        clock.advance(pick([0, 300, 1000, 20_000]))
        memory.sweep()
        await shared.sweep()
        const sorted = (entries: readonly Entry[]) =>
          [...entries].map((entry) => ({ ...entry, at: undefined })).sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
        expect(sorted(await shared.latest(network, 100))).toEqual(sorted(memory.latest(network, 100)))
        const [one, other] = [(await shared.counts())[0], memory.counts()[0]]
        expect(one && { ...one, heights: one.heights.length }).toEqual(other && { ...other, heights: other.heights.length })
      }
    }
    // What was compared was worth it.
    for (const code of ['listed', 'gone', 'replayed', 'wrong-host', 'old-card', 'too-many']) expect(codes.get(code)).toBeGreaterThan(5)
  })

  it('gives random samples without the asker', async () => {
    const { table: shared } = await table()
    for (const member of crowd) await arrive(shared, member)
    const seen = new Set<string>()
    for (let i = 0; i < 40; i++) {
      const { total, members } = await shared.sample(network, 4, bob.identity.memberId)
      expect([total, new Set(members.map((e) => e.memberId)).size]).toEqual([crowd.length, 4])
      for (const { memberId } of members) seen.add(memberId)
    }
    expect(seen.has(bob.identity.memberId)).toBe(false)
    expect(seen.size).toBe(crowd.length - 1)
    const all = await shared.arrive(arrivalOf(bob.card(), { time: START + 1 }), 50)
    expect(all.ok && [all.value.others, all.value.members.length]).toEqual([crowd.length - 1, crowd.length - 1])
    const some = await Promise.all([
      shared.arrive(arrivalOf(alice.card(), { time: START + 1 }), 3, 10),
      shared.arrive(arrivalOf(carol.card(), { time: START + 1 }), 3, 11),
    ])
    expect(some.map((found) => found.ok && found.value.members.length)).toEqual([3, 11])
  })

  it('that is full gives the place of one of a crowd to whoever comes from elsewhere', async () => {
    const { table: shared, clock } = await table({ limits: { maxEntries: 5 } })
    const at = async (i: number, ip: string) => {
      clock.advance(1)
      return arrive(shared, crowd[i] as TestMember, { ip })
    }
    await at(0, '198.51.1.1')
    for (let i = 1; i < 5; i++) expect(await at(i, `192.0.2.${i}`)).toBe('listed')
    await shared.setReachable((await shared.find(network, (crowd[4] as TestMember).identity.memberId)) as Entry, { reachable: true, dialAfter: 0, failures: 0 })
    expect(await at(5, '192.0.2.9')).toBe('full')
    expect(await at(6, '203.0.113.1')).toBe('listed')
    const ids = (await shared.latest(network, 10)).map((e) => e.memberId)
    expect(ids).toHaveLength(5)
    // The one that came last and could not be reached is gone.
    expect(ids).not.toContain((crowd[3] as TestMember).identity.memberId)
    expect(await at(7, '203.0.114.1')).toBe('listed')
    expect(await at(8, '203.0.115.1')).toBe('listed')
    expect(await at(9, '203.0.116.1')).toBe('full')
    expect((await shared.latest(network, 10)).map((e) => e.memberId)).toContain((crowd[4] as TestMember).identity.memberId)
  })

  it('counts announces of an address and a subnet at all trackers together', async () => {
    const options = { perMinute: { address: 3, subnet: 3 }, prefix: freshPrefix() }
    const [one, two] = [await table(options), await table(options)]
    const at = (i: number, n: number, ip: string) => arrive([one, two][i % 2]?.table as MemberTable, alice, { time: START + n, ip })
    expect([await at(0, 1, '192.0.2.1'), await at(1, 2, '192.0.2.1'), await at(0, 3, '192.0.2.1'), await at(1, 4, '192.0.2.1')]).toEqual([
      'listed',
      'listed',
      'listed',
      'too-many',
    ])
    expect([await at(0, 5, '192.0.2.2'), await at(1, 6, '198.51.100.1')]).toEqual(['too-many', 'listed'])
  })

  it('leaves nothing behind of those that are forgotten', async () => {
    const { table: shared, clock, store } = await table()
    for (const [i, member] of crowd.entries()) await arrive(shared, member, { ip: `192.0.${i}.1` })
    await shared.setReachable((await shared.find(network, alice.identity.memberId)) as Entry, { reachable: true, dialAfter: 0, failures: 0 })
    clock.advance(300_000)
    await shared.sweep()
    expect(await shared.counts()).toEqual([])
    const left = (await store.run("return redis.call('KEYS', KEYS[1] .. '*')", [])) as string[]
    // Times of last announces go by themselves, as does the mark of the first try.
    expect(left.filter((key) => !/:(t:.*|try)$/.test(key))).toEqual([])
    expect(Number(await store.run(`return redis.call('TTL', KEYS[1] .. ':t:${network}${alice.identity.memberId}')`, []))).toBeGreaterThan(0)
  })

  describe('behind two trackers', () => {
    async function tracker(prefix: string, clock: ManualClock, dialBack: DialBack = async () => err({ message: 'no' })) {
      const store = await RedisStore.open({ path: redis.path }, prefix)
      const opened = await openTrackerServer({
        listen: '127.0.0.1:0',
        clock,
        random: seededRandom(4),
        log: silent,
        dialBack,
        version: '0',
        hosts: ['tracker.example:9876'],
        shared: (own) => new RedisTable({ store, own, clock, log: silent, limits: LIMITS, perMinute: { address: 0, subnet: 0 } }),
      })
      if (!opened.ok) throw new Error(opened.error.message)
      closing.push(() => opened.value.close())
      return opened.value
    }

    const announce = async (at: TrackerServer, body: unknown) => {
      const response = await fetch(`http://${at.listen}/v1/announce`, { method: 'POST', body: JSON.stringify(body) })
      const json: unknown = await response.json()
      return response.status === 200 ? AnnounceAnswer.parse(json) : ErrorAnswer.parse(json).error.code
    }
    const signed = (member: TestMember, time: number, fields: Partial<Announce> = {}) => member.announce('tracker.example:9876', { time, ...fields })
    const text = async (at: TrackerServer, path: string) => (await fetch(`http://${at.listen}${path}`)).text()
    const names = async (at: TrackerServer) => {
      const { members } = MembersAnswer.parse(JSON.parse(await text(at, '/v1/members?network=regtest')))
      const cards = members.map(({ card }) => card)
      return crowd.filter((member) => cards.includes(signed(member, 0).card)).map((member) => crowd.indexOf(member))
    }

    it('a member is listed at both, once; what was heard at one cannot be played to the other; a session goes on there', async () => {
      const clock = new ManualClock()
      const prefix = freshPrefix()
      let dials = 0
      const dialBack: DialBack = async ({ memberId }) => {
        dials++
        return ok({ memberId, card: alice.card().bytes })
      }
      const [one, two] = [await tracker(prefix, clock, dialBack), await tracker(prefix, clock, dialBack)]
      const first = signed(alice, START, { open: true })
      const answer = await announce(one, first)
      expect(answer).toMatchObject({ others: 0, reachable: true })
      expect(await announce(two, first)).toBe('replayed')
      expect(await announce(two, signed(bob, START))).toMatchObject({ others: 1, members: [{ reachable: true }] })
      expect([await names(one), await names(two)]).toEqual([
        [0, 1],
        [0, 1],
      ])
      if (typeof answer === 'string' || !answer.session) throw new Error('no session')
      const point = fromBase64(answer.session.key) as Uint8Array
      const key = sessionKey(alice.identity.agree(point) as Uint8Array, alice.identity.spki, point)
      const fields = { session: answer.session.id, host: 'tracker.example:9876', event: 'update' as const, port: 9875, height: 9 }
      expect(await announce(two, makeSessionAnnounce({ ...fields, time: START + 1 }, fromHex(alice.card().hash), key))).toMatchObject({
        others: 1,
        reachable: true,
      })
      expect(await announce(one, makeSessionAnnounce({ ...fields, time: START + 1 }, fromHex(alice.card().hash), key))).toBe('replayed')
      // Both would have dialled Alice, and Bob is at the same address and port: one dial a minute, whoever asks.
      expect(dials).toBe(1)
      expect((await two.stats()).networks[0]).toMatchObject({ members: 2, reachable: 1, height: 9 })
      expect(await announce(one, signed(bob, START + 1, { event: 'stopped' }))).toMatchObject({ others: 0 })
      expect(await names(two)).toEqual([0])
    })

    it('the store is lost and returns with nothing: both go on, say so, and nothing is wrong in between or afterwards', { timeout: 60_000 }, async () => {
      const clock = new ManualClock()
      const prefix = freshPrefix()
      const [one, two] = [await tracker(prefix, clock), await tracker(prefix, clock)]
      await announce(one, signed(alice, START))
      await announce(two, signed(bob, START))
      expect(await text(one, '/healthz')).toBe('ok\n')
      await redis.kill()
      await vi.waitFor(async () => expect(await text(one, '/healthz')).toMatch(/^degraded: The shared table at unix:.* does not answer/), {
        timeout: 5_000,
        interval: 5,
      })
      await vi.waitFor(async () => expect(await text(two, '/metrics')).toContain('cheese_tracker_store_up{kind="redis"} 0\n'), { timeout: 5_000, interval: 5 })
      expect(await text(one, '/')).toContain('The shared table at unix:')
      // Each knows those that announced themselves to it, and what it has heard of them.
      expect([await names(one), await names(two)]).toEqual([[0], [1]])
      expect(await announce(one, signed(alice, START))).toBe('replayed')
      expect(await announce(one, signed(carol, START))).toMatchObject({ others: 1, members: [{}] })
      expect(await announce(two, signed(bob, START + 1, { event: 'stopped' }))).toMatchObject({ others: 0 })
      expect(await announce(one, signed(bob, START + 2))).toMatchObject({ others: 2 })
      expect([await names(one), await names(two)]).toEqual([[0, 1, 2], []])
      await redis.start()
      await vi.waitFor(
        async () => {
          expect([await text(one, '/healthz'), await text(two, '/healthz')]).toEqual(['ok\n', 'ok\n'])
          expect([await names(one), await names(two)]).toEqual([
            [0, 1, 2],
            [0, 1, 2],
          ])
        },
        { timeout: 15_000, interval: 5 },
      )
      // The store has forgotten everything, and was told again what must not be played to anybody.
      for (const at of [one, two]) {
        expect(await announce(at, signed(alice, START))).toBe('replayed')
        expect(await announce(at, signed(carol, START))).toBe('replayed')
        expect(await announce(at, signed(bob, START + 2))).toBe('replayed')
        expect(await text(at, '/metrics')).toContain('cheese_tracker_store_up{kind="redis"} 1\n')
      }
      expect(await announce(two, signed(alice, START + 3))).toMatchObject({ others: 2 })
    })

    it('who said goodbye while the store was away is gone when it returns with what it knew', { timeout: 60_000 }, async () => {
      const clock = new ManualClock()
      const prefix = freshPrefix()
      const [one, two] = [await tracker(prefix, clock), await tracker(prefix, clock)]
      await announce(one, signed(alice, START))
      await announce(two, signed(bob, START))
      redis.signal('SIGSTOP')
      // Two seconds of nothing are enough, and a request that comes first waits for no more than one.
      expect(await announce(one, signed(alice, START + 1, { event: 'stopped' }))).toMatchObject({ others: 0 })
      expect(await text(one, '/healthz')).toMatch(/^degraded/)
      redis.signal('SIGCONT')
      await vi.waitFor(async () => expect(await text(one, '/healthz')).toBe('ok\n'), { timeout: 15_000, interval: 5 })
      await vi.waitFor(async () => expect([await names(one), await names(two)]).toEqual([[1], [1]]), { timeout: 5_000, interval: 5 })
      expect(await announce(two, signed(alice, START + 1))).toBe('replayed')
    })

    it('a tracker that starts without its store answers, and finds it when it comes', { timeout: 60_000 }, async () => {
      await redis.kill()
      const clock = new ManualClock()
      const late = await tracker(freshPrefix(), clock)
      expect(await announce(late, signed(alice, START))).toMatchObject({ others: 0 })
      expect(await text(late, '/healthz')).toMatch(/^degraded/)
      await redis.start()
      await vi.waitFor(async () => expect(await text(late, '/healthz')).toBe('ok\n'), { timeout: 15_000, interval: 5 })
      await vi.waitFor(async () => expect(await names(late)).toEqual([0]), { timeout: 5_000, interval: 5 })
    })
  })
})
