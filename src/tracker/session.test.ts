import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { CARD_SECONDS } from '../net/card.ts'
import { fromHex } from '../util/bytes.ts'
import { silent } from '../util/ports.ts'
import { err } from '../util/result.ts'
import { TrackerClient } from './client.ts'
import { nodePoster, type Post, type Poster } from './post.ts'
import { AnnounceAnswer, announceBytes, ErrorAnswer, fromBase64, makeSessionAnnounce, type SessionAnnounce, toBase64 } from './protocol.ts'
import { openTrackerServer, type TrackerServer } from './server.ts'
import type { TrackerTuning } from './service.ts'
import { sessionKey, sessionMac } from './session.ts'
import { SessionHost } from './session-host.ts'
import { ManualClock, regtest, START, seededRandom, type TestMember, testMember } from './testing/fixture.ts'

const alice = await testMember('Alice')
const bob = await testMember('Bob')

const servers: TrackerServer[] = []
const clients: TrackerClient[] = []
const posters: Poster[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close(500)))
  for (const poster of posters.splice(0)) poster.close()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function tracker(clock: ManualClock, listen = '127.0.0.1:0', tuning: TrackerTuning = {}) {
  const opened = await openTrackerServer({
    listen,
    clock,
    random: seededRandom(4),
    log: silent,
    dialBack: async () => err({ message: 'no' }),
    version: '0',
    tuning,
  })
  if (!opened.ok) throw new Error(opened.error.message)
  servers.push(opened.value)
  return opened.value
}

async function setUp(tuning: TrackerTuning = {}) {
  const clock = new ManualClock()
  const server = await tracker(clock, '127.0.0.1:0', tuning)
  const host = server.listen
  const announce = async (body: unknown) => {
    const response = await fetch(`http://${host}/v1/announce`, { method: 'POST', body: JSON.stringify(body) })
    const json: unknown = await response.json()
    return response.status === 200 ? AnnounceAnswer.parse(json) : ErrorAnswer.parse(json).error.code
  }
  /** Announces signed, and gives what the session's announces are made of. */
  const begin = async (member: TestMember, time = START) => {
    const answer = await announce(member.announce(host, { open: true, time }))
    if (typeof answer === 'string' || !answer.session) throw new Error('no session')
    const point = fromBase64(answer.session.key) as Uint8Array
    const key = sessionKey(member.identity.agree(point) as Uint8Array, member.identity.spki, point)
    const id = answer.session.id
    return {
      id,
      key,
      make: (fields: Partial<SessionAnnounce> = {}, cardHash = member.card().hash, by = key) =>
        makeSessionAnnounce({ session: id, host, event: 'update', time: START + 1, port: 9875, height: 5, ...fields }, fromHex(cardHash), by),
    }
  }
  return { clock, server, host, announce, begin }
}

describe('the key and the MAC of a session', () => {
  it('are the same on both sides, and an HMAC as anybody computes it', () => {
    const host = new SessionHost()
    const key = sessionKey(alice.identity.agree(host.point) as Uint8Array, alice.identity.spki, host.point)
    expect(host.keyFor(alice.identity.spki)).toEqual(key)
    expect(host.keyFor(bob.identity.spki)).not.toEqual(key)
    const message = announceBytes({ host: 'h:1', event: 'update', time: START, port: 1, height: 2 }, new Uint8Array(32))
    expect(Buffer.from(sessionMac(key, message)).toString('hex')).toBe(createHmac('sha256', key).update(message).digest('hex'))
  })

  it('come from points of the curve alone', () => {
    const wrong = new Uint8Array(65).fill(4)
    expect(alice.identity.agree(wrong)).toBeUndefined()
    expect(alice.identity.agree(new Uint8Array(3))).toBeUndefined()
    expect(new SessionHost().keyFor(alice.identity.spki.map((b, i) => (i > 40 ? b ^ 1 : b)))).toBeUndefined()
  })
})

describe('announces in a session', () => {
  it('are taken without card and signature', async () => {
    const { server, announce, begin } = await setUp()
    const { make } = await begin(alice)
    expect(await announce(make({ height: 77, port: 9000 }))).toMatchObject({ others: 0, observed: '127.0.0.1:9000' })
    expect(server.members()).toMatchObject([{ height: 77, endpoint: '127.0.0.1:9000', nickname: 'Alice' }])
    expect(await announce(make({ event: 'stopped', time: START + 2 }))).toMatchObject({ members: [] })
    expect(server.members()).toEqual([])
    expect(await announce(make({ time: START + 3 }))).toBe('no-session')
  })

  it('are offered to whoever asks alone', async () => {
    const { announce, host } = await setUp()
    expect(await announce(alice.announce(host))).not.toHaveProperty('session')
  })

  it('get fewer others than a first one where there are many, all where there are few, and as many as they ask for', async () => {
    const { announce, begin, host } = await setUp({ sample: 3, updateSample: 1 })
    const { make } = await begin(alice)
    const others = await Promise.all(Array.from({ length: 4 }, (_, i) => testMember(`Other ${i}`)))
    const told = async (body: unknown) => {
      const answer = await announce(body)
      return typeof answer === 'string' ? answer : [answer.others, answer.members.length]
    }
    for (const member of others.slice(0, 3)) await announce(member.announce(host))
    expect(await told(make({ time: START + 1 }))).toEqual([3, 3])
    await announce(others[3]?.announce(host))
    expect(await told(make({ time: START + 2 }))).toEqual([4, 1])
    expect(await told(make({ time: START + 3, want: 2 }))).toEqual([4, 2])
    expect(await told(make({ time: START + 4, want: 50 }))).toEqual([4, 3])
    expect(await told(alice.announce(host, { time: START + 5 }))).toEqual([4, 3])
  })

  it('are refused when any field is another, or the key is', async () => {
    const { server, announce, begin, host } = await setUp()
    const { make, id } = await begin(alice)
    const other = await begin(bob)
    const good = make()
    for (const change of [
      { height: 6 },
      { port: 1 },
      { time: START + 2 },
      { event: 'stopped' as const },
      { session: other.id },
      { session: `${id.slice(0, -1)}x` },
    ])
      expect(await announce({ ...good, ...change })).toBe('no-session')
    expect(await announce(make({}, alice.card().hash, other.key))).toBe('no-session')
    expect(await announce(make({}, bob.card().hash))).toBe('no-session')
    expect(await announce(make({ host: 'another:1' }))).toBe('wrong-host')
    expect(await announce(make({ time: START + 121 }))).toBe('wrong-time')
    expect(await announce({ ...good, event: 'started' })).toBe('bad-request')
    expect(await announce({ ...good, mac: 'AAAA' })).toBe('bad-request')
    expect(server.members().map(({ height }) => height)).toEqual([1, 1])
    expect(await announce(good)).toMatchObject({ others: 1 })
    expect(await announce(good)).toBe('replayed')
    // What was signed counts against what has a MAC, and the other way round.
    expect(await announce(alice.announce(host, { time: START + 1 }))).toBe('replayed')
    expect(await announce(alice.announce(host, { time: START + 5 }))).toMatchObject({ others: 1 })
    expect(await announce(make({ time: START + 4 }))).toBe('replayed')
  })

  it('bring a new card, which is checked as any other', async () => {
    const { server, announce, begin } = await setUp()
    const { make } = await begin(alice)
    const renamed = alice.card({ nickname: 'Alicia', time: START + 1 })
    expect(await announce(make({ card: toBase64(renamed.bytes) }, renamed.hash))).toMatchObject({ others: 0 })
    expect(server.members()[0]?.nickname).toBe('Alicia')
    expect(await announce(make({ time: START + 2 }, renamed.hash))).toMatchObject({ others: 0 })
    const his = bob.card({ time: START + 3 })
    expect(await announce(make({ time: START + 3, card: toBase64(his.bytes) }, his.hash))).toBe('bad-card')
    const broken = renamed.bytes.slice()
    broken[40] = (broken[40] as number) ^ 1
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', broken)).toString('hex')
    expect(await announce(make({ time: START + 4, card: toBase64(broken) }, hash))).toBe('bad-card')
    expect(await announce(make({ time: START + 5, card: 'A' }, hash))).toBe('bad-card')
    const elsewhere = alice.card({ time: START + 6, blueSmell: new Uint8Array(32).fill(3) })
    expect(await announce(make({ time: START + 6, card: toBase64(elsewhere.bytes) }, elsewhere.hash))).toBe('bad-card')
    expect(server.members()[0]?.nickname).toBe('Alicia')
  })

  it('do not keep a card alive that has run out', async () => {
    const { announce, begin, clock } = await setUp({ interval: { min: 50_000, max: 50_000 } })
    const { make } = await begin(alice)
    clock.advance(40_000_000)
    expect(await announce(make({ time: START + 40_000 }))).toMatchObject({ others: 0 })
    // Between the last second of the card and the sweep that forgets its member.
    clock.advance((CARD_SECONDS - 40_000) * 1000 + 500)
    expect(await announce(make({ time: START + CARD_SECONDS }))).toMatchObject({ others: 0 })
    clock.advance(999)
    expect(['bad-card', 'no-session']).toContain(await announce(make({ time: START + CARD_SECONDS + 1 })))
  })
})

describe('a member and its sessions', () => {
  function listen(clock: ManualClock, change?: (body: string) => string) {
    const sent: object[] = []
    const poster = nodePoster()
    posters.push(poster)
    const post: Post = async (url, json, options) => {
      sent.push(json as object)
      const answer = await poster.post(url, json, options)
      return answer.ok && change ? { ok: true, value: { ...answer.value, body: change(answer.value.body) } } : answer
    }
    let card = alice.card()
    const client = new TrackerClient({
      self: { identity: alice.identity, card: () => card, port: () => 9875, height: () => 3 },
      params: regtest,
      clock,
      random: seededRandom(3),
      log: silent,
      post,
    })
    clients.push(client)
    const wait = async (done: () => boolean) => {
      // On this clock nothing happens by itself; the requests are real.
      while (!done()) {
        clock.advance(500)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    return { client, sent, wait, rename: () => (card = alice.card({ nickname: 'Alicia', time: START + 9 })) }
  }
  const isSigned = (body: object | undefined) => body !== undefined && 'signature' in body

  it('signs once, then has a MAC; shows a new card once; and signs again after the tracker was started anew', async () => {
    const clock = new ManualClock()
    const server = await tracker(clock)
    const { client, sent, wait, rename } = listen(clock)
    client.join(server.listen)
    await wait(() => sent.length >= 3)
    expect(sent.slice(0, 3).map(isSigned)).toEqual([true, false, false])
    expect(sent[1]).not.toHaveProperty('card')
    rename()
    const before = sent.length
    await wait(() => sent.length >= before + 3)
    expect(sent.slice(before).filter((body) => 'card' in body)).toHaveLength(1)
    expect(server.members()[0]?.nickname).toBe('Alicia')
    const { listen: place } = server
    await server.close()
    const again = await tracker(clock, place)
    await wait(() => again.members().length === 1)
    expect(sent.slice(before).filter(isSigned).length).toBeGreaterThan(0)
    await wait(() => client.states()[0]?.state === 'joined')
  })

  it('is listed also when somebody in between changes the tracker’s half of the key', async () => {
    const clock = new ManualClock()
    const server = await tracker(clock)
    const mallory = toBase64(new SessionHost().point)
    const { client, sent, wait } = listen(clock, (body) => body.replace(/"key":"[^"]+"/, `"key":"${mallory}"`))
    client.join(server.listen)
    await wait(() => sent.length >= 5)
    expect(sent.map(isSigned).slice(0, 5)).toEqual([true, false, true, false, true])
    await wait(() => client.states()[0]?.state === 'joined')
    expect(server.members()).toHaveLength(1)
    const refused = (await server.stats()).refused
    expect(refused['no-session']).toBeGreaterThan(0)
  })
})
