// npm run bench -- NAME …: runs bench/NAME.ts on the pinned Node.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { ensureKernels } from './lib/kernels.mjs'
import { assertPinnedNode, root, say } from './lib/root.mjs'

assertPinnedNode()
const [name, ...args] = process.argv.slice(2)
const names = readdirSync(`${root}/bench`)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
if (!names.includes(name)) {
  say(`Say which: npm run bench -- ${names.join(' | ') || '(there are none yet)'}`)
  process.exit(2)
}
await ensureKernels()
const { status } = spawnSync(process.execPath, ['--expose-gc', `${root}/bench/${name}.ts`, ...args], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
