import { describe, expect, it } from 'vitest'
import { type AppState, afterConnection, afterEvent, cacheWith, initialState, type Resource } from './store.ts'

const changed = (state: AppState, change: Partial<AppState>): AppState => ({ ...state, ...change })

describe('the store', () => {
  it('moves the counter of what changed, and no other', () => {
    const { ticks } = changed(initialState, afterEvent(initialState, { type: 'members' }))
    expect(ticks).toEqual({ ...initialState.ticks, members: 1 })
  })

  it('keeps the cheese that was found', () => {
    expect(afterEvent(initialState, { type: 'found', height: 5, smell: '00' }).found).toEqual({ height: 5, smell: '00' })
  })

  it('counts reorgs, not every new tip', () => {
    expect(afterEvent(initialState, { type: 'stack', height: 5, smell: '00', disconnected: 0 }).reorgs).toBe(0)
    expect(afterEvent(initialState, { type: 'stack', height: 5, smell: '00', disconnected: 2 }).reorgs).toBe(1)
  })

  it('takes everything as changed after a new connection, once', () => {
    const online = changed(initialState, afterConnection(initialState, { state: 'online' }))
    expect(Object.values(online.ticks).every((tick) => tick === 1)).toBe(true)
    expect(changed(online, afterConnection(online, { state: 'online' })).ticks).toBe(online.ticks)
  })

  it('forgets the oldest of what was fetched, not the newest', () => {
    const resource: Resource<number> = { data: 1, error: undefined, code: undefined }
    let cache: AppState['cache'] = new Map()
    for (let i = 0; i < 100; i++) cache = cacheWith(cacheWith(cache, `key ${i}`, resource), 'kept fresh', resource)
    expect(cache.size).toBe(60)
    expect(cache.has('key 99')).toBe(true)
    expect(cache.has('kept fresh')).toBe(true)
    expect(cache.has('key 0')).toBe(false)
  })
})
