import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, say } from './root.mjs'
import { run } from './run.mjs'

const SOURCES = `${root}/src/assembly`
/** What the sources import, and git does not keep: both modules as text. Its types are in wasm-bytes.d.ts beside it. */
const MADE = `${root}/src/platform/kernels/wasm-bytes.ts`
const MODULES = ['scalar', 'simd']

/** What the modules are made of: sources, settings, and the compiler. */
function sourceHash() {
  const hash = createHash('sha256').update(readFileSync(`${root}/node_modules/assemblyscript/package.json`))
  for (const name of readdirSync(SOURCES).sort()) hash.update(`${name}\0`).update(readFileSync(join(SOURCES, name)))
  return hash.digest('hex')
}

/** @returns {Promise<string>} the module, in base64 */
async function compile(name, folder) {
  const file = join(folder, `${name}.wasm`)
  const args = [`${SOURCES}/${name}.ts`, '--config', `${SOURCES}/asconfig.json`, '--target', name, '--outFile', file]
  const { code, output } = await run(process.execPath, [`${root}/node_modules/assemblyscript/bin/asc.js`, ...args], { quiet: true })
  if (code !== 0) throw new Error(`src/assembly/${name}.ts could not be compiled:\n${output}`)
  return readFileSync(file, 'base64')
}

/**
 * Compiles src/assembly to WebAssembly, if what was compiled is not what is there. Several processes may do it at once: each writes
 * the whole file in one go, and all the same.
 */
export async function ensureKernels() {
  const stamp = `// ${sourceHash()}`
  if (existsSync(MADE) && readFileSync(MADE, 'utf8').startsWith(stamp)) return
  say('Compiling the mining kernels …')
  mkdirSync(`${root}/.cache`, { recursive: true })
  const folder = mkdtempSync(`${root}/.cache/kernels-`)
  try {
    const compiled = await Promise.all(MODULES.map((name) => compile(name, folder)))
    const lines = MODULES.map((name, i) => `export const ${name}: string = '${compiled[i]}'\n`)
    writeFileSync(`${folder}/bytes.ts`, `${stamp}\n// Made by scripts/lib/kernels.mjs from src/assembly.\n${lines.join('')}`)
    renameSync(`${folder}/bytes.ts`, MADE)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** For vitest, as its global setup. */
export const setup = ensureKernels
