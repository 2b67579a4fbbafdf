import { root } from './root.mjs'
import { run } from './run.mjs'

const modules = `${root}/node_modules`

/** Everything that can be checked without running the app. */
const CHECKS = [
  ['types: pure code (no Node, no DOM)', [`${modules}/typescript/bin/tsc`, '-p', 'tsconfig.consensus.json']],
  ['types: what runs under Node', [`${modules}/typescript/bin/tsc`, '-p', 'tsconfig.json']],
  ['types: the page', [`${modules}/typescript/bin/tsc`, '-p', 'tsconfig.renderer.json']],
  ['types: end-to-end specs', [`${modules}/typescript/bin/tsc`, '-p', 'tsconfig.e2e.json']],
  ['lint and format', [`${modules}/@biomejs/biome/bin/biome`, 'check', '--error-on-warnings', '.']],
  ['import directions and cycles', [`${modules}/dependency-cruiser/bin/dependency-cruiser.mjs`, 'src', '--config', '.dependency-cruiser.cjs']],
  ['unused files, exports and dependencies', [`${modules}/knip/bin/knip.js`]],
]

/**
 * Runs every check, two at a time, and tells of each as it ends.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks() {
  const waiting = [...CHECKS]
  const count = { passed: 0, failed: 0 }
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const [name, args] = check
      const { code, output } = await run(process.execPath, args, { quiet: true, env: { NO_COLOR: '1' } })
      if (code === 0) count.passed++
      else count.failed++
      process.stdout.write(code === 0 ? `ok      ${name}\n` : `FAILED  ${name}\n${output}\n`)
    }
  }
  await Promise.all([work(), work()])
  return count
}
