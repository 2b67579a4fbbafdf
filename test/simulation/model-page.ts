import { type Answer, model } from './model.ts'
import type { Outcome } from './network/outcome.ts'
import { bytes, ms, percent } from './network/report/figures.ts'
import { markdownTable } from './network/report/page.ts'
import { lineChart } from './network/report/svg.ts'
import { CLOSED } from './network/world.ts'

/** Sizes that the model is asked about beyond what is simulated. */
const FAR = [1_000, 10_000, 100_000, 1_000_000] as const
/** What the far networks do: a cheese a minute, and a transfer a second. */
const FAR_RATES = { cheesesPerHour: 60, transfersPerHour: 3_600 } as const

interface Compared {
  readonly what: string
  readonly unit: (value: number) => string
  readonly model: (answer: Answer) => number
  readonly run: (facts: Outcome['facts']) => number
}

const fact = (name: string) => (facts: Outcome['facts']) => facts[name] ?? 0

/** A run begins so many minutes after its members' start. */
const YOUNG = 3.5

/** What is held against each other. */
export const COMPARED: readonly Compared[] = [
  { what: 'cheese p50', unit: ms, model: ({ cheese }) => cheese.p50, run: fact('cheese p50') },
  { what: 'cheese p95', unit: ms, model: ({ cheese }) => cheese.p95, run: fact('cheese p95') },
  { what: 'transfer p50', unit: ms, model: ({ transfer }) => transfer.p50, run: fact('transfer p50') },
  { what: 'transfer p95', unit: ms, model: ({ transfer }) => transfer.p95, run: fact('transfer p95') },
  { what: 'bytes, together', unit: bytes, model: ({ total }) => total, run: (facts) => (facts.bytes ?? 0) - (facts['bytes other'] ?? 0) },
  { what: 'cheeses', unit: bytes, model: (answer) => answer.bytes.cheeses, run: fact('bytes cheeses') },
  { what: 'inventories', unit: bytes, model: (answer) => answer.bytes.inventories, run: fact('bytes inventories') },
  { what: 'cards', unit: bytes, model: (answer) => answer.bytes.cards, run: fact('bytes cards') },
  { what: 'pings', unit: bytes, model: (answer) => answer.bytes.pings, run: fact('bytes pings') },
  { what: 'announces/s', unit: (value) => value.toFixed(2), model: ({ tracker }) => tracker.announcesPerSecond, run: fact('announcesPerSecond') },
  { what: 'with the tracker', unit: bytes, model: ({ tracker }) => tracker.bytesPerMember, run: fact('trackerBytes') },
]

/** The model's answer to what was simulated: the same members, cheeses and transfers. */
export function answerTo({ wanted, facts }: Outcome): Answer {
  const lasts = (facts.made ?? 0) / (facts.cheesesPerHour || 1)
  return model({
    members: wanted.members,
    closed: CLOSED,
    cheesesPerHour: facts.cheesesPerHour ?? 0,
    transfersPerHour: (facts.sent ?? 0) / (lasts || 1),
    young: { from: YOUNG, to: YOUNG + 60 * lasts },
  })
}

/** The model's page, and its chart. */
export function modelPage(measured: readonly Outcome[]): {
  readonly markdown: string
  readonly charts: readonly { readonly file: string; readonly svg: string }[]
} {
  const compared = measured.map((outcome) => ({ outcome, answer: answerTo(outcome) }))
  const far = FAR.map((members) => ({ members, answer: model({ members, closed: CLOSED, ...FAR_RATES }) }))
  const table = markdownTable({
    title: 'The model beside the runs: model / run (difference)',
    head: ['members', ...compared.map(({ outcome }) => String(outcome.wanted.members))],
    rows: COMPARED.map(({ what, unit, model: says, run }) => [
      what,
      ...compared.map(({ outcome, answer }) => {
        const [a, b] = [says(answer), run(outcome.facts)]
        return `${unit(a)} / ${unit(b)} (${b === 0 ? '–' : `${a >= b ? '+' : '−'}${Math.abs(Math.round((100 * (a - b)) / b))} %`})`
      }),
    ]),
  })
  const beyond = markdownTable({
    title: 'What it says of larger networks, at a cheese a minute and a transfer a second',
    head: ['members', ...far.map(({ members }) => members.toLocaleString('en-GB'))],
    rows: [
      ['hops of a cheese (ln N ÷ ln peers)', ...far.map(({ answer }) => `${answer.hops.toFixed(1)} (${answer.logarithm.toFixed(1)})`)],
      ['cheese p50 / p95 / p99', ...far.map(({ answer: { cheese } }) => `${ms(cheese.p50)} / ${ms(cheese.p95)} / ${ms(cheese.p99)}`)],
      ['transfer p50 / p95 / p99', ...far.map(({ answer: { transfer } }) => `${ms(transfer.p50)} / ${ms(transfer.p95)} / ${ms(transfer.p99)}`)],
      ['orphan rate', ...far.map(({ answer }) => percent(answer.orphans))],
      ['a member sends in an hour', ...far.map(({ answer }) => bytes(answer.total))],
      ['of it cards', ...far.map(({ answer }) => bytes(answer.bytes.cards))],
      ['of it transfers and inventories', ...far.map(({ answer }) => bytes(answer.bytes.transfers + answer.bytes.inventories))],
      ['announces/s to the tracker', ...far.map(({ answer }) => Math.round(answer.tracker.announcesPerSecond).toLocaleString('en-GB'))],
      ['the tracker moves in a second', ...far.map(({ answer }) => bytes(answer.tracker.bytesPerSecond))],
    ],
  })
  const points = (of: (answer: Answer) => number) => [
    ...compared.map(({ outcome, answer }) => [Math.log10(outcome.wanted.members), of(answer)] as const),
    ...far.map(({ members, answer }) => [Math.log10(members), of(answer)] as const),
  ]
  const svg = lineChart({
    title: 'A cheese on its way: the model, and the runs that it was held against',
    x: 'members, as a power of ten',
    y: 'milliseconds',
    series: [
      { name: 'model, p50', points: points(({ cheese }) => cheese.p50) },
      { name: 'model, p95', points: points(({ cheese }) => cheese.p95) },
      { name: 'runs, p50', points: measured.map(({ wanted, facts }) => [Math.log10(wanted.members), facts['cheese p50'] ?? 0]) },
      { name: 'runs, p95', points: measured.map(({ wanted, facts }) => [Math.log10(wanted.members), facts['cheese p95'] ?? 0]) },
    ],
  })
  return { markdown: [...HEAD, table, '', '![model](model.svg)', '', beyond, '', ...TAIL].join('\n'), charts: [{ file: 'model.svg', svg }] }
}

const HEAD = [
  '# A model, and what it says of networks that cannot be simulated',
  '',
  'test/simulation/model.ts computes, from the numbers of the protocol alone, what a network of any size does. Nothing in it was fitted to the runs. It is held here',
  'against quiet runs of the real code (`npm run simulate -- scenario=model members=200`), and then asked about networks that are too large to run.',
  '',
  '**How.** Members are nodes of a random graph: each dials eight of those that can be dialled (six in ten), and has places and lines as in the simulation.',
  'News spreads over it by first passage (Dijkstra). A cheese takes one way over an edge on which it is pushed (from the three nearest peers of whoever receives it), and three ways (announced, asked for,',
  'sent) over the others. A transfer is announced after a random wait (2 s on average to those whom one dialled, 5 s to those who came in, all of these at the same moment), asked for, and sent.',
  'Bytes are counted message by message: announcements a link and cheese, relay ids in both directions of a link except where they came before one had the transfer, batches by the rate, pings, 64 cards each time that some are asked for (every sixteen minutes, and every minute while there are always new members),',
  'each card told to three others once an hour, the tracker’s answers of fifteen members (of all where there are at most fifty others).',
  '',
]

const TAIL = [
  '## Assumptions',
  '',
  '- Members, lines and habits are those of the simulation: continents, home lines, four in ten that nobody can dial. Uplinks do not fill: a compact cheese of a few kilobytes is small against them. A cheese',
  '  whose transfers are unknown to many, or whose body must be fetched whole, takes longer.',
  '- Machines verify faster than news comes: 0.1 ms a signature. A transfer a second is nothing; the rules allow about 116 a second (1 MB a minute), and there every member sends some 116 times the transfers and, since they then travel',
  '  in full batches, some 50 times the inventories.',
  '- The graph is random. Address groups and the tracker’s sample make the real one nearly so; continents do not cluster in it, which costs latency (nobody prefers near peers, but for who pushes) and buys safety.',
  '- Nobody leaves: churn adds a handshake of 3 KB and 64 cards for each new connection, which is little (see [churn](churn.md)).',
  '',
  '## What breaks first',
  '',
  '- **Cheeses do not.** A network ten times as large is some two hops wider, and the hops over which cheeses are pushed are short. At a million members the slowest hundredth has a cheese within a second, and the orphan rate stays below 1 %.',
  '- **One tracker does, beyond 10,000 members.** That is its limit of entries as it is set; what it moves comes from answering each announce with fifteen members. 10,000 members ask for a line of some 15 Mbit/s; a million for one to two Gbit/s and',
  '  22,000 announces a second. So: several trackers (members join several and take the union), several instances on one Redis, or longer intervals. (It was three times as much when each answer held fifty: these runs showed that it was',
  '  more than all that members sent to each other.)',
  '- **The directory follows.** Each card is told to everybody once an hour: 10,000 members make that some 8 MB an hour for each, and beyond some 20,000 the ration of one unasked card a second and peer cuts it off. Then a member knows some of the others and not all',
  '  (it keeps 5,000 cards anyway), which is enough to be connected and not enough to look somebody up by name: that takes the other’s address or a tracker that has it. Shorter news, or telling cards of payments’ partners first, would be the next step.',
  '- **Everything else stays as it is**: pings, cheeses and transfers cost each member the same in a network of any size.',
  '',
]
