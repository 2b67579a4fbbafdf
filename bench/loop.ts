/**
 * For how long a member's main loop does nothing else: what a person feels as a window that hangs.
 *   npm run bench -- loop            everything
 *   npm run bench -- loop mined full some of it
 * A real member (TLS, LevelDB, worker threads) in a process of its own meets another one that has what it lacks; in
 * `mined` all cores search nonces in that process meanwhile. The loop's delay is perf_hooks'. Beside it a timer
 * looks every millisecond how long the last turn took by this thread's processor time: the clock also counts what other
 * threads and processes took away from it.
 */
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openMinePool } from '../src/platform/mine-pool.ts'
import { type LoopDelay, mining, openMember, until, watchLoop } from './lib/member.ts'
import { figure, Report, setting } from './lib/report.ts'
import { makeFolder, type Scenario, scenarios } from './support/loop-folders.ts'

const WAIT_MS = 240_000
/** What the delay's 99th percentile is held against, milliseconds. */
const GOAL_MS = 50

interface Turns extends LoopDelay {
  /** Milliseconds of the longest turn by this thread's processor time. */
  readonly cpu: number
  readonly seconds: number
}

/** Watches the turns of this process's loop until it is stopped. */
function watchTurns(): () => Turns {
  const started = performance.now()
  const cpuNow = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let [lastWall, lastCpu] = [started, cpuNow()]
  let cpu = 0
  const stop = watchLoop()
  const look = () => {
    const [nowWall, nowCpu] = [performance.now(), cpuNow()]
    cpu = Math.max(cpu, nowCpu - lastCpu)
    // For whoever reads the profile: its times are of the same clock, in microseconds.
    if (nowCpu - lastCpu > 20 && process.execArgv.includes('--cpu-prof')) {
      const end = Number(process.hrtime.bigint() / 1000n)
      console.error(`turn ${end - Math.round(1000 * (nowWall - lastWall))} ${end} ${(nowCpu - lastCpu).toFixed(0)} ms`)
    }
    ;[lastWall, lastCpu] = [nowWall, nowCpu]
  }
  const timer = setInterval(look, 1)
  return () => {
    look()
    clearInterval(timer)
    return { ...stop(), cpu, seconds: (performance.now() - started) / 1000 }
  }
}

/** The other side: serves what its folder holds until it is told to end. */
async function serve(folder: string): Promise<void> {
  const member = await openMember(folder)
  process.send?.(member.listen)
  // Told to end, or whoever could tell is gone.
  await Promise.race([once(process, 'message'), once(process, 'disconnect')])
  await member.close()
  if (process.connected) process.disconnect()
}

/** Has all cores of this process search nonces that there are none of. */
function mineForNothing(): { close(): Promise<void> } {
  const pool = openMinePool(mining)
  pool.setThreads(pool.maxThreads)
  pool.search({ id: 1, header: new Uint8Array(116), target: new Uint8Array(32) })
  return pool
}

/** @param peer whom it meets; without one it opens a folder that has everything */
async function measure(scenario: Scenario, folder: string, peer: string | undefined): Promise<void> {
  const { height, waiting, mined } = scenarios[scenario]
  const say = (part: string, turns: Turns) => process.send?.({ part, turns })
  let stop = watchTurns()
  const member = await openMember(folder, { wallet: true })
  const status = () => member.service.status({})
  if (peer === undefined) say('opening', stop())
  else {
    stop()
    const pool = mined ? mineForNothing() : undefined
    stop = watchTurns()
    await member.service.peers.connect({ endpoint: peer })
    await until('it is in sync', WAIT_MS, async () => (await status()).height >= height && (await status()).mempool >= waiting)
    say('taking them over', stop())
    await pool?.close()
  }
  if (waiting > 0) {
    stop = watchTurns()
    await member.service.mining.set({ on: true, threads: 1, consent: true })
    await until('the waiting transfers are in cheeses', WAIT_MS, async () => (await status()).mempool === 0)
    say('mining them', stop())
    await member.service.mining.set({ on: false })
  }
  await member.close()
  process.disconnect()
}

/** A run of a scenario in which the other side has `theirs`: what was measured of each part. */
async function runOnce(scenario: Scenario, theirs: string, ours: string): Promise<ReadonlyMap<string, Turns>> {
  const server = scenarios[scenario].alone ? undefined : fork(fileURLToPath(import.meta.url), ['--serve', theirs])
  const where = server ? [ours, ...((await once(server, 'message')) as [string])] : [theirs]
  const profile = process.env.BENCH_PROFILE
  const child = fork(fileURLToPath(import.meta.url), ['--measure', scenario, ...where], {
    execArgv: profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}/${scenario}`, '--cpu-prof-interval=500'] : [],
  })
  const parts = new Map<string, Turns>()
  child.on('message', ({ part, turns }: { part: string; turns: Turns }) => parts.set(part, turns))
  const [code] = (await once(child, 'exit')) as [number | null]
  server?.send('end')
  if (server) await once(server, 'exit')
  if (code !== 0) throw new Error(`the measured member ended with ${code}`)
  return parts
}

async function run(scenario: Scenario, runs: number, report: Report): Promise<void> {
  const { name, alone, mined, waiting } = scenarios[scenario]
  const base = mkdtempSync(join(tmpdir(), 'cheese-bench-'))
  const all: ReadonlyMap<string, Turns>[] = []
  try {
    for (let at = 0; at < runs; at++) {
      // A member that is alone goes on with what it was given, and what waited is mined in the end: then each time has a folder of its own.
      const isUsedUp = alone || waiting > 0
      const theirs = join(base, `theirs-${isUsedUp ? at : 0}`)
      if (at === 0 || isUsedUp) {
        mkdirSync(theirs)
        const made = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--make', scenario, theirs], { stdio: 'inherit' })
        if (made.status !== 0) throw new Error('the folder could not be made')
      }
      all.push(await runOnce(scenario, theirs, join(base, `ours-${at}`)))
    }
  } finally {
    rmSync(base, { recursive: true, force: true, maxRetries: 5 })
  }
  for (const part of all[0]?.keys() ?? []) {
    const turns = all.flatMap((parts) => parts.get(part) ?? [])
    report.heading(`${name}: ${part}`)
    report.row(
      'taken in all',
      turns.map(({ seconds }) => seconds),
      's',
    )
    const row = (title: string, of: (one: Turns) => number) => report.row(`${scenario}: ${title}`, turns.map(of), 'ms')
    row('event-loop delay, p50', ({ p50 }) => p50)
    const p99 = row('event-loop delay, p99', (one) => one.p99)
    row('event-loop delay, max', ({ max }) => max)
    row('longest turn, by processor time', ({ cpu }) => cpu)
    if (mined) report.ratio(`p99 ÷ ${GOAL_MS} ms`, p99.median / GOAL_MS, { atMost: 1 })
  }
}

const [mode = '', ...rest] = process.argv.slice(2)
if (mode === '--make') await makeFolder(rest[0] as Scenario, rest[1] ?? '')
else if (mode === '--serve') await serve(rest[0] ?? '')
else if (mode === '--measure') await measure(rest[0] as Scenario, rest[1] ?? '', rest[2])
else {
  const wanted = process.argv.slice(2)
  const report = new Report('loop', 'loop: how long the main loop keeps everything else waiting')
  for (const scenario of Object.keys(scenarios) as Scenario[])
    if (wanted.length === 0 || wanted.includes(scenario)) await run(scenario, setting('BENCH_RUNS', 3), report)
  report.note(
    `load average of the machine at the end, over a minute: ${figure(loadavg()[0] ?? 0)}; what others take is in the delay, and not in the processor time`,
  )
  report.write()
}
