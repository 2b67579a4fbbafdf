import { describe, expect, it } from 'vitest'
import { hrefTo, parseRoute } from './route.ts'

describe('routes', () => {
  it.each([
    ['', { page: 'overview', rest: [] }],
    ['#/', { page: 'overview', rest: [] }],
    ['#/stack/12', { page: 'stack', rest: ['12'] }],
    ['#/send/to/Bob%20%2F%20Co', { page: 'send', rest: ['to', 'Bob / Co'] }],
    ['#/nowhere/1', { page: 'overview', rest: [] }],
    ['#/welcome', { page: 'welcome', rest: [] }],
    ['#/stack/%E0%A4%A', { page: 'stack', rest: ['%E0%A4%A'] }],
  ])('reads %j', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route)
  })

  it('writes what it reads', () => {
    for (const rest of ['plain', 'a/b', '#', '%', 'ü', 'two words']) expect(parseRoute(hrefTo('stack', rest))).toEqual({ page: 'stack', rest: [rest] })
  })
})
