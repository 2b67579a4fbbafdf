/**
 * From launch to a window that can be used (and, without a window, to the ready line), and memory a minute later: with a
 * new data folder and the system's file cache dropped where that is permitted (cold), and as it is the next time (warm).
 * Beside it a bare Electron window and a bare Node, in the same run.
 *   npm run bench -- start            BENCH_RUNS, and the length of BENCH_MINUTE in seconds, may be set
 * ELECTRON_OVERRIDE_DIST_PATH names an Electron to use; without a display, xvfb-run lends one where it is installed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { _electron } from '@playwright/test'
import { COUNTED, dropFileCache, megabytes } from './lib/processes.ts'
import { Report, type Row, setting } from './lib/report.ts'

/** What npm start uses to find (or download) Electron; plain JavaScript. */
const { findElectron } = (await import(new URL('../scripts/lib/electron.mjs', import.meta.url).href)) as {
  findElectron(): { readonly path: string } | { readonly reason: string }
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const RUNS = setting('BENCH_RUNS', 3)
const MINUTE = setting('BENCH_MINUTE', 60)

/** Something that runs, and how long it took until it could be used. */
interface Started {
  readonly ms: number
  readonly pid: number
  end(): Promise<void>
}

type Start = (dataDir: string) => Promise<Started>

/** Without a display, the same again inside one that is not shown. */
function lendDisplay(): void {
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return
  if (spawnSync('xvfb-run', ['--help'], { stdio: 'ignore' }).error) return
  const args = ['-a', process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)]
  process.exit(spawnSync('xvfb-run', args, { stdio: 'inherit' }).status ?? 1)
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

/** Starts Node with `args` and waits for its first line. */
async function startNode(args: readonly string[]): Promise<Started> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-10_000)
  })
  const line = once(child.stdout, 'data')
  const early = once(child, 'exit').then(([code]) => {
    throw new Error(`it ended with ${code} before it was ready: ${said}`)
  })
  await Promise.race([line, early])
  early.catch(() => undefined)
  return { ms: performance.now() - began, pid: child.pid ?? 0, end: () => endChild(child) }
}

const memberArgs = (dataDir: string) => ['--network', 'regtest', '--data-dir', dataDir, '--listen', '127.0.0.1:0']
const startHeadless: Start = (dataDir) => startNode([join(ROOT, 'out/main/cli.js'), 'member', ...memberArgs(dataDir), '--api', '127.0.0.1:0', '--json'])
const startBareNode: Start = () => startNode(['-e', 'console.log(0); setInterval(() => undefined, 1e9)'])

/** Starts Electron with `args` and waits until what `wanted` names can be pressed, twice painted. */
async function startElectron(executablePath: string, args: readonly string[], wanted: string): Promise<Started> {
  const began = performance.now()
  // Chromium refuses to run its sandbox as root.
  const electron = await _electron.launch({ executablePath, args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args], cwd: ROOT })
  const page = await electron.firstWindow()
  await page.locator(wanted).click({ trial: true, timeout: 120_000 })
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  return { ms: performance.now() - began, pid: electron.process().pid ?? 0, end: () => electron.close() }
}

/** Launches `start` cold and warm, some times, and once each for a minute. */
async function measure(
  report: Report,
  name: string,
  start: Start,
  options: { readonly hasFolder: boolean },
): Promise<Readonly<Record<'cold' | 'warm' | 'coldMb' | 'warmMb', Row>>> {
  report.heading(name)
  const times = { cold: [] as number[], warm: [] as number[] }
  const memory = { cold: 0, warm: 0 }
  for (let run = 0; run < RUNS; run++) {
    const folder = mkdtempSync(join(tmpdir(), 'cheese-start-'))
    try {
      for (const kind of ['cold', 'warm'] as const) {
        if (kind === 'cold') dropFileCache()
        const started = await start(folder)
        times[kind].push(started.ms)
        if (run === RUNS - 1) {
          await sleep(MINUTE * 1000)
          memory[kind] = megabytes(started.pid)
        }
        await started.end()
      }
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
  const cold = options.hasFolder ? 'cold (new data folder)' : 'cold'
  return {
    cold: report.row(`${name}, ${cold}`, times.cold, 'ms'),
    warm: report.row(`${name}, warm`, times.warm, 'ms'),
    coldMb: report.row(`${name}, after ${MINUTE} s, ${cold}`, [memory.cold], 'MB'),
    warmMb: report.row(`${name}, after ${MINUTE} s, warm`, [memory.warm], 'MB'),
  }
}

function compare(report: Report, what: string, ours: Awaited<ReturnType<typeof measure>>, bare: Awaited<ReturnType<typeof measure>>): void {
  for (const kind of ['cold', 'warm', 'coldMb', 'warmMb'] as const) {
    const label = { cold: 'launch, cold', warm: 'launch, warm', coldMb: 'memory, cold', warmMb: 'memory, warm' }[kind]
    report.ratio(`${what}: ${label}`, ours[kind].median / bare[kind].median)
  }
}

lendDisplay()
const report = new Report('start', 'Launch to use, and memory a minute later, beside the bare runtimes')
report.note(`Memory: ${COUNTED}, over all processes. Launches of windows are timed through Playwright, ours and the bare one alike.`)
report.note(
  dropFileCache()
    ? 'Cold: the file cache was dropped before.'
    : 'Cold: the file cache could not be dropped here (it takes root on Linux), so only the data folder is new.',
)
const node = await measure(report, 'bare node', startBareNode, { hasFolder: false })
const headless = await measure(report, 'cheese member', startHeadless, { hasFolder: true })
compare(report, 'cheese member ÷ bare node', headless, node)
const electron = findElectron()
if ('path' in electron && (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY)) {
  const empty = fileURLToPath(new URL('lib/empty-window.mjs', import.meta.url))
  const bare = await measure(report, 'an empty Electron window', () => startElectron(electron.path, [empty], 'button'), { hasFolder: false })
  const app = await measure(report, 'the app', (folder) => startElectron(electron.path, [ROOT, ...memberArgs(folder)], '[data-testid="create-wallet"]'), {
    hasFolder: true,
  })
  compare(report, 'the app ÷ an empty window', app, bare)
} else report.note(`The app was not launched: ${'reason' in electron ? electron.reason : 'there is no display'}.`)
report.write()
