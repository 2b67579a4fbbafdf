import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { formatIp } from '../util/ip.ts'
import { createLimitedServer, HTTP_LIMITS, type HttpLimits, listenAt, observedIp } from './http.ts'
import { type IpRange, IpRanges, parseRange } from './places.ts'

const proxies = new IpRanges(['192.0.2.1', '10.0.0.0/8', '2001:db8::/64'].map((text) => parseRange(text) as IpRange))

describe('where a request comes from', () => {
  const observed = (remoteAddress: string | undefined, forwarded?: string | string[]) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
    const ip = observedIp({ headers, socket: { remoteAddress } } as Parameters<typeof observedIp>[0], (at) => proxies.has(at))
    return ip && formatIp(ip)
  }

  it.each<[string, string | undefined, string | string[] | undefined, string | undefined]>([
    ['a stranger', '198.51.100.7', undefined, '198.51.100.7'],
    ['a stranger who says he is another', '198.51.100.7', '203.0.113.9', '198.51.100.7'],
    ['a stranger on a socket for both families', '::ffff:198.51.100.7', '203.0.113.9', '198.51.100.7'],
    ['a link-local one with its zone', 'fe80::1%eth0', undefined, 'fe80::1'],
    ['through a proxy', '192.0.2.1', '203.0.113.9', '203.0.113.9'],
    ['through a proxy on a socket for both families', '::ffff:192.0.2.1', '203.0.113.9', '203.0.113.9'],
    ['through a proxy of a range', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['through two proxies', '192.0.2.1', '203.0.113.9, 10.0.0.5', '203.0.113.9'],
    ['through two proxies, one of them as mapped IPv6', '192.0.2.1', '203.0.113.9, ::ffff:10.0.0.5', '203.0.113.9'],
    ['through an IPv6 proxy', '2001:db8::5', '2001:db9::1', '2001:db9::1'],
    ['mapped IPv6 in the header', '192.0.2.1', '::ffff:203.0.113.9', '203.0.113.9'],
    ['with a port in the header', '192.0.2.1', '203.0.113.9:4711', '203.0.113.9'],
    ['with brackets and a port', '192.0.2.1', '[2001:db9::1]:4711', '2001:db9::1'],
    ['who forged what comes before', '192.0.2.1', '10.0.0.9, 1.2.3.4, 203.0.113.9', '203.0.113.9'],
    ['with several headers', '192.0.2.1', ['1.2.3.4', '203.0.113.9'], '203.0.113.9'],
    ['who says he is a proxy', '192.0.2.1', '10.0.0.9', undefined],
    ['a proxy that says nothing', '192.0.2.1', undefined, undefined],
    ['a proxy that says junk', '192.0.2.1', 'unknown', undefined],
    ['junk behind a good address', '192.0.2.1', '203.0.113.9, <script>', undefined],
    ['a proxy that says nothing at the end', '192.0.2.1', '203.0.113.9,', undefined],
    ['a socket that is gone', undefined, '203.0.113.9', undefined],
  ])('%s', (_what, remote, forwarded, expected) => {
    expect(observed(remote, forwarded)).toBe(expected)
  })

  it('an endless header costs no endless work', () => {
    expect(observed('192.0.2.1', `203.0.113.9${', 10.0.0.5'.repeat(50)}`)).toBeUndefined()
  })
})

describe('a server for strangers', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()))
  })

  async function serve(limits: Partial<HttpLimits>, unlimited = false) {
    const server = createLimitedServer(
      (_request, response) => response.end('hello'),
      () => unlimited,
      undefined,
      { ...HTTP_LIMITS, ...limits },
    )
    const place = await listenAt(server, '127.0.0.1:0')
    if (!place.ok) throw new Error(place.error.message)
    closing.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
    )
    const open = () => {
      const socket = connect(place.value.port, '127.0.0.1')
      let text = ''
      socket.on('data', (data) => (text += data.toString()))
      socket.on('error', () => undefined)
      const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)))
      const until = (what: RegExp) =>
        new Promise<string>((resolve, reject) => {
          const look = () => {
            if (what.test(text)) resolve(text)
          }
          socket.on('data', look)
          socket.once('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)))
          look()
        })
      return { socket, closed, until }
    }
    return { server, open }
  }

  const GET = 'GET / HTTP/1.1\r\nHost: here\r\n\r\n'

  it('answers several requests on one connection, and then asks for another', async () => {
    const { open } = await serve({ requests: 3 })
    const one = open()
    one.socket.write(GET)
    expect(await one.until(/hello/)).toMatch(/Connection: keep-alive/)
    one.socket.write(GET)
    await one.until(/hello.*hello/s)
    one.socket.write(GET)
    expect(await one.until(/(hello.*){3}/s)).toMatch(/Connection: close/)
    one.socket.write(GET)
    expect(await one.until(/503 Service Unavailable/)).toMatch(/(hello.*){3}503/s)
  })

  it('ends a connection that is idle', async () => {
    const { open } = await serve({ idleMs: 50 })
    const one = open()
    one.socket.write(GET)
    expect(await one.closed).toContain('hello')
  })

  it('ends a request whose headers never come to their end', async () => {
    const { open } = await serve({ headersMs: 100 })
    const one = open()
    one.socket.write('GET / HTTP/1.1\r\nHost:')
    expect(await one.closed).toMatch(/^HTTP\/1\.1 (400|408) /)
  })

  it('ends whoever does not take his answer', async () => {
    const { open } = await serve({ silentMs: 100 })
    const one = open()
    expect(await one.closed).toBe('')
  })

  it('bounds connections of an address, and not those of our own proxies', async () => {
    const { open } = await serve({ perAddress: 2 })
    const [one, two] = [open(), open()]
    one.socket.write(GET)
    two.socket.write(GET)
    await Promise.all([one.until(/hello/), two.until(/hello/)])
    expect(await open().closed).toBe('')
    one.socket.destroy()
    await one.closed
    // The server hears of the end a moment later than we do.
    for (;;) {
      const next = open()
      next.socket.write(GET)
      if (await next.until(/hello/).catch(() => undefined)) break
    }
    const free = await serve({ perAddress: 1, perSubnet: 1 }, true)
    const many = Array.from({ length: 5 }, () => free.open())
    for (const each of many) each.socket.write(GET)
    expect(await Promise.all(many.map((each) => each.until(/hello/)))).toHaveLength(5)
  })

  it('ends idle connections to make room when there are too many', async () => {
    const { open } = await serve({ connections: 10 })
    const idle = Array.from({ length: 9 }, open)
    for (const each of idle) each.socket.write(GET)
    await Promise.all(idle.map((each) => each.until(/hello/)))
    const one = open()
    one.socket.write(GET)
    expect(await one.until(/hello/)).toContain('hello')
    await Promise.all(idle.map((each) => each.closed))
  })
})
