import { describe, expect, it } from 'vitest'
import type { MiningChange, MiningStatus } from '../../api/schemas.ts'
import { idleStatus } from '../../api/testing/fake-service.ts'
import { makeChanger } from './settings.ts'

/** A member that answers when told to, and a clock that is turned by hand. */
function setUp() {
  const calls: { readonly change: MiningChange; readonly answer: (part?: Partial<MiningStatus>) => Promise<void>; readonly refuse: () => Promise<void> }[] = []
  const timers: (() => void)[] = []
  const taken: MiningStatus[] = []
  const changer = makeChanger({
    set: (change) => {
      const { promise, resolve, reject } = Promise.withResolvers<MiningStatus>()
      const settle = async (how: () => void) => {
        how()
        await new Promise((done) => setImmediate(done))
      }
      calls.push({
        change,
        answer: (part = change as Partial<MiningStatus>) => settle(() => resolve({ ...idleStatus.mining, ...part })),
        refuse: () => settle(() => reject(new Error('lost'))),
      })
      return promise
    },
    onMining: (mining) => void taken.push(mining),
    after: (_ms, then) => void timers.push(then),
  })
  const state = () => changer.store.getState()
  return { ...changer, calls, timers, taken, state }
}

describe('a changed setting', () => {
  it('is shown at once, sent, and held until the member’s status has surely caught up', async () => {
    const { change, state, calls, taken, timers } = setUp()
    void change('threads', 2)
    expect(state()).toMatchObject({ held: { threads: 2 }, busy: { threads: true } })
    await calls[0]?.answer()
    expect(calls.map((call) => call.change)).toEqual([{ threads: 2 }])
    expect(taken).toHaveLength(1)
    expect(state()).toMatchObject({ held: { threads: 2 }, busy: {} })
    timers.at(-1)?.()
    expect(state().held).toEqual({})
  })

  it('is sent again only with the latest wish, never two at a time', async () => {
    const { change, state, calls, timers } = setUp()
    for (const value of [40, 50, 60]) void change('intensity', value)
    expect(calls).toHaveLength(1)
    await calls[0]?.answer()
    expect(state()).toMatchObject({ held: { intensity: 60 }, busy: { intensity: true } })
    await calls[1]?.answer()
    expect(calls.map((call) => call.change)).toEqual([{ intensity: 40 }, { intensity: 60 }])
    expect(state()).toMatchObject({ held: { intensity: 60 }, busy: {} })
    // A timer of an earlier change does not take away what was chosen since.
    void change('intensity', 70)
    for (const timer of timers) timer()
    expect(state().held).toEqual({ intensity: 70 })
  })

  it('shows what the member made of it', async () => {
    const { change, state, calls } = setUp()
    void change('threads', 99)
    await calls[0]?.answer({ threads: 8 })
    expect(state().held).toEqual({ threads: 8 })
    void change('kernelChoice', 'wasm')
    expect(calls[1]?.change).toEqual({ kernel: 'wasm' })
    await calls[1]?.answer({ kernelChoice: 'wasm' })
    expect(state().held).toEqual({ threads: 8, kernelChoice: 'wasm' })
  })

  it('goes back when the member refuses it, and says why beside it alone', async () => {
    const { change, state, calls } = setUp()
    void change('onlyWhenIdle', true)
    void change('autoStart', true)
    await calls[0]?.refuse()
    expect(state().held).toEqual({ autoStart: true })
    expect(Object.keys(state().errors)).toEqual(['onlyWhenIdle'])
    expect(state().busy).toEqual({ autoStart: true })
    void change('onlyWhenIdle', true)
    expect(state().errors).toEqual({})
  })
})
