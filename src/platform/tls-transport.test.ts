import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, connect as tcpConnect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import 'reflect-metadata'
import { X509CertificateGenerator } from '@peculiar/x509'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createIdentity, type Identity } from '../net/identity.ts'
import type { Connection, Listener, Transport } from '../net/transport.ts'
import { tlsTransport } from './tls-transport.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const HERE = { host: '127.0.0.1', port: 0 }

async function listen(transport: Transport, onConnection: (connection: Connection) => void, admit: (host: string) => boolean = () => true): Promise<Listener> {
  const listening = await transport.listen({ ...HERE, admit, onConnection })
  if (!listening.ok) throw new Error(listening.error.message)
  closing.push(() => listening.value.close())
  return listening.value
}

async function pair(): Promise<{ a: Connection; b: Connection; ids: readonly [Identity, Identity] }> {
  const ids = [await createIdentity(), await createIdentity()] as const
  let take: (connection: Connection) => void = () => undefined
  const incoming = new Promise<Connection>((resolve) => {
    take = resolve
  })
  const listener = await listen(tlsTransport(ids[1]), take)
  const dialled = await tlsTransport(ids[0]).connect(listener.endpoint, { timeoutMs: 5_000 })
  if (!dialled.ok) throw new Error(dialled.error.message)
  const b = await incoming
  closing.push(
    () => dialled.value.close('test over'),
    () => b.close('test over'),
  )
  return { a: dialled.value, b, ids }
}

const closed = (connection: Connection) => new Promise<string>((resolve) => connection.events.on('close', resolve))

function collect(connection: Connection, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let got = 0
  return new Promise((resolve) => {
    connection.events.on('data', (chunk) => {
      chunks.push(chunk)
      got += chunk.length
      if (got >= length) resolve(new Uint8Array(Buffer.concat(chunks)))
    })
    connection.resume()
  })
}

describe('TLS', () => {
  it('shows each side the other, and carries bytes both ways', async () => {
    const { a, b, ids } = await pair()
    expect(a).toMatchObject({ remoteId: ids[1].memberId, direction: 'out', remote: { host: '127.0.0.1' } })
    expect(b).toMatchObject({ remoteId: ids[0].memberId, direction: 'in', remote: { host: '127.0.0.1' } })
    const big = new Uint8Array(3_000_000).map((_, i) => i % 251)
    const [atB, atA] = [collect(b, big.length), collect(a, 3)]
    a.send(big)
    b.send(Uint8Array.of(1, 2, 3))
    expect(Buffer.compare(await atB, big)).toBe(0)
    expect(await atA).toEqual(Uint8Array.of(1, 2, 3))
    expect(a).toMatchObject({ bytesIn: 3, bytesOut: big.length })
    expect(b).toMatchObject({ bytesIn: big.length, bytesOut: 3 })
  })

  it('says when enough is waiting, and when there is room again', async () => {
    const { a, b } = await pair()
    b.pause()
    let sent = 0
    while (a.send(new Uint8Array(500_000))) if (++sent > 100) throw new Error('never full')
    expect(a.buffered).toBeGreaterThan(1_000_000)
    const drained = new Promise<void>((resolve) => a.events.on('drain', resolve))
    b.resume()
    await drained
    expect(a.send(new Uint8Array(1))).toBe(true)
  })

  it('delivers what was sent before it was closed', async () => {
    const { a, b } = await pair()
    const atB = collect(b, 200_000)
    const ends = [closed(a), closed(b)]
    a.send(new Uint8Array(200_000).fill(9))
    a.close('done')
    expect((await atB).length).toBe(200_000)
    await Promise.all(ends)
    expect(a.send(Uint8Array.of(1))).toBe(false)
  })

  it('asks before TLS whether an address may come in', async () => {
    const hosts: string[] = []
    const listener = await listen(
      tlsTransport(await createIdentity()),
      () => expect.unreachable(),
      (host) => {
        hosts.push(host)
        return false
      },
    )
    const dialled = await tlsTransport(await createIdentity()).connect(listener.endpoint, { timeoutMs: 5_000 })
    expect(dialled).toMatchObject({ ok: false, error: { code: 'refused' } })
    expect(hosts).toEqual(['127.0.0.1'])
  })

  it('lets one address hold so many connections, those in the middle of TLS among them', async () => {
    const listener = await listen(tlsTransport(await createIdentity(), { perHost: 2 }), () => undefined)
    const idle = [0, 1].map(() => tcpConnect(listener.endpoint.port, '127.0.0.1'))
    await Promise.all(idle.map((socket) => once(socket, 'connect')))
    const dial = async () => (await tlsTransport(await createIdentity()).connect(listener.endpoint, { timeoutMs: 5_000 })).ok
    expect(await dial()).toBe(false)
    for (const socket of idle) socket.destroy()
    await expect.poll(dial).toBe(true)
  })

  it('tells apart why a dial or a listener fails', async () => {
    const transport = tlsTransport(await createIdentity())
    const listener = await listen(transport, () => undefined)
    expect(await transport.listen({ ...listener.endpoint, admit: () => true, onConnection: () => undefined })).toMatchObject({
      ok: false,
      error: { code: 'port-in-use' },
    })
    expect(await transport.listen({ host: '192.0.2.1', port: 0, admit: () => true, onConnection: () => undefined })).toMatchObject({
      ok: false,
      error: { code: 'bad-address' },
    })

    const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const mute = createServer(() => undefined)
    for (const server of [plain, mute]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      closing.push(() => void server.close())
    }
    const portOf = (server: typeof plain) => {
      const address = server.address()
      return typeof address === 'object' && address ? address.port : 0
    }
    const dial = (port: number, timeoutMs = 5_000, signal?: AbortSignal) =>
      transport.connect({ host: '127.0.0.1', port }, { timeoutMs, ...(signal ? { signal } : {}) })
    expect(await dial(portOf(plain))).toMatchObject({ ok: false, error: { code: 'not-a-member' } })
    expect(await dial(portOf(mute), 200)).toMatchObject({ ok: false, error: { code: 'timeout' } })
    expect(await dial(portOf(mute), 5_000, AbortSignal.timeout(100))).toMatchObject({ ok: false, error: { code: 'aborted' } })
    const { port } = listener.endpoint
    await listener.close()
    expect(await dial(port)).toMatchObject({ ok: false, error: { code: 'refused' } })
    expect(await transport.connect({ host: 'no-such-host.invalid', port: 9875 }, { timeoutMs: 5_000 })).toMatchObject({
      ok: false,
      error: { code: 'unreachable' },
    })
  })

  it('refuses everything that is not TLS 1.3 with a P-256 key', async () => {
    const taken: string[] = []
    const server = await createIdentity()
    const listener = await listen(tlsTransport(server), (connection) => taken.push(connection.remoteId))
    const good = await createIdentity()
    const attempts = {
      'no certificate': {},
      'a P-384 key': await certificateOf('P-384'),
      'TLS 1.2': { key: good.keyPem, cert: good.certificatePem, maxVersion: 'TLSv1.2' as const },
    }
    for (const options of Object.values(attempts)) {
      await new Promise<void>((resolve) => {
        const socket = tlsConnect({ host: '127.0.0.1', port: listener.endpoint.port, rejectUnauthorized: false, ...options })
        socket.on('error', () => undefined)
        socket.once('close', () => resolve())
        socket.resume()
      })
    }
    expect(taken).toEqual([])
    const p384 = await certificateOf('P-384')
    const odd = await listen(tlsTransport({ memberId: '00'.repeat(32), keyPem: p384.key, certificatePem: p384.cert }), () => undefined)
    expect(await tlsTransport(good).connect(odd.endpoint, { timeoutMs: 5_000 })).toMatchObject({ ok: false, error: { code: 'not-a-member' } })
  })

  it('at all addresses takes IPv6 and IPv4, and sees both as they are', async (context) => {
    const remotes: string[] = []
    const onConnection = (one: Connection) => void remotes.push(one.remote.host)
    const listening = await tlsTransport(await createIdentity()).listen({ host: '::', port: 0, admit: () => true, onConnection })
    if (!listening.ok) throw new Error(listening.error.message)
    closing.push(() => listening.value.close())
    // Where the machine knows no IPv6, IPv4 alone is listened to.
    if (listening.value.endpoint.host !== '::') return context.skip('this machine knows no IPv6')
    const near = tlsTransport(await createIdentity())
    for (const host of ['127.0.0.1', '::1']) {
      const dialled = await near.connect({ host, port: listening.value.endpoint.port }, { timeoutMs: 5_000 })
      if (!dialled.ok) throw new Error(dialled.error.message)
      expect(dialled.value.remote.host).toBe(host)
      closing.push(() => dialled.value.close('test over'))
    }
    await vi.waitFor(() => expect(remotes).toEqual(['127.0.0.1', '::1']))
  })
})

/** A self-signed certificate of another curve. */
async function certificateOf(namedCurve: 'P-384'): Promise<{ readonly key: string; readonly cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve, hash: 'SHA-384' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=other',
    notBefore: new Date(2026, 0),
    notAfter: new Date(2049, 0),
    signingAlgorithm: algorithm,
    keys,
  })
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const cert = certificate.toString('pem')
  expect(new X509Certificate(cert).publicKey.asymmetricKeyDetails?.namedCurve).toBe('secp384r1')
  return { key: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`, cert }
}
