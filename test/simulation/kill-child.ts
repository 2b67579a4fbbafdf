/** Adds the cheeses of a file to a stack on disk, a line for each: kill.test.ts kills it while it does. Usage: kill-child.ts FOLDER FILE */
import { readFileSync } from 'node:fs'
import { CheeseStack } from '../../src/chain/stack.ts'
import { params } from '../../src/consensus/params.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openClassicStore } from '../../src/platform/store-classic.ts'
import { openInlineVerifier } from '../../src/platform/verify-inline.ts'
import { silent } from '../../src/util/ports.ts'

const [folder = '', file = ''] = process.argv.slice(2)
const store = await openClassicStore(folder)
const stack = await CheeseStack.open({ store, params: params('regtest'), clock: systemClock, log: silent, verifier: openInlineVerifier() })
const bytes = new Uint8Array(readFileSync(file))
const view = new DataView(bytes.buffer)
for (let at = 0; at < bytes.length; ) {
  const end = at + 4 + view.getUint32(at)
  const added = await stack.addCheese(bytes.subarray(at + 4, at + 120), bytes.subarray(at + 120, end))
  if (!added.ok) throw new Error(`${added.error.code}: ${added.error.message}`)
  process.stdout.write(`${stack.tip.height}\n`)
  at = end
}
await stack.close()
