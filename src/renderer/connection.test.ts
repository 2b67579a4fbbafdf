import { describe, expect, it } from 'vitest'
import type { MemberEvent } from '../api/schemas.ts'
import { type Api, type Line, NoSession } from './client.ts'
import { backOff, type Connection, keepConnected } from './connection.ts'

const line: Line = { link: { call: () => Promise.reject(new Error('not called')) }, closed: Promise.resolve(), close() {} }

/** Runs against dials that do what `script` says, one after the other, then finds no session. */
async function run(script: readonly ('fails' | readonly MemberEvent[])[]) {
  const seen: { connections: Connection[]; events: MemberEvent[]; waits: number[]; used: boolean[] } = { connections: [], events: [], waits: [], used: [] }
  let dials = 0
  let events: readonly MemberEvent[] = []
  const api = {
    events: async function* () {
      yield* events
      throw new Error('the connection was lost')
    },
  }
  await keepConnected({
    dial: async () => {
      const next = script[dials++]
      if (next === undefined) throw new NoSession()
      if (next === 'fails') throw new Error('away')
      events = next
      return line
    },
    use: (one) => seen.used.push(one !== undefined),
    // The loop calls nothing but `events`.
    api: { events: async () => api.events() } as unknown as Api,
    onConnection: (connection) => seen.connections.push(connection),
    onEvent: (event) => seen.events.push(event),
    wait: async (ms) => {
      seen.waits.push(ms)
    },
  })
  return seen
}

describe('staying connected', () => {
  it('waits longer after each failed try, at most 10 s', () => {
    expect([1, 2, 3, 5, 6, 50].map(backOff)).toEqual([500, 1000, 2000, 8000, 10_000, 10_000])
  })

  it('is online from the first event on, and passes events on in order', async () => {
    const seen = await run([[{ type: 'members' }, { type: 'peers' }]])
    expect(seen.connections.map((one) => one.state)).toEqual(['connecting', 'online', 'away', 'no-session'])
    expect(seen.events.map((event) => event.type)).toEqual(['members', 'peers'])
    expect(seen.used).toEqual([true, false])
  })

  it('comes back after the member was away, and starts over with short waits', async () => {
    const seen = await run(['fails', 'fails', [{ type: 'members' }], 'fails', [{ type: 'peers' }]])
    expect(seen.connections.map((one) => one.state)).toEqual(['connecting', 'away', 'away', 'online', 'away', 'away', 'online', 'away', 'no-session'])
    expect(seen.waits).toEqual([500, 1000, 500, 500, 500])
    expect(seen.events).toHaveLength(2)
  })
})
