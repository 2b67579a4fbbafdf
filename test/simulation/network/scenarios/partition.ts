import { checkInvariants } from '../invariants.ts'
import type { Outcome, Scenario, Wanted } from '../outcome.ts'
import { ms, orphans } from '../report/figures.ts'
import { lineChart } from '../report/svg.ts'
import { ended, settled } from './measure.ts'

const SMALL_SHARE = 0.4
const RATE = 0.05
/** How long is waited for agreement after the cut was healed. */
const HEAL_MS = 2 * 3_600_000

async function run(wanted: Wanted): Promise<Outcome> {
  const world = await settled(wanted)
  world.wallets.start(RATE)
  await world.run(5 * 60_000)
  const small = new Set(
    world.dice
      .fork('sides')
      .shuffled(world.members)
      .slice(0, Math.round(SMALL_SHARE * wanted.members)),
  )
  const smallHosts = new Set([...small].map(({ host }) => host))
  const large = world.members.filter((member) => !small.has(member))
  const share = [...small].reduce((sum, { hashRate }) => sum + hashRate, 0) / world.members.reduce((sum, { hashRate }) => sum + hashRate, 0)
  const began = world.clock.exact
  const fork = world.on[0]?.session?.stack.tip.height ?? 0
  const heights: [number, number, number][] = []
  const look = () => {
    const top = (members: Iterable<(typeof large)[number]>) => Math.max(...[...members].map(({ session }) => session?.stack.tip.height ?? 0))
    heights.push([(world.clock.exact - began) / 60_000, top(large), top(small)])
  }
  world.observer.measuring = false
  // The tracker is on the larger side.
  world.lines.cut((a, b) => smallHosts.has(a) !== smallHosts.has(b))
  const lasts = (wanted.hours ?? 1) * 3_600_000
  for (let passed = 0; passed < lasts; passed += 30_000) {
    look()
    await world.run(30_000)
  }
  const [, largeTop, smallTop] = heights.at(-1) as [number, number, number]
  const across = () =>
    world.on.reduce(
      (sum, { host, session }) =>
        sum +
        (session?.network.peers().filter(({ endpoint }) => smallHosts.has(endpoint.slice(0, endpoint.lastIndexOf(':'))) !== smallHosts.has(host)).length ?? 0),
      0,
    )
  const leftAcross = across()
  world.lines.cut(() => false)
  const healed = world.clock.exact
  const firstLink = await world.until(() => across() > 0, HEAL_MS)
  const tips = () => {
    look()
    return new Set(world.on.map(({ session }) => session?.stack.tip.smell)).size === 1
  }
  const agreed = await world.until(tips, HEAL_MS - (firstLink ?? 0), 1_000)
  const took = agreed === undefined ? undefined : world.clock.exact - healed
  for (let i = 0; i < 20; i++) {
    look()
    await world.run(30_000)
  }
  const invariants = await checkInvariants(world)
  const { orphaned } = orphans(world)
  const links = across()
  const end = await ended(world)
  const cutMinutes = lasts / 60_000
  return {
    scenario: 'partition',
    title: 'Cut in two for an hour',
    about: `A cut leaves ${Math.round(100 * SMALL_SHARE)} % of the members on one side and the others, with the tracker, on the other: nothing passes, and nobody is told. An hour later it is healed.`,
    wanted,
    tables: [
      {
        title: 'Cut and healed',
        head: [
          'hash rate of the small side',
          'cheeses there',
          'on the large side',
          'links across at the end of the cut',
          'first link after healing',
          'all agree after',
          'cheeses orphaned',
          'links across later',
        ],
        rows: [
          [
            `${Math.round(100 * share)} %`,
            String(smallTop - fork),
            String(largeTop - fork),
            String(leftAcross / 2),
            ms(firstLink),
            ms(took),
            String(orphaned),
            String(links / 2),
          ],
        ],
      },
    ],
    charts: [
      {
        file: 'partition-heights.svg',
        svg: lineChart({
          title: 'Heights on both sides of the cut',
          x: 'minutes since the cut',
          y: 'height',
          series: [
            { name: 'large side', points: heights.map(([x, y]) => [x, y]) },
            { name: 'small side', points: heights.map(([x, , y]) => [x, y]) },
          ],
          yRange: [fork - 2, Math.max(...heights.map(([, y]) => y)) + 3],
          marks: [{ x: cutMinutes, text: 'healed' }],
        }),
      },
    ],
    invariants: [...invariants, { name: 'all agreed after the cut was healed', holds: took !== undefined, detail: ms(took) }],
    facts: { agreedAfter: took ?? -1, firstLink: firstLink ?? -1, orphaned, leftAcross },
    ...end,
  }
}

export const partition: Scenario = {
  name: 'partition',
  summary: 'a cut of 40/60 for an hour, then healed: time to agree, orphans, transfers lost',
  membersOf: (members) => members,
  run,
}
