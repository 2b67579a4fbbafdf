import { checkInvariants } from '../invariants.ts'
import type { SimMember } from '../member.ts'
import { mean, percentile } from '../observer.ts'
import type { Outcome, Scenario, Wanted } from '../outcome.ts'
import { delayFacts, delayTable, ms, orphans, percent, trafficTable } from '../report/figures.ts'
import { lineChart, shareChart } from '../report/svg.ts'
import { ended, measured, settled } from './measure.ts'

/** Share of members that leave in an hour. */
const LEAVE = 0.3
const RATE = 0.05
/** Of those who come, so many have been here before. */
const RETURN = 0.5
/** Below the highest by more than this, nobody may think that it is as high as the others. */
const SLACK = 3
const WANTED_OUT = 8

async function run(wanted: Wanted): Promise<Outcome> {
  const world = await settled(wanted)
  world.wallets.start(RATE)
  const dice = world.dice.fork('churn')
  const away: SimMember[] = []
  const counts = { left: 0, crashed: 0, returned: 0, fresh: 0, wrongly: 0 }
  const syncs: Record<'fresh' | 'returned', number[]> = { fresh: [], returned: [] }
  const outbound: [number, number, number][] = []
  const began = world.clock.exact
  const top = () => Math.max(...world.on.map(({ session }) => session?.stack.tip.height ?? 0))

  const arrive = async (hashRate: number) => {
    const back = away.length > 0 && dice.fraction() < RETURN ? away.splice(dice.below(away.length), 1)[0] : undefined
    const member = back ?? (await world.newMember(`newcomer ${++counts.fresh}`, hashRate, { fresh: true }))
    if (back) counts.returned++
    const at = world.clock.exact
    await world.switchOn(member)
    const off = member.session?.network.events.on('sync', ({ stage }) => {
      if (stage !== 'synced') return
      if (top() - (member.session?.stack.tip.height ?? 0) > SLACK) counts.wrongly++
      syncs[back ? 'returned' : 'fresh'].push(world.clock.exact - at)
      off?.()
    })
  }
  const leave = async () => {
    const member = dice.pick(world.on)
    const crash = counts.left % 2 === 0
    counts.left++
    if (crash) counts.crashed++
    await world.switchOff(member, crash)
    away.push(member)
    await arrive(member.hashRate)
  }
  let isOver = false
  const next = () => {
    world.clock.after(dice.wait(3_600_000 / (LEAVE * wanted.members)), () => {
      if (isOver) return
      next()
      void leave()
    })
  }
  const look = () => {
    const out = world.on.map(({ session }) => session?.network.peers().filter(({ direction }) => direction === 'out').length ?? 0)
    outbound.push([(world.clock.exact - began) / 60_000, mean(out), Math.min(...out)])
    if (!isOver) world.clock.after(30_000, look)
  }
  next()
  look()
  const traffic = await measured(world, (wanted.hours ?? 1) * 3_600_000, wanted.members)
  isOver = true
  const invariants = await checkInvariants(world)
  const { made, orphaned } = orphans(world)
  const end = await ended(world)
  return {
    scenario: 'churn',
    title: 'Thirty percent leave in an hour',
    about:
      'Members leave at random, thirty in a hundred an hour, and others come in their place: half of those who leave say nothing (power, lid, cable), half of those who come have been here before, the others begin with an empty data folder.',
    wanted,
    tables: [
      {
        title: 'Comings and goings',
        head: [
          'left',
          'without a word',
          'came back',
          'new',
          'new: synced after (p50)',
          'p95',
          'back: synced after (p50)',
          'p95',
          'thought themselves synced and were not',
        ],
        rows: [
          [
            String(counts.left),
            String(counts.crashed),
            String(counts.returned),
            String(counts.fresh),
            ms(percentile(syncs.fresh, 0.5)),
            ms(percentile(syncs.fresh, 0.95)),
            ms(percentile(syncs.returned, 0.5)),
            ms(percentile(syncs.returned, 0.95)),
            String(counts.wrongly),
          ],
        ],
      },
      delayTable(world),
      {
        title: 'The stack',
        head: ['cheeses made', 'orphaned', 'orphan rate'],
        rows: [[String(made), String(orphaned), percent(orphaned / Math.max(1, made))]],
      },
      trafficTable(traffic),
    ],
    charts: [
      {
        file: 'churn-outbound.svg',
        svg: lineChart({
          title: 'Outbound peers of those who are there',
          x: 'minutes',
          y: 'peers',
          series: [
            { name: 'mean', points: outbound.map(([x, y]) => [x, y]) },
            { name: 'least', points: outbound.map(([x, , y]) => [x, y]) },
          ],
          yRange: [0, WANTED_OUT + 1],
        }),
      },
      {
        file: 'churn-delays.svg',
        svg: shareChart('Share of members that have it', 'milliseconds after it was made', [
          { name: 'cheeses', values: world.observer.cheeseDelays },
          { name: 'transfers', values: world.observer.transferDelays },
        ]),
      },
    ],
    invariants: [...invariants, { name: 'nobody thinks itself synced and is not', holds: counts.wrongly === 0, detail: `${counts.wrongly} times` }],
    facts: { ...delayFacts(world), ...counts, made, orphaned, freshSync: percentile(syncs.fresh, 0.5) ?? -1, meanOutbound: mean(outbound.map(([, y]) => y)) },
    ...end,
  }
}

export const churn: Scenario = {
  name: 'churn',
  summary: 'thirty percent of the members leave in an hour and others come: time to sync, peers, propagation',
  membersOf: (members) => members,
  run,
}
