// npm run bench: every bench in turn, then all their ratios beside their goals. npm run bench -- NAME …: one of them (bench/NAME.ts), with its arguments.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { BENCHES, ratioTable, readResult } from './lib/bench-table.mjs'
import { ensureBuilt } from './lib/build.mjs'
import { assertPinnedNode, root, say } from './lib/root.mjs'

assertPinnedNode()
const [name, ...args] = process.argv.slice(2)
const there = BENCHES.filter((each) => existsSync(`${root}/bench/${each}.ts`))
if (name !== undefined && !there.includes(name)) {
  say(`There is no bench "${name}". Say npm run bench for all of them, or npm run bench -- ${there.join(' | ')} for one.`)
  process.exit(2)
}

/** Runs one bench to its end; returns its exit code. */
function runBench(which, given) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', `${root}/bench/${which}.ts`, ...given], { cwd: root, stdio: 'inherit' })
  return status ?? 1
}

// What they measure is what people run: worker threads, the addon and the kernels are those of the build.
await ensureBuilt()
if (name !== undefined) process.exit(runBench(name, args))

const began = new Date()
const failed = there.filter((each) => runBench(each, []) !== 0)
const results = new Map(there.map((each) => [each, readResult(`${root}/bench/results`, each, began)]))
const { text } = ratioTable(results)
process.stdout.write(`\n${'═'.repeat(100)}\nAll ratios of this run, each within its own bench:\n\n${text}\n`)
if (failed.length > 0) say(`These did not run to their end: ${failed.join(', ')}.`)
process.exit(failed.length > 0 ? 1 : 0)
