import { describe, expect, it } from 'vitest'
import type { Kernel } from './kernel.ts'
import { typescriptKernel } from './search.ts'
import { type Findings, Searcher, type Share, SLICE_MS } from './searcher.ts'

const NEVER = new Uint8Array(32)
const ALWAYS = new Uint8Array(32).fill(0xff)

function share(job: number, target = NEVER): Share {
  return { job, header: new Uint8Array(116).fill(job), target, first: 0, stride: 1 }
}

/** A thread in which time passes in searches and rests alone. */
function thread(leastRestMs = 0) {
  const state = { now: 0, worked: 0, rate: 1000, longest: 0 }
  const told: Findings[] = []
  const searched: { readonly header: number; readonly start: bigint; readonly count: number }[] = []
  let due: { readonly at: number; readonly fn: () => void } | undefined
  /** Hits where the target says so, else never; tries `rate` nonces a millisecond. */
  const kernel: Kernel = {
    name: 'typescript',
    search(header, start, count, target) {
      searched.push({ header: header[0] as number, start, count })
      const hits = target === ALWAYS
      const ms = (hits ? 1 : count) / state.rate
      state.now += ms
      state.worked += ms
      state.longest = Math.max(state.longest, ms)
      return hits ? start : undefined
    },
  }
  const searcher = new Searcher(
    {
      now: () => state.now,
      later(ms, fn) {
        if (due) throw new Error('it is scheduled twice')
        due = { at: state.now + ms, fn }
      },
      tell: (findings) => told.push(findings),
    },
    leastRestMs,
  )
  /** Lets it do its next slice; false when it waits for work. */
  const step = () => {
    if (!due) return false
    const { at, fn } = due
    due = undefined
    state.now = Math.max(state.now, at)
    fn()
    return true
  }
  const run = (ms: number) => {
    for (const end = state.now + ms; state.now < end; ) if (!step()) throw new Error('it does nothing')
  }
  return { state, told, searched, searcher, kernel, step, run, waits: () => due === undefined }
}

describe('a mining thread', () => {
  it('looks at its messages every few milliseconds, however fast its kernel is', () => {
    for (const rate of [100, 2000, 7500, 60_000, 1_000_000]) {
      const { searcher, kernel, state, run } = thread()
      state.rate = rate
      searcher.setKernel(kernel)
      searcher.search(share(1))
      run(5000)
      // The first slice of all is of a fixed size: 40 ms with a kernel that is five times as slow as the slowest.
      expect(state.longest).toBeLessThan(rate === 100 ? 50 : SLICE_MS + 1)
      expect(state.worked).toBeCloseTo(state.now, -1)
    }
  })

  it('hears of new work within 50 ms though the processor does a third of what it did', () => {
    const { searcher, kernel, state, run } = thread()
    state.rate = 9000
    searcher.setKernel(kernel)
    searcher.search(share(1))
    run(1000)
    state.longest = 0
    state.rate = 3000
    run(1000)
    expect(state.longest).toBeLessThan(50)
  })

  it('hears of new work within 50 ms at any intensity', () => {
    for (let intensity = 1; intensity <= 100; intensity++) {
      const { searcher, kernel, state, searched, run } = thread()
      searcher.setKernel(kernel)
      searcher.setIntensity(intensity)
      searcher.search(share(1))
      run(2000)
      const before = state.now
      searcher.search(share(2))
      for (searched.length = 0; searched.length === 0; ) run(0.001)
      expect(searched[0]?.header).toBe(2)
      expect(state.now - before - state.longest).toBeLessThanOrEqual(50)
    }
  })

  it('searches nothing but the new work once it has heard of it, and tells what it found before as of the old', () => {
    const { searcher, kernel, told, searched, step } = thread()
    searcher.setKernel(kernel)
    searcher.search(share(1, ALWAYS))
    step()
    searcher.search(share(2))
    step()
    searcher.search(share(3, ALWAYS))
    step()
    expect(searched.map(({ header }) => header)).toEqual([1, 2, 3])
    expect(told.filter(({ type }) => type === 'hit')).toEqual([
      { type: 'hit', job: 1, nonce: 0n },
      { type: 'hit', job: 3, nonce: 0n },
    ])
  })

  it('rests after a hit until there is other work, and does not begin again what it is told twice', () => {
    const { searcher, kernel, searched, step, waits } = thread()
    searcher.setKernel(kernel)
    searcher.search(share(1))
    step()
    searcher.search(share(1))
    step()
    expect(searched.map(({ start }) => start)).toEqual([0n, 4000n])
    searcher.search(share(2, ALWAYS))
    step()
    expect(waits()).toBe(true)
    searcher.search(share(2, ALWAYS))
    expect(waits()).toBe(true)
    searcher.search({ ...share(2, ALWAYS), first: 1 })
    expect(waits()).toBe(false)
  })

  it('works the share of the time that it was told', () => {
    for (const intensity of [1, 10, 25, 50, 75, 90, 99, 100]) {
      const { searcher, kernel, state, run } = thread()
      searcher.setKernel(kernel)
      searcher.setIntensity(intensity)
      searcher.search(share(1))
      run(1000)
      const [now, worked] = [state.now, state.worked]
      run(20_000)
      expect((100 * (state.worked - worked)) / (state.now - now)).toBeCloseTo(intensity, 0)
    }
  })

  it('rests after each slice where it cannot step back behind other threads', () => {
    const { searcher, kernel, state, run } = thread(1)
    searcher.setKernel(kernel)
    searcher.search(share(1))
    run(10_000)
    expect(state.worked / state.now).toBeCloseTo(SLICE_MS / (SLICE_MS + 1), 1)
    expect(state.worked).toBeLessThan(state.now)
  })

  it('goes on with another kernel where it was', () => {
    const { searcher, kernel, searched, step } = thread()
    const other: Kernel = { name: 'wasm', search: (...asked) => kernel.search(...asked) }
    searcher.setKernel(kernel)
    searcher.search(share(1))
    for (let i = 0; i < 3; i++) step()
    searcher.setKernel(other)
    for (let i = 0; i < 3; i++) step()
    let next = 0n
    for (const { start, count } of searched) {
      expect(start).toBe(next)
      next += BigInt(count)
    }
    expect(searched).toHaveLength(6)
  })

  it('does nothing before it knows its kernel', () => {
    const { searcher, kernel, waits } = thread()
    searcher.search(share(1))
    expect(waits()).toBe(true)
    searcher.setKernel(kernel)
    expect(waits()).toBe(false)
  })

  it('counts every try, and tells of them a few times a second and when work ends', () => {
    const { searcher, kernel, searched, told, run, step } = thread()
    searcher.setKernel(kernel)
    searcher.search(share(1))
    run(3000)
    searcher.search(undefined)
    step()
    const tried = told.reduce((sum, findings) => sum + (findings.type === 'tried' ? findings.count : 0), 0)
    expect(tried).toBe(searched.reduce((sum, { count }) => sum + count, 0))
    expect(told.length).toBeGreaterThan(5)
    expect(told.length).toBeLessThan(20)
  })

  it('finds with a real kernel what is there', () => {
    const { searcher, told, step } = thread()
    searcher.setKernel(typescriptKernel)
    const target = new Uint8Array(32).fill(0xff, 1)
    const work = share(9, target)
    searcher.search(work)
    while (!told.some(({ type }) => type === 'hit')) step()
    expect(told.at(-1)).toEqual({ type: 'hit', job: 9, nonce: typescriptKernel.search(work.header, 0n, 1_000_000, target) })
  })
})
