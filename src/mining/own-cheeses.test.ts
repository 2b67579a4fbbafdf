import { describe, expect, it } from 'vitest'
import { OwnCheeses, type OwnPorts } from './own-cheeses.ts'

function stack() {
  const state = { tip: 0, main: new Set<string>(), branch: new Set<string>() }
  const ports: OwnPorts = {
    height: () => state.tip,
    ripening: 3,
    placeOf: (smell) => (state.main.has(smell) ? 'main' : state.branch.has(smell) ? 'branch' : undefined),
  }
  /** Puts a cheese of ours on the tip. */
  const mine = (own: OwnCheeses, height: number, smell = `s${height}`) => {
    state.tip = Math.max(state.tip, height)
    state.main.add(smell)
    return own.note({ height, smell, time: 1000 + height, amount: 5n })
  }
  return { state, ports, mine }
}

const states = (own: OwnCheeses) => own.page(0, 100).map(({ height, state }) => `${height} ${state}`)

describe('own cheeses', () => {
  it('ripen with the stack, and are shown latest first, in pages', () => {
    const { state, ports, mine } = stack()
    const own = new OwnCheeses(ports)
    expect([mine(own, 1), mine(own, 5), mine(own, 3), mine(own, 3)]).toEqual([true, true, true, false])
    expect(states(own)).toEqual(['5 ripening', '3 ripening', '1 ripened'])
    state.tip = 6
    expect(own.counts()).toEqual({ found: 3, ripening: 1, ripened: 2, orphaned: 0 })
    expect(own.page(1, 1).map(({ height }) => height)).toEqual([3])
    expect(own.page(3, 5)).toEqual([])
    expect(own.page(0, 5, 'ripened').map(({ height }) => height)).toEqual([3, 1])
    expect(own.page(1, 5, 'ripened').map(({ height }) => height)).toEqual([1])
    expect(own.page(0, 5, 'orphaned')).toEqual([])
  })

  it('are orphaned when another is in their place, and ripen again when they come back', () => {
    const { state, ports, mine } = stack()
    const own = new OwnCheeses(ports)
    mine(own, 4)
    state.main.delete('s4')
    state.branch.add('s4')
    own.handleReorg()
    expect(own.counts()).toEqual({ found: 1, ripening: 0, ripened: 0, orphaned: 1 })
    state.branch.delete('s4')
    state.main.add('s4')
    own.handleReorg()
    expect(states(own)).toEqual(['4 ripening'])
    state.tip = 7
    expect(states(own)).toEqual(['4 ripened'])
  })

  it('are asked about until only a reorg can change what they are', () => {
    const { state, ports, mine } = stack()
    let asked = 0
    const counting = (smell: string) => {
      asked++
      return ports.placeOf(smell)
    }
    const own = new OwnCheeses({ ...ports, placeOf: counting })
    mine(own, 1)
    mine(own, 2)
    state.tip = 4
    own.counts()
    asked = 0
    own.counts()
    expect(asked).toBe(1)
    own.handleReorg()
    own.counts()
    expect(asked).toBe(3)
  })

  it('are what they were while the stack is fetched anew, and orphaned when it has come past them', () => {
    const { state, ports, mine } = stack()
    const before = new OwnCheeses(ports)
    mine(before, 2)
    mine(before, 9)
    const { records, older } = before.snapshot()
    const fresh = stack()
    const own = new OwnCheeses(fresh.ports, records, older)
    fresh.state.tip = 1
    expect(states(own)).toEqual(['9 ripening', '2 ripened'])
    fresh.state.tip = 5
    fresh.state.main.add('s2')
    expect(states(own)).toEqual(['9 ripening', '2 ripened'])
    fresh.state.tip = 9
    expect(states(own)).toEqual(['9 orphaned', '2 ripened'])
    expect(state.tip).toBe(9)
  })

  it('that are very old are counted, and no longer kept one by one', () => {
    const { state, ports, mine } = stack()
    const own = new OwnCheeses(ports)
    mine(own, 1)
    state.main.delete('s1')
    state.branch.add('s1')
    own.handleReorg()
    for (let height = 2; height <= 2002; height++) mine(own, height)
    state.tip = 5000
    expect(own.counts()).toEqual({ found: 2002, ripening: 0, ripened: 2001, orphaned: 1 })
    const { records, older } = own.snapshot()
    expect([records.length, older]).toEqual([2000, { ripened: 1, orphaned: 1, upTo: 2 }])
    // A stack that is fetched anew tells of them again.
    const again = new OwnCheeses(ports, records, older)
    expect([mine(again, 1), mine(again, 2), mine(again, 3)]).toEqual([false, false, false])
    expect(again.counts().found).toBe(2002)
  })
})
