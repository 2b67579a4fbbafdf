// Opens the desktop app; where that cannot be, says why in one line and serves the same app to a browser on this machine.
import { ensureBuilt } from './lib/build.mjs'
import { findElectron, noWindowReason, runWindow } from './lib/electron.mjs'
import { assertPinnedNode, say } from './lib/root.mjs'

assertPinnedNode()
await ensureBuilt()
const args = process.argv.slice(2)

/** Opens the window and ends with it, or returns why there is none. */
async function openWindow() {
  const none = noWindowReason()
  if (none) return none
  const electron = findElectron()
  if (electron.reason) return electron.reason
  const ran = await runWindow(electron.path, args)
  if (ran.reason) return ran.reason
  process.exit(ran.code)
}

const reason = await openWindow()
say(`The desktop window cannot open (${reason}), so the same app is served to a browser on this machine:`)
process.argv.splice(2, process.argv.length, 'member', '--ui', ...args)
await import('../out/main/cli.js')
