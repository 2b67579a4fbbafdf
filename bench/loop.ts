/**
 * The longest time for which a member's main loop does nothing else: what a person feels as a window that hangs.
 *   npm run bench -- loop            everything
 *   npm run bench -- loop sync full  some of it
 * A real member (TLS, LevelDB, worker threads) in a process of its own meets another one that has what it lacks. A timer
 * looks every millisecond how long the last turn took, by the clock and by this thread's processor time: the clock also
 * counts what other processes took away from it.
 */
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { Member } from '../src/member/member.ts'
import { consoleLogger } from '../src/platform/logger.ts'
import { layoutFrom } from '../src/server/layout.ts'
import { makeFolder, type Scenario, scenarios } from './support/loop-folders.ts'

const { workers, version } = layoutFrom(new URL('../src/main/index.ts', import.meta.url).href)
const PASSPHRASE = 'a good long passphrase'
const WAIT_MS = 120_000

interface Turns {
  /** Milliseconds of the longest turn by this thread's processor time, and by the clock. */
  readonly cpu: number
  readonly wall: number
  /** How many turns took more than 50 ms of processor time. */
  readonly above50: number
  /** 99th percentile of the loop's delay by perf_hooks, ms. */
  readonly p99: number
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
  let [wall, cpu, above50] = [0, 0, 0]
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const look = () => {
    const [nowWall, nowCpu] = [performance.now(), cpuNow()]
    wall = Math.max(wall, nowWall - lastWall)
    cpu = Math.max(cpu, nowCpu - lastCpu)
    if (nowCpu - lastCpu > 50) above50++
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
    delay.disable()
    return { cpu, wall, above50, p99: delay.percentile(99) / 1e6, seconds: (performance.now() - started) / 1000 }
  }
}

async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + WAIT_MS
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function openMember(dataDir: string, peers: readonly string[], wallet: boolean): Promise<Member> {
  return Member.open({
    network: 'regtest',
    dataDir,
    listen: '127.0.0.1:0',
    trackers: [],
    peers,
    paceSeconds: 0,
    workers,
    version,
    log: consoleLogger(process.env.BENCH_LOG === '1' ? 'debug' : 'warn', (line) => process.stderr.write(line)),
    ...(wallet ? { passphrase: PASSPHRASE, init: true } : {}),
  })
}

/** The other side: serves what its folder holds until it is told to end. */
async function serve(folder: string): Promise<void> {
  const member = await openMember(folder, [], false)
  process.send?.(member.listen)
  await once(process, 'message')
  await member.close()
  process.disconnect()
}

/** @param peer whom it meets; without one it opens a folder that has everything */
async function measure(scenario: Scenario, folder: string, peer: string | undefined): Promise<void> {
  const { height, waiting } = scenarios[scenario]
  const say = (part: string, turns: Turns) => process.send?.({ part, turns })
  let stop = watchTurns()
  const member = await openMember(folder, [], true)
  const status = () => member.service.status({})
  if (peer === undefined) say('opening', stop())
  else {
    stop()
    stop = watchTurns()
    await member.service.peers.connect({ endpoint: peer })
    await until('it is in sync', async () => (await status()).height >= height && (await status()).mempool >= waiting)
    say('taking them over', stop())
  }
  if (waiting > 0) {
    stop = watchTurns()
    await member.service.mining.set({ on: true, threads: 1, consent: true })
    await until('the waiting transfers are in cheeses', async () => (await status()).mempool === 0)
    say('mining them', stop())
    await member.service.mining.set({ on: false })
  }
  await member.close()
  process.disconnect()
}

async function run(scenario: Scenario): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), 'cheese-bench-'))
  try {
    const [theirs, ours] = [join(base, 'theirs'), join(base, 'ours')]
    mkdirSync(theirs)
    const made = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--make', scenario, theirs], { stdio: 'inherit' })
    if (made.status !== 0) throw new Error('the folder could not be made')
    const server = scenarios[scenario].alone ? undefined : fork(fileURLToPath(import.meta.url), ['--serve', theirs])
    const where = server ? [ours, ...((await once(server, 'message')) as [string])] : [theirs]
    const profile = process.env.BENCH_PROFILE
    const child = fork(fileURLToPath(import.meta.url), ['--measure', scenario, ...where], {
      execArgv: profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}/${scenario}`, '--cpu-prof-interval=500'] : [],
    })
    child.on('message', ({ part, turns }: { part: string; turns: Turns }) => {
      const { cpu, wall, above50, p99, seconds } = turns
      const numbers = [cpu, wall, above50, p99].map((value) => value.toFixed(0).padStart(6))
      console.log(`${`${scenarios[scenario].name}: ${part}`.padEnd(56)} ${numbers.join(' ')} ${seconds.toFixed(1).padStart(6)}`)
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    server?.send('end')
    if (server) await once(server, 'exit')
    if (code !== 0) throw new Error(`the measured member ended with ${code}`)
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

const [mode = '', ...rest] = process.argv.slice(2)
if (mode === '--make') await makeFolder(rest[0] as Scenario, rest[1] ?? '')
else if (mode === '--serve') await serve(rest[0] ?? '')
else if (mode === '--measure') await measure(rest[0] as Scenario, rest[1] ?? '', rest[2])
else {
  const wanted = process.argv.slice(2)
  console.log(`${'longest turn of the main loop, ms'.padEnd(56)} ${['cpu', 'clock', '> 50', 'p99', 's'].map((text) => text.padStart(6)).join(' ')}`)
  for (const scenario of Object.keys(scenarios) as Scenario[]) if (wanted.length === 0 || wanted.includes(scenario)) await run(scenario)
}
