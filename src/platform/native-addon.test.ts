import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { easyTarget, hitsByOracle } from '../mining/testing/kernel-oracle.ts'
import { layoutFrom } from '../server/layout.ts'
import { loadNative, type NativeAddon } from './native-addon.ts'

const entry = new URL('../main/index.ts', import.meta.url).href
const path = layoutFrom(entry).nativeAddon
const leftOut = fileURLToPath(new URL('../../out/native/left-out.txt', import.meta.url))
const why = existsSync(leftOut) ? readFileSync(leftOut, 'utf8').trim() : 'npm run build has not built it'

describe('the native addon', () => {
  it.skipIf(path !== undefined)(`is left out here: ${why}`, () => {
    // Where everything is there to build it, it has to be built.
    if (process.env.CI && process.env.CHEESE_NATIVE !== 'off') expect(why).toMatch(/^there is no /)
  })

  it('is left out where CHEESE_NATIVE says so', () => {
    const before = process.env.CHEESE_NATIVE
    process.env.CHEESE_NATIVE = 'off'
    try {
      expect(layoutFrom(entry).nativeAddon).toBeUndefined()
    } finally {
      if (before === undefined) delete process.env.CHEESE_NATIVE
      else process.env.CHEESE_NATIVE = before
    }
  })
})

describe.skipIf(path === undefined)('the native addon that was built', () => {
  const addon = path === undefined ? ({} as NativeAddon) : loadNative(path)
  const header = new Uint8Array(116)
  const target = new Uint8Array(32)
  /** Calls with whatever a wrong caller may pass. */
  const search = (...args: unknown[]) => (addon.search as unknown as (...all: unknown[]) => unknown)(...args)

  it('has plain C first of its kernels', () => {
    expect(addon.kernels[0]).toBe('native-scalar')
    expect(Object.keys(addon)).toEqual(['kernels', 'search', 'verifier', 'verifyPacked'])
  })

  it('throws words on arguments that do not fit', () => {
    expect(search('native-scalar', header, 0n, 0, target)).toBeUndefined()
    expect(() => search()).toThrow("the kernel's name is a string")
    expect(() => search(7, header, 0n, 0, target)).toThrow(TypeError)
    for (const name of ['', 'native-none', 'n'.repeat(5000), 'native-scalar\0', 'näiv'])
      expect(() => search(name, header, 0n, 0, target)).toThrow('this processor runs no native kernel of that name')
    const headers = [
      undefined,
      null,
      'x',
      [],
      {},
      new Uint8Array(115),
      new Uint8Array(117),
      new Uint8Array(),
      new Uint16Array(58),
      new DataView(new ArrayBuffer(116)),
      new ArrayBuffer(116),
    ]
    for (const wrong of headers) expect(() => search('native-scalar', wrong, 0n, 0, target)).toThrow('a header is a Uint8Array of 116 bytes')
    for (const wrong of [undefined, null, 0, '0', 1.5, {}])
      expect(() => search('native-scalar', header, wrong, 0, target)).toThrow('the first nonce is a bigint')
    for (const wrong of [undefined, null, '1', 1n, {}]) expect(() => search('native-scalar', header, 0n, wrong, target)).toThrow('the count is a number')
    for (const wrong of [-1, 0.5, 2 ** 32 + 1, 2 ** 64, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(() => search('native-scalar', header, 0n, wrong, target)).toThrow(RangeError)
    for (const wrong of [undefined, new Uint8Array(31), new Uint8Array(33), new Int8Array(32), new Float64Array(4)])
      expect(() => search('native-scalar', header, 0n, 0, wrong)).toThrow('a target is a Uint8Array of 32 bytes')
  })

  it('throws words on bytes whose buffer was given away', () => {
    const given = new Uint8Array(116)
    structuredClone(given, { transfer: [given.buffer] })
    expect(() => search('native-scalar', given, 0n, 0, target)).toThrow('a header is a Uint8Array of 116 bytes')
  })

  it('takes the first nonce modulo 2^64, and bytes that are shared between threads', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(116))
    shared.set(randomBytes(116))
    const limit = easyTarget(8)
    const [hit] = hitsByOracle({ header: shared, start: 2n ** 64n - 300n, count: 600, target: limit })
    for (const start of [2n ** 64n - 300n, -300n, 2n ** 65n - 300n]) expect(addon.search('native-scalar', shared, start, 600, limit)).toBe(hit)
  })

  it.skipIf(addon.verifier === null)('throws words on jobs that are not whole, and takes none', () => {
    const verify = addon.verifyPacked as unknown as (...all: unknown[]) => unknown
    expect(verify(new Uint8Array())).toEqual(new Uint8Array())
    for (const wrong of [undefined, null, 'x', [], new ArrayBuffer(128), new Uint16Array(64)])
      expect(() => verify(wrong)).toThrow('packed jobs are a Uint8Array')
    for (const length of [1, 127, 129, 255]) expect(() => verify(new Uint8Array(length))).toThrow('packed jobs have 128 bytes each')
  })

  it('serves many threads at once', async () => {
    const searches = addon.kernels.map((kernel) => {
      const search = { header: new Uint8Array(randomBytes(116)), start: randomBytes(8).readBigUInt64BE(), count: 20_000, target: easyTarget(0, 0x7f) }
      return { kernel, ...search, hit: hitsByOracle(search)[0] }
    })
    const source = `
      const { parentPort, workerData } = require('node:worker_threads')
      const addon = require(workerData.path)
      for (let i = 0; i < 20; i++) for (const { kernel, header, start, count, target, hit } of workerData.searches) {
        if (addon.search(kernel, header, start, count, target) !== hit) throw new Error(kernel + ' answered wrongly')
        if (addon.verifier && addon.verifyPacked(new Uint8Array(256)).some((byte) => byte !== 0)) throw new Error('zeros are no signature')
      }
      parentPort.postMessage('done')`
    const threads = Array.from({ length: 4 }, () => new Worker(source, { eval: true, workerData: { path, searches } }))
    const said = threads.map((thread) => new Promise((resolve, reject) => thread.on('message', resolve).on('error', reject)))
    expect(await Promise.all(said)).toEqual(['done', 'done', 'done', 'done'])
    await Promise.all(threads.map((thread) => thread.terminate()))
  })
})
