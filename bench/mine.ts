/**
 * How many nonces are tried in a second: the first Python version's way, what libraries offer, C, and each of our kernels; on one
 * thread by its processor time, and on all cores by the clock.
 *   npm run bench -- mine             BENCH_RUNS=9 BENCH_MS=100 BENCH_POOL_RUNS=5 BENCH_POOL_MS=2000 are the defaults
 * Rivals take turns, so that a busy moment of the machine meets all of them.
 */
import { availableParallelism } from 'node:os'
import type { Kernel, KernelName } from '../src/mining/kernel.ts'
import { kernelsHere } from '../src/platform/kernels/kernels.ts'
import { openMinePool } from '../src/platform/mine-pool.ts'
import { layoutFrom } from '../src/server/layout.ts'
import { equalBytes } from '../src/util/bytes.ts'
import { rivals, type Try } from './lib/mine-rivals.ts'
import { newWorkTimes } from './lib/new-work.ts'
import { compiled, type MiningProgram, python } from './lib/programs.ts'
import { median, Report, setting } from './lib/report.ts'

const RUNS = setting('BENCH_RUNS', 9)
const RUN_MS = setting('BENCH_MS', 100)
const POOL_RUNS = setting('BENCH_POOL_RUNS', 5)
const POOL_MS = setting('BENCH_POOL_MS', 2000)
const WORK_ROUNDS = setting('BENCH_WORK_ROUNDS', 25)
const NEVER = new Uint8Array(32)
const MEGA = 1e6
/** In which the last reports of the pool's threads come. */
const LAST_MS = 200

const { nativeAddon, workers } = layoutFrom(new URL('../src/main/index.ts', import.meta.url).href)
const { kernels } = kernelsHere(nativeAddon)
const threads = availableParallelism()

/** Processor time of this thread, seconds. */
function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / MEGA
}

/** Millions of tries per second of processor time, over about `ms` of it. */
type Measure = (ms: number) => number

function measureTry(tryNonces: Try, batch: number): Measure {
  let nonce = 0
  return (ms) => {
    let tries = 0
    const begun = cpuSeconds()
    let took = 0
    for (; took < ms / 1000; took = cpuSeconds() - begun) {
      tryNonces(nonce, batch)
      tries += batch
      nonce = (nonce + batch) % 2 ** 30
    }
    return tries / took / MEGA
  }
}

function measureKernel(kernel: Kernel): Measure {
  const header = new Uint8Array(116).fill(1)
  return measureTry((start, count) => {
    if (kernel.search(header, BigInt(start), count, NEVER) !== undefined) throw new Error(`${kernel.name} invents hits`)
    return header
    // About as many as a mining thread tries at once.
  }, 1 << 16)
}

function measureProgram(program: MiningProgram): Measure {
  return (ms) => {
    const { tries, cpuSeconds: took } = program(1, ms)
    return tries / took / MEGA
  }
}

/** What a rival calls the smell of a nonce must be what the others call it, and a hit for every kernel. */
function checkAgreement(tries: ReadonlyMap<string, Try>): void {
  const header = new Uint8Array(116).fill(1)
  header.set([1, 1, 1, 1, 0, 0, 0, 77], 108)
  const [smell, ...others] = [...tries.values()].map((tryNonces) => Uint8Array.from(tryNonces(77, 1)))
  if (!smell || others.some((other) => !equalBytes(other, smell))) throw new Error('the rivals do not agree')
  for (const kernel of kernels) {
    if (kernel.search(header, 0x0101_0101_0000_004dn, 1, smell) === undefined) throw new Error(`${kernel.name} does not agree`)
  }
}

/** Several runs of each, in turns. */
function inTurns<K>(measures: ReadonlyMap<K, Measure>): ReadonlyMap<K, number[]> {
  const rates = new Map([...measures.keys()].map((name): [K, number[]] => [name, []]))
  for (const measure of measures.values()) measure(RUN_MS)
  for (let run = 0; run < RUNS; run++) {
    for (const [name, measure] of measures) rates.get(name)?.push(measure(RUN_MS))
  }
  return rates
}

/** Tries per second by the clock of so many threads of the real pool. */
async function poolRate(kernel: KernelName, count: number): Promise<number> {
  const pool = openMinePool({ workerUrl: workers.mine, nativeAddon, measureMs: 1 })
  try {
    pool.setKernel(kernel)
    pool.setThreads(count)
    await new Promise<void>((resolve) => pool.events.on('kernel', () => resolve()))
    let tries = 0
    pool.events.on('tried', ({ job, count: more }) => {
      if (job === 1) tries += more
    })
    // First its threads come up to speed.
    pool.search({ id: 0, header: new Uint8Array(116), target: NEVER })
    await pause(POOL_MS / 4)
    const from = performance.now()
    pool.search({ id: 1, header: new Uint8Array(116).fill(1), target: NEVER })
    await pause(POOL_MS)
    const took = (performance.now() - from) / 1000
    // What each thread has not told yet, it tells when it is put to rest.
    pool.search(undefined)
    await pause(LAST_MS)
    return tries / took / MEGA
  } finally {
    await pool.close()
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const report = new Report('mine', `Nonces tried per second (SHA-256 twice over 116 bytes), ${threads} cores`)
const tries = await rivals()
checkAgreement(tries)

const plain = compiled('plain', [])
const sse = compiled('four-way', [])
const avx = process.arch === 'x64' ? compiled('four-way', ['-mavx', '-fno-tree-ter', '-fno-tree-reassoc', '-fno-schedule-insns2']) : undefined
const strings = python()
if (!plain) report.note('There is no C compiler (cc): the rows in C are left out.')
if (!strings) report.note('There is no python3: the first version is left out.')
if (!nativeAddon) report.note('The native addon is not built: its kernels are left out.')

report.heading(`One thread, millions a second of processor time, runs of ${RUN_MS} ms in turns`)
const measures = new Map<string, Measure>()
const programs = {
  'python3 hashlib over strings (the first version)': strings,
  'C, a plain loop': plain,
  'C, four-way, SSE2': sse,
  'C, four-way, AVX encoding': avx,
}
for (const [name, program] of Object.entries(programs)) if (program) measures.set(name, measureProgram(program))
for (const [name, tryNonces] of tries) measures.set(name, measureTry(tryNonces, 200))
for (const kernel of kernels) measures.set(`our kernel ${kernel.name}`, measureKernel(kernel))
const rates = inTurns(measures)
const rate = new Map([...rates].sort((a, b) => median(a[1]) - median(b[1])).map(([name, values]) => [name, report.row(name, values, 'MH/s').median]))

const of = (name: string) => rate.get(name)
const simd = of('our kernel wasm-simd')
const createHash = of('node:crypto createHash twice')
const first = of('python3 hashlib over strings (the first version)')
const four = Math.max(of('C, four-way, SSE2') ?? 0, of('C, four-way, AVX encoding') ?? 0)
report.heading('Ratios')
if (simd !== undefined) {
  if (createHash !== undefined) report.ratio('wasm-simd ÷ node:crypto createHash twice', simd / createHash, { atLeast: 12 })
  if (four > 0) report.ratio('wasm-simd ÷ the faster four-way in C', simd / four, { atLeast: 0.85 })
  for (const [name, atLeast] of [
    ['native-avx512', 5],
    ['native-sha', 2.5],
    ['native-avx2', 2],
  ] as const) {
    const native = of(`our kernel ${name}`)
    if (native !== undefined) report.ratio(`${name} ÷ wasm-simd`, native / simd, { atLeast })
  }
}
const best = [...rate.keys()].filter((name) => name.startsWith('our kernel ')).at(-1)
if (best !== undefined && first !== undefined) report.ratio(`${best} ÷ the first version`, (of(best) as number) / first)

report.heading(`All cores by the clock, runs of ${POOL_MS} ms in turns`)
const inPool = kernels.map(({ name }) => name).filter((name) => name === 'wasm-simd' || `our kernel ${name}` === best)
const gains = new Map<string, { readonly one: number[]; readonly all: number[] }>()
const gainOf = (name: string) => {
  const values = gains.get(name) ?? { one: [], all: [] }
  gains.set(name, values)
  return values
}
for (let run = 0; run < POOL_RUNS; run++) {
  for (const [kind, count] of [
    ['one', 1],
    ['all', threads],
  ] as const) {
    if (plain) {
      const { tries: tried, seconds } = plain(count, POOL_MS)
      gainOf('C, a plain loop')[kind].push(tried / seconds / MEGA)
    }
    for (const name of inPool) gainOf(`our pool, ${name}`)[kind].push(await poolRate(name, count))
  }
}
const gain = new Map<string, number>()
for (const [name, { one, all }] of gains) {
  const alone = report.row(`${name}, 1 thread`, one, 'MH/s').median
  gain.set(name, report.row(`${name}, ${threads} threads`, all, 'MH/s').median / alone)
}
const plainGain = gain.get('C, a plain loop')
report.heading(`What ${threads} threads gain over one`)
for (const [name, value] of gain) report.ratio(name, value)
if (plainGain !== undefined) {
  for (const name of inPool) report.ratio(`${name} ÷ the plain loop’s`, (gain.get(`our pool, ${name}`) as number) / plainGain, { atLeast: 0.95 })
}
report.heading('New work: from handing a header over to the first hit of a thread that searched another')
for (const intensity of [100, 30]) {
  const pool = openMinePool({ workerUrl: workers.mine, nativeAddon, measureMs: 1 })
  pool.setIntensity(intensity)
  const times = await newWorkTimes(pool, threads, WORK_ROUNDS)
  await pool.close()
  const { most } = report.row(`${threads} threads at an intensity of ${intensity} %`, times, 'ms')
  report.ratio('  the longest of them ÷ 50 ms', most / 50, { atMost: 1 })
}
report.write()
