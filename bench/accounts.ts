/**
 * What it costs to touch a few hundred accounts among a million, beside a rebuild of the whole tree; how long a store of as
 * many takes to open; and how much memory either takes.
 *   npm run bench -- accounts     BENCH_ACCOUNTS (1,000,000), BENCH_TOUCHED (400), BENCH_ROUNDS (31), BENCH_RUNS (3)
 * The accounts lie in a LevelDB store that is made once and kept in .cache/. Each run is a process of its own.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AccountsState } from '../src/chain/accounts-state.ts'
import { accountKey, accountRange, addressInKey, SCHEMA } from '../src/chain/keys.ts'
import { decodeAccount } from '../src/chain/records.ts'
import { sha256 } from '../src/consensus/hash.ts'
import { accountsRootOf } from '../src/consensus/tree.ts'
import type { Account, AddressHex } from '../src/consensus/types.ts'
import { openClassicStore } from '../src/platform/store-classic.ts'
import { equalBytes, toHex } from '../src/util/bytes.ts'
import { allAtOnce } from '../src/util/steps.ts'
import { median, Report, setting } from './lib/report.ts'
import { cacheFolder } from './lib/stack.ts'

const accounts = setting('BENCH_ACCOUNTS', 1_000_000)
const touched = setting('BENCH_TOUCHED', 400)
const rounds = setting('BENCH_ROUNDS', 31)
/** Accounts that are put into the store at once while it is made. */
const PART = 20_000
const FUNDS = 1_000_000n

interface Answer {
  /** Milliseconds until the root can be told, and until the first account can be read. */
  readonly open: number
  readonly first: number
  /** Milliseconds of an update of the root whose accounts have not been used lately, and of one whose have. */
  readonly cold: number
  readonly warm: number
  /** Milliseconds of encoding what a cold one changed and of storing it. */
  readonly store: number
  /** Milliseconds that a rebuild of the whole tree takes, 0 where it was not asked for. */
  readonly rebuild: number
  readonly megabytes: { readonly opened: number; readonly worked: number }
}

function addressNumber(i: number): Uint8Array {
  return sha256(Uint8Array.of(i >> 24, i >> 16, i >> 8, i)).slice(0, 20)
}

/** Numbers that look random and are the same each time. */
function pick(): (limit: number) => number {
  let seed = 1
  return (limit) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * limit)
  }
}

function milliseconds<T>(work: () => T): { readonly ms: number; readonly value: T } {
  const started = performance.now()
  const value = work()
  return { ms: performance.now() - started, value }
}

/** A store of so many accounts and their tree, made now when no run before has. */
async function storeOf(): Promise<string> {
  const folder = join(cacheFolder(), `accounts-v1.${SCHEMA}-${accounts}`)
  if (existsSync(folder)) return folder
  console.log(`making a store of ${accounts.toLocaleString('en-US')} accounts: once, it is kept in .cache/`)
  const partial = `${folder}.${process.pid}.part`
  rmSync(partial, { recursive: true, force: true })
  const store = await openClassicStore(partial)
  const state = new AccountsState(store)
  for (let from = 0; from < accounts; from += PART) {
    const changes = new Map<AddressHex, Account>()
    for (let i = from; i < Math.min(accounts, from + PART); i++) changes.set(toHex(addressNumber(i)), { balance: FUNDS, sequence: 0 })
    state.take({ changes, update: allAtOnce(state.updateSteps(changes)) })
    await store.batch(state.ops())
    state.written(true)
  }
  await store.close()
  renameSync(partial, folder)
  return folder
}

const megabytes = () => process.memoryUsage().rss / 1e6

async function measure(folder: string, rebuilds: boolean): Promise<Answer> {
  const before = megabytes()
  const opening = performance.now()
  const store = await openClassicStore(folder)
  const state = new AccountsState(store)
  state.root()
  const open = performance.now() - opening
  const { ms: first } = milliseconds(() => state.get(addressNumber(accounts >> 1)))
  const opened = megabytes() - before
  const next = pick()
  const times = { cold: [] as number[], warm: [] as number[], store: [] as number[] }
  for (let round = -5; round < rounds; round++) {
    const changes = new Map<AddressHex, Account>()
    while (changes.size < touched) changes.set(toHex(addressNumber(next(accounts))), { balance: BigInt(1 + next(1e9)), sequence: 1 + next(1_000) })
    const cold = milliseconds(() => allAtOnce(state.updateSteps(changes)))
    // The same again: nothing has been taken yet, and all that it needs is in memory now.
    const warm = milliseconds(() => allAtOnce(state.updateSteps(changes)))
    if (!equalBytes(cold.value.root, warm.value.root)) throw new Error('two roots of the same accounts')
    state.take({ changes, update: cold.value })
    const started = performance.now()
    await store.batch(state.ops())
    state.written(true)
    if (round < 0) continue
    times.cold.push(cold.ms)
    times.warm.push(warm.ms)
    times.store.push(performance.now() - started)
  }
  const worked = megabytes() - before
  let rebuild = 0
  if (rebuilds) {
    const all = new Map<AddressHex, Account>()
    for await (const [key, value] of store.entries(accountRange)) all.set(toHex(addressInKey(key)), decodeAccount(value))
    const rebuilt = milliseconds(() => accountsRootOf(all))
    rebuild = rebuilt.ms
    if (all.size !== accounts || !equalBytes(rebuilt.value, state.root())) throw new Error('the tree and the rebuild disagree')
  }
  if (!store.get(accountKey(addressNumber(0)))) throw new Error('an account is missing')
  await store.close()
  return { open, first, ...{ cold: median(times.cold), warm: median(times.warm), store: median(times.store) }, rebuild, megabytes: { opened, worked } }
}

async function main(): Promise<void> {
  const runs = setting('BENCH_RUNS', 3)
  const source = await storeOf()
  const many = accounts.toLocaleString('en-US')
  const report = new Report('accounts', `${touched} accounts touched among ${many}, in a LevelDB store`)
  const base = mkdtempSync(join(tmpdir(), 'cheese-bench-'))
  const answers: Answer[] = []
  try {
    for (let run = 0; run < runs; run++) {
      const folder = join(base, `${run}`)
      cpSync(source, folder, { recursive: true })
      const args = [fileURLToPath(import.meta.url), '--child', folder, 'rebuild']
      const { status, stdout } = spawnSync(process.execPath, ['--max-old-space-size=4096', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
      if (status !== 0) throw new Error('a run failed')
      answers.push(JSON.parse(String(stdout)) as Answer)
      rmSync(folder, { recursive: true, force: true })
    }
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
  const row = (name: string, of: (answer: Answer) => number, unit: string) => report.row(name, answers.map(of), unit)
  report.heading('Opening')
  row(`opening a store of ${many} accounts, up to its root`, ({ open }) => open, 'ms')
  row('reading an account', ({ first }) => first, 'ms')
  row('memory that it takes', (answer) => answer.megabytes.opened, 'MB')
  report.heading('The root')
  row(`update of ${touched} accounts, not used lately`, ({ cold }) => cold, 'ms')
  row(`update of ${touched} accounts, used lately`, ({ warm }) => warm, 'ms')
  row('storing what it changed, on its own', ({ store }) => store, 'ms')
  row('rival: rebuilding the root from all accounts', ({ rebuild }) => rebuild, 'ms')
  row(`memory after ${rounds + 5} of them`, (answer) => answer.megabytes.worked, 'MB')
  report.ratio('rebuilding ÷ an update of accounts not used lately', median(answers.map(({ rebuild, cold }) => rebuild / cold)))
  report.write()
}

const [mode, folder = '', rebuilds] = process.argv.slice(2)
if (mode === '--child') console.log(JSON.stringify(await measure(folder, rebuilds === 'rebuild')))
else await main()
