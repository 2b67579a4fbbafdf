import { expect } from 'vitest'
import { createIdentity } from '../../../src/net/identity.ts'
import type { HostPort } from '../../../src/net/transport.ts'
import { type Announce, makeAnnounce } from '../../../src/tracker/protocol.ts'
import type { Attack } from '../support/attack.ts'
import { ask } from '../support/http.ts'
import { crowd, until } from '../support/until.ts'
import { rawSocket } from '../support/villain.ts'
import { memberCard } from './cards.ts'

type Fields = Omit<Announce, 'card' | 'signature'>

function fieldsFor(tracker: HostPort, fields: Partial<Fields> = {}): Fields {
  return { host: `${tracker.host}:${tracker.port}`, event: 'started', time: Math.floor(Date.now() / 1000), port: 0, height: 5, ...fields }
}

async function announce(tracker: HostPort, body: unknown): Promise<string> {
  const { status, body: answer } = await ask(tracker, 'POST', '/v1/announce', JSON.stringify(body))
  return status === 200 ? 'taken' : `${status} ${(JSON.parse(answer) as { error: { code: string } }).error.code}`
}

export const forgedAnnounces: Attack = {
  name: 'forged announces',
  does: 'announces at the tracker under another’s card, plays announces again, made for another host, of another time, and says goodbye for others',
  sender: 'unhurt',
  async run({ tracker, victim }) {
    const [honest, villain] = [await createIdentity(), await createIdentity()]
    const [card, own] = [memberCard(honest, 'honest'), memberCard(villain, 'villain')]
    const before = (await victim.client.tracker.status()).hosting?.total ?? 0
    const good = makeAnnounce(fieldsFor(tracker), card, honest)
    expect(await announce(tracker, good)).toBe('taken')
    const said = [
      // Another's card, signed with a key of one's own.
      { ...makeAnnounce(fieldsFor(tracker, { time: good.time + 1 }), own, villain), card: good.card },
      makeAnnounce(fieldsFor(tracker, { time: good.time + 1 }), card, villain),
      makeAnnounce(fieldsFor(tracker, { time: good.time + 1, event: 'stopped' }), card, villain),
      // What somebody heard, with other words in it, or as it was.
      { ...good, event: 'stopped' },
      { ...good, port: 4000 },
      { ...good, time: good.time + 2 },
      good,
      makeAnnounce(fieldsFor(tracker, { host: 'tracker.example:9876', time: good.time + 1 }), card, honest),
      makeAnnounce(fieldsFor(tracker, { time: good.time - 4000 }), card, honest),
      makeAnnounce(fieldsFor(tracker, { time: good.time + 4000 }), card, honest),
      { ...good, card: good.card.replace(/^..../, 'AAAA') },
      { ...good, signature: 'A'.repeat(88) },
    ]
    const answers: string[] = []
    for (const one of said) answers.push(await announce(tracker, one))
    expect(answers).toEqual([
      '403 bad-signature',
      '403 bad-signature',
      '403 bad-signature',
      '403 bad-signature',
      '403 bad-signature',
      '403 bad-signature',
      '409 replayed',
      '403 wrong-host',
      '403 wrong-time',
      '403 wrong-time',
      '400 bad-card',
      '403 bad-signature',
    ])
    const { hosting } = await victim.client.tracker.status()
    expect(hosting?.total).toBe(before + 1)
    expect(hosting?.members.find(({ memberId }) => memberId === honest.memberId)).toMatchObject({ nickname: 'honest' })
    expect(await announce(tracker, makeAnnounce(fieldsFor(tracker, { time: good.time + 3, event: 'stopped' }), card, honest))).toBe('taken')
    return []
  },
}

const NESTED = '['.repeat(4096)
const BOMBS: readonly (string | Uint8Array)[] = [
  NESTED,
  `{"host":${NESTED.slice(0, 4000)}`,
  `{${'"a":1,'.repeat(600)}"b":2}`,
  '{"__proto__":{"admin":true},"constructor":{}}',
  `{"time":1e999,"port":-0.5,"host":"${'x'.repeat(3900)}"}`,
  new Uint8Array(4096).fill(0xff),
  '\u0000'.repeat(4000),
  'x'.repeat(8_000_000),
]

export const bombs: Attack = {
  name: 'bombs at the tracker and the control API',
  does: 'posts deep, large and broken JSON, and long headers, with and without a right to',
  sender: 'unhurt',
  async run({ tracker, victim }) {
    for (const bomb of BOMBS) {
      expect([0, 400, 413, 429]).toContain((await ask(tracker, 'POST', '/v1/announce', bomb)).status)
      expect([0, 401, 413]).toContain((await ask(victim.api, 'POST', '/api/wallet/send', bomb, { 'content-type': 'application/json' })).status)
    }
    for (const at of [tracker, victim.api]) {
      expect([0, 400, 431]).toContain((await ask(at, 'GET', '/', '', { 'x-long': 'x'.repeat(60_000) })).status)
      expect([0, 400, 401, 404, 413, 414, 429, 431]).toContain((await ask(at, 'GET', `/${'a/'.repeat(3000)}`)).status)
    }
    return []
  },
}

/** A request that never comes to its end, by a few bytes at a time. */
const BEGINNINGS = [
  'POST /v1/announce HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n{',
  'GET / HTTP/1.1\r\nHost: x\r\nX-',
  'POST /v1/announce HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n',
  '',
]

export const slowloris: Attack = {
  name: 'slowloris',
  does: 'opens hundreds of connections to the tracker and the control API, and ends no request',
  sender: 'unhurt',
  async run({ tracker, victim }) {
    const sockets = await crowd(240, 40, async (i) => {
      const socket = await rawSocket(i % 2 === 0 ? tracker : victim.api)
      socket.write(BEGINNINGS[(i >> 1) % BEGINNINGS.length] ?? '')
      return socket
    })
    const trickle = setInterval(() => {
      for (const socket of sockets) if (!socket.destroyed) socket.write('1')
    }, 500)
    // A right to ask is served meanwhile.
    await victim.client.status()
    await until('all are hung up on', () => sockets.every((socket) => socket.destroyed), 50).finally(() => clearInterval(trickle))
    expect((await ask(tracker, 'GET', '/healthz')).status).toBe(200)
    return []
  },
}
