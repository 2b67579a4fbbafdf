import { createServer, type Server } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Card } from '../net/card.ts'
import { formatEndpoint } from '../util/ip.ts'
import { silent } from '../util/ports.ts'
import { err, ok } from '../util/result.ts'
import { TrackerClient } from './client.ts'
import type { Post } from './post.ts'
import type { Announce, AnnounceAnswer } from './protocol.ts'
import { openTrackerServer, type TrackerServer } from './server.ts'
import { ManualClock, regtest, START, seededRandom, type TestMember, testMember } from './testing/fixture.ts'

const alice = await testMember('Alice')
const bob = await testMember('Bob')
const carol = await testMember('Carol')

const clients: TrackerClient[] = []
const servers: { close(): unknown }[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close(500)))
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const eventually = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5000 })

function client(member: TestMember, clock: ManualClock, options: { post?: Post; card?: () => Card | undefined; port?: number; maxPerTracker?: number } = {}) {
  const made = new TrackerClient({
    self: { identity: member.identity, card: options.card ?? (() => member.card()), port: () => options.port ?? 9875, height: () => 3 },
    params: regtest,
    clock,
    random: seededRandom(3),
    log: silent,
    ...(options.post ? { post: options.post } : {}),
    ...(options.maxPerTracker === undefined ? {} : { maxPerTracker: options.maxPerTracker }),
  })
  clients.push(made)
  return made
}

async function tracker(clock: ManualClock, listen = '127.0.0.1:0'): Promise<TrackerServer> {
  const opened = await openTrackerServer({ listen, clock, random: seededRandom(4), log: silent, dialBack: async () => err({ message: 'no' }), version: '0' })
  if (!opened.ok) throw new Error(opened.error.message)
  servers.push(opened.value)
  return opened.value
}

const names = (c: TrackerClient) =>
  c
    .members()
    .map((m) => m.card.nickname)
    .sort()

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

describe('the tracker client, over real HTTP', () => {
  it('joins, hears of others, keeps announcing and says goodbye', async () => {
    const clock = new ManualClock()
    const server = await tracker(clock)
    const a = client(alice, clock)
    const b = client(bob, clock)
    expect(a.join(server.listen)).toEqual({ ok: true, value: `http://${server.listen}` })
    expect(a.states()).toMatchObject([{ state: 'trying', lastAnswer: null, error: null }])
    clock.advance(1)
    await eventually(() => expect(a.states()).toMatchObject([{ state: 'joined', lastAnswer: START, reachable: false }]))
    b.join(`http://${server.listen}/`)
    clock.advance(1)
    await eventually(() => expect(names(b)).toEqual(['Alice']))
    expect(b.members()[0]).toMatchObject({ height: 3, dialable: true, lastSeen: START })
    expect(names(a)).toEqual([])
    clock.advance(60_000)
    await eventually(() => expect(names(a)).toEqual(['Bob']))
    await b.close()
    await eventually(() => expect(server.members().map((m) => m.nickname)).toEqual(['Alice']))
    clock.advance(60_000)
    await eventually(() => expect(names(a)).toEqual([]))
  })

  it('fails with a sentence while the tracker is down, and joins when it comes', async () => {
    const clock = new ManualClock()
    const first = await tracker(clock)
    const place = first.listen
    await first.close()
    const a = client(alice, clock)
    a.join(place)
    clock.advance(1)
    await eventually(() =>
      expect(a.states()).toMatchObject([
        { state: 'failing', error: `No tracker listens at ${place}: check the address and the port, or ask its host to start it.` },
      ]),
    )
    const second = await tracker(clock, place)
    clock.advance(3_000)
    await eventually(() => expect(a.states()).toMatchObject([{ state: 'joined', error: null }]))
    expect(second.members()).toHaveLength(1)
  })

  it('announces at once when asked, and leaves', async () => {
    const clock = new ManualClock()
    const server = await tracker(clock)
    let time = START
    const a = client(alice, clock, { card: () => alice.card({ time, nickname: time > START ? 'Alicia' : 'Alice' }) })
    a.join(server.listen)
    clock.advance(1)
    await eventually(() => expect(a.states()[0]?.state).toBe('joined'))
    time += 1
    a.announceNow()
    clock.advance(1_500)
    await eventually(() => expect(server.members().map((m) => m.nickname)).toEqual(['Alicia']))
    await a.leave(server.listen)
    expect(server.members()).toEqual([])
    expect(a.states()).toEqual([])
  })

  it('keeps its connection for the next announce, and takes a new one where the tracker gave it up', async () => {
    const sockets = new Set<unknown>()
    let requests = 0
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      sockets.add(request.socket)
      requests++
      // The third comes over a connection that this server closes as it is used.
      if (requests === 3) return void request.socket.resetAndDestroy()
      request.resume()
      request.on('end', () => response.end(JSON.stringify({ now: START, interval: 30, observed: '127.0.0.1:1', reachable: null, others: 0, members: [] })))
    })
    servers.push({
      close: () => {
        server.close()
        server.closeAllConnections()
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const clock = new ManualClock()
    const a = client(alice, clock)
    const states: string[] = []
    a.events.on('state', () => states.push(a.states()[0]?.state ?? ''))
    a.join(`127.0.0.1:${(server.address() as { port: number }).port}`)
    for (const [n, seconds] of [
      [1, 1],
      [2, 31],
      [4, 31],
    ] as const) {
      clock.advance(seconds * 1000)
      await eventually(() => expect(requests).toBe(n))
      await eventually(() => expect(states.filter((state) => state === 'joined')).toHaveLength(Math.min(n, 3)))
    }
    expect(sockets.size).toBe(2)
    expect(states).not.toContain('failing')
    await a.close()
    await eventually(() => expect([...sockets].every((socket) => (socket as { destroyed: boolean }).destroyed)).toBe(true))
  })

  it.each<[string, (server: Server) => void, RegExp]>([
    ['a web server', (s) => s.on('request', (_q, r) => r.end('<html>hello</html>')), /is not a tracker: check the address/],
    ['an endless answer', (s) => s.on('request', (_q, r) => r.end('x'.repeat(1_000_000))), /sends too much for a tracker/],
    ['one that hangs up', (s) => s.on('request', (q) => q.socket.destroy()), /hung up/],
    ['a redirect', (s) => s.on('request', (_q, r) => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()), /is not a tracker/],
    ['something that is not HTTP', (s) => s.on('connection', (socket) => socket.end('220 mail ready\r\n')), /is not a tracker/],
    [
      'a refusal with tricks',
      (s) => s.on('request', (_q, r) => r.writeHead(400).end(JSON.stringify({ error: { code: 'x', message: 'go\u202e\u001b[2J away.' } }))),
      /“go {2}\[2J away\.”/,
    ],
  ])('is not taken in by %s', async (_what, behave, message) => {
    const server = createServer()
    behave(server)
    servers.push({
      close: () => {
        server.close()
        server.closeAllConnections()
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const clock = new ManualClock()
    const a = client(alice, clock)
    a.join(`127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    clock.advance(1)
    await eventually(() => expect(a.states()[0]).toMatchObject({ state: 'failing', error: expect.stringMatching(message) }))
    expect(a.members()).toEqual([])
  })
})

describe('the tracker client', () => {
  it('waits longer after each failure, and starts anew after a success', async () => {
    const clock = new ManualClock()
    const { post, heard } = scripted((_announce, n) => (n === 8 ? answer({ interval: 40 }) : err({ message: 'Down: wait.' })))
    const a = client(alice, clock, { post })
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
    client(alice, clock, { post }).join('tracker.example')
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
    const a = client(alice, clock, { post, maxPerTracker: 3 })
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
    const a = client(alice, new ManualClock(), { post: async () => err({ message: 'Down.' }) })
    for (let i = 0; i < 16; i++) expect(a.join(`t${i}.example`).ok).toBe(true)
    expect(a.join('t3.example').ok).toBe(true)
    expect(a.join('one-more.example')).toMatchObject({ ok: false, error: expect.stringMatching(/leave one first/) })
  })

  it('says since when a tracker fails, through all its tries, until it answers', async () => {
    const clock = new ManualClock()
    const { post, heard } = scripted((_a, n) => (n === 1 || n === 5 ? answer({ interval: 30 }) : err({ message: 'Down: wait.' })))
    const a = client(alice, clock, { post })
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
    const a = client(alice, clock, { post })
    a.join('tracker.example')
    clock.advance(1)
    await eventually(() => expect(names(a)).toEqual(['Bob']))
  })

  it('dials what the tracker saw only where that makes sense', async () => {
    const clock = new ManualClock()
    const place = async (endpoint: string, atTracker: boolean, remote: number[]) => {
      const { post } = scripted(() => answer({ others: 1, members: [listed(bob, { endpoint, atTracker })] }, remote))
      const a = client(alice, clock, { post })
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
    const a = client(alice, clock, { post })
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
    const a = client(alice, clock, { post })
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
    const a = client(alice, clock, { post })
    a.join('one.example')
    a.join('two.example')
    clock.advance(1)
    await eventually(() => expect(names(a)).toEqual(['Bobby']))
    await eventually(() => expect(a.members()[0]?.reachable).toBe(true))
  })
})
