// npm test: everything. `npm test -- check unit e2e` runs some of it: check, unit, vectors, property, functional, hostile, e2e.
// The last line of stdout is `N passed, N failed`, over every runner; the exit code tells the same.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from './lib/build.mjs'
import { runChecks } from './lib/checks.mjs'
import { findChromium } from './lib/chromium.mjs'
import { openDisplay } from './lib/display.mjs'
import { findElectron } from './lib/electron.mjs'
import { ensureKernels } from './lib/kernels.mjs'
import { ensureNative } from './lib/native.mjs'
import { assertPinnedNode, root, say } from './lib/root.mjs'
import { run } from './lib/run.mjs'

const VITEST = ['unit', 'vectors', 'property', 'functional', 'hostile']
const PARTS = ['check', ...VITEST, 'e2e']

assertPinnedNode()
const asked = process.argv.slice(2)
const unknown = asked.filter((part) => !PARTS.includes(part))
if (unknown.length > 0) {
  say(`npm test knows these parts: ${PARTS.join(', ')}; not ${unknown.join(', ')}.`)
  process.exit(2)
}
const wanted = (part) => asked.length === 0 || asked.includes(part)
const reports = mkdtempSync(join(tmpdir(), 'cheese-reports-'))
const count = { passed: 0, failed: 0 }
const skipped = []

function add({ passed, failed }) {
  count.passed += passed
  count.failed += failed
}

/** What a runner's report says; a runner that failed without saying where counts as one failure. */
function tally(path, code, read) {
  let result = { passed: 0, failed: 0 }
  try {
    result = read(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    say(`There is no report of this run (exit code ${code}).`)
    code ||= 1
  }
  add(code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result)
}

async function runVitest(projects) {
  const report = join(reports, 'vitest.json')
  const args = [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    '--passWithNoTests',
    ...projects.flatMap((name) => ['--project', name]),
  ]
  const { code } = await run(process.execPath, [`${root}/node_modules/vitest/vitest.mjs`, ...args])
  tally(report, code, ({ numPassedTests, numFailedTests }) => ({ passed: numPassedTests, failed: numFailedTests }))
}

async function runPlaywright(host, env) {
  const report = join(reports, `${host}.json`)
  const { code } = await run(process.execPath, [`${root}/node_modules/@playwright/test/cli.js`, 'test', '--reporter=list,json'], {
    env: { ...env, CHEESE_E2E: host, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  })
  tally(report, code, ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected }))
}

/** What cannot run here is told; where everything must be there (CI) it is a failure. */
function without(what, reason) {
  if (process.env.CI) {
    say(`FAILED  ${what}: ${reason}`)
    add({ passed: 0, failed: 1 })
  } else skipped.push(`${what}: ${reason}`)
}

async function runEndToEnd() {
  const chromium = findChromium()
  if (chromium.path) await runPlaywright('browser', { CHEESE_CHROMIUM: chromium.path })
  else without('end-to-end in a browser', chromium.reason)
  const electron = findElectron()
  if (electron.reason) return without('end-to-end in Electron', electron.reason)
  const screen = await openDisplay()
  if (screen.reason) return without('end-to-end in Electron', screen.reason)
  await runPlaywright('electron', screen.display ? { DISPLAY: screen.display } : {})
  screen.stop()
}

/** The native addon is optional; where there is a compiler it has to build, which its unit tests look after in CI. */
function testNative() {
  const reason = ensureNative()
  if (reason !== undefined) skipped.push(`the native addon: ${reason}`)
}

await ensureKernels()
if (wanted('check')) add(await runChecks())
if (wanted('functional') || wanted('hostile') || wanted('e2e')) await ensureBuilt()
const projects = VITEST.filter(wanted)
if (wanted('unit')) testNative()
if (projects.length > 0) await runVitest(projects)
if (wanted('e2e')) await runEndToEnd()

rmSync(reports, { recursive: true, force: true })
for (const line of skipped) process.stdout.write(`skipped  ${line}\n`)
process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`)
process.exit(count.failed === 0 ? 0 : 1)
