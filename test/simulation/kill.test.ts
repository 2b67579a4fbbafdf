import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeU32 } from '../../src/chain/records.ts'
import { CheeseStack } from '../../src/chain/stack.ts'
import { keyOf, type Made, Maker } from '../../src/chain/testing/maker.ts'
import { params } from '../../src/consensus/params.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openClassicStore } from '../../src/platform/store-classic.ts'
import { openInlineVerifier } from '../../src/platform/verify-inline.ts'
import { concatBytes, toHex } from '../../src/util/bytes.ts'
import { silent } from '../../src/util/ports.ts'

const CHILD = fileURLToPath(new URL('./kill-child.ts', import.meta.url))
const regtest = params('regtest')
const ann = keyOf(1)

/** Cheeses with transfers, and every few of them a longer branch that takes two or three off again. */
function cheesesWithReorgs(rounds: number): Made[] {
  const maker = new Maker(regtest)
  const made: Made[] = maker.makeMany(maker.blue, 4, { to: ann.address })
  const busy = (parent: Made, salt: number): Made => {
    const sequence = parent.accounts.get(toHex(ann.address))?.sequence ?? 0
    const transfers = [0, 1, 2].map((n) => {
      const to = new Uint8Array(20).fill(salt).fill(n, 10)
      return maker.transfer({ from: ann, sequence: sequence + n, payments: [{ to, amount: 200_000n }], fee: 7n })
    })
    return maker.make(parent, { transfers, to: ann.address })
  }
  for (let round = 0; round < rounds; round++) {
    const fork = made.at(-1) as Made
    for (const [length, salt] of [
      [2 + (round % 2), 2 * round + 1],
      [4, 2 * round + 2],
    ] as const) {
      let top = fork
      for (let i = 0; i < length; i++) {
        top = busy(top, salt + 100 * i)
        made.push(top)
      }
    }
  }
  return made
}

describe('a stack whose process is killed', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cheese-kill-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  /** Runs the child until it has written `lines` lines, then kills it after `ms` more; tells whether it had ended by itself. */
  const run = (file: string, lines: number, ms: number): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [CHILD, join(folder, 'chain'), file], { stdio: ['ignore', 'pipe', 'pipe'] })
      let seen = 0
      let errors = ''
      child.stderr.on('data', (data) => {
        errors += data
      })
      child.stdout.on('data', (data) => {
        const before = seen
        seen += String(data).split('\n').length - 1
        if (before < lines && seen >= lines) setTimeout(() => child.kill('SIGKILL'), ms)
      })
      child.on('error', reject)
      child.on('exit', (code, signal) => {
        if (signal === 'SIGKILL') resolve(false)
        else if (code === 0) resolve(true)
        else reject(new Error(errors))
      })
    })

  it('opens, verifies and goes on, whenever that was', async () => {
    const made = cheesesWithReorgs(40)
    const file = join(folder, 'cheeses')
    await writeFile(file, concatBytes(...made.flatMap(({ headerBytes, bodyBytes }) => [encodeU32(116 + bodyBytes.length), headerBytes, bodyBytes])))
    let killed = 0
    for (let round = 0; ; round++) {
      // The cheeses that are known already are passed in no time, so each run gets a little farther.
      const ended = await run(file, round < 10 ? 1 + round * 25 : Number.POSITIVE_INFINITY, (round * 7) % 11)
      if (!ended) killed++
      const store = await openClassicStore(join(folder, 'chain'))
      const stack = await CheeseStack.open({ store, params: regtest, clock: systemClock, log: silent, verifier: openInlineVerifier() })
      const verified = await stack.verify()
      expect(verified).toMatchObject({ ok: true })
      const wanted = made.find(({ smell }) => smell === stack.tip.smell)
      if (stack.tip.height > 0) expect(wanted?.height).toBe(stack.tip.height)
      await stack.close()
      if (!ended) continue
      expect(stack.tip.smell).toBe(made.at(-1)?.smell)
      break
    }
    expect(killed).toBeGreaterThanOrEqual(5)
  })
})
