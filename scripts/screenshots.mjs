// npm run screenshots: drives a real run in a browser and writes every page, in both themes, into docs/screenshots.
import { ensureBuilt } from './lib/build.mjs'
import { findChromium } from './lib/chromium.mjs'
import { assertPinnedNode, root, say } from './lib/root.mjs'
import { run } from './lib/run.mjs'

assertPinnedNode()
const chromium = findChromium()
if (!chromium.path) {
  say(`No screenshots: ${chromium.reason}`)
  process.exit(1)
}
await ensureBuilt()
const { code } = await run(process.execPath, [`${root}/node_modules/@playwright/test/cli.js`, 'test', '--config', `${root}/e2e/screenshots/config.ts`], {
  env: { CHEESE_CHROMIUM: chromium.path },
})
process.exit(code)
