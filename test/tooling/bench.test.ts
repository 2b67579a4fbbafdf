import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

interface Result {
  readonly bench: string
  readonly at: string
  readonly ratios: readonly { readonly name: string; readonly value: number; readonly goal?: object; readonly reached?: boolean }[]
}

/** Plain JavaScript. */
const table = (await import(new URL('../../scripts/lib/bench-table.mjs', import.meta.url).href)) as {
  readonly BENCHES: readonly string[]
  readResult(folder: string, name: string, since: Date): Result | undefined
  ratioTable(results: ReadonlyMap<string, Result | undefined>): { readonly text: string; readonly missed: number }
}

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

describe('npm run bench', () => {
  it('refuses a name that it does not know, and says which there are', () => {
    const ran = spawnSync(process.execPath, [at('scripts/bench.mjs'), 'nonsense'], { encoding: 'utf8' })
    expect(ran.status).toBe(2)
    expect(ran.stderr).toContain('There is no bench "nonsense"')
    for (const name of table.BENCHES) if (existsSync(at(`bench/${name}.ts`))) expect(ran.stderr).toContain(name)
    expect(ran.stdout).toBe('')
  })

  it('ends with all ratios and the goals that were reached and missed', () => {
    const mine = {
      bench: 'mine',
      at: '2026-11-22T12:00:00.000Z',
      ratios: [
        { name: 'fast ÷ slow', value: 12.345, goal: { atLeast: 12 }, reached: true },
        { name: 'slow ÷ fast', value: 0.5, goal: { atMost: 0.25 }, reached: false },
        { name: 'beside', value: 1 },
      ],
    }
    const { text, missed } = table.ratioTable(
      new Map<string, Result | undefined>([
        ['mine', mine],
        ['sync', undefined],
      ]),
    )
    expect(missed).toBe(1)
    const lines = text.split('\n').map((line) => line.trim().replace(/\s+/g, ' '))
    expect(lines).toEqual([
      'mine',
      'fast ÷ slow 12.35 × ≥ 12 reached',
      'slow ÷ fast 0.5000 × ≤ 0.25 MISSED',
      'beside 1.000 ×',
      'sync',
      '(no result)',
      '',
      '1 of 2 goals reached.',
    ])
  })

  it('takes no result of an earlier run for one of this', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cheese-bench-'))
    try {
      writeFileSync(join(folder, 'mine.json'), JSON.stringify({ bench: 'mine', at: '2026-11-22T12:00:00.000Z', ratios: [] }))
      expect(table.readResult(folder, 'mine', new Date('2026-11-22T11:59:00Z'))?.bench).toBe('mine')
      expect(table.readResult(folder, 'mine', new Date('2026-11-22T12:01:00Z'))).toBeUndefined()
      expect(table.readResult(folder, 'sync', new Date(0))).toBeUndefined()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** What the ratios of each bench are held against, as the source has it. */
const GOALS: Readonly<Record<string, readonly RegExp[]>> = {
  mine: [/atLeast: 12\b/, /atLeast: 0\.85\b/, /'native-avx512', 5\]/, /'native-sha', 2\.5\]/, /'native-avx2', 2\]/, /atLeast: 0\.95\b/],
  verify: [/atLeast: 0\.9\b/],
  connect: [/atMost: 0\.25\b/],
  sync: [/atMost: 1\.3\b/],
  loop: [/GOAL_MS = 50\b/, /atMost: 1\b/],
}

describe('the benches', () => {
  it.each(Object.entries(GOALS))('%s holds what it measures against its goals', (name, goals) => {
    const source = readFileSync(at(`bench/${name}.ts`), 'utf8')
    for (const goal of goals) expect(source).toMatch(goal)
  })
})
