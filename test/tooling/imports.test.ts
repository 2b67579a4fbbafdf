import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cheese-imports-'))
  await writeFile(
    join(folder, 'tsconfig.json'),
    '{"compilerOptions":{"module":"ESNext","moduleResolution":"bundler","allowImportingTsExtensions":true,"noEmit":true}}',
  )
})
afterEach(() => rm(folder, { recursive: true }))

/** The names of the rules that a tree of these files breaks, by the very configuration that `npm run check` uses. */
async function broken(files: Readonly<Record<string, string>>): Promise<string[]> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const args = [
    join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
    'src',
    '--config',
    join(ROOT, '.dependency-cruiser.cjs'),
    '--output-type',
    'json',
  ]
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  if (!stdout.startsWith('{')) throw new Error(stderr || stdout)
  const { modules, summary } = JSON.parse(stdout) as { modules: unknown[]; summary: { violations: { rule: { name: string } }[] } }
  // A cruise that does not understand TypeScript sees nothing and finds nothing.
  expect(modules.length).toBeGreaterThanOrEqual(Object.keys(files).filter((path) => path.startsWith('src/')).length)
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].sort()
}

describe('the check of imports', () => {
  it('lets the right way pass', async () => {
    const files = {
      'src/util/a.ts': 'export type A = 1',
      'src/consensus/b.ts': "import type { A } from '../util/a.ts'\nexport const b: A = 1",
      'src/chain/c.ts': "import { b } from '../consensus/b.ts'\nexport const c = b",
      'src/member/m.ts': "import { c } from '../chain/c.ts'\nexport const m = c",
      'src/main/index.ts': "import { m } from '../member/m.ts'\nexport const i = m",
    }
    expect(await broken(files)).toEqual([])
  })

  it('fails on every wrong way', async () => {
    const ways = [
      ['util', 'api'],
      ['consensus', 'chain'],
      ['chain', 'mempool'],
      ['mempool', 'net'],
      ['mining', 'wallet'],
      ['net', 'mining'],
      ['wallet', 'chain'],
      ['api', 'member'],
      ['member', 'server'],
      ['renderer', 'consensus'],
      ['preload', 'member'],
    ] as const
    const files = ways.flatMap(([from, to]) => [
      [`src/${from}/to-${to}.ts`, `import { leaf } from '../${to}/leaf.ts'\nexport const a = leaf`],
      [`src/${to}/leaf.ts`, 'export const leaf = 1'],
    ])
    expect(await broken(Object.fromEntries(files))).toEqual(ways.map(([from]) => `${from}-imports`).sort())
  })

  it('fails on a wrong way that is types alone', async () => {
    const files = { 'src/consensus/a.ts': "import type { B } from '../chain/b.ts'\nexport type A = B", 'src/chain/b.ts': 'export type B = 1' }
    expect(await broken(files)).toEqual(['consensus-imports'])
  })

  it('fails on a cycle', async () => {
    const files = {
      'src/net/a.ts': "import { b } from './b.ts'\nexport const a = () => b",
      'src/net/b.ts': "import { a } from './a.ts'\nexport const b = () => a",
    }
    expect(await broken(files)).toEqual(['no-cycles'])
  })

  it('fails on Electron outside main and preload, and on Node in a pure folder', async () => {
    const files = {
      'node_modules/electron/package.json': '{"name":"electron","main":"index.js"}',
      'node_modules/electron/index.js': '',
      'package.json': '{"dependencies":{"electron":"1"}}',
      'src/member/a.ts': "import { app } from 'electron'\nexport const a = app",
      'src/consensus/b.ts': "import { readFileSync } from 'node:fs'\nexport const b = readFileSync",
    }
    expect(await broken(files)).toEqual(['electron-in-main-and-preload-alone', 'no-node-in-pure-folders'])
  })
})
