import { afterEach, expect, it } from 'vitest'
import { World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

/** Two members that are connected, over a wire that can fall silent without anybody hanging up: as when one of them sleeps. */
async function pair() {
  const wire = { silent: false }
  world = new World({ network: 'test', latencyMs: () => (wire.silent ? Number.MAX_SAFE_INTEGER : 10) })
  const [a, b] = [await world.member('a', { host: '8.1.0.1' }), await world.member('b', { host: '8.2.0.1' })]
  await world.link(a, b)
  await world.clock.advance(65_000)
  return { a, b, wire }
}

it('a member that woke up finds out at once who has gone, and dials them again', async () => {
  const { a, b, wire } = await pair()
  wire.silent = true
  await world.clock.advance(1_000)
  a.network.onWake()
  await world.clock.advance(9_000)
  wire.silent = false
  // Far sooner than the 90 seconds after which silence alone tells; the other side takes the old connection for alive, and is made to doubt it.
  await world.clock.until(() => a.network.peers().length === 0, 'found out', 5_000)
  await world.clock.until(() => a.network.peers().length === 1 && b.network.peers().length === 1, 'connected anew', 65_000)
  await world.clock.advance(60_000)
  expect(a.network.peers()).toHaveLength(1)
})

it('a member that woke up keeps those who are still there', async () => {
  const { a, b } = await pair()
  const before = a.network.peers()[0]?.connectedAt
  a.network.onWake()
  await world.clock.advance(30_000)
  expect(a.network.peers()[0]?.connectedAt).toBe(before)
  expect(b.network.peers()).toHaveLength(1)
})
