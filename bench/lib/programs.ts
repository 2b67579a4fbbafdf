/** Rivals that are programs of their own: C, compiled when there is a compiler, and Python where that is there. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const KEPT = `${root}.cache/bench`
/** What any of the C programs is made of, besides its own file. */
const SHARED = ['bench/c/measure.h', 'src/native/search.h', 'src/native/search.c', 'src/native/lanes.h']

/** Tries of all threads, and the seconds that they took by the clock and by the processor time of all together. */
export interface Tried {
  readonly tries: number
  readonly seconds: number
  readonly cpuSeconds: number
}

/** A program that tries nonces. */
export type MiningProgram = (threads: number, ms: number) => Tried

function works(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/**
 * Compiles bench/c/NAME.c unless it is compiled already; undefined where that cannot be done, or where what came of it does not run here.
 * @param flags for the compiler
 */
export function compiled(name: string, flags: readonly string[]): MiningProgram | undefined {
  const source = `${root}bench/c/${name}.c`
  const sources = name === 'plain' ? [source] : [source, `${root}src/native/search.c`]
  const hash = createHash('sha256').update(flags.join(' '))
  for (const file of [source, ...SHARED.map((path) => root + path)]) hash.update(readFileSync(file))
  const program = `${KEPT}/${name}-${hash.digest('hex').slice(0, 16)}`
  mkdirSync(KEPT, { recursive: true })
  if (!existsSync(program) && !works('cc', '-std=gnu11', '-O3', ...flags, '-o', program, ...sources, '-lpthread')) return undefined
  if (!works(program, '1', '1')) return undefined
  return (threads, ms) => {
    const [tries = 0, seconds = 1, cpuSeconds = 1] = numbers(program, String(threads), String(ms))
    return { tries, seconds, cpuSeconds }
  }
}

/** The first Python version's way; undefined where there is no python3. Its threads share one core, so it is one thread's rival alone. */
export function python(): MiningProgram | undefined {
  const script = `${root}bench/python/mine.py`
  if (!works('python3', script, '1')) return undefined
  return (_threads, ms) => {
    const [tries = 0, cpuSeconds = 1] = numbers('python3', script, String(ms))
    return { tries, seconds: cpuSeconds, cpuSeconds }
  }
}

function numbers(command: string, ...args: string[]): number[] {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`)
  return stdout.trim().split(' ').map(Number)
}
