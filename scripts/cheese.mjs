// The command line from a checkout: builds what is stale (and says so on stderr), then is `cheese` in this very process, so
// that signals reach it.
import { ensureBuilt } from './lib/build.mjs'
import { assertPinnedNode } from './lib/root.mjs'

assertPinnedNode()
await ensureBuilt()
await import('../out/main/cli.js')
