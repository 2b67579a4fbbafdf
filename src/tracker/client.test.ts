import { afterEach, describe, expect, it, vi } from 'vitest'
import { formatEndpoint } from '../util/ip.ts'
import { err, ok } from '../util/result.ts'
import type { Post } from './post.ts'
import type { Announce, AnnounceAnswer } from './protocol.ts'
import { ClientRig, names } from './testing/client-rig.ts'
import { ManualClock, START, type TestMember, testMember } from './testing/fixture.ts'

const alice = await testMember('Alice')
const bob = await testMember('Bob')
const carol = await testMember('Carol')

const rig = new ClientRig()
afterEach(() => rig.close())

const eventually = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5000 })

/** A tracker that answers as told and writes down what it heard. */
function scripted(answers: (announce: Announce, n: number) => Awaited<ReturnType<Post>>) {
  const heard: Announce[] = []
  const post: Post = async (_url, json) => {
    heard.push(json as Announce)
    return answers(json as Announce, heard.length)
  }
  return { post, heard }
}

const answer = (fields: Partial<AnnounceAnswer> = {}, remote = [127, 0, 0, 1]) =>
  ok({
    status: 200,
    body: JSON.stringify({ now: START, interval: 30, observed: '127.0.0.1:9875', reachable: null, others: 0, members: [], ...fields }),
    remote: new Uint8Array(remote),
  })

const listed = (member: TestMember, fields: object = {}) => ({
  card: member.announce('h').card,
  endpoint: '127.0.0.1:4000',
  atTracker: false,
  reachable: null,
  height: 1,
  lastSeen: START,
  ...fields,
})

describe('the tracker client', () => {
  it('waits longer after each failure, and starts anew after a success', async () => {
    const clock = new ManualClock()
    const { post, heard } = scripted((_announce, n) => (n === 8 ? answer({ interval: 40 }) : err({ message: 'Down: wait.' })))
    const a = rig.client(alice, clock, { post })
    a.join('tracker.example')
    const waits: number[] = []
    for (let n = 1; n <= 10; n++) {
      const before = clock.now()
      while (heard.length < n) {
        clock.advance(100)
        await Promise.resolve()
      }
      waits.push((clock.now() - before) / 1000)
      await eventually(() => expect(a.states()[0]?.state).toBe(n === 8 ? 'joined' : 'failing'))
    }
    const [, two, four, eight, sixteen, thirtyTwo, sixty, again, interval, fresh] = waits as number[]
    for (const [wait, about] of [
      [two, 2],
      [four, 4],
      [eight, 8],
      [sixteen, 16],
      [thirtyTwo, 32],
      [sixty, 60],
      [again, 60],
      [interval, 40],
      [fresh, 2],
    ] as [number, number][]) {
      expect(wait).toBeGreaterThanOrEqual(about * 0.7)
      expect(wait).toBeLessThanOrEqual(about * 1.3)
    }
    expect(heard.map((h) => h.event)).toEqual([...Array<string>(8).fill('started'), 'update', 'update'])
  })

  it('never uses a time twice, however often it is asked', async () => {
    const clock = new ManualClock()
    const { post, heard } = scripted(() => answer({ interval: 0.1 }))
    rig.client(alice, clock, { post }).join('tracker.example')
    while (heard.length < 6) {
      clock.advance(100)
      await Promise.resolve()
    }
    const times = heard.map((h) => h.time)
    expect(times).toEqual([...new Set(times)].sort((x, y) => x - y))
    expect(heard.every((h) => h.host === 'tracker.example:9876')).toBe(true)
    // However eager the tracker is.
    expect((times[5] as number) - (times[0] as number)).toBeGreaterThanOrEqual(25)
  })

  it('believes so much of one tracker, and lets it take no other tracker’s room', async () => {
    const clock = new ManualClock()
    const crowd = await Promise.all(Array.from({ length: 12 }, (_, i) => testMember(`Sybil ${i}`)))
    let round = 0
    const { post } = scripted((announce) => {
      if (announce.host.startsWith('honest')) return answer({ others: 1, members: [listed(bob)] })
      // Others each time: they would push out whoever was there.
      round++
      return answer({ interval: 1, others: 1e6, members: [0, 1, 2, 3].map((i) => listed(crowd[(4 * round + i) % 12] as TestMember)) })
    })
    const a = rig.client(alice, clock, { post, maxPerTracker: 3 })
    const told: string[][] = []
    a.events.on('heard', ({ tracker: by, members }) => told.push([by, ...members.map((m) => m.card.nickname)]))
    a.join('honest.example')
    a.join('hostile.example')
    for (let n = 1; n <= 3; n++) {
      clock.advance(n === 1 ? 1 : 5_000)
      await eventually(() => expect(told.filter(([by]) => by?.includes('hostile'))).toHaveLength(n))
    }
    expect(names(a)).toContain('Bob')
    expect(names(a).filter((name) => name.startsWith('Sybil')).length).toBe(3)
    // 3 at once, and one a second from then on: of the four that each answer told, one was never looked at.
    expect(new Set(told.flat().filter((name) => name.startsWith('Sybil'))).size).toBe(9)
    expect(told[0]).toEqual(['http://honest.example:9876', 'Bob'])
  })

  it('joins so many trackers and no more', () => {
    const a = rig.client(alice, new ManualClock(), { post: async () => err({ message: 'Down.' }) })
    for (let i = 0; i < 16; i++) expect(a.join(`t${i}.example`).ok).toBe(true)
    expect(a.join('t3.example').ok).toBe(true)
    expect(a.join('one-more.example')).toMatchObject({ ok: false, error: expect.stringMatching(/leave one first/) })
  })

  it('says since when a tracker fails, through all its tries, until it answers', async () => {
    const clock = new ManualClock()
    const { post, heard } = scripted((_a, n) => (n === 1 || n === 5 ? answer({ interval: 30 }) : err({ message: 'Down: wait.' })))
    const a = rig.client(alice, clock, { post })
    a.join('tracker.example')
    const until = async (n: number) => {
      while (heard.length < n) {
        clock.advance(500)
        await Promise.resolve()
      }
      await eventually(() => expect(a.states()[0]?.state).toBe(n === 1 || n === 5 ? 'joined' : 'failing'))
      return a.states()[0]?.failingSince
    }
    expect(await until(1)).toBeNull()
    const first = await until(2)
    expect(first).toBe(Math.floor(clock.now() / 1000))
    clock.advance(500)
    expect(await until(3)).toBe(first)
    expect(await until(4)).toBe(first)
    expect(await until(5)).toBeNull()
  })

  it('takes no card that is not good, is its own or is of another network', async () => {
    const clock = new ManualClock()
    const bad = listed(carol)
    const elsewhere = carol.announce('h', {}, carol.card({ blueSmell: new Uint8Array(32) })).card
    const { post } = scripted(() =>
      answer({
        others: 5,
        members: [listed(alice), listed(bob), { ...bad, card: `${bad.card.slice(0, -8)}AAAAAAAA` }, { ...bad, card: elsewhere }, { ...bad, card: 'AAAA' }],
      }),
    )
    const a = rig.client(alice, clock, { post })
    a.join('tracker.example')
    clock.advance(1)
    await eventually(() => expect(names(a)).toEqual(['Bob']))
  })

  it('dials what the tracker saw only where that makes sense', async () => {
    const clock = new ManualClock()
    const place = async (endpoint: string, atTracker: boolean, remote: number[]) => {
      const { post } = scripted(() => answer({ others: 1, members: [listed(bob, { endpoint, atTracker })] }, remote))
      const a = rig.client(alice, clock, { post })
      a.join('tracker.example')
      clock.advance(1)
      await eventually(() => expect(a.members()).toHaveLength(1))
      const [member] = a.members()
      return [member?.endpoint && formatEndpoint(member.endpoint), member?.dialable]
    }
    const internet = [9, 9, 9, 9]
    const home = [192, 168, 1, 2]
    expect(await place('8.8.8.8:9875', false, internet)).toEqual(['8.8.8.8:9875', true])
    expect(await place('8.8.8.8:80', false, internet)).toEqual(['8.8.8.8:80', false])
    expect(await place('192.168.1.1:9875', false, internet)).toEqual(['192.168.1.1:9875', false])
    expect(await place('192.168.1.1:9875', false, home)).toEqual(['192.168.1.1:9875', true])
    expect(await place('169.254.169.254:9875', false, home)).toEqual(['169.254.169.254:9875', false])
    expect(await place('127.0.0.1:9875', true, internet)).toEqual(['9.9.9.9:9875', true])
    expect(await place('127.0.0.1:9875', true, home)).toEqual(['192.168.1.2:9875', true])
    expect(await place('127.0.0.1:9875', false, home)).toEqual(['127.0.0.1:9875', false])
    expect(await place('evil.example:9875', false, internet)).toEqual([undefined, false])
    expect(await place('8.8.8.8:0', false, internet)).toEqual([undefined, false])
  })

  it('keeps those that a partial answer left out, for a while', async () => {
    const clock = new ManualClock()
    const { post, heard } = scripted((_a, n) =>
      answer({
        now: Math.floor(clock.now() / 1000),
        others: 9,
        members: n === 1 ? [listed(bob), listed(carol)] : [listed(bob, { lastSeen: Math.floor(clock.now() / 1000) })],
      }),
    )
    const a = rig.client(alice, clock, { post })
    a.join('tracker.example')
    clock.advance(1)
    await eventually(() => expect(names(a)).toEqual(['Bob', 'Carol']))
    const next = async (n: number) => {
      clock.advance(31_000)
      await eventually(() => expect(heard).toHaveLength(n))
      await eventually(() => expect(a.members().find((m) => m.card.nickname === 'Bob')?.lastSeen).toBe(Math.floor(clock.now() / 1000)))
    }
    await next(2)
    expect(names(a)).toEqual(['Bob', 'Carol'])
    for (let n = 3; n <= 8; n++) await next(n)
    expect(names(a)).toEqual(['Bob'])
  })

  it('says when this computer’s clock is wrong', async () => {
    const clock = new ManualClock()
    const { post } = scripted(() =>
      ok({ status: 403, body: JSON.stringify({ error: { code: 'wrong-time', message: 'x' }, now: START + 600 }), remote: undefined }),
    )
    const a = rig.client(alice, clock, { post })
    a.join('tracker.example')
    clock.advance(1)
    await eventually(() =>
      expect(a.states()[0]?.error).toBe(
        'This computer’s clock is 10 minutes behind the tracker’s: set it right, or trackers and members will refuse this one.',
      ),
    )
  })

  it('hears of one member from two trackers as one, by its newest card', async () => {
    const clock = new ManualClock()
    const newer = bob.card({ time: START + 9, nickname: 'Bobby' })
    const { post } = scripted((announce) =>
      answer({
        others: 1,
        members: [announce.host.startsWith('one') ? listed(bob, { reachable: true }) : listed(bob, { card: bob.announce('h', {}, newer).card })],
      }),
    )
    const a = rig.client(alice, clock, { post })
    a.join('one.example')
    a.join('two.example')
    clock.advance(1)
    await eventually(() => expect(names(a)).toEqual(['Bobby']))
    await eventually(() => expect(a.members()[0]?.reachable).toBe(true))
  })
})
