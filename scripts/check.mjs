// npm run check: everything that can be checked without running the app.
import { runChecks } from './lib/checks.mjs'
import { assertPinnedNode } from './lib/root.mjs'

assertPinnedNode()
const { passed, failed } = await runChecks()
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
