import { createServer, type Server } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ClientRig, names } from './testing/client-rig.ts'
import { ManualClock, START, testMember } from './testing/fixture.ts'

const alice = await testMember('Alice')
const bob = await testMember('Bob')

const rig = new ClientRig()
afterEach(() => rig.close())

const eventually = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5000 })

describe('the tracker client, over real HTTP', () => {
  it('joins, hears of others, keeps announcing and says goodbye', async () => {
    const clock = new ManualClock()
    const server = await rig.tracker(clock)
    const a = rig.client(alice, clock)
    const b = rig.client(bob, clock)
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
    const first = await rig.tracker(clock)
    const place = first.listen
    await first.close()
    const a = rig.client(alice, clock)
    a.join(place)
    clock.advance(1)
    await eventually(() =>
      expect(a.states()).toMatchObject([
        { state: 'failing', error: `No tracker listens at ${place}: check the address and the port, or ask its host to start it.` },
      ]),
    )
    const second = await rig.tracker(clock, place)
    clock.advance(3_000)
    await eventually(() => expect(a.states()).toMatchObject([{ state: 'joined', error: null }]))
    expect(second.members()).toHaveLength(1)
  })

  it('announces at once when asked, and leaves', async () => {
    const clock = new ManualClock()
    const server = await rig.tracker(clock)
    let time = START
    const a = rig.client(alice, clock, { card: () => alice.card({ time, nickname: time > START ? 'Alicia' : 'Alice' }) })
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
    rig.closing({
      close: () => {
        server.close()
        server.closeAllConnections()
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const clock = new ManualClock()
    const a = rig.client(alice, clock)
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
    rig.closing({
      close: () => {
        server.close()
        server.closeAllConnections()
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const clock = new ManualClock()
    const a = rig.client(alice, clock)
    a.join(`127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
    clock.advance(1)
    await eventually(() => expect(a.states()[0]).toMatchObject({ state: 'failing', error: expect.stringMatching(message) }))
    expect(a.members()).toEqual([])
  })
})
