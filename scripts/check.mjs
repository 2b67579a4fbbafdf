// npm run check: everything that can be checked without running the app.
import { runChecks } from './lib/checks.mjs'
import { ensureKernels } from './lib/kernels.mjs'
import { assertPinnedNode } from './lib/root.mjs'

assertPinnedNode()
await ensureKernels()
const { passed, failed } = await runChecks()
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
