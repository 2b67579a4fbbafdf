// npm run lock, after every change of package-lock.json: completes it with the optional packages of other systems that npm left
// out. It leaves out those that the registry it asked does not have (a mirror, say), and then refuses its own file at `npm ci`.
// What is added here has no checksum; an npm that reaches them fills it in.
import { readFileSync, writeFileSync } from 'node:fs'
import { root, say } from './lib/root.mjs'

const path = `${root}/package-lock.json`
const lock = JSON.parse(readFileSync(path, 'utf8'))
const { packages } = lock
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32']

/** Whether the package at `from` finds `name` in its own node_modules or one above it. */
function isLocked(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]) return true
    if (at === '') return false
  }
}

/** What such a package says of the machines it is for, read off its name. */
function machinesOf(name) {
  const words = name.split('/').at(-1).split('-')
  const os = SYSTEMS.find((one) => words.includes(one))
  const cpu = PROCESSORS.find((one) => words.includes(one))
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : os === 'linux' && words.some((word) => word.startsWith('gnu')) ? 'glibc' : undefined
  return { ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }), ...(os && { os: [os] }) }
}

const added = []
for (const [at, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(at, name)) continue
    if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`${at} wants ${name}@${version}, which names no one version`)
    packages[`node_modules/${name}`] = { version, ...(dev && { dev }), optional: true, ...machinesOf(name) }
    added.push(name)
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
if (added.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
say(added.length > 0 ? `Added ${added.length}: ${added.join(', ')}` : 'The lock file is complete.')
