import { expect, it } from 'vitest'
import { bookSentence, hostOf } from './peers.ts'

it('an endpoint has an IP address, or a name that cannot be banned', () => {
  expect(hostOf('192.0.2.7:9875')).toBe('192.0.2.7')
  expect(hostOf('[2001:db8::1]:9875')).toBe('2001:db8::1')
  expect(hostOf('member.example:9875')).toBeUndefined()
  expect(hostOf('')).toBeUndefined()
})

it('the address book is told in one sentence', () => {
  expect(bookSentence({ fresh: 0, tried: 0, groups: 0, anchors: 0 })).toContain('empty')
  expect(bookSentence({ fresh: 1200, tried: 1, groups: 40, anchors: 2 })).toBe(
    'Your address book holds 1 address where a member answered and 1,200 not tried yet, in 40 parts of the internet. 2 members of the last run are dialled first.',
  )
  expect(bookSentence({ fresh: 0, tried: 2, groups: 0, anchors: 0 })).toBe('Your address book holds 2 addresses where a member answered and 0 not tried yet.')
  expect(bookSentence({ fresh: 0, tried: 2, groups: 1, anchors: 1 })).toContain('1 member of the last run is dialled first')
})
