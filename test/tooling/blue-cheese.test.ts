import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { params } from '../../src/consensus/params.ts'

const SCRIPT = fileURLToPath(new URL('../../scripts/blue-cheese.mjs', import.meta.url))
const run = (...args: string[]) => spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' })

describe('scripts/blue-cheese.mjs', () => {
  it('finds the nonce and smell that the params hold', () => {
    const { blue, blueSmellHex } = params('regtest')
    expect(JSON.parse(run('regtest').stdout)).toMatchObject({ nonce: String(blue.header.nonce), smell: blueSmellHex })
  })

  it('finds another one for another time and note', () => {
    const found = JSON.parse(run('regtest', '1800000000', 'a headline').stdout) as { smell: string; time: number }
    expect(found.time).toBe(1_800_000_000)
    expect(found.smell).not.toBe(params('regtest').blueSmellHex)
    expect(found.smell < '01'.padEnd(64, '0')).toBe(true)
  })

  it('refuses a note that does not fit', () => {
    expect(run('regtest', '1800000000', 'x'.repeat(33))).toMatchObject({ status: 2, stdout: '' })
  })
})
