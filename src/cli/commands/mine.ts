import { type Command, Option } from 'commander'
import { miningConsent } from '../../api/mining-consent.ts'
import type { MiningChange, MiningStatus, OwnCheeses } from '../../api/schemas.ts'
import { answer, type ControlOptions, withControl } from '../context.ts'
import { CommandError, type Io, UsageError } from '../io.ts'
import { countArgument, minutesArgument, onOffArgument, percentArgument, threadsArgument } from '../parse.ts'
import { findMember, type Remote } from '../remote.ts'
import { cheese, counted, listing, rate, short, span, table, time } from '../table.ts'

interface MineOptions extends ControlOptions {
  readonly threads?: number
  readonly intensity?: number
  readonly kernel?: string
  readonly battery?: boolean
  readonly idle?: boolean
  readonly idleMinutes?: number
  readonly autoStart?: boolean
  readonly agree?: true
  readonly count?: number
}

const WHAT = ['on', 'off', 'set', 'own', 'chart'] as const

const RESTING: Readonly<Record<NonNullable<MiningStatus['resting']>, string>> = {
  battery: 'the machine runs on battery',
  'in-use': 'somebody uses the machine',
  window: 'the machine answers slowly',
  sync: 'the stack is behind the others',
  'no-wallet': 'there is no wallet to mine to',
  starting: 'it waits to be in step with other members',
}

/** Mining in a few words: for `status`, and the first line of `mine`. */
export function miningText({ on, resting, threads, hashRate, found }: MiningStatus): string {
  if (!on) return `off, found ${found}`
  if (resting !== null) return `on, resting: ${RESTING[resting]}, found ${found}`
  return `on, ${counted(threads, 'thread')}, ${rate(hashRate)}, found ${found}`
}

function percent(share: number): string {
  const shown = 100 * share
  return `${shown >= 99.95 && share < 1 ? 'over 99.9' : shown < 0.01 && share > 0 ? 'under 0.01' : shown.toFixed(shown < 1 ? 2 : 1)} %`
}

function luckText({ found, expected, since }: MiningStatus['luck']): string {
  return `found ${found} where ${expected.toFixed(expected < 10 ? 2 : 0)} were to be expected, since ${time(since)}`
}

function detailText(mining: MiningStatus, styled: boolean): string {
  const { expectedSeconds, chanceNextHour, tries, staleTries, energy } = mining
  const choices = [
    `${counted(mining.threads, 'thread')} of ${mining.maxThreads}`,
    `${mining.intensity} % of the time`,
    mining.mineOnBattery ? 'also on battery' : 'not on battery',
    mining.onlyWhenIdle ? `only when nobody used the machine for ${mining.idleMinutes} min` : undefined,
    mining.autoStart ? 'begins by itself' : undefined,
  ]
  return listing(
    [
      ['Mining', miningText(mining)],
      ['Choices', choices.filter((one) => one !== undefined).join(', ')],
      ['Kernel', `${mining.kernel}${mining.kernelChoice === 'auto' ? ' (the fastest)' : ''}`],
      ['Hash rate', `${rate(mining.hashRate)} over 10 seconds, ${rate(mining.hashRate10m)} over 10 minutes`],
      ['Next cheese', expectedSeconds === null ? undefined : `${span(expectedSeconds)} on average`],
      ['Next hour', chanceNextHour === null ? undefined : `${percent(chanceNextHour)} chance of at least one`],
      ['Luck', luckText(mining.luck)],
      ['For nothing', `${mining.stale} found too late, ${tries === 0 ? '0 %' : percent(staleTries / tries)} of the tries on an old tip`],
      ['Energy', energy === null ? undefined : `about ${energy.watts} W while it mines: ${energy.basis}`],
      ['Paid to', mining.address ?? 'nobody yet: make a wallet'],
    ],
    styled,
  )
}

/** Whether the person agrees to what mining does to this machine, asked on the terminal. Fails when they do not, or cannot be asked. */
async function agreed(io: Io, mining: MiningStatus, threads: number): Promise<true> {
  const { title, points, question } = miningConsent({ threads, maxThreads: mining.maxThreads })
  if (!io.interactive)
    throw new UsageError(`Mining was not agreed to on this computer yet, and there is no terminal to ask on. ${points.join(' ')} If you agree, add --agree.`)
  io.err(`${title}\n${points.map((point) => `  - ${point}\n`).join('')}`)
  if (/^y(es)?$/i.test((await io.ask(`${question} [y/N] `)).trim())) return true
  throw new CommandError('Not agreed: mining stays off.')
}

function change(options: MineOptions, on: boolean | undefined): MiningChange {
  const { threads, intensity, kernel, battery, idle, idleMinutes, autoStart } = options
  return { on, threads, intensity, kernel, mineOnBattery: battery, onlyWhenIdle: idle, idleMinutes, autoStart }
}

async function set(io: Io, remote: Remote, options: MineOptions, on: boolean | undefined): Promise<MiningStatus> {
  const wanted = change(options, on)
  if (Object.values(wanted).every((value) => value === undefined))
    throw new UsageError('Say what to set, for example "cheese mine set --intensity 50"; "cheese mine --help" lists everything.')
  const { network, mining } = await remote.call((member) => member.status())
  const needed = (on === true || options.autoStart === true) && !mining.consented
  // On regtest cheese is worth nothing, found at once, and found by tests.
  const consent = options.agree === true || (needed && network === 'regtest') || (needed && (await agreed(io, mining, options.threads ?? mining.threads)))
  return remote.call((member) => member.mining.set({ ...wanted, ...(consent ? { consent: true } : {}) }))
}

function ownText({ found, ripening, ripened, orphaned, cheeses }: OwnCheeses, styled: boolean): string {
  const right = { align: 'right' as const }
  const rows = cheeses.map((one) => [String(one.height), short(one.smell), time(one.time), cheese(one.amount), one.state, String(one.ripensAt)])
  const columns = [
    { title: 'Height', ...right },
    { title: 'Smell' },
    { title: 'Time' },
    { title: 'Cheese', ...right },
    { title: 'State' },
    { title: 'Ripens at', ...right },
  ]
  const sums = found === 0 ? '' : `${found} found: ${ripened} ripened, ${ripening} ripening, ${orphaned} orphaned.\n`
  return `${sums}${table(columns, rows, 'None found yet.', styled)}`
}

/** `mine`: how mining goes, switches it on or off, and sets how it mines. */
export function addMine(program: Command, io: Io): void {
  withControl(
    program
      .command('mine')
      .description('says how mining goes, or switches it on or off, sets how it mines, shows own cheeses or the last hour')
      .argument('[what]', `${WHAT.join(', ')}; how it goes when left out`),
  )
    .option('--threads <n>', 'how many threads mine', threadsArgument)
    .option('--intensity <percent>', 'how much of the time they work, 1 to 100', percentArgument)
    .option('--kernel <name>', 'which search runs: a name, or auto for the fastest')
    .addOption(new Option('--battery <on|off>', 'mines on battery too').argParser(onOffArgument))
    .addOption(new Option('--idle <on|off>', 'mines only while nobody uses the machine').argParser(onOffArgument))
    .option('--idle-minutes <n>', 'after so many minutes without input nobody uses it', minutesArgument)
    .addOption(new Option('--auto-start <on|off>', 'begins by itself after start and sync').argParser(onOffArgument))
    .option('--agree', 'agrees to what mining does to this machine, once and for all')
    .option('--count <n>', 'own: how many cheeses, latest first (default: 20)', countArgument)
    .action(async (what: string | undefined, options: MineOptions) => {
      if (what !== undefined && !(WHAT as readonly string[]).includes(what))
        throw new UsageError(`Say on or off, set, own or chart, not "${what}" (see "cheese mine --help")`)
      const remote = await findMember(options)
      if (what === 'on' || what === 'off') {
        const mining = await set(io, remote, options, what === 'on')
        const text = !mining.on
          ? 'Mining is off.\n'
          : mining.resting === null
            ? `Mining with ${counted(mining.threads, 'thread')}.\n`
            : `Mining is on and rests: ${RESTING[mining.resting]}.\n`
        answer(io, options, { on: mining.on, threads: mining.threads }, text)
      } else if (what === 'own') {
        const own = await remote.call((member) => member.mining.own({ limit: Math.min(500, options.count ?? 20) }))
        answer(io, options, own, ownText(own, io.styled))
      } else if (what === 'chart') {
        const chart = await remote.call((member) => member.mining.chart())
        const rows = chart.points.map(({ at, hashRate }) => [time(at), rate(hashRate)])
        answer(
          io,
          options,
          chart,
          table([{ title: 'From' }, { title: 'Hash rate', align: 'right' }], rows, 'Nothing yet: a point comes every ten seconds.', io.styled),
        )
      } else {
        const mining = what === 'set' ? await set(io, remote, options, undefined) : await remote.call((member) => member.mining.status())
        answer(io, options, mining, detailText(mining, io.styled))
      }
    })
}
