import type { Outcome, Wanted } from '../outcome.ts'
import { type Traffic, trafficOf } from '../report/figures.ts'
import { type World, type WorldOptions, World as Worlds } from '../world.ts'

/** Time in which a network of members that have just started finds together. */
export const SETTLE_MS = 3 * 60_000

/** A network that has found together. */
export async function settled(wanted: Wanted, options: Partial<WorldOptions> = {}): Promise<World> {
  const world = await Worlds.make({ members: wanted.members, seed: wanted.seed, ...options })
  await world.begin()
  await world.run(SETTLE_MS)
  return world
}

/** Lets time pass and says what travelled meanwhile. */
export async function measured(world: World, ms: number, members: number): Promise<Traffic> {
  const { totals } = world.tracker
  const before = { ...totals }
  world.observer.resetTraffic()
  await world.run(ms)
  return trafficOf(world, ms / 1000, members, {
    announces: totals.announces - before.announces,
    bytes: totals.bytesIn + totals.bytesOut - before.bytesIn - before.bytesOut,
  })
}

/** Ends a world and says how long it ran. */
export async function ended(world: World): Promise<Pick<Outcome, 'seconds' | 'turns'>> {
  await world.close()
  return { seconds: Math.round((world.clock.exact - (world.history.time + 60) * 1000) / 1000), turns: world.clock.turns }
}
