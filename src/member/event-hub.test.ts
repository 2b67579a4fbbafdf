import { describe, expect, it } from 'vitest'
import type { MemberEvent } from '../api/schemas.ts'
import { idleStatus } from '../api/testing/fake-service.ts'
import { FakeClock, settle } from '../net/testing/world.ts'
import { EventHub } from './event-hub.ts'

function rig() {
  const clock = new FakeClock()
  let height = 0
  const failures: unknown[] = []
  const hub = new EventHub(
    clock,
    async () => ({ ...idleStatus, height }),
    (error) => failures.push(error),
  )
  const abort = new AbortController()
  const heard: MemberEvent[] = []
  const done = (async () => {
    for await (const event of hub.subscribe(abort.signal)) heard.push(event)
  })()
  return { clock, hub, abort, heard, done, failures, grow: () => ++height }
}

describe('EventHub', () => {
  it('begins with the status, and tells of changes with the status after them', async () => {
    const { clock, hub, heard, abort, done, grow } = rig()
    await settle()
    expect(heard.map((e) => e.type)).toEqual(['status'])
    grow()
    hub.emit({ type: 'stack', height: 1, smell: '00', disconnected: 0 })
    await settle()
    await clock.advance(1000)
    await settle()
    expect(heard.slice(1).map((e) => e.type)).toEqual(expect.arrayContaining(['stack', 'status']))
    expect(heard.at(-1)).toMatchObject({ type: 'status', status: { height: 1 } })
    abort.abort()
    await clock.advance(1000)
    await done
  })

  it('makes one event of many that wait, with all the cheeses that were left', async () => {
    const { clock, hub, heard, abort, done } = rig()
    await settle()
    hub.emit({ type: 'mempool' })
    await settle()
    for (let i = 1; i <= 100; i++) hub.emit({ type: 'stack', height: i, smell: '00', disconnected: 1 })
    hub.emit({ type: 'mempool' })
    for (let i = 0; i < 10; i++) {
      await clock.advance(200)
      await settle()
    }
    expect(heard.filter((e) => e.type === 'stack')).toEqual([{ type: 'stack', height: 100, smell: '00', disconnected: 100 }])
    expect(heard.filter((e) => e.type === 'mempool')).toHaveLength(2)
    abort.abort()
    await clock.advance(1000)
    await done
  })

  it('ends every subscription when the member ends, also one that waits', async () => {
    const { clock, hub, done, heard } = rig()
    await settle()
    hub.end()
    await clock.advance(1000)
    await done
    hub.emit({ type: 'mempool' })
    expect(heard.map((e) => e.type)).toEqual(['status'])
  })

  it('tells of a status that cannot be made, and goes on', async () => {
    const clock = new FakeClock()
    let fails = false
    const failures: unknown[] = []
    const hub = new EventHub(
      clock,
      async () => {
        if (fails) throw new Error('no status')
        return idleStatus
      },
      (error) => failures.push(error),
    )
    const stream = hub.subscribe(undefined)
    await stream.next()
    const next = stream.next()
    fails = true
    hub.touch()
    await clock.advance(1000)
    await settle()
    expect(failures).toHaveLength(1)
    hub.emit({ type: 'peers' })
    expect((await next).value).toEqual({ type: 'peers' })
    hub.end()
  })
})
