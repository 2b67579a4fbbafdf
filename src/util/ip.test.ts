import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatEndpoint, formatIp, isGlobal, isLoopback, isPrivate, normalizeIp, parseEndpoint, parseHostPort, parseIp } from './ip.ts'

describe('IP addresses', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['64:ff9b::192.0.2.7', '64:ff9b::c000:207'],
    ['1::', '1::'],
  ])('%s is %s', (text, shown) => {
    const ip = parseIp(text)
    expect(ip && formatIp(ip)).toBe(shown)
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    '1:2',
    ':::',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7:8:9',
    ':1',
    '1:',
    '::1%eth0',
    'example',
    '1.2.3.4::',
    '::1.2.3',
    ' 1.2.3.4',
  ])('%s is none', (text) => expect(parseIp(text)).toBeUndefined())

  it('agrees with node:net on what is an address, and writes what it reads', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{1,20}$/)), (text) => {
        const ip = parseIp(text)
        expect(ip !== undefined).toBe(isIP(text) !== 0)
        if (ip) expect(parseIp(formatIp(ip))).toEqual(ip)
      }),
      { numRuns: 2000 },
    )
    expect(normalizeIp(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4]))).toEqual(new Uint8Array([1, 2, 3, 4]))
  })

  it('knows what can be reached across the internet', () => {
    const global = (text: string) => isGlobal(parseIp(text) as Uint8Array)
    for (const text of ['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '100.63.0.1', '2606:4700::1', '2a00::1'])
      expect([text, global(text)]).toEqual([text, true])
    for (const text of [
      '0.0.0.0',
      '10.1.2.3',
      '127.0.0.1',
      '100.64.0.1',
      '169.254.169.254',
      '172.16.0.1',
      '192.168.0.1',
      '192.0.2.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      'fe80::1',
      'fc00::1',
      'ff02::1',
      '2001:db8::1',
      '2002::1',
      '2001::1',
      '64:ff9b::1',
      '3fff::1',
    ])
      expect([text, global(text)]).toEqual([text, false])
    for (const text of ['10.0.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fd00::1'])
      expect([text, isPrivate(parseIp(text) as Uint8Array)]).toEqual([text, true])
    for (const text of ['127.0.0.1', '0.0.0.0', '169.254.169.254', '172.32.0.1', '224.0.0.1', '::1', 'fe80::1', '8.8.8.8'])
      expect([text, isPrivate(parseIp(text) as Uint8Array)]).toEqual([text, false])
    expect(isLoopback(parseIp('127.9.9.9') as Uint8Array)).toBe(true)
    expect(isLoopback(parseIp('::1') as Uint8Array)).toBe(true)
    expect(isLoopback(parseIp('::2') as Uint8Array)).toBe(false)
  })

  it('reads endpoints', () => {
    const shown = (text: string) => {
      const endpoint = parseEndpoint(text)
      return endpoint && formatEndpoint(endpoint)
    }
    expect(shown('192.0.2.7:9875')).toBe('192.0.2.7:9875')
    expect(shown('[2001:db8::1]:9875')).toBe('[2001:db8::1]:9875')
    expect(shown('[::ffff:192.0.2.7]:9875')).toBe('192.0.2.7:9875')
    for (const bad of ['192.0.2.7', '192.0.2.7:0', '192.0.2.7:65536', 'example.org:80', '2001:db8::1:9875', '[192.0.2.7]:80', ''])
      expect(shown(bad)).toBeUndefined()
    expect(parseHostPort('example.org:0')).toEqual({ ok: true, value: { host: 'example.org', port: 0 } })
    expect(parseHostPort('example.org').ok).toBe(false)
  })
})
