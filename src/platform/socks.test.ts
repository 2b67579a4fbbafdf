import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createIdentity } from '../net/identity.ts'
import type { HostPort, Transport } from '../net/transport.ts'
import { nodePoster } from '../tracker/post.ts'
import { openTrackerServer } from '../tracker/server.ts'
import { silent } from '../util/ports.ts'
import { systemClock } from './clock.ts'
import { systemRandom } from './random.ts'
import { outward } from './socks.ts'
import { type Asked, openTestSocks, type TestSocks } from './testing/socks-server.ts'
import { tlsTransport } from './tls-transport.ts'
import { trackerAnswers } from './tracker-answers.ts'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

async function proxy(route: Parameters<typeof openTestSocks>[0]): Promise<TestSocks> {
  const socks = await openTestSocks(route)
  ends.push(() => socks.close())
  return socks
}

/** A member that listens, and one that dials through `via`. */
async function members(via: ReturnType<typeof outward>): Promise<{ readonly port: number; readonly id: string; readonly dialler: Transport }> {
  const [far, near] = [await createIdentity(), await createIdentity()]
  const listening = await tlsTransport(far).listen({ host: '127.0.0.1', port: 0, admit: () => true, onConnection: (one) => ends.push(() => one.close('done')) })
  if (!listening.ok) throw new Error(listening.error.message)
  ends.push(() => listening.value.close())
  return { port: listening.value.endpoint.port, id: far.memberId, dialler: tlsTransport(near, { via }) }
}

/** Something on loopback that is no proxy. */
async function otherServer(onConnection: (socket: Socket) => void): Promise<HostPort> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return here((server.address() as AddressInfo).port)
}

const here = (port: number) => ({ host: '127.0.0.1', port })
const timeoutMs = 5_000

describe('a proxy', () => {
  it('is what members are dialled through; it looks up their names, and each dial goes by a name of its own', async () => {
    let port = 0
    const socks = await proxy((asked) => (asked.host === 'alice.example' ? here(port) : 4))
    const far = await members(outward(() => socks.endpoint))
    port = far.port
    for (let i = 0; i < 2; i++) {
      const connected = await far.dialler.connect({ host: 'alice.example', port: 9875 }, { timeoutMs })
      if (!connected.ok) throw new Error(connected.error.message)
      expect(connected.value.remoteId).toBe(far.id)
      expect(connected.value.remote).toEqual({ host: 'alice.example', port: 9875 })
      connected.value.close('done')
    }
    expect(socks.asked).toMatchObject([{ host: 'alice.example', port: 9875, named: true }, { named: true }])
    expect(new Set(socks.asked.map(({ user }) => user)).size).toBe(2)
    expect(socks.asked[0]?.user).toMatch(/^[0-9a-f]{24}:[0-9a-f]{24}$/)
  })

  it('gets addresses of both kinds as they are, and this machine’s own go past it', async () => {
    const socks = await proxy(() => 5)
    const { dialler, port } = await members(outward(() => socks.endpoint))
    for (const host of ['8.8.8.8', '2001:db8::7'])
      expect(await dialler.connect({ host, port: 9875 }, { timeoutMs })).toMatchObject({ error: { code: 'refused' } })
    expect(socks.asked).toMatchObject([
      { host: '8.8.8.8', named: false },
      { host: '2001:db8::7', named: false },
    ])
    const direct = await dialler.connect(here(port), { timeoutMs })
    expect(direct.ok).toBe(true)
    if (direct.ok) direct.value.close('done')
    expect(socks.asked).toHaveLength(2)
  })

  it('that is down, or is none, is said to be the trouble, and what to do about it', async () => {
    const socks = await openTestSocks(() => 5)
    await socks.close()
    const down = await (await members(outward(() => socks.endpoint))).dialler.connect({ host: '8.8.8.8', port: 1 }, { timeoutMs })
    expect(down).toMatchObject({ error: { code: 'proxy', message: expect.stringMatching(/^No proxy listens at 127\.0\.0\.1:\d+: start it \(for Tor/) } })
    const talk = await otherServer((socket) => socket.write('HTTP/1.0 400 Bad Request\r\n\r\n'))
    const wrong = await (await members(outward(() => talk))).dialler.connect({ host: '8.8.8.8', port: 1 }, { timeoutMs })
    expect(wrong).toMatchObject({ error: { code: 'proxy', message: expect.stringContaining('is no SOCKS5 proxy') } })
  })

  it('that says nothing is given up in time, and when the dial is called off', async () => {
    const mute = await otherServer(() => undefined)
    const { dialler } = await members(outward(() => mute))
    expect(await dialler.connect({ host: '8.8.8.8', port: 1 }, { timeoutMs: 50 })).toMatchObject({ error: { code: 'timeout' } })
    const abort = new AbortController()
    const dialling = dialler.connect({ host: '8.8.8.8', port: 1 }, { timeoutMs, signal: abort.signal })
    abort.abort()
    expect(await dialling).toMatchObject({ error: { code: 'aborted' } })
  })

  it.each([
    [4, 'unreachable'],
    [5, 'refused'],
    [2, 'proxy'],
    [1, 'unreachable'],
  ])('says by code %i that it is %s', async (code, expected) => {
    const socks = await proxy(() => code)
    const { dialler } = await members(outward(() => socks.endpoint))
    expect(await dialler.connect({ host: '8.8.8.8', port: 9875 }, { timeoutMs })).toMatchObject({ error: { code: expected } })
  })

  it('is what trackers are announced to and looked at through, and says nothing of where they are', async () => {
    const server = await openTrackerServer({
      listen: '127.0.0.1:0',
      clock: systemClock,
      random: systemRandom,
      log: silent,
      version: '0',
      dialBack: async () => ({ ok: false, error: { message: 'no' } }),
    })
    if (!server.ok) throw new Error(server.error.message)
    ends.push(() => server.value.close())
    const asked: Asked[] = []
    const socks = await proxy((one) => {
      asked.push(one)
      return here(server.value.port)
    })
    const via = outward(() => socks.endpoint)
    const answer = await nodePoster(via).post('http://tracker.example:9876/v1/announce', {}, { timeoutMs })
    expect(answer).toMatchObject({ ok: true, value: { status: 400, remote: undefined } })
    const endpoint = { host: 'tracker.example', port: 9876 }
    expect(await trackerAnswers(endpoint, via(endpoint))).toBe(true)
    expect(asked).toMatchObject([endpoint, endpoint])
    await server.value.close()
    expect(await trackerAnswers(endpoint, via(endpoint))).toBe(false)
    const failed = await nodePoster(via).post('http://tracker.example:9876/v1/announce', {}, { timeoutMs })
    expect(failed.ok).toBe(false)
  })
})
