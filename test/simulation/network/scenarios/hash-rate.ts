import { checkInvariants } from '../invariants.ts'
import { mean } from '../observer.ts'
import type { Outcome, Scenario, Wanted } from '../outcome.ts'
import { delayTable, orphans, percent } from '../report/figures.ts'
import { lineChart } from '../report/svg.ts'
import { SPACING, triesOf, USUAL_WORK } from '../rules.ts'
import { ended, settled } from './measure.ts'

const STEP = 10
/** Cheeses over which the pace is told. */
const OVER = 15
/** The pace counts as recovered within this share of the wanted one. */
const NEAR = 0.25
/** Hours before the step up, until the step down, and after it. */
const HOURS = [0.5, 4, 5.5] as const

async function run(wanted: Wanted): Promise<Outcome> {
  const world = await settled(wanted)
  const scale = (wanted.hours ?? 10) / 10
  const began = world.clock.exact
  const steps: number[] = []
  const phases: { readonly name: string; readonly from: number; to: number }[] = []
  for (const [i, factor] of [1, STEP, 1].entries()) {
    world.mining.setFactor(
      factor,
      world.on.map((member) => ({ member, to: world.rewardOf(member) })),
    )
    steps.push(world.clock.exact)
    const from = world.clock.exact
    await world.run((HOURS[i] as number) * scale * 3_600_000)
    phases.push({ name: ['as usual', `× ${STEP}`, `÷ ${STEP}: as usual again`][i] as string, from, to: world.clock.exact })
  }
  const invariants = await checkInvariants(world)
  const { orphaned, made } = orphans(world)
  const stack = world.on[0]?.session?.stack
  const main = [...world.observer.cheeses.values()].filter(({ smell }) => stack?.isMain(smell)).sort((a, b) => a.height - b.height)
  const pace = main.flatMap((cheese, i) => {
    const before = main[i - OVER]
    return before ? [{ at: cheese.at, seconds: (cheese.at - before.at) / OVER / 1000 }] : []
  })
  const minutes = (at: number) => (at - began) / 60_000
  const rows = phases.map(({ name, from, to }, i) => {
    const inside = main.filter(({ at }) => at >= from && at < to)
    // The pace is told of the last cheeses, so those from before the step must have gone.
    const settledAt = pace.find(({ at, seconds }) => at > from && Math.abs(seconds - SPACING) < NEAR * SPACING && (inside[OVER]?.at ?? to) <= at)
    const gaps = inside.slice(1).map(({ at }, k) => (at - (inside[k]?.at ?? at)) / 1000)
    return {
      row: [
        name,
        ((to - from) / 3_600_000).toFixed(1),
        String(inside.length),
        gaps.slice(0, OVER).length > 0 ? `${mean(gaps.slice(0, OVER)).toFixed(1)} s` : '–',
        gaps.length > 0 ? `${mean(gaps.slice(-2 * OVER)).toFixed(1)} s` : '–',
        i === 0
          ? '–'
          : settledAt
            ? `${minutes(settledAt.at) - minutes(from) < 0 ? '–' : `${Math.round(minutes(settledAt.at) - minutes(from))} min`}`
            : 'not in this time',
      ],
      recovered: settledAt ? minutes(settledAt.at) - minutes(from) : -1,
    }
  })
  const end = await ended(world)
  return {
    scenario: 'hash-rate',
    title: 'Ten times the hash rate, and a tenth',
    about: `After half an hour everybody's hash rate is multiplied by ${STEP}; four hours later it falls back to a tenth. The target moves by the rules' own aserti3 (half-life an hour, one cheese back), and the nonces are really searched for.`,
    wanted,
    tables: [
      {
        title: 'Seconds between cheeses',
        head: ['hash rate', 'hours', 'cheeses', `the first ${OVER} of them`, `the last ${2 * OVER}`, `pace within ${100 * NEAR} % of ${SPACING} s after`],
        rows: rows.map(({ row }) => row),
      },
      {
        title: 'The stack',
        head: ['cheeses made', 'orphaned', 'orphan rate'],
        rows: [[String(made), String(orphaned), percent(orphaned / Math.max(1, made))]],
      },
      delayTable(world),
    ],
    charts: [
      {
        file: 'hash-rate-pace.svg',
        svg: lineChart({
          title: `Seconds between cheeses (mean of ${OVER})`,
          x: 'minutes',
          y: 'seconds',
          series: [{ name: 'seconds', points: pace.map(({ at, seconds }) => [minutes(at), seconds]) }],
          marks: steps.slice(1).map((at, i) => ({ x: minutes(at), text: i === 0 ? `× ${STEP}` : `÷ ${STEP}` })),
        }),
      },
      {
        file: 'hash-rate-work.svg',
        svg: lineChart({
          title: 'Work that a cheese takes, as a multiple of the usual',
          x: 'minutes',
          y: 'times',
          series: [{ name: 'work', points: main.map(({ at, bits }) => [minutes(at), triesOf(bits) / USUAL_WORK]) }],
          marks: steps.slice(1).map((at, i) => ({ x: minutes(at), text: i === 0 ? `× ${STEP}` : `÷ ${STEP}` })),
        }),
      },
    ],
    invariants,
    facts: { made, orphaned, upMinutes: rows[1]?.recovered ?? -1, downMinutes: rows[2]?.recovered ?? -1 },
    ...end,
  }
}

export const hashRate: Scenario = {
  name: 'hash-rate',
  summary: 'hash rate × 10 for four hours, then ÷ 10: how the real target follows, ten hours (a tenth of the members)',
  membersOf: (members) => Math.max(8, Math.round(members / 10)),
  run,
}
