import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modelPage } from '../model-page.ts'
import { type Options, readOptions } from './options.ts'
import type { Outcome, Scenario } from './outcome.ts'
import { page } from './report/page.ts'
import { churn } from './scenarios/churn.ts'
import { eclipse } from './scenarios/eclipse.ts'
import { spam } from './scenarios/flood.ts'
import { load, quiet } from './scenarios/flow.ts'
import { hashRate } from './scenarios/hash-rate.ts'
import { partition } from './scenarios/partition.ts'

export const SCENARIOS: readonly Scenario[] = [quiet, load, partition, churn, eclipse, spam, hashRate]

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const SCRIPT = join(ROOT, 'scripts/simulate.mjs')
/** Sizes that the model is held against. */
const MODEL_SIZES = [25, 50, 100, 200, 400] as const
const MODEL_HOURS = 0.2

const DEFAULTS: Options = {
  members: 200,
  seed: 1,
  hours: undefined,
  scenario: 'all',
  out: join(ROOT, 'docs/simulations'),
  jobs: Math.min(availableParallelism(), SCENARIOS.length),
  json: undefined,
}

const HELP = `npm run simulate -- [members=200] [scenario=all] [hours=…] [seed=1] [jobs=${DEFAULTS.jobs}] [out=docs/simulations]

Runs a network of members in one process, on a virtual clock, with lines that have latency, loss and bandwidth, and writes
a page and charts for each scenario into out. The same members, hours and seed give the same page.

${SCENARIOS.map(({ name, summary }) => `  scenario=${name.padEnd(10)} ${summary}`).join('\n')}
  scenario=model      the model held against quiet runs of up to \`members\`, and what it says of 10,000 and 1,000,000
  scenario=all        all of these, each in a process of its own, \`jobs\` at a time

hours is virtual time, in place of what a scenario takes by itself. The exit code is 1 when an invariant does not hold.
`

/** Runs what was asked for. Returns the exit code. */
export async function main(words: readonly string[], say: (text: string) => void): Promise<number> {
  if (words.some((word) => word === 'help' || word === '--help')) {
    process.stdout.write(HELP)
    return 0
  }
  const read = readOptions(words, DEFAULTS)
  if (!read.ok) {
    say(read.error)
    return 2
  }
  const options = read.value
  const scenario = SCENARIOS.find(({ name }) => name === options.scenario)
  if (!scenario && options.scenario !== 'all' && options.scenario !== 'model') {
    say(`There is no scenario "${options.scenario}": say npm run simulate -- help.`)
    return 2
  }
  if (options.json !== undefined) {
    if (!scenario) return 2
    await writeFile(options.json, JSON.stringify(await scenario.run(options)))
    return 0
  }
  await mkdir(options.out, { recursive: true })
  const wanted = scenario ? [scenario] : options.scenario === 'all' ? SCENARIOS : []
  const runs = wanted.map((one) => ({ one, members: scenario ? options.members : one.membersOf(options.members) }))
  const models = options.scenario === 'quiet' || scenario ? [] : MODEL_SIZES.filter((size) => size <= options.members)
  const jobs = [
    ...runs.map(({ one, members }) => async () => {
      const outcome = await inProcess(one.name, { ...options, members }, say)
      await writePage(outcome, options.out)
      return outcome.invariants.every(({ holds }) => holds)
    }),
  ]
  const measured: Outcome[] = []
  const modelJobs = models.map((members) => async () => {
    measured.push(await inProcess('quiet', { ...options, members, hours: MODEL_HOURS }, say))
    return true
  })
  const good = await inTurn([...jobs, ...modelJobs], options.jobs)
  if (models.length > 0) {
    const { markdown, charts } = modelPage(measured.sort((a, b) => a.wanted.members - b.wanted.members))
    await writeFile(join(options.out, 'model.md'), markdown)
    for (const { file, svg } of charts) await writeFile(join(options.out, file), svg)
  }
  return good.every((fine) => fine) ? 0 : 1
}

/** Runs one scenario in a process of its own, so that several cores are used and memory is given back. */
async function inProcess(name: string, { members, seed, hours }: Options, say: (text: string) => void): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'cheese-simulate-'))
  const json = join(folder, 'outcome.json')
  const began = Date.now()
  say(`${name}: ${members} members …`)
  try {
    const words = [`scenario=${name}`, `members=${members}`, `seed=${seed}`, `json=${json}`, ...(hours === undefined ? [] : [`hours=${hours}`])]
    const child = spawn(process.execPath, ['--max-old-space-size=8192', SCRIPT, ...words], { stdio: ['ignore', 'inherit', 'inherit'] })
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve))
    if (code !== 0) throw new Error(`the scenario ${name} ended with ${code}`)
    const outcome = JSON.parse(await readFile(json, 'utf8')) as Outcome
    const broken = outcome.invariants.filter(({ holds }) => !holds)
    say(`${name}: ${members} members, ${Math.round(outcome.seconds / 60)} virtual minutes in ${Math.round((Date.now() - began) / 1000)} s`)
    for (const { name: what, detail } of broken) say(`${name}: this does not hold: ${what} (${detail})`)
    return outcome
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writePage(outcome: Outcome, out: string): Promise<void> {
  await writeFile(join(out, `${outcome.scenario}.md`), page(outcome))
  for (const { file, svg } of outcome.charts) await writeFile(join(out, file), svg)
}

/** Runs jobs, so many at once. */
async function inTurn<T>(jobs: readonly (() => Promise<T>)[], atOnce: number): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const work = async () => {
    for (let job = jobs[next++]; job; job = jobs[next++]) results.push(await job())
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return results
}
