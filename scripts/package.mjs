// npm run package: the app as people install it, unpacked, in dist/.
import { readFileSync } from 'node:fs'
import { ensureBuilt } from './lib/build.mjs'
import { assertPinnedNode, root } from './lib/root.mjs'
import { run } from './lib/run.mjs'

assertPinnedNode()
await ensureBuilt()
// A local Electron, where its own download is blocked.
const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH
const local = dist ? [`-c.electronDist=${dist}`, `-c.electronVersion=${readFileSync(`${dist}/version`, 'utf8').trim().replace(/^v/, '')}`] : []
const { code } = await run(process.execPath, [
  `${root}/node_modules/electron-builder/cli.js`,
  '--dir',
  '--config',
  'build/electron-builder.yml',
  '--publish',
  'never',
  ...local,
  ...process.argv.slice(2),
])
process.exit(code)
