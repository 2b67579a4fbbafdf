import { describe, expect, it } from 'vitest'
import { WriteBack } from './write-back.ts'

const bytes = (value: number | null) => (value === null ? 1 : 10)

describe('values that are written later', () => {
  it('are known until they have been written, and then as long as there is room', () => {
    const values = new WriteBack<number>(40, bytes)
    values.set('a', 1)
    values.set('b', null)
    expect([values.get('a'), values.get('b'), values.get('c')]).toEqual([1, null, undefined])
    expect(values.changedBytes).toBe(11)
    expect([...values.begin()]).toEqual([
      ['a', 1],
      ['b', null],
    ])
    expect([values.get('a'), values.get('b'), values.changedBytes]).toEqual([1, null, 0])
    values.set('a', 2)
    expect(values.get('a')).toBe(2)
    values.done(true)
    expect([values.get('a'), values.get('b')]).toEqual([2, null])
    expect([...values.begin()]).toEqual([['a', 2]])
    values.done(true)
    expect(values.get('a')).toBe(2)
    values.forget()
    expect(values.get('a')).toBeUndefined()
  })

  it('are known all the while until they are put where they are kept, in steps', () => {
    const values = new WriteBack<number>(1_000, bytes)
    values.set('a', 1)
    values.set('b', 2)
    values.begin()
    const steps = values.doneSteps()
    for (let isDone = false; !isDone; isDone = steps.next().done === true) {
      expect([values.get('a'), values.get('b')]).toEqual([1, 2])
      // Changed meanwhile: that is what counts from then on.
      if (values.changedBytes === 0) values.set('c', 3)
    }
    values.set('a', 4)
    expect([values.get('a'), values.get('b'), values.get('c')]).toEqual([4, 2, 3])
    expect([...values.begin()]).toEqual([
      ['c', 3],
      ['a', 4],
    ])
  })

  it('are given again when they could not be written, the newer ones first', () => {
    const values = new WriteBack<number>(0, bytes)
    values.set('a', 1)
    values.set('b', 1)
    values.begin()
    expect(() => values.begin()).toThrow('two writes at once')
    values.set('a', 2)
    values.done(false)
    expect(values.changedBytes).toBe(20)
    expect(new Map(values.begin())).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    )
    values.done(true)
    expect(values.get('a')).toBeUndefined()
  })

  it('are never older than what was written, also where nothing is kept', () => {
    for (const limit of [0, 10, 100]) {
      const values = new WriteBack<number>(limit, bytes)
      values.remember('a', 1)
      values.set('a', 2)
      values.begin()
      values.done(true)
      expect([limit, values.get('a')]).toEqual([limit, limit === 0 ? undefined : 2])
    }
  })

  it('never keep more than the limit of what was only read, and keep what was used lately', () => {
    const values = new WriteBack<number>(100, bytes)
    for (let i = 0; i < 1_000; i++) {
      values.remember(`${i}`, i)
      values.get('0')
      expect(values.cachedBytes).toBeLessThanOrEqual(110)
    }
    expect(values.get('0')).toBe(0)
    expect(values.get('999')).toBe(999)
    expect(values.get('500')).toBeUndefined()
    // Changed ones stay, whatever is read.
    values.set('x', 7)
    for (let i = 0; i < 1_000; i++) values.remember(`${i}`, i)
    expect(values.get('x')).toBe(7)
  })
})
