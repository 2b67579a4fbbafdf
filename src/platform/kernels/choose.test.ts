import { describe, expect, it } from 'vitest'
import type { Kernel, KernelName } from '../../mining/kernel.ts'
import { typescriptKernel } from '../../mining/search.ts'
import { hitsByOracle } from '../../mining/testing/kernel-oracle.ts'
import { chooseKernels, KNOWN, measureKernel, passesCheck } from './choose.ts'

/** A kernel that does as the one in TypeScript does, but for what is changed. */
function like(name: KernelName, search: (honest: bigint | undefined, start: bigint, count: number) => bigint | undefined): Kernel {
  return { name, search: (header, start, count, target) => search(typescriptKernel.search(header, start, count, target), start, count) }
}

/** Clock and kernels of known rates (tries a millisecond), for searches that find nothing. */
function timed() {
  const state = { now: 0, measured: [] as KernelName[] }
  const kernel = (name: KernelName, rate: number): Kernel => ({
    name,
    search(header, start, count, target) {
      // The check's own searches take no time.
      if (count === KNOWN.count || target === KNOWN.target) return typescriptKernel.search(header, start, count, target)
      state.measured.push(name)
      state.now += count / rate
      return undefined
    },
  })
  return { state, kernel, now: () => state.now }
}

const asked = { version: '1.0.0', measureMs: 50, nativeAddon: undefined, remembered: undefined }

describe('the check of a kernel', () => {
  it('knows the hits that node:crypto finds, some on either side of the end of the low half', () => {
    expect(KNOWN.hits).toEqual(hitsByOracle(KNOWN))
    expect(KNOWN.hits.some((nonce) => nonce < 0x8_0000_0000n) && KNOWN.hits.some((nonce) => nonce >= 0x8_0000_0000n)).toBe(true)
  })

  it('lets an honest kernel pass, and none that misses a hit, invents one, stands still or throws', () => {
    const last = KNOWN.hits.at(-1)
    expect(passesCheck(typescriptKernel)).toBe(true)
    expect(passesCheck(like('wasm', (hit) => hit))).toBe(true)
    const liars = {
      'misses the last': like('wasm', (hit) => (hit === last ? undefined : hit)),
      'misses all': like('wasm', () => undefined),
      'is off by one': like('wasm', (hit) => hit && hit + 1n),
      'invents one where there is none': like('wasm', (hit, start) => hit ?? start),
      'hits everywhere': like('wasm', (_hit, start) => start),
      'stands still': like('wasm', () => KNOWN.hits[0]),
      'skips one': like('wasm', (hit) => (hit === KNOWN.hits[3] ? KNOWN.hits[4] : hit)),
      throws: like('wasm', () => {
        throw new Error('illegal instruction')
      }),
    }
    for (const [how, liar] of Object.entries(liars)) expect([how, passesCheck(liar)]).toEqual([how, false])
  })
})

describe('the measurement', () => {
  it('tells tries per second', () => {
    const { kernel, now } = timed()
    for (const rate of [300, 2000, 7500, 50_000]) expect(measureKernel(kernel('wasm', rate), 50, now)).toBeCloseTo(1000 * rate, -2)
  })

  it('goes on while it gets faster, and takes no slice that was disturbed', () => {
    const { state, kernel, now } = timed()
    const fast = kernel('wasm', 8000)
    const slow = kernel('wasm', 5000)
    let calls = 0
    const disturbed: Kernel = {
      name: 'wasm',
      search(...args) {
        calls += 1
        return (calls < 7 || calls % 3 === 0 ? slow : fast).search(...args)
      },
    }
    expect(measureKernel(disturbed, 50, now)).toBeCloseTo(8_000_000, -2)
    expect(state.now).toBeLessThan(50 * 10)
  })

  it('finds out how fast a kernel is that the engine has yet to compile', () => {
    const { state, kernel, now } = timed()
    const compiled: Kernel = { name: 'wasm', search: (...args) => kernel('wasm', state.now < 60 ? 500 : 8000).search(...args) }
    const { kernels } = chooseKernels(asked, { kernels: [kernel('typescript', 2000), compiled], problems: [] }, now)
    expect(kernels.map(({ name }) => name)).toEqual(['typescript', 'wasm'])
    expect(kernels[1]?.hashRate).toBeCloseTo(8_000_000, -2)
  })

  it('comes to an end with a kernel that gets faster and faster', () => {
    const { state, kernel, now } = timed()
    let rate = 100
    const odd: Kernel = {
      name: 'wasm',
      search(...args) {
        rate *= 1.2
        return kernel('wasm', rate).search(...args)
      },
    }
    measureKernel(odd, 50, now)
    expect(state.now).toBeLessThan(50 * 20)
  })
})

describe('the choice', () => {
  it('lists the kernels slowest first, with their rates', () => {
    const { kernel, now } = timed()
    const { kernels, problems } = chooseKernels(
      asked,
      { kernels: [kernel('native-sha', 9000), kernel('typescript', 2000), kernel('wasm', 3000)], problems: [] },
      now,
    )
    expect(kernels.map(({ name }) => name)).toEqual(['typescript', 'wasm', 'native-sha'])
    for (const { hashRate } of kernels) expect(hashRate).toBeGreaterThan(1_000_000)
    expect(problems).toEqual([])
  })

  it('gives no rate to a kernel that gives a wrong answer, says so, and does not measure it', () => {
    const { state, kernel, now } = timed()
    const liar: Kernel = { name: 'native-avx512', search: () => undefined }
    const { kernels, problems } = chooseKernels(asked, { kernels: [kernel('typescript', 2000), liar], problems: ['no addon'] }, now)
    expect(kernels.at(-1)?.name).toBe('typescript')
    expect(kernels.find(({ name }) => name === 'native-avx512')).toEqual({ name: 'native-avx512', hashRate: null })
    expect(problems).toEqual(['no addon', 'the kernel native-avx512 gave a wrong answer and is not used'])
    expect(state.measured).not.toContain('native-avx512')
  })

  it('remembers what it measured, for this machine, version and list of kernels alone', () => {
    const { state, kernel, now } = timed()
    const here = { kernels: [kernel('typescript', 2000), kernel('wasm', 3000)], problems: [] }
    const first = chooseKernels(asked, here, now)
    expect(first.remember).toBeTypeOf('string')
    const remembered = first.remember
    state.measured.length = 0
    expect(chooseKernels({ ...asked, remembered }, here, now)).toEqual({ ...first, remember: undefined })
    expect(state.measured).toEqual([])
    const others = [
      [{ ...asked, remembered, version: '1.0.1' }, here],
      [
        { ...asked, remembered },
        { ...here, kernels: [...here.kernels, kernel('wasm-simd', 7000)] },
      ],
      [
        { ...asked, remembered },
        { ...here, kernels: here.kernels.slice(0, 1) },
      ],
    ] as const
    for (const [question, kernels] of others) {
      state.measured.length = 0
      expect(chooseKernels(question, kernels, now).remember).toBeTypeOf('string')
      expect(new Set(state.measured)).toEqual(new Set(kernels.kernels.map(({ name }) => name)))
    }
  })

  it('measures anew when what was remembered is broken', () => {
    const { kernel, now } = timed()
    const here = { kernels: [kernel('typescript', 2000)], problems: [] }
    const { remember = '' } = chooseKernels(asked, here, now)
    const broken = [
      '',
      '{',
      'null',
      '[]',
      '{}',
      remember.slice(0, -4),
      remember.replace('2000000', '"fast"'),
      remember.replace('2000000', '-1'),
      remember.replace('2000000', '1e999'),
      remember.replace('2000000', 'null'),
    ]
    for (const remembered of broken) {
      const chosen = chooseKernels({ ...asked, remembered }, here, now)
      expect([remembered, chosen.kernels[0]?.hashRate, chosen.remember]).toEqual([remembered, 2_000_000, remember])
    }
  })

  it('does not trust a kernel that was remembered and is wrong now', () => {
    const { kernel, now } = timed()
    const good = { kernels: [kernel('typescript', 2000), kernel('native-sha', 9000)], problems: [] }
    const { remember: remembered } = chooseKernels(asked, good, now)
    const liar: Kernel = { name: 'native-sha', search: () => 0n }
    const { kernels } = chooseKernels({ ...asked, remembered }, { ...good, kernels: [kernel('typescript', 2000), liar] }, now)
    expect(kernels.find(({ name }) => name === 'native-sha')?.hashRate).toBeNull()
    expect(kernels.at(-1)?.name).toBe('typescript')
  })
})
