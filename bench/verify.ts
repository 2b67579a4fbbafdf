/**
 * How fast a whole stored stack is verified on all cores, beside what the same machine verifies of bare signatures in the
 * same run, by each verifier there is.
 *   npm run bench -- verify      BENCH_CHEESES (2,000), BENCH_TRANSFERS (200), BENCH_ACCOUNTS (50,000), BENCH_RUNS (3)
 * Each verification is a process of its own, so that its peak memory is its own.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { CheeseStack } from '../src/chain/stack.ts'
import { signatureJob } from '../src/consensus/connect.ts'
import { params as paramsOf } from '../src/consensus/params.ts'
import { systemClock } from '../src/platform/clock.ts'
import { openNativeVerifier } from '../src/platform/native-verify.ts'
import { openClassicStore } from '../src/platform/store-classic.ts'
import { openVerifyPool } from '../src/platform/verify-pool.ts'
import { concatBytes } from '../src/util/bytes.ts'
import { silent } from '../src/util/ports.ts'
import type { BareData } from './lib/bare-worker.ts'
import { verifying } from './lib/member.ts'
import { median, Report, setting } from './lib/report.ts'
import { type BenchStack, benchStack } from './lib/stack.ts'

const params = paramsOf('regtest')
const cores = availableParallelism()
/** Bare signatures are verified for so long at a time, milliseconds. */
const BARE_MS = 2_000
/** Cheeses whose signatures are the bare ones. */
const BARE_CHEESES = 20

type By = 'tiny' | 'native'

interface Answer {
  readonly seconds: number
  readonly transfers: number
  readonly megabytes: number
  /** Microseconds of the main thread's processor time per transfer, and of all threads'. */
  readonly main: number
  readonly all: number
}

const open = async (folder: string, by: By) => {
  const verifier = openVerifyPool({ ...verifying, ...(by === 'tiny' ? { nativeAddon: undefined } : {}), threads: cores })
  const stack = await CheeseStack.open({ store: await openClassicStore(folder), params, clock: systemClock, log: silent, verifier })
  return { stack, verifier }
}

async function verifyAll(by: By): Promise<Answer> {
  const { stack, verifier } = await open((await benchStack()).folder, by)
  const [all, main] = [process.cpuUsage(), process.threadCpuUsage()]
  const verified = await stack.verify()
  if (!verified.ok) throw new Error(verified.error.message)
  const [{ user, system }, thread] = [process.cpuUsage(all), process.threadCpuUsage(main)]
  const { seconds, transfers } = verified.value
  await stack.close()
  await verifier.close()
  return {
    seconds,
    transfers,
    megabytes: process.resourceUsage().maxRSS / 1024,
    main: (thread.user + thread.system) / transfers,
    all: (user + system) / transfers,
  }
}

/** Signatures of the stack's latest cheeses, packed. */
async function someSignatures({ folder, height }: BenchStack): Promise<Uint8Array> {
  const { stack, verifier } = await open(folder, 'tiny')
  const parts: Uint8Array[] = []
  for (let at = Math.max(1, height - BARE_CHEESES); at <= height; at++) {
    for (const transfer of stack.cheese(stack.smellAt(at) ?? '')?.body.transfers ?? []) {
      const { publicKey, message, signature } = signatureJob(transfer, params)
      parts.push(publicKey, message, signature)
    }
  }
  await stack.close()
  await verifier.close()
  return concatBytes(...parts)
}

/** Signatures a second of so many threads at once. */
async function bare(by: BareData['by'], threads: number, packed: Uint8Array): Promise<number> {
  const workerData: BareData = { by, nativeAddon: verifying.nativeAddon, packed, milliseconds: BARE_MS }
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./lib/bare-worker.ts', import.meta.url), { workerData }))
  const answer = <T>(worker: Worker) =>
    new Promise<T>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
  await Promise.all(workers.map(answer))
  const rates = workers.map((worker) => answer<number>(worker))
  for (const worker of workers) worker.postMessage('go')
  const sum = (await Promise.all(rates)).reduce((total, rate) => total + rate, 0)
  await Promise.all(workers.map((worker) => worker.terminate()))
  return sum
}

function child(by: By): Answer {
  const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--child', by], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error(`verifying by ${by} failed`)
  return JSON.parse(String(stdout).trim().split('\n').at(-1) ?? '') as Answer
}

async function main(): Promise<void> {
  const runs = setting('BENCH_RUNS', 3)
  const stack = await benchStack()
  const { cheeses, perCheese, accounts } = stack.plan
  const report = new Report(
    'verify',
    `Verifying a stored stack of ${cheeses.toLocaleString('en-US')} cheeses × ${perCheese} transfers from ${accounts.toLocaleString('en-US')} accounts, ${cores} cores`,
  )
  const packed = await someSignatures(stack)
  const native = openNativeVerifier(verifying.nativeAddon)
  const kinds: readonly By[] = native ? ['tiny', 'native'] : ['tiny']
  const bares = new Map<string, number[]>()
  const answers: Record<By, Answer[]> = { tiny: [], native: [] }
  const measureBare = async (by: BareData['by'], threads: number) => {
    const name = `${by}:${threads}`
    bares.set(name, [...(bares.get(name) ?? []), await bare(by, threads, packed)])
  }
  for (let run = 0; run < runs; run++) {
    await measureBare('noble', 1)
    for (const by of kinds) {
      await measureBare(by, 1)
      await measureBare(by, cores)
      answers[by].push(child(by))
    }
  }
  const names = { noble: '@noble/curves', tiny: 'tiny-secp256k1', native: native?.name ?? '' } as const
  report.heading('Bare signatures')
  report.row(`${names.noble}, one thread`, bares.get('noble:1') ?? [], 'signatures/s')
  for (const by of kinds) {
    report.row(`${names[by]}, one thread`, bares.get(`${by}:1`) ?? [], 'signatures/s')
    report.row(`${names[by]}, ${cores} threads at once: the limit`, bares.get(`${by}:${cores}`) ?? [], 'signatures/s')
  }
  report.heading('The whole stack')
  const rate = ({ transfers, seconds }: Answer) => transfers / seconds
  for (const by of kinds) {
    report.row(`verified with ${names[by]}`, answers[by].map(rate), 'transfers/s')
    report.row(
      "  the main thread's processor time",
      answers[by].map((answer) => answer.main),
      'µs a transfer',
    )
    report.row(
      '  processor time of all threads',
      answers[by].map((answer) => answer.all),
      'µs a transfer',
    )
    report.row(
      '  peak memory',
      answers[by].map(({ megabytes }) => megabytes),
      'MB',
    )
  }
  report.heading('Shares')
  const limit = bares.get(`tiny:${cores}`) ?? []
  const share = (by: By, of: readonly number[]) => median(answers[by].map((answer, i) => rate(answer) / (of[i] as number)))
  for (const by of kinds) report.ratio(`with ${names[by]} ÷ (bare tiny-secp256k1 × cores)`, share(by, limit), { atLeast: 0.9 })
  if (native) report.ratio(`with ${names.native} ÷ (its own bare rate × cores)`, share('native', bares.get(`native:${cores}`) ?? []))
  else report.note('The native addon is not built here, or has no verifier: tiny-secp256k1 is what this machine has.')
  report.write()
}

const [mode, by] = process.argv.slice(2)
if (mode === '--child') console.log(JSON.stringify(await verifyAll(by as By)))
else await main()
