import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './app.ts'

const addon = join(import.meta.dirname, '../out/native/cheese.node')

test.skip(({ host }) => host !== 'electron', 'in a browser the member runs under plain Node, where the unit tests load the addon')
test.skip(!existsSync(addon), 'the native addon was not built here (out/native/left-out.txt says why)')

test('the native addon runs in Electron, in its main thread and in a worker thread', async ({ open }) => {
  const { electron } = await open()
  const answered = await electron?.evaluate(async (_electron, path) => {
    const { createRequire } = process.getBuiltinModule('node:module')
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    // Each kernel looks for a smell that begins with a zero bit and takes the first one; zeros are no good signature.
    const source = `
      const ask = ({ kernels, search, verifier, verifyPacked }) => ({
        kernels,
        hits: kernels.map((name) => String(search(name, new Uint8Array(116), 5n, 1000, new Uint8Array(32).fill(127)))),
        verifier,
        good: verifier === null ? null : [...verifyPacked(new Uint8Array(256))],
      })`
    const here = new Function('addon', `${source}; return ask(addon)`)(createRequire(path)(path)) as Record<'kernels' | 'hits' | 'verifier' | 'good', unknown>
    const worker = new Worker(`${source}; require('node:worker_threads').parentPort.postMessage(ask(require(${JSON.stringify(path)})))`, { eval: true })
    const there = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    return { here, there, node: process.versions.node, electron: process.versions.electron }
  }, addon)
  console.log(JSON.stringify(answered))
  const { kernels, hits, verifier, good } = answered?.here ?? { kernels: [], hits: [], verifier: null, good: null }
  expect(kernels).toContain('native-scalar')
  expect(new Set(hits as string[]).size).toBe(1)
  expect(Number((hits as string[])[0])).toBeGreaterThanOrEqual(5)
  expect(good).toEqual(verifier === null ? null : [0, 0])
  expect(answered?.there).toEqual(answered?.here)
})
