// Installs what package-lock.json says, if that is not what is installed; returns at once if it is. Runs on the machine's
// own Node (20 or newer) and needs no package.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

function readJson(path) {
  try {
    return JSON.parse(readFileSync(`${root}/${path}`, 'utf8'))
  } catch {
    return undefined
  }
}

/** The pinned Node, which its package's install script puts there. */
const nodeIsThere = () => existsSync(`${root}/node_modules/node/bin/${process.platform === 'win32' ? 'node.exe' : 'node'}`)

/** Whether every package of the lock file is installed as it says; those for other systems may be missing. npm keeps its own account of what it installed. */
function isInstalled() {
  const wanted = readJson('package-lock.json')?.packages
  const found = readJson('node_modules/.package-lock.json')?.packages
  if (!wanted) throw new Error('package-lock.json cannot be read: this is not a whole checkout')
  if (!found || !nodeIsThere()) return false
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true
    const have = found[path]
    return have ? have.version === version && have.integrity === integrity : optional === true
  })
}

/** Runs a command with its stdout on stderr: stdout stays for answers. */
function run(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: ['inherit', 2, 2], shell: process.platform === 'win32' }).status === 0
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  process.stderr.write(`Cheese Stack needs Node 20.19 or newer; this is ${process.versions.node}. Install it from https://nodejs.org.\n`)
  process.exit(1)
}
if (!isInstalled()) {
  process.stderr.write('Installing what is missing (npm ci) …\n')
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const done = npm?.endsWith('.js') ? run(process.execPath, [npm, ...args]) : run('npm', args)
  // An npm that refuses install scripts leaves the pinned Node out.
  if (done && !nodeIsThere()) run(process.execPath, [`${root}/node_modules/node/installArchSpecificPackage.js`])
  if (!done || !nodeIsThere()) {
    process.stderr.write('The installation failed: see above, then run npm ci.\n')
    process.exit(1)
  }
}
