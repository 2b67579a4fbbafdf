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

  it('is what a plain list would be, whatever happens to it', () => {
    const max = 50
    const map = new BoundedMap<number, number>(max)
    let list: number[] = []
    let seed = 1
    const below = (limit: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((seed / 2 ** 32) * limit)
    }
    for (let i = 0; i < 5000; i++) {
      const key = below(10) < 7 ? 1000 + i : below(1000)
      const what = below(100)
      if (what === 0) {
        map.clear()
        list = []
      } else if (what < 10) {
        const old = list[below(list.length + 1)] ?? -1
        expect(map.delete(old)).toBe(list.includes(old))
        list = list.filter((each) => each !== old)
      } else {
        const again = what < 30 ? (list[below(list.length)] ?? key) : key
        map.set(again, i)
        list = [...list.filter((each) => each !== again), again].slice(-max)
      }
      expect(map.size).toBe(list.length)
    }
    expect(list.every((key) => map.has(key))).toBe(true)
  })
})
