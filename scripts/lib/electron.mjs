import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { root, say } from './root.mjs'

const home = `${root}/node_modules/electron`
const DOWNLOAD_MS = 600_000

/** Where the binary lies inside a folder with an Electron in it. */
const NAMES = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }
const binaryName = NAMES[process.platform] ?? 'electron'

function downloaded() {
  const path = `${home}/dist/${binaryName}`
  // path.txt is the last thing that the installer writes.
  return existsSync(`${home}/path.txt`) && existsSync(path) ? path : undefined
}

/**
 * The Electron binary: that of ELECTRON_OVERRIDE_DIST_PATH, or the one of the version in package.json, which is downloaded when
 * it is not there yet.
 * @returns {{ path: string } | { reason: string }}
 */
export function findElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (override) return existsSync(`${override}/${binaryName}`) ? { path: `${override}/${binaryName}` } : { reason: `there is no Electron in ${override}` }
  if (!existsSync(`${home}/install.js`)) return { reason: 'Electron is not installed' }
  if (!downloaded()) {
    say(`Downloading Electron ${JSON.parse(readFileSync(`${home}/package.json`, 'utf8')).version}, once …`)
    const installed = spawnSync(process.execPath, [`${home}/install.js`], { cwd: root, encoding: 'utf8', timeout: DOWNLOAD_MS })
    if (installed.status !== 0) {
      const line = /^\w*Error: (.+)$/m.exec(installed.stderr ?? '')?.[1] ?? 'it took too long'
      return { reason: `Electron could not be downloaded: ${line}` }
    }
  }
  const path = downloaded()
  return path ? { path } : { reason: 'Electron was downloaded but is not there' }
}

/** Why no window can open on this machine whatever Electron there is, or undefined. */
export function noWindowReason() {
  if (process.platform === 'linux' && process.getuid() === 0) return 'you are root, and Electron’s sandbox does not work for root'
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display'
  return undefined
}

/** What Chromium logs about the machine, such as a missing system bus: `[413:1122/161527.052335:ERROR:bus.cc(407)] …`. */
const CHROMIUM_LINE = /^\[\d+:\d{4}\/\d{6}\.\d+:[A-Z]+[:(]/

/**
 * Gives `tell` each line that a process says on stderr, but for what Chromium mutters in every window without a desktop around it.
 * @param {import('node:child_process').ChildProcess} child
 * @param {(line: string) => void} tell
 */
export function onStderrLine(child, tell) {
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (!CHROMIUM_LINE.test(line)) tell(line)
  })
}

/**
 * Opens the app's window and stays with it.
 * @param {string} electron the binary
 * @param {readonly string[]} args the app's flags
 * @returns {Promise<{ code: number } | { reason: string }>} its exit code, or why it ended before its window was ready
 */
export function runWindow(electron, args) {
  return new Promise((resolve) => {
    const child = spawn(electron, [root, '--announce', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined },
    })
    let ready = false
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      if (ready || !text.includes('"ready":true')) return
      ready = true
      say(
        text.includes('"second":true')
          ? 'Cheese Stack runs already with this data folder: its window comes to the front.'
          : 'The window is open; closing it or Ctrl-C ends Cheese Stack.',
      )
    })
    onStderrLine(child, (line) => {
      // Until its window is there, what it says is kept: it may yet have to be one line.
      if (ready) say(line)
      else said = `${said}${line}\n`.slice(-20_000)
    })
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal))
    child.on('error', (error) => resolve({ reason: `Electron cannot be started: ${error.message}` }))
    child.on('close', (code, signal) => {
      if (ready || code === 0) return resolve({ code: code ?? 1 })
      if (code === 2) {
        process.stderr.write(said)
        return resolve({ code })
      }
      const how = signal ?? `exit code ${code}`
      // Chromium traps when the kernel gives it no sandbox.
      const why = signal === 'SIGTRAP' ? ': most likely this system forbids its sandbox' : ''
      resolve({ reason: `Electron ended before its window was ready, with ${how}${why}` })
    })
  })
}
