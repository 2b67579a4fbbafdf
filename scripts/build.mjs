// Builds out/ from src/ if it is stale.
import { ensureBuilt } from './lib/build.mjs'
import { assertPinnedNode } from './lib/root.mjs'

assertPinnedNode()
await ensureBuilt()
