import { describe, expect, it } from 'vitest'
import { normalizeTrackerUrl } from './address.ts'
import { joinUrls } from './urls.ts'

describe('a tracker’s address', () => {
  it.each([
    ['192.0.2.7:9000', 'http://192.0.2.7:9000'],
    [' 192.0.2.7 ', 'http://192.0.2.7:9876'],
    ['Tracker.Example', 'http://tracker.example:9876'],
    ['tracker.example:80', 'http://tracker.example'],
    ['http://tracker.example/', 'http://tracker.example'],
    ['https://tracker.example', 'https://tracker.example'],
    ['HTTP://Tracker.Example:9876', 'http://tracker.example:9876'],
    ['localhost:1234', 'http://localhost:1234'],
    ['[2001:db8::1]:9000', 'http://[2001:db8::1]:9000'],
    ['2001:db8::1', 'http://[2001:db8::1]:9876'],
    ['cheese-tracker:192.0.2.7:9876', 'http://192.0.2.7:9876'],
    [' Cheese-Tracker:Tracker.Example:80 ', 'http://tracker.example'],
    ['cheese-tracker:[2001:db8::1]:9876', 'http://[2001:db8::1]:9876'],
  ])('%s is %s', (text, url) => expect(normalizeTrackerUrl(text)).toEqual({ ok: true, value: url }))

  it.each([
    '',
    '   ',
    'ftp://x',
    'file:///etc/passwd',
    'http://',
    'http://u:p@x',
    'u@x:1',
    'x/path',
    'http://x/announce',
    'http://x?a',
    'x#y',
    'x:99999',
    'x:0',
    'a b',
    'http://x:1:2',
    'y'.repeat(400),
  ])('“%s” is refused with a sentence', (text) => {
    const url = normalizeTrackerUrl(text)
    expect(url).toMatchObject({ ok: false, error: expect.stringContaining('HOST:PORT') })
  })
})

it.each(['cheese-tracker:', 'cheese-tracker://x:9876', 'cheese-tracker:x'])('“%s” is no link to a tracker', (text) => {
  expect(normalizeTrackerUrl(text)).toMatchObject({ ok: false, error: expect.stringMatching(/not a link|HOST:PORT/) })
})

describe('the addresses to give to friends', () => {
  it('put those that reach farthest first', () => {
    const machine = ['127.0.0.1', '192.168.1.5', 'fe80::1', '8.8.8.8', '2a00::5', '::1']
    expect(joinUrls('0.0.0.0', 9876, machine)).toEqual(['http://8.8.8.8:9876', 'http://192.168.1.5:9876', 'http://127.0.0.1:9876'])
    expect(joinUrls('::', 9876, machine)).toEqual([
      'http://8.8.8.8:9876',
      'http://[2a00::5]:9876',
      'http://192.168.1.5:9876',
      'http://127.0.0.1:9876',
      'http://[::1]:9876',
    ])
  })

  it('are the one that it listens at, where it is one', () => {
    expect(joinUrls('192.168.1.5', 9876, [])).toEqual(['http://192.168.1.5:9876'])
    expect(joinUrls('::1', 9876, [])).toEqual(['http://[::1]:9876'])
    expect(joinUrls('tracker.example', 9876, [])).toEqual(['http://tracker.example:9876'])
  })
})
