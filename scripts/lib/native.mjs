import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, say } from './root.mjs'

const SOURCES = `${root}/src/native`
const WORK = `${root}/.cache/native`
const OUT = `${root}/out/native`
/** The addon, when it is built. */
const ADDON = `${OUT}/cheese.node`
/** What the addon, or its absence, was made of. */
const STAMP = `${OUT}/.stamp`
/** Why there is none, for tests and for people. */
const WHY = `${OUT}/left-out.txt`
const LOG = `${WORK}/build.log`
const windows = process.platform === 'win32'

/** Whether a program of one of these names is in the PATH. */
function isThere(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.some((name) =>
    folders.some((folder) => {
      try {
        accessSync(join(folder, windows ? `${name}.exe` : name), constants.X_OK)
        return true
      } catch {
        return false
      }
    }),
  )
}

/** What is missing to build with, in words; undefined when nothing is. On Windows node-gyp looks for Visual Studio by itself. */
function missing() {
  if (!isThere('python3', 'python')) return 'there is no python3, which node-gyp runs on'
  if (windows) return undefined
  if (!isThere('make')) return 'there is no make'
  if (!isThere('cc') || !isThere('g++', 'c++')) return 'there is no C compiler (cc, c++)'
  return undefined
}

function output(command, ...args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** Where this system has libsecp256k1; undefined where it has none. */
function findSecp256k1() {
  if (windows || !isThere('pkg-config')) return undefined
  const ask = (variable) => output('pkg-config', variable, 'libsecp256k1')
  const version = ask('--modversion')
  const include = ask('--variable=includedir')
  const folder = ask('--variable=libdir')
  return version && include && folder && /^[\w.+-]+$/.test(version) ? { version, include, folder } : undefined
}

/**
 * How it is linked: statically, so that the addon carries it, if its archive allows that; otherwise as a shared library.
 * Undefined when neither works, as with one that has no BIP 340; then the addon verifies nothing.
 */
function howToLink({ version, include, folder }) {
  const archive = `${folder}/libsecp256k1.a`
  const shared = { link: `-L${folder} -lsecp256k1`, wrap_stderr: false }
  const ways = [
    { link: archive, wrap_stderr: false },
    // Debian's archive is not position-independent: src/native/verify.c says what helps.
    { link: archive, wrap_stderr: true },
    shared,
  ]
  return ways.find(({ link, wrap_stderr }) => {
    const flags = [
      ...['-shared', '-fPIC', '-fvisibility=hidden', `-I${include}`, `-DCHEESE_SECP256K1="${version}"`],
      ...(process.platform === 'linux' ? ['-Wl,-Bsymbolic', '-Wl,--exclude-libs,ALL'] : []),
      ...(wrap_stderr ? ['-DCHEESE_WRAP_STDERR', '-Wl,--wrap=stderr'] : []),
    ]
    return output('cc', ...flags, '-o', `${WORK}/probe.so`, `${SOURCES}/verify.c`, ...link.split(' ')) !== undefined
  })
}

/**
 * A folder that node-gyp takes for Node's own headers: those of Node-API, which are the same for every version, and no more.
 * So nothing is fetched, and the addon runs in every Node and Electron that has Node-API 8.
 */
function makeNodeDir() {
  const { include_dir: headers, def_paths: names } = createRequire(import.meta.url)('node-api-headers')
  const folder = `${WORK}/node`
  const include = `${folder}/include/node`
  mkdirSync(include, { recursive: true })
  for (const file of readdirSync(headers)) copyFileSync(join(headers, file), join(include, file))
  const release = {
    cflags: ['-O3'],
    xcode_settings: { GCC_OPTIMIZATION_LEVEL: '3', MACOSX_DEPLOYMENT_TARGET: '11.0' },
    // The C runtime is linked in, as in Node itself.
    msvs_settings: { VCCLCompilerTool: { Optimization: 2, RuntimeLibrary: 0 } },
  }
  const common = { target_defaults: { default_configuration: 'Release', configurations: { Release: release } } }
  const config = { target_defaults: { default_configuration: 'Release' }, variables: { host_arch: process.arch, target_arch: process.arch } }
  writeFileSync(`${include}/common.gypi`, JSON.stringify(common))
  writeFileSync(`${include}/config.gypi`, JSON.stringify(config))
  const exported = Object.values(names).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split(/\r?\n/)
      .filter((line) => /^n\w+$/.test(line)),
  )
  mkdirSync(`${folder}/Release`, { recursive: true })
  writeFileSync(`${folder}/node.def`, ['NAME NODE.EXE', 'EXPORTS', ...exported, ''].join('\n'))
  return folder
}

/** Runs node-gyp on a copy of the sources. Returns why there is no addon, or undefined when there is one. */
function compile(secp256k1) {
  const folder = `${WORK}/src`
  rmSync(folder, { recursive: true, force: true })
  cpSync(SOURCES, folder, { recursive: true })
  const variables = secp256k1 ? Object.entries(secp256k1).map(([name, value]) => `-Dsecp256k1_${name}=${value}`) : []
  const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  const args = [gyp, 'rebuild', '--directory', folder, '--nodedir', makeNodeDir(), '--jobs', 'max', '--', ...variables]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  writeFileSync(LOG, `${stdout}${stderr}`)
  const built = `${folder}/build/Release/cheese.node`
  if (status !== 0 || !existsSync(built)) return `node-gyp failed: ${LOG.slice(root.length + 1)} says why`
  // Beside it and renamed: the old one may be in use.
  copyFileSync(built, `${ADDON}.new`)
  renameSync(`${ADDON}.new`, ADDON)
  return undefined
}

/** What the addon is, or would be, made of: what was found, and one hash over that and the sources. */
function survey() {
  const why = missing()
  const secp256k1 = why === undefined ? findSecp256k1() : undefined
  const hash = createHash('sha256').update(JSON.stringify([process.platform, process.arch, why, secp256k1]))
  for (const file of [
    ...readdirSync(SOURCES)
      .sort()
      .map((name) => join(SOURCES, name)),
    fileURLToPath(import.meta.url),
  ])
    hash.update(readFileSync(file))
  return { why, secp256k1, hash: hash.digest('hex') }
}

/** Builds the addon if it is stale. Returns why there is none, or undefined when there is one. */
export function ensureNative() {
  if (process.env.CHEESE_NATIVE === 'off') return 'CHEESE_NATIVE=off'
  if (!isNativeFresh()) buildNative()
  return existsSync(WHY) ? readFileSync(WHY, 'utf8').trim() : undefined
}

/** Whether the addon, or its absence, is what the sources and this system say. Without the addon (CHEESE_NATIVE=off) nothing is stale. */
export function isNativeFresh() {
  return process.env.CHEESE_NATIVE === 'off' || (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === survey().hash && (existsSync(ADDON) || existsSync(WHY)))
}

/**
 * Builds the optional native addon into out/native/cheese.node where there is something to build it with; otherwise says in
 * one line that it is left out, and why. Everything works without it.
 */
export function buildNative() {
  const { why, secp256k1, hash } = survey()
  mkdirSync(OUT, { recursive: true })
  mkdirSync(WORK, { recursive: true })
  for (const file of [STAMP, ADDON, WHY]) rmSync(file, { force: true })
  const started = Date.now()
  const way = secp256k1 && howToLink(secp256k1)
  const linked = way && { version: secp256k1.version, include: secp256k1.include, ...way }
  const reason = why ?? compile(linked)
  if (reason === undefined) {
    const verifier = linked ? `libsecp256k1 ${linked.version}` : 'no verifier: there is no libsecp256k1 with BIP 340 that pkg-config knows'
    say(`Built the native part in ${((Date.now() - started) / 1000).toFixed(1)} s (${verifier}).`)
  } else {
    writeFileSync(WHY, `${reason}\n`)
    say(`The native part is left out, mining and verification are slower: ${reason}.`)
  }
  writeFileSync(STAMP, hash)
}
