/** What every bench prints and keeps: rows of medians with their spread, ratios between rows of the same run, and the goals that ratios are held against. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

/** One thing that was measured, some times. */
export interface Row {
  readonly name: string
  readonly unit: string
  readonly median: number
  readonly least: number
  readonly most: number
  readonly runs: number
}

/** Two rows of one run, divided, and what that was to reach. */
export interface Ratio {
  readonly name: string
  readonly value: number
  readonly goal: { readonly atLeast: number } | { readonly atMost: number } | undefined
  readonly reached: boolean | undefined
}

export interface Goal {
  readonly atLeast?: number
  readonly atMost?: number
}

/** The middle one of `values`, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('nothing was measured')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2
}

/** Four digits, so that rates of any size can be read side by side. */
export function figure(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))))
  return value.toLocaleString('en-US', { minimumFractionDigits: Math.min(digits, 4), maximumFractionDigits: Math.min(digits, 4) })
}

/** A whole number above zero from the environment. */
export function setting(name: string, fallback: number): number {
  const value = Number(process.env[name] ?? fallback)
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be a whole number above zero`)
  return value
}

/** Collects what one bench measures; prints it as it comes and writes it to bench/results/NAME.json at the end. */
export class Report {
  readonly #name: string
  readonly #rows: Row[] = []
  readonly #ratios: Ratio[] = []
  readonly #notes: string[] = []

  /** @param name of the bench and of its file of results */
  constructor(name: string, title: string) {
    this.#name = name
    console.log(`\n${title}\n`)
  }

  heading(text: string): void {
    console.log(`\n${text}`)
  }

  /** Something about how it was measured, which the numbers alone do not say. */
  note(text: string): void {
    this.#notes.push(text)
    console.log(text)
  }

  /** Prints and keeps a row: the median of `values`, and the least and the most of them. */
  row(name: string, values: readonly number[], unit: string): Row {
    const row = { name, unit, median: median(values), least: Math.min(...values), most: Math.max(...values), runs: values.length }
    this.#rows.push(row)
    const spread = values.length > 1 ? `(${figure(row.least)} … ${figure(row.most)}, ${row.runs} runs)` : '(one run)'
    console.log(`  ${name.padEnd(58)} ${figure(row.median).padStart(12)} ${unit.padEnd(14)} ${spread}`)
    return row
  }

  /** Prints and keeps a ratio of what was measured in this run, beside its goal when it has one. */
  ratio(name: string, value: number, goal: Goal = {}): Ratio {
    const wanted = goal.atLeast !== undefined ? { atLeast: goal.atLeast } : goal.atMost !== undefined ? { atMost: goal.atMost } : undefined
    const reached = wanted && ('atLeast' in wanted ? value >= wanted.atLeast : value <= wanted.atMost)
    const ratio: Ratio = { name, value, goal: wanted, reached }
    this.#ratios.push(ratio)
    const against = wanted ? `${'atLeast' in wanted ? `goal ≥ ${wanted.atLeast}` : `goal ≤ ${wanted.atMost}`}: ${reached ? 'reached' : 'MISSED'}` : ''
    console.log(`  ${name.padEnd(58)} ${figure(value).padStart(12)} ${'×'.padEnd(14)} ${against}`)
    return ratio
  }

  /** Writes bench/results/NAME.json. */
  write(): void {
    const folder = fileURLToPath(new URL('../results/', import.meta.url))
    mkdirSync(folder, { recursive: true })
    const file = `${folder}${this.#name}.json`
    const result = { bench: this.#name, at: new Date().toISOString(), machine: machine(), rows: this.#rows, ratios: this.#ratios, notes: this.#notes }
    writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
    console.log(`\nwritten to bench/results/${this.#name}.json`)
  }
}

/** What ran it: processor, memory, system, versions, and the commit (with + when files differ from it). */
export function machine(): Readonly<Record<string, string | number>> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    commit: commit(),
  }
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}
