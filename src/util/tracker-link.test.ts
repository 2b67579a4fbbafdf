import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { looksLikeTrackerLink, parseTrackerLink, trackerLink } from './tracker-link.ts'

describe('a link to a tracker', () => {
  it.each([
    ['cheese-tracker:192.0.2.7:9876', '192.0.2.7:9876'],
    ['cheese-tracker:Tracker.Example:80', 'tracker.example:80'],
    ['CHEESE-TRACKER:xn--kse-qla.example:1024', 'xn--kse-qla.example:1024'],
    ['cheese-tracker:localhost:65535', 'localhost:65535'],
    ['cheese-tracker:[2001:DB8::1]:9876', '[2001:db8::1]:9876'],
  ])('%s is %s', (link, place) => expect(parseTrackerLink(link)).toEqual({ ok: true, value: place }))

  it.each([
    '',
    'cheese-tracker:',
    'cheese-tracker:host',
    'cheese-tracker://192.0.2.7:9876',
    'cheese-tracker:192.0.2.7:9876/',
    'cheese-tracker:192.0.2.7:9876?x=1',
    'cheese-tracker:192.0.2.7:9876#x',
    'cheese-tracker:user@192.0.2.7:9876',
    'cheese-tracker:192.0.2.7:0',
    'cheese-tracker:192.0.2.7:22',
    'cheese-tracker:192.0.2.7:443',
    'cheese-tracker:192.0.2.7:65536',
    'cheese-tracker:192.0.2.7:09876',
    'cheese-tracker:192.0.2.7:+9876',
    'cheese-tracker:192.0.2.300:9876',
    'cheese-tracker:0x7f.1:9876',
    'cheese-tracker:127.1:9876',
    'cheese-tracker:2130706433:9876',
    'cheese-tracker:a..b:9876',
    'cheese-tracker:-a.example:9876',
    'cheese-tracker:käse.example:9876',
    'cheese-tracker:exa%6Dple:9876',
    'cheese-tracker:[::1:9876',
    'cheese-tracker:[1.2.3.4]:9876',
    'cheese-tracker:[fe80::1%25eth0]:9876',
    ' cheese-tracker:192.0.2.7:9876',
    'cheese-tracker:192.0.2.7:9876\n--data-dir=x',
    'cheese-trackers:192.0.2.7:9876',
    `cheese-tracker:${'a'.repeat(300)}:9876`,
    'javascript:alert(1)',
    '--cheese-tracker:192.0.2.7:9876',
  ])('%j is none', (link) => expect(parseTrackerLink(link)).toMatchObject({ ok: false, error: expect.stringContaining('not a link') }))

  it.each([
    ['http://192.0.2.7:9876', 'cheese-tracker:192.0.2.7:9876'],
    ['http://tracker.example', 'cheese-tracker:tracker.example:80'],
    ['http://[2001:db8::1]:9876', 'cheese-tracker:[2001:db8::1]:9876'],
    ['https://tracker.example', undefined],
  ])('that means %s is %s', (url, link) => {
    expect(trackerLink(url)).toBe(link)
    if (link !== undefined) expect(parseTrackerLink(link).ok).toBe(true)
  })

  it('is, whatever a stranger writes, a plain host and port or nothing', () => {
    const parts = fc.constantFrom('cheese-tracker:', '[', ']', ':', '/', '.', '%', '@', ' ', '\n', '1', '9876', 'a', 'é', '::1', '127.0.0.1', '#', '?', '-')
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (pieces) => {
        const parsed = parseTrackerLink(`cheese-tracker:${pieces.join('')}`)
        if (!parsed.ok) return
        const url = new URL(`http://${parsed.value}`)
        expect(url.username + url.password + url.search + url.hash).toBe('')
        expect(url.pathname).toBe('/')
        // What a browser's parser makes of it is the same place: no second spelling of an address slips through.
        expect(`${url.hostname}:${url.port || 80}`).toBe(parsed.value)
      }),
    )
  })

  it('is recognised even where it is broken, so that it is not taken for an address', () => {
    expect(['cheese-tracker:x', 'Cheese-Tracker:'].map(looksLikeTrackerLink)).toEqual([true, true])
    expect(['cheese-tracker', 'tracker:1', ''].map(looksLikeTrackerLink)).toEqual([false, false, false])
  })
})
