import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { easyTarget, hitsByKernel, hitsByOracle, smellAt } from '../../mining/testing/kernel-oracle.ts'
import { kernelsHere } from './kernels.ts'
import { hasSimd } from './wasm.ts'

const addon = fileURLToPath(new URL('../../../out/native/cheese.node', import.meta.url))
const { kernels, problems } = kernelsHere(existsSync(addon) ? addon : undefined)

const randomHeader = () => new Uint8Array(randomBytes(116))

describe('the kernels of this machine', () => {
  it('are those in TypeScript and WebAssembly at least, with SIMD on every Node that we run on', () => {
    expect(problems).toEqual([])
    expect(hasSimd()).toBe(true)
    expect(kernels.slice(0, 3).map(({ name }) => name)).toEqual(['typescript', 'wasm', 'wasm-simd'])
    expect(new Set(kernels.map(({ name }) => name)).size).toBe(kernels.length)
  })

  it.skipIf(existsSync(addon))('have no native ones among them: the addon was not built (out/native/cheese.node is missing)', () => {
    expect(kernels).toHaveLength(3)
  })

  it.runIf(existsSync(addon))('have native ones among them, since the addon was built', () => {
    expect(kernels.length).toBeGreaterThan(3)
    expect(kernels.slice(3).every(({ name }) => name.startsWith('native-'))).toBe(true)
  })
})

describe.each(kernels.map((kernel) => [kernel.name, kernel] as const))('the kernel %s', (_name, kernel) => {
  it('finds the nonces that node:crypto finds, and no others, in random headers', () => {
    let found = 0
    for (let i = 0; i < 40; i++) {
      const search = { header: randomHeader(), start: randomBytes(8).readBigUInt64BE(), count: 500 + i, target: easyTarget(8, i % 2 === 0 ? 0 : 0xff) }
      const hits = hitsByOracle(search)
      expect(hitsByKernel(kernel, search)).toEqual(hits)
      found += hits.length
    }
    expect(found).toBeGreaterThan(300)
  })

  it('finds each of many hits in a row, whatever the number of nonces that it tries at once', () => {
    for (const count of [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65]) {
      const search = { header: randomHeader(), start: 0xabcd_0000_0001n, count, target: easyTarget(0xf0) }
      expect(hitsByKernel(kernel, search)).toEqual(hitsByOracle(search))
    }
  })

  it('looks at the first and the last nonce of a range and at none beside it', () => {
    const header = randomHeader()
    const target = easyTarget(3)
    const hit = kernel.search(header, 1000n, 100_000, target)
    if (hit === undefined) throw new Error('none of 100,000 nonces hits, of which one in 64 does')
    expect(smellAt(header, hit).compare(target)).toBeLessThanOrEqual(0)
    for (const before of [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17]) {
      // Below `hit` there is none from 1000 on, and nothing is known of what lies further below.
      const start = hit - BigInt(Math.min(before, Number(hit) - 1000))
      const distance = Number(hit - start)
      expect(kernel.search(header, start, distance, target)).toBeUndefined()
      expect(kernel.search(header, start, distance + 1, target)).toBe(hit)
      expect(kernel.search(header, start, distance + 30, target)).toBe(hit)
    }
  })

  it('tries nothing when it is asked for none', () => {
    expect(kernel.search(randomHeader(), 0n, 0, easyTarget(0xff))).toBeUndefined()
  })

  it('carries from the low half of the nonce into the high one, and from the end to zero', () => {
    for (const end of [0x1_0000_0000n, 0x2_0000_0000n, 0x8000_0000n, 0x8000_0000_0000_0000n, 0x1_0000_0000_0000_0000n]) {
      for (const before of [1n, 2n, 3n, 6n, 13n, 128n]) {
        const search = { header: randomHeader(), start: end - before, count: 2 * Number(before) + 3, target: easyTarget(0x7f) }
        expect(hitsByKernel(kernel, search)).toEqual(hitsByOracle(search))
      }
    }
  })

  it('takes a smell that equals the target, and refuses one that is above it by one', () => {
    for (let i = 0; i < 40; i++) {
      const header = randomHeader()
      const nonce = randomBytes(8).readBigUInt64BE()
      const smell = smellAt(header, nonce)
      const below = Buffer.from(smell)
      let at = 31
      while (below[at] === 0) below[at--] = 0xff
      below[at] = (below[at] as number) - 1
      expect(kernel.search(header, nonce, 1, smell)).toBe(nonce)
      expect(kernel.search(header, nonce, 1, below)).toBeUndefined()
      // Equal up to a word, and then one below or above it: all words count.
      const word = i % 8
      for (const by of [-1, 1]) {
        const near = Buffer.from(smell)
        near.writeUInt32BE((near.readUInt32BE(4 * word) + by) >>> 0, 4 * word)
        expect(kernel.search(header, nonce, 1, near)).toBe(smell.compare(near) <= 0 ? nonce : undefined)
      }
    }
  })

  it('looks at all words of a smell whose first word is that of the target, and goes on behind it', () => {
    const header = randomHeader()
    const hit = kernel.search(header, 0n, 1_000_000, easyTarget(0, 0xff)) as bigint
    const smell = smellAt(header, hit)
    // The first word of its smell, and nothing after it: that nonce does not hit, and maybe one behind it does.
    const target = Buffer.alloc(32)
    smell.copy(target, 0, 0, 4)
    const search = { header, start: hit, count: 2000, target }
    expect(hitsByKernel(kernel, search)).toEqual(hitsByOracle(search))
  })

  it('searches four billion nonces when it is asked to, up to the first that hits', () => {
    const header = randomHeader()
    const target = easyTarget(0, 0x7f)
    const hit = kernel.search(header, 0xffff_fff0n, 2 ** 32, target) as bigint
    const [first] = hitsByOracle({ header, start: 0xffff_fff0n, count: Number(hit - 0xffff_fff0n) + 1, target })
    expect(hit).toBe(first)
  })

  it('reads header and target that lie within longer buffers, and leaves them as they were', () => {
    const buffer = new Uint8Array(randomBytes(300))
    const header = buffer.subarray(33, 149)
    const target = buffer.subarray(201, 233)
    target[0] = 2
    const before = Buffer.from(buffer)
    const search = { header, start: 5n, count: 2000, target }
    expect(hitsByKernel(kernel, search)).toEqual(hitsByOracle(search))
    expect(Buffer.from(buffer).equals(before)).toBe(true)
  })

  it('does not look at the nonce that the header came with, and remembers nothing of the search before', () => {
    const one = randomHeader()
    const other = one.slice()
    other.fill(0xee, 108)
    const target = easyTarget(4)
    const search = { header: one, start: 77n, count: 600, target }
    const hits = hitsByKernel(kernel, search)
    hitsByKernel(kernel, { ...search, header: randomHeader() })
    expect(hitsByKernel(kernel, { ...search, header: other })).toEqual(hits)
  })

  it('agrees with node:crypto and with the one in TypeScript whatever it is asked for', () => {
    const [typescript] = kernels
    if (!typescript) throw new Error('there is always one')
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 116, maxLength: 116 }),
        fc.oneof(
          fc.bigInt(0n, 2n ** 64n - 1n),
          fc.integer({ min: 0, max: 80 }).map((n) => 2n ** 64n - BigInt(n) - 1n),
          fc.integer({ min: 0, max: 80 }).map((n) => 2n ** 32n - BigInt(n)),
        ),
        fc.integer({ min: 0, max: 80 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (header, start, count, target) => {
          const hits = hitsByOracle({ header, start, count, target })
          expect(hitsByKernel(kernel, { header, start, count, target })).toEqual(hits)
          expect(hitsByKernel(typescript, { header, start, count, target })).toEqual(hits)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('is told when it is called wrongly', () => {
    const target = easyTarget(1)
    expect(() => kernel.search(new Uint8Array(115), 0n, 1, target)).toThrow('116 bytes')
    expect(() => kernel.search(new Uint8Array(116), 0n, 1, new Uint8Array(31))).toThrow('32 bytes')
    expect(() => kernel.search(new Uint8Array(116), 0n, 1.5, target)).toThrow('count')
    expect(() => kernel.search(new Uint8Array(116), 0n, -1, target)).toThrow('count')
    expect(() => kernel.search(new Uint8Array(116), 0n, 2 ** 32 + 1, target)).toThrow('count')
  })
})
