import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { createIdentity } from '../net/identity.ts'
import { systemFiles } from '../platform/files.ts'
import { silent } from '../util/ports.ts'
import { err, ok } from '../util/result.ts'
import { ErrorAnswer } from './protocol.ts'
import { openTrackerServer, type TrackerServer, type TrackerServerOptions } from './server.ts'
import { ManualClock, START, seededRandom, testMember } from './testing/fixture.ts'

/** What a tracker has of files: its table over a restart, lists, certificates. */

const alice = await testMember('Alice')
const bob = await testMember('Bob')
const folder = mkdtempSync(join(tmpdir(), 'cheese-tracker-'))
const servers: TrackerServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function open(options: Partial<TrackerServerOptions> = {}) {
  const opened = await openTrackerServer({
    listen: '127.0.0.1:0',
    clock: new ManualClock(),
    random: seededRandom(2),
    log: silent,
    dialBack: async () => err({ message: 'no' }),
    version: '0',
    files: systemFiles,
    hosts: ['tracker.example'],
    proxies: ['127.0.0.1'],
    ...options,
  })
  if (opened.ok) servers.push(opened.value)
  return opened
}

async function must(options: Partial<TrackerServerOptions> = {}): Promise<TrackerServer> {
  const opened = await open(options)
  if (!opened.ok) throw new Error(opened.error.message)
  return opened.value
}

async function announce(server: TrackerServer, body: unknown, from: string): Promise<string> {
  const response = await fetch(`http://${server.listen}/v1/announce`, { method: 'POST', body: JSON.stringify(body), headers: { 'x-forwarded-for': from } })
  return response.status === 200 ? 'listed' : ErrorAnswer.parse(await response.json()).error.code
}

describe('a restart', () => {
  it('forgets nobody, refuses what was heard before, and dials everybody again', async () => {
    const clock = new ManualClock()
    const place = { clock, folder: join(folder, 'table') }
    const first = await must({ ...place, dialBack: async ({ memberId }) => ok({ memberId, card: alice.card().bytes }) })
    const hers = alice.announce('tracker.example')
    expect(await announce(first, hers, '198.51.100.1')).toBe('listed')
    expect(await announce(first, bob.announce('tracker.example', { event: 'started' }), '198.51.100.2')).toBe('listed')
    expect(await announce(first, bob.announce('tracker.example', { event: 'stopped', time: START + 1 }), '198.51.100.2')).toBe('listed')
    await first.close()
    clock.advance(5 * 60_000)
    let dials = 0
    const second = await must({
      ...place,
      dialBack: async () => {
        dials++
        return err({ message: 'gone' })
      },
    })
    expect(second.members()).toMatchObject([{ nickname: 'Alice', endpoint: '198.51.100.1:9875', reachable: true, lastSeen: START }])
    clock.advance(60_000)
    expect(second.members()).toHaveLength(1)
    expect(await announce(second, alice.announce('tracker.example', { event: 'update', time: START + 361 }), '198.51.100.1')).toBe('listed')
    await vi.waitFor(() => expect(second.members()[0]?.reachable).toBe(false), { interval: 2 })
    expect(dials).toBe(1)
    expect(second.members()).toHaveLength(1)
    await second.close()
    // Whoever is not heard of again goes, as if there had been no restart.
    const third = await must(place)
    clock.advance(95_000)
    await vi.waitFor(() => expect(third.members()).toEqual([]), { interval: 2 })
  })

  it('that finds a damaged file begins with nobody', async () => {
    const place = { folder: join(folder, 'damaged') }
    const first = await must(place)
    await announce(first, alice.announce('tracker.example'), '198.51.100.1')
    await first.close()
    writeFileSync(join(place.folder, 'members.snapshot'), 'nonsense')
    expect((await must(place)).members()).toEqual([])
  })
})

describe('lists', () => {
  it('turn away whoever is blocked, and forget those who are blocked later', async () => {
    const list = join(folder, 'block.txt')
    writeFileSync(list, '203.0.113.0/24\n')
    const clock = new ManualClock()
    const server = await must({ clock, block: [list] })
    expect(await announce(server, alice.announce('tracker.example'), '203.0.113.5')).toBe('not-admitted')
    expect(await announce(server, alice.announce('tracker.example'), '198.51.100.1')).toBe('listed')
    writeFileSync(list, '198.51.100.0/24\n')
    await server.reload()
    clock.advance(1_000)
    await vi.waitFor(() => expect(server.members()).toEqual([]), { interval: 2 })
    expect(await announce(server, alice.announce('tracker.example', { time: START + 1 }), '198.51.100.1')).toBe('not-admitted')
    expect(await announce(server, alice.announce('tracker.example', { time: START + 1 }), '203.0.113.5')).toBe('listed')
    expect((await server.stats()).refused['not-admitted']).toBe(2)
  })

  it('that cannot be read, and proxies that are none, keep it from opening', async () => {
    expect(await open({ allow: [join(folder, 'nowhere')] })).toMatchObject({ ok: false, error: { message: expect.stringContaining('neither an address') } })
    expect(await open({ proxies: ['a proxy'] })).toMatchObject({ ok: false, error: { message: expect.stringContaining('A proxy is an address') } })
  })
})

describe('https', () => {
  const at = (name: string) => join(folder, name)
  /** The key of the certificate that a tracker shows, and what it answers. */
  const ask = (server: TrackerServer) =>
    new Promise<{ fingerprint: string; body: string }>((resolve, reject) => {
      const asked = request(`https://${server.listen}/healthz`, { rejectUnauthorized: false, agent: false }, (response) => {
        const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate()
        let body = ''
        response.on('data', (data) => (body += String(data)))
        response.on('end', () => resolve({ fingerprint: fingerprint256, body }))
      })
      asked.on('error', reject)
      asked.end()
    })
  const put = async (name: string) => {
    const { keyPem, certificatePem } = await createIdentity()
    writeFileSync(at(`${name}.key`), keyPem)
    writeFileSync(at(`${name}.crt`), certificatePem)
  }

  it('is spoken with a certificate, which is renewed without an end; one without its key changes nothing', async () => {
    await put('one')
    await put('two')
    const files = { cert: at('now.crt'), key: at('now.key') }
    copyFileSync(at('one.crt'), files.cert)
    copyFileSync(at('one.key'), files.key)
    const clock = new ManualClock()
    const server = await must({ clock, tls: files })
    expect(server.urls()).toEqual([`https://${server.listen}`])
    const first = await ask(server)
    expect(first.body).toBe('ok\n')
    await expect(fetch(`http://${server.listen}/healthz`)).rejects.toThrow()
    copyFileSync(at('two.crt'), files.cert)
    await server.reload()
    expect((await ask(server)).fingerprint).toBe(first.fingerprint)
    copyFileSync(at('two.key'), files.key)
    // By itself, half a minute later.
    clock.advance(31_000)
    await vi.waitFor(async () => expect((await ask(server)).fingerprint).not.toBe(first.fingerprint), { interval: 5 })
  })

  it('with files that do not fit does not begin', async () => {
    await put('three')
    await put('four')
    expect(await open({ tls: { cert: at('three.crt'), key: at('four.key') } })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('The certificate and its key cannot be used') },
    })
    expect(await open({ tls: { cert: at('nowhere'), key: at('four.key') } })).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('cannot be read') },
    })
  })
})
