import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureKernels } from './kernels.mjs'
import { buildNative, isNativeFresh } from './native.mjs'
import { root, say } from './root.mjs'

const STAMP = `${root}/out/.stamp`
const LOCK = `${root}/.cache/build.lock`

/** What the build is made of, as one hash. Tests are no part of it, nor is the addon, which native.mjs builds. */
function sourceHash() {
  const hash = createHash('sha256')
  const sources = ['src', 'resources']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name) && !entry.parentPath.endsWith('native'))
    .map((entry) => join(entry.parentPath, entry.name))
  const settings = readdirSync(root).filter((name) => /^(electron\.vite\.config\.ts|package(-lock)?\.json|tsconfig.*\.json)$/.test(name))
  const files = [...sources, ...settings.map((name) => join(root, name))].sort()
  for (const file of files) {
    const content = readFileSync(file)
    hash.update(`${file.slice(root.length)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

function isFresh(hash) {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Takes the lock, or says that another live process has it. One whose holder is gone is taken over. */
function tryLock() {
  mkdirSync(`${root}/.cache`, { recursive: true })
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const holder = Number(existsSync(LOCK) ? readFileSync(LOCK, 'utf8') : Number.NaN)
    // An empty file is one that is being written just now.
    if (holder > 0 && !isAlive(holder)) rmSync(LOCK, { force: true })
    return false
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Builds what is stale and returns when out/ is what src/ says. Several processes may call it at once: one builds, the others wait. Exits when the build fails. */
export async function ensureBuilt() {
  await ensureKernels()
  while (!isFresh(sourceHash()) || !isNativeFresh()) {
    if (!tryLock()) {
      await pause(200)
      continue
    }
    try {
      if (!isNativeFresh()) buildNative()
      const hash = sourceHash()
      // Another process may have built it before the lock was ours.
      if (isFresh(hash)) return
      say('Building what is stale …')
      rmSync(STAMP, { force: true })
      const started = Date.now()
      const built = spawnSync(process.execPath, [`${root}/node_modules/electron-vite/bin/electron-vite.js`, 'build', '--logLevel', 'warn'], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        encoding: 'utf8',
      })
      if (built.status !== 0) {
        say(`${built.stdout}${built.stderr}The build failed: see above.`)
        process.exitCode = 1
        rmSync(LOCK, { force: true })
        process.exit(1)
      }
      writeFileSync(STAMP, hash)
      say(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
    } finally {
      rmSync(LOCK, { force: true })
    }
  }
}
