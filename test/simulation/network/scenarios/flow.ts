import { checkInvariants } from '../invariants.ts'
import { FAMILIES, percentile } from '../observer.ts'
import type { Outcome, Scenario, Wanted } from '../outcome.ts'
import { delayFacts, delayTable, ms, orphans, percent, trafficTable } from '../report/figures.ts'
import { barChart, shareChart } from '../report/svg.ts'
import { ended, measured, settled } from './measure.ts'

interface Flow {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly rate: number
  readonly hours: number
}

/** Everybody is well: how fast and at what price news gets round. */
async function flow({ name, title, about, rate, hours }: Flow, wanted: Wanted): Promise<Outcome> {
  const world = await settled(wanted)
  world.wallets.start(rate)
  const lasts = (wanted.hours ?? hours) * 3_600_000
  const traffic = await measured(world, lasts, wanted.members)
  const peers = world.on.map(({ session }) => session?.network.peers() ?? [])
  const links = peers.reduce((sum, list) => sum + list.length, 0) / 2
  const invariants = await checkInvariants(world)
  const { made, orphaned } = orphans(world)
  const { cheeseDelays, transferDelays, transfers } = world.observer
  const waits = [...transfers.values()].flatMap(({ at, confirmedAt }) => (confirmedAt === undefined ? [] : [confirmedAt - at]))
  const end = await ended(world)
  return {
    scenario: name,
    title,
    about,
    wanted,
    tables: [
      delayTable(world),
      {
        title: 'The stack',
        head: ['cheeses made', 'orphaned', 'orphan rate', 'transfers sent', 'in a cheese after (p50)', 'p95', 'links', 'peers a member'],
        rows: [
          [
            String(made),
            String(orphaned),
            percent(orphaned / Math.max(1, made)),
            String(transfers.size),
            ms(percentile(waits, 0.5)),
            ms(percentile(waits, 0.95)),
            String(links),
            ((2 * links) / wanted.members).toFixed(1),
          ],
        ],
      },
      trafficTable(traffic),
    ],
    charts: [
      {
        file: `${name}-delays.svg`,
        svg: shareChart(`Share of members that have it (${wanted.members} members)`, 'milliseconds after it was made', [
          { name: 'cheeses', values: cheeseDelays },
          { name: 'transfers', values: transferDelays },
        ]),
      },
      {
        file: `${name}-bytes.svg`,
        svg: barChart(
          'What a member sends in an hour',
          'KB',
          ['sent'],
          FAMILIES.map((family) => ({ name: family, parts: [traffic.hourly[family] / 1000] })),
        ),
      },
    ],
    invariants,
    facts: {
      ...delayFacts(world),
      made,
      orphaned,
      links,
      rate,
      cheesesPerHour: made / (lasts / 3_600_000),
      sent: transfers.size,
      announcesPerSecond: traffic.announcesPerSecond,
      trackerBytes: traffic.trackerBytesPerMember,
      bytes: traffic.total,
      ...Object.fromEntries(FAMILIES.map((family) => [`bytes ${family}`, traffic.hourly[family]])),
    },
    ...end,
  }
}

const QUIET: Flow = {
  name: 'quiet',
  title: 'Quiet propagation',
  about: 'Everybody is well and few pay: a transfer every twenty seconds. How long cheeses and transfers take to everybody, and what being there costs.',
  rate: 0.05,
  hours: 0.5,
}

const LOAD: Flow = {
  name: 'load',
  title: 'Under load',
  about: 'As before, with two transfers a second.',
  rate: 2,
  hours: 1 / 6,
}

export const quiet: Scenario = {
  name: 'quiet',
  summary: 'propagation of cheeses and transfers, orphan rate, bytes a member, half an hour',
  membersOf: (members) => members,
  run: (wanted) => flow(QUIET, wanted),
}

export const load: Scenario = {
  name: 'load',
  summary: 'the same with two transfers a second, ten minutes',
  membersOf: (members) => members,
  run: (wanted) => flow(LOAD, wanted),
}
