import { describe, expect, it } from 'vitest'
import { BoundedMap } from './bounded.ts'

describe('BoundedMap', () => {
  it('forgets what was set longest ago', () => {
    const map = new BoundedMap<string, number>(2)
    map.set('a', 1)
    map.set('b', 2)
    map.set('a', 3)
    map.set('c', 4)
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([3, undefined, 4, 2])
    expect([map.delete('a'), map.delete('a'), map.has('a')]).toEqual([true, false, false])
    map.clear()
    expect([map.has('c'), map.size]).toEqual([false, 0])
  })
})
