// A tracker and two members on regtest with fresh folders, and their windows (or, where there can be none, links to them).
// Ctrl-C ends all of it and removes the folders.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from './lib/build.mjs'
import { findElectron, noWindowReason, onStderrLine } from './lib/electron.mjs'
import { assertPinnedNode, root, say } from './lib/root.mjs'

assertPinnedNode()
await ensureBuilt()
const folder = mkdtempSync(join(tmpdir(), 'cheese-two-'))
const children = new Set()
let ending = false

function end() {
  if (ending) return
  ending = true
  for (const child of children) child.kill('SIGTERM')
  if (children.size === 0) process.exit()
}

/** Starts a process that says when it is ready, in one line of JSON; resolves to that. All end when one does. */
function launch(name, command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    children.add(child)
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const line = text.split('\n').find((one) => one.startsWith('{'))
      if (line) resolve(JSON.parse(line))
    })
    onStderrLine(child, (line) => say(`${name}: ${line}`))
    child.on('close', (code) => {
      children.delete(child)
      if (!ending) say(`${name} has ended (${code}); the others end too.`)
      end()
      if (children.size > 0) return
      rmSync(folder, { recursive: true, force: true })
      process.exit()
    })
  })
}

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, end)
const cli = `${root}/out/main/cli.js`
const tracker = await launch('tracker', process.execPath, [cli, 'tracker', '--listen', '127.0.0.1:0', '--json'])
say(`The tracker is at http://${tracker.listen}`)
const reason = noWindowReason()
const electron = reason ? { reason } : findElectron()
if (electron.reason) say(`No windows (${electron.reason}); open these links instead, each in a browser on this machine.`)
for (const name of ['Alice', 'Bob']) {
  const args = [
    '--network',
    'regtest',
    '--data-dir',
    join(folder, name),
    '--listen',
    '127.0.0.1:0',
    '--tracker',
    `http://${tracker.listen}`,
    '--nickname',
    name,
  ]
  const ready = electron.path
    ? await launch(name, electron.path, [root, '--announce', ...args])
    : await launch(name, process.execPath, [cli, 'member', '--ui', '--json', ...args])
  say(`${name} is ready${ready.ui ? `: ${ready.ui}` : ''}`)
}
say('Ctrl-C ends all three.')
