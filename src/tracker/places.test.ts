import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type IpBytes, parseIp } from '../util/ip.ts'
import { Admission, addressKey, type IpRange, IpRanges, parseRange, parseRanges, subnetKey } from './places.ts'

const ip = (text: string) => parseIp(text) as IpBytes
const ranges = (...texts: string[]) => texts.map((text) => parseRange(text) as IpRange)

describe('addresses and subnets', () => {
  it('count by /32 and /64, and by /24 and /48', () => {
    expect([addressKey(ip('192.0.2.7')), subnetKey(ip('192.0.2.7'))]).toEqual(['192.0.2.7', '192.0.2.0/24'])
    expect(addressKey(ip('2001:db8:1:2::1'))).toBe(addressKey(ip('2001:db8:1:2:ffff::')))
    expect(addressKey(ip('2001:db8:1:2::1'))).not.toBe(addressKey(ip('2001:db8:1:3::1')))
    expect(subnetKey(ip('2001:db8:1:2::1'))).toBe(subnetKey(ip('2001:db8:1:ffff::1')))
    expect(subnetKey(ip('2001:db8:1::1'))).not.toBe(subnetKey(ip('2001:db8:2::1')))
  })
})

describe('ranges', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.77/24', '192.0.2.1', true],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['10.0.0.0/8', '10.255.0.1', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '192.0.2.1', false],
    ['2001:db8::/33', '2001:db8:7fff::', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['192.0.2.9', '192.0.2.9', true],
    ['::ffff:192.0.2.9', '192.0.2.9', true],
    ['192.0.2.9', '192.0.2.8', false],
  ])('%s and %s: %s', (range, address, inside) => {
    expect(new IpRanges(ranges(range)).has(ip(address))).toBe(inside)
  })

  it.each(['', 'here', '192.0.2', '192.0.2.0/33', '2001:db8::/129', '192.0.2.0/', '192.0.2.0/-1', '192.0.2.0/2 4', '::ffff:192.0.2.0/120', './list.txt'])(
    '%j is none',
    (text) => {
      expect(parseRange(text)).toBeUndefined()
    },
  )

  it('agree with counting bits one by one', () => {
    const bits = (bytes: IpBytes) => [...bytes].map((b) => b.toString(2).padStart(8, '0')).join('')
    const bytes = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
    fc.assert(
      fc.property(bytes, bytes, fc.nat(128), fc.nat(128), (a, other, length, flip) => {
        const size = Math.min(length, a.length * 8)
        const near = a.slice()
        const at = flip % (a.length * 8)
        near[at >> 3] = (near[at >> 3] as number) ^ (0x80 >> (at & 7))
        for (const b of [near, other]) {
          const expected = a.length === b.length && bits(a).slice(0, size) === bits(b).slice(0, size)
          expect(new IpRanges([{ ip: a, bits: size }]).has(b)).toBe(expected)
        }
      }),
    )
  })

  it('are read from a list with comments; the line of a mistake is named', () => {
    expect(parseRanges('# friends\n192.0.2.0/24\r\n\n2001:db8::/32 # all of them\n')).toMatchObject({ ok: true, value: [{ bits: 24 }, { bits: 32 }] })
    expect(parseRanges('192.0.2.0/24\nhttp://example/\n')).toEqual({ ok: false, error: expect.stringContaining('line 2: “http://example/”') })
  })
})

describe('who is served', () => {
  it('everybody but the blocked; and where some are allowed, those alone', () => {
    const block = new Admission([], ranges('192.0.2.0/24'))
    expect([block.admits(ip('192.0.2.1')), block.admits(ip('192.0.3.1'))]).toEqual([false, true])
    const both = new Admission(ranges('192.0.0.0/16'), ranges('192.0.2.0/24'))
    expect(['192.0.2.1', '192.0.3.1', '203.0.113.1'].map((text) => both.admits(ip(text)))).toEqual([false, true, false])
    expect(new Admission().admits(ip('2001:db8::1'))).toBe(true)
  })
})
