// npm run simulate -- members=200 scenario=all …: a network in one process on a virtual clock; npm run simulate -- help says more.
import { ensureKernels } from './lib/kernels.mjs'
import { assertPinnedNode, say } from './lib/root.mjs'

assertPinnedNode()
await ensureKernels()
// What is imported below mines, which needs the kernels that were just made.
const { main } = await import('../test/simulation/network/main.ts')
process.exitCode = await main(process.argv.slice(2), say)
