/**
 * A fresh member takes over the whole stack from two others, each a process of its own, over TLS on loopback; beside it
 * the time in which the same stack is verified on all cores where it lies, in the same run.
 *   npm run bench -- sync            BENCH_CHEESES, BENCH_TRANSFERS, BENCH_ACCOUNTS and BENCH_RUNS may be set
 * The other two members run on the same machine and take their part of its cores: what they take is told.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { constants, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CheeseStack } from '../src/chain/stack.ts'
import { params as paramsOf } from '../src/consensus/params.ts'
import { claimDataFolder } from '../src/member/data-folder.ts'
import { systemClock } from '../src/platform/clock.ts'
import { systemFiles } from '../src/platform/files.ts'
import { openClassicStore } from '../src/platform/store-classic.ts'
import { openVerifyPool } from '../src/platform/verify-pool.ts'
import { silent } from '../src/util/ports.ts'
import { openMember, until, verifying, watchLoop } from './lib/member.ts'
import { figure, Report, setting } from './lib/report.ts'
import { benchStack } from './lib/stack.ts'

interface Verified {
  readonly seconds: number
  readonly transfers: number
  /** Seconds of processor time of the whole process, and of its main thread. */
  readonly cpu: number
  readonly mainCpu: number
}

interface Synced {
  readonly seconds: number
  /** Until the last header was known. */
  readonly headerSeconds: number
  readonly headers: number
  /** Milliseconds. */
  readonly delay: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Seconds of processor time of the whole process, and of its main thread. */
  readonly cpu: number
  readonly mainCpu: number
  readonly megabytes: number
}

const cpuSeconds = ({ user, system }: { readonly user: number; readonly system: number }) => (user + system) / 1e6

async function verify(chain: string): Promise<Verified> {
  const verifier = openVerifyPool({ ...verifying, threads: availableParallelism() })
  const stack = await CheeseStack.open({ store: await openClassicStore(chain), params: paramsOf('regtest'), clock: systemClock, log: silent, verifier })
  const [cpu, mainCpu] = [process.cpuUsage(), process.threadCpuUsage()]
  const started = performance.now()
  const verified = await stack.verify()
  if (!verified.ok) throw new Error(verified.error.message)
  const seconds = (performance.now() - started) / 1000
  const used = { cpu: cpuSeconds(process.cpuUsage(cpu)), mainCpu: cpuSeconds(process.threadCpuUsage(mainCpu)) }
  await stack.close()
  await verifier.close()
  return { seconds, transfers: verified.value.transfers, ...used }
}

/** Serves what its folder holds until it is told to end; answers with the processor time that it took. */
async function serve(dataDir: string): Promise<void> {
  const member = await openMember(dataDir)
  process.send?.(member.listen)
  const before = process.cpuUsage()
  // Told to end, or whoever could tell is gone.
  await Promise.race([once(process, 'message'), once(process, 'disconnect')])
  const seconds = cpuSeconds(process.cpuUsage(before))
  await member.close()
  if (!process.connected) return
  process.send?.(seconds)
  process.disconnect()
}

async function sync(dataDir: string, height: number, peers: readonly string[]): Promise<Synced> {
  const member = await openMember(dataDir)
  const status = () => member.service.status({})
  const stop = watchLoop()
  const [cpu, mainCpu] = [process.cpuUsage(), process.threadCpuUsage()]
  const started = performance.now()
  const elapsed = () => (performance.now() - started) / 1000
  await Promise.all(peers.map((endpoint) => member.service.peers.connect({ endpoint })))
  let headerSeconds: number | undefined
  await until('it is as high as the others', 1_200_000, async () => {
    const now = await status()
    if (now.sync.bestHeight >= height) headerSeconds ??= elapsed()
    return now.height >= height
  })
  const seconds = elapsed()
  const { p50, p99, max } = stop()
  const used = { cpu: cpuSeconds(process.cpuUsage(cpu)), mainCpu: cpuSeconds(process.threadCpuUsage(mainCpu)) }
  await member.close()
  return {
    seconds,
    headerSeconds: headerSeconds ?? seconds,
    headers: height,
    delay: { p50, p99, max },
    ...used,
    megabytes: process.resourceUsage().maxRSS / 1024,
  }
}

function child(args: readonly string[], profile?: string): ChildProcess {
  return fork(fileURLToPath(import.meta.url), args, profile ? { execArgv: ['--cpu-prof', `--cpu-prof-dir=${profile}`, '--cpu-prof-interval=500'] } : {})
}

async function answer<T>(process: ChildProcess): Promise<T> {
  const [message] = (await Promise.race([
    once(process, 'message'),
    once(process, 'exit').then(([code]) => Promise.reject(new Error(`a process ended with ${code}`))),
  ])) as [T]
  return message
}

async function run<T>(args: readonly string[], profile?: string): Promise<T> {
  const process = child(args, profile)
  const ended = once(process, 'exit')
  const answered = await answer<T>(process)
  await ended
  return answered
}

async function main(): Promise<void> {
  const runs = setting('BENCH_RUNS', 3)
  const stack = await benchStack()
  const base = mkdtempSync(join(tmpdir(), 'cheese-bench-'))
  const { cheeses, perCheese, accounts } = stack.plan
  const report = new Report('sync', `sync: ${cheeses} cheeses × ${perCheese} transfers from ${accounts} accounts, from two members over TLS on loopback`)
  try {
    const folders = [join(base, 'alice'), join(base, 'bob')]
    for (const folder of folders) {
      const { chain } = await claimDataFolder(folder, 'regtest', systemFiles)
      cpSync(stack.folder, chain, { recursive: true, mode: constants.COPYFILE_FICLONE })
    }
    const [verified, synced, served]: [Verified[], Synced[], number[]] = [[], [], []]
    for (let at = 0; at < runs; at++) {
      verified.push(await run<Verified>(['--verify', join(folders[0] ?? '', 'chain')]))
      const servers = folders.map((folder) => child(['--serve', folder]))
      const endpoints = await Promise.all(servers.map((server) => answer<string>(server)))
      const fresh = join(base, `fresh-${at}`)
      synced.push(await run<Synced>(['--sync', fresh, String(stack.height), ...endpoints], process.env.BENCH_PROFILE))
      const costs = servers.map(async (server) => {
        const ended = once(server, 'exit')
        server.send('end')
        const seconds = await answer<number>(server)
        await ended
        return seconds
      })
      served.push((await Promise.all(costs)).reduce((sum, seconds) => sum + seconds, 0))
      rmSync(fresh, { recursive: true, force: true })
    }
    const row = <T>(name: string, list: readonly T[], value: (one: T) => number, unit: string) => report.row(name, list.map(value), unit)
    report.heading(`${stack.height} cheeses, ${stack.transfers} transfers, ${availableParallelism()} cores`)
    const whole = row('whole-stack verification, all cores', verified, ({ seconds }) => seconds, 's')
    row('  transfers', verified, ({ seconds, transfers }) => transfers / seconds, 'transfers/s')
    const verifyCpu = row('  processor time', verified, ({ cpu }) => cpu, 's')
    row('  of that the main thread', verified, ({ mainCpu }) => mainCpu, 's')
    const wall = row('sync of a fresh member', synced, ({ seconds }) => seconds, 's')
    row('  transfers', synced, ({ seconds }) => stack.transfers / seconds, 'transfers/s')
    row('  headers, until the last was known', synced, ({ headers, headerSeconds }) => headers / headerSeconds, 'headers/s')
    row('  event-loop delay, p50', synced, ({ delay }) => delay.p50, 'ms')
    row('  event-loop delay, p99', synced, ({ delay }) => delay.p99, 'ms')
    row('  event-loop delay, max', synced, ({ delay }) => delay.max, 'ms')
    const syncCpu = row('  processor time', synced, ({ cpu }) => cpu, 's')
    row('  of that the main thread', synced, ({ mainCpu }) => mainCpu, 's')
    const serveCpu = row('  processor time of the two that serve', served, (seconds) => seconds, 's')
    row('  peak memory', synced, ({ megabytes }) => megabytes, 'MB')
    report.ratio('sync ÷ whole-stack verification, wall time', wall.median / whole.median, { atMost: 1.3 })
    report.ratio('the same by processor time, that of those who serve included', (syncCpu.median + serveCpu.median) / verifyCpu.median)
    report.note(`load average of the machine at the end, over a minute: ${figure(loadavg()[0] ?? 0)}`)
    report.write()
  } finally {
    rmSync(base, { recursive: true, force: true, maxRetries: 5 })
  }
}

const [mode, folder = '', height = '0', ...peers] = process.argv.slice(2)
if (mode === '--verify') process.send?.(await verify(folder))
else if (mode === '--serve') await serve(folder)
else if (mode === '--sync') process.send?.(await sync(folder, Number(height), peers))
else await main()
