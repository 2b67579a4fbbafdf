import { describe, expect, it } from 'vitest'
import { BoundedMap, BoundedSet } from './bounded.ts'

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
      if (i % 100 === 0) expect([...map].map(([each]) => each)).toEqual(list)
    }
    expect(list.every((key) => map.has(key))).toBe(true)
  })

  it('can be gone through while what was told is taken out', () => {
    const map = new BoundedMap<number, string>(4)
    for (let i = 0; i < 6; i++) map.set(i, `${i}`)
    const told: string[] = []
    for (const [key, value] of map) {
      told.push(value)
      if (key % 2 === 0) map.delete(key)
    }
    expect(told).toEqual(['2', '3', '4', '5'])
    expect([...map]).toEqual([
      [3, '3'],
      [5, '5'],
    ])
  })
})

describe('BoundedSet', () => {
  it('forgets the oldest', () => {
    const set = new BoundedSet<number>(3)
    for (const n of [1, 2, 3, 1, 4]) set.add(n)
    expect([1, 2, 3, 4].map((n) => set.has(n))).toEqual([true, false, true, true])
    expect([set.size, set.delete(3), set.has(3)]).toEqual([3, true, false])
    set.clear()
    expect([set.size, set.has(1)]).toEqual([0, false])
  })
})
