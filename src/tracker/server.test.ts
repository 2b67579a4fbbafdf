import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { silent } from '../util/ports.ts'
import { err, ok } from '../util/result.ts'
import type { DialBack } from './dial-back.ts'
import { type Announce, AnnounceAnswer, ErrorAnswer, MembersAnswer } from './protocol.ts'
import { openTrackerServer, type TrackerServer, type TrackerServerOptions } from './server.ts'
import { ManualClock, regtest, START, seededRandom, testMember } from './testing/fixture.ts'

const alice = await testMember('Alice', { paid: true })
const bob = await testMember('<b>Bob</b>')
const carol = await testMember('Carol')

const open: TrackerServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const silentDialer: DialBack = async () => err({ message: 'nobody there' })

async function setUp(options: Partial<TrackerServerOptions> = {}) {
  const clock = new ManualClock()
  const opened = await openTrackerServer({
    listen: '127.0.0.1:0',
    clock,
    random: seededRandom(2),
    log: silent,
    dialBack: silentDialer,
    version: '0.1.0',
    ...options,
  })
  if (!opened.ok) throw new Error(opened.error.message)
  const server = opened.value
  open.push(server)
  const base = `http://${server.listen}`
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${base}/v1/announce`, { method: 'POST', body: text, headers })
    return { status: response.status, json: (await response.json()) as unknown }
  }
  const announce = async (body: Announce) => {
    const { status, json } = await post(body)
    return status === 200 ? AnnounceAnswer.parse(json) : ErrorAnswer.parse(json).error.code
  }
  return { clock, server, base, host: server.listen, post, announce }
}

/** What the server answers to these bytes before it hangs up. */
function raw(server: TrackerServer, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.on('data', (data) => (text += data.toString()))
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

describe('POST /v1/announce', () => {
  it('lists members for each other, never for themselves', async () => {
    const { announce, host, server } = await setUp()
    expect(await announce(alice.announce(host))).toMatchObject({ others: 0, members: [], observed: '127.0.0.1:9875', reachable: false })
    const answer = await announce(bob.announce(host, { port: 9999, height: 7 }))
    expect(answer).toMatchObject({ others: 1, members: [{ endpoint: '127.0.0.1:9875', atTracker: true, reachable: false, height: 1, lastSeen: START }] })
    expect(await announce(alice.announce(host, { event: 'update', time: START + 1 }))).toMatchObject({
      others: 1,
      members: [{ endpoint: '127.0.0.1:9999', height: 7 }],
    })
    expect(
      server
        .members()
        .map((m) => [m.nickname, m.memberId, m.address === null])
        .sort(),
    ).toEqual(
      [
        ['Alice', alice.identity.memberId, false],
        ['<b>Bob</b>', bob.identity.memberId, true],
      ].sort(),
    )
    expect(server.members().find((m) => m.nickname === 'Alice')?.address).toMatch(/^rcheese1/)
  })

  it('keeps networks apart', async () => {
    const { announce, host } = await setUp()
    await announce(alice.announce(host))
    const elsewhere = carol.card({ blueSmell: new Uint8Array(32).fill(5) })
    expect(await announce(carol.announce(host, {}, elsewhere))).toMatchObject({ others: 0, members: [] })
  })

  it('asks for the next announce in 30–60 seconds, and forgets who is later than that and its grace', async () => {
    const { announce, host, clock, server } = await setUp()
    const intervals = new Set<number>()
    for (let i = 0; i < 20; i++) {
      const answer = await announce(alice.announce(host, { time: START + i }))
      if (typeof answer === 'string') throw new Error(answer)
      intervals.add(answer.interval)
      clock.advance(1000)
    }
    expect(intervals.size).toBeGreaterThan(10)
    for (const interval of intervals) expect(interval >= 30 && interval <= 60).toBe(true)
    clock.advance(55_000)
    expect(server.members()).toHaveLength(1)
    clock.advance(40_000)
    expect(server.members()).toHaveLength(0)
  })

  it('forgets at once who says goodbye, and tells the host’s window', async () => {
    const { announce, host, clock, server } = await setUp()
    let told = 0
    server.events.on('members', () => told++)
    await announce(alice.announce(host))
    clock.advance(250)
    expect(told).toBe(1)
    expect(await announce(alice.announce(host, { event: 'stopped', time: START + 1 }))).toMatchObject({ members: [], others: 0 })
    expect(server.members()).toEqual([])
    clock.advance(250)
    expect(told).toBe(2)
  })

  it('refuses what is replayed, made for another tracker, at another time or by another member', async () => {
    const { announce, host, clock, server } = await setUp()
    const first = alice.announce(host)
    await announce(first)
    expect(await announce(first)).toBe('replayed')
    expect(await announce(alice.announce('tracker.example:9876', { time: START + 1 }))).toBe('wrong-host')
    expect(await announce({ ...alice.announce('tracker.example:9876', { time: START + 1 }), host })).toBe('bad-signature')
    expect(await announce(alice.announce(host, { time: START + 121 }))).toBe('wrong-time')
    expect(await announce(alice.announce(host, { time: START - 121 }))).toBe('wrong-time')
    for (const change of [{ port: 1 }, { height: 2 }, { event: 'stopped' as const }, { time: START + 2 }]) {
      expect(await announce({ ...alice.announce(host, { time: START + 1 }), ...change })).toBe('bad-signature')
    }
    expect(await announce({ ...bob.announce(host), card: alice.announce(host).card })).toBe('bad-signature')
    expect(await announce(alice.announce(host, { time: START + 1 }, alice.card({ time: START - 1 })))).toBe('old-card')
    expect(await announce(bob.announce(host, {}, bob.card({ time: START - 86_401 })))).toBe('bad-card')
    expect(server.members()).toHaveLength(1)
    clock.advance(1000)
    expect(await server.stats()).toMatchObject({ announces: 1, members: 1, refused: { replayed: 1, 'wrong-host': 1, 'wrong-time': 2 } })
  })

  it('knows itself by the names it was given, whatever the request says', async () => {
    const { announce, host } = await setUp({ hosts: ['Tracker.Example:9876'] })
    expect(await announce(alice.announce(host))).toBe('wrong-host')
    expect(await announce(alice.announce('tracker.example:9876'))).toMatchObject({ members: [] })
  })

  it('dials back, and tells what came of it', async () => {
    const dialed: string[] = []
    const { announce, host } = await setUp({
      dialBack: async ({ endpoint, memberId }) => {
        dialed.push(`${endpoint.host}:${endpoint.port}`)
        return ok({ memberId, card: alice.card().bytes })
      },
    })
    expect(await announce(alice.announce(host, { port: 9000 }, alice.card()))).toMatchObject({ reachable: true })
    expect(await announce(alice.announce(host, { port: 9000, time: START + 1 }))).toMatchObject({ reachable: true })
    expect(await announce(bob.announce(host, { port: 9001 }))).toMatchObject({ reachable: false, members: [{ reachable: true }] })
    expect(await announce(carol.announce(host, { port: 0 }))).toMatchObject({ reachable: false })
    expect(dialed).toEqual(['127.0.0.1:9000', '127.0.0.1:9001'])
  })

  it('does not wait long for a slow dial-back, and tells the next time', async () => {
    let finish: (() => void) | undefined
    const { announce, host, clock, server } = await setUp({
      dialBack: ({ memberId }) => new Promise((resolve) => (finish = () => resolve(ok({ memberId, card: alice.card().bytes })))),
    })
    const answer = announce(alice.announce(host))
    await vi.waitFor(() => expect(finish).toBeDefined(), { interval: 2 })
    clock.advance(3000)
    expect(await answer).toMatchObject({ reachable: null })
    finish?.()
    await vi.waitFor(() => expect(server.members()[0]?.reachable).toBe(true), { interval: 2 })
    expect(await announce(alice.announce(host, { time: START + 3 }))).toMatchObject({ reachable: true })
  })

  it('believes a proxy of its own about the address, and nobody else', async () => {
    const through = await setUp({ proxies: ['127.0.0.1'] })
    const forwarded = { 'x-forwarded-for': '10.9.9.9, 198.51.100.7' }
    expect((await through.post(alice.announce(through.host), forwarded)).json).toMatchObject({ observed: '198.51.100.7:9875' })
    const direct = await setUp()
    expect((await direct.post(alice.announce(direct.host), forwarded)).json).toMatchObject({ observed: '127.0.0.1:9875' })
  })

  it('limits what comes from one address', async () => {
    const { announce, host, clock, base } = await setUp({ tuning: { rate: { burst: 3, perSecond: 1 }, maxPerAddress: 1 } })
    expect(await announce(alice.announce(host))).toMatchObject({ members: [] })
    expect(await announce(bob.announce(host))).toBe('too-many')
    expect((await fetch(`${base}/stats.json`)).status).toBe(200)
    const refused = await fetch(`${base}/stats.json`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30'])
    expect((await fetch(`${base}/healthz`)).status).toBe(200)
    clock.advance(1000)
    expect((await fetch(`${base}/stats.json`)).status).toBe(200)
  })

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['no JSON', '{"host"'],
    ['another thing', '[]'],
    ['null', 'null'],
    ['deep JSON', '['.repeat(2000)],
    ['bad UTF-8 as text', '"\ud800"'],
    ['a bad event', { ...alice.announce('h'), event: 'completed' }],
    ['a fractional port', { ...alice.announce('h'), port: 1.5 }],
    ['a huge time', { ...alice.announce('h'), time: 1e300 }],
    ['a card that is no base64', { ...alice.announce('h'), card: '!!' }],
    ['a host with a line break', { ...alice.announce('h'), host: 'a\nb' }],
    ['a polluting key', '{"__proto__":{"host":"x"}}'],
  ])('refuses a hostile body: %s', async (_what, body) => {
    const { post, server } = await setUp()
    const { status, json } = await post(body)
    expect(status).toBe(400)
    expect(ErrorAnswer.parse(json).error.message).toMatch(/^[A-Z].*\.$/)
    expect(server.members()).toEqual([])
  })

  it('refuses a body that is too large, with and without a length', async () => {
    const { post, server } = await setUp()
    expect((await post('x'.repeat(5000))).status).toBe(413)
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`
    expect(await raw(server, `POST /v1/announce HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}`)).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('takes cards that are bad in any way for bad cards', async () => {
    const { announce, host } = await setUp()
    const good = alice.announce(host)
    for (const card of ['', 'AAAA', good.card.slice(4), `${good.card.slice(0, -4)}AAAA`]) expect(await announce({ ...good, card })).toBe('bad-card')
  })
})

describe('what can be read', () => {
  it('GET /v1/members gives a sample of one network', async () => {
    const { announce, base, host } = await setUp()
    await announce(alice.announce(host))
    await announce(bob.announce(host))
    const get = async (query: string) => {
      const response = await fetch(`${base}/v1/members?${query}`)
      return response.status === 200 ? MembersAnswer.parse(await response.json()) : response.status
    }
    expect(await get('network=regtest')).toMatchObject({ total: 2, now: START })
    expect(await get(`network=${regtest.blueSmellHex}&limit=1`)).toMatchObject({ total: 2, members: [{}] })
    const without = await get(`network=regtest&without=${alice.identity.memberId}`)
    expect(without).toMatchObject({ members: [{ card: bob.announce(host).card }] })
    expect(await get('network=main')).toMatchObject({ total: 0, members: [] })
    for (const bad of ['', 'network=moon', 'network=regtest&limit=-1', 'network=regtest&without=x']) expect(await get(bad)).toBe(400)
  })

  it('the page for people escapes what members say and runs no scripts', async () => {
    const { announce, base, host } = await setUp()
    await announce(bob.announce(host))
    const response = await fetch(base)
    const html = await response.text()
    expect(html).toContain('&lt;b&gt;Bob&lt;/b&gt;')
    expect(html).not.toContain('<b>Bob')
    expect(html).not.toContain('<script')
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('numbers for programs', async () => {
    const { announce, base, host } = await setUp()
    await announce(alice.announce(host, { height: 12 }))
    expect(await (await fetch(`${base}/stats.json`)).json()).toMatchObject({
      version: '0.1.0',
      members: 1,
      networks: [{ network: 'regtest', blueSmell: regtest.blueSmellHex, members: 1, height: 12 }],
      dialBacks: { good: 0, failed: 1 },
    })
    const metrics = await (await fetch(`${base}/metrics`)).text()
    expect(metrics).toContain(`cheese_tracker_members{network="regtest",smell="${regtest.blueSmellHex.slice(0, 16)}"} 1\n`)
    for (const line of metrics.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) cheese_tracker_[a-z_]+ .+|cheese_tracker_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.]+)$/)
    expect(await (await fetch(`${base}/healthz`)).text()).toBe('ok\n')
  })

  it('anything else is refused with a sentence', async () => {
    const { base } = await setUp()
    const status = async (path: string, method: string) => (await fetch(base + path, { method })).status
    expect(await status('/nothing', 'GET')).toBe(404)
    expect(await status('/%', 'GET')).toBe(404)
    expect(await status('/v1/announce', 'GET')).toBe(405)
    expect(await status('/stats.json', 'POST')).toBe(405)
    expect(await status('/', 'HEAD')).toBe(200)
  })

  it('a request that is none gets 400', async () => {
    const { server } = await setUp()
    const answer = await raw(server, '\x16\x03\x01 hello\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('opening and closing', () => {
  it('says what is wrong with where it should listen', async () => {
    const { server } = await setUp()
    const options = { clock: new ManualClock(), random: seededRandom(1), log: silent, dialBack: silentDialer, version: '0' }
    expect(await openTrackerServer({ ...options, listen: server.listen })).toMatchObject({
      ok: false,
      error: { code: 'port-in-use', message: expect.stringContaining('another port') },
    })
    expect(await openTrackerServer({ ...options, listen: 'here' })).toMatchObject({ ok: false, error: { code: 'bad-address' } })
    expect(await openTrackerServer({ ...options, listen: '203.0.113.1:0' })).toMatchObject({ ok: false, error: { code: 'bad-address' } })
  })

  it('ends with connections open, and again', async () => {
    const { server } = await setUp()
    const socket = connect(server.port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    await server.close()
    await closed
    await server.close()
    await expect(fetch(`http://${server.listen}/healthz`)).rejects.toThrow()
  })
})
