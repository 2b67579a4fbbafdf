import { describe, expect, it } from 'vitest'
import type { MiningStatus } from '../../api/schemas.ts'
import { idleStatus } from '../../api/testing/fake-service.ts'
import {
  asSentence,
  energySentence,
  expectedCount,
  expectedSentence,
  kernelWords,
  large,
  luckSentence,
  miningHead,
  miningLamp,
  miningSentence,
  missingKernels,
  percent,
  ripeningWords,
  staleSentence,
  staleShare,
} from './mining.ts'

const mining = (part: Partial<MiningStatus>): MiningStatus => ({
  ...idleStatus.mining,
  on: true,
  threads: 2,
  maxThreads: 8,
  hashRate: 13_100_000,
  address: 'a',
  consented: true,
  ...part,
})

describe('the head', () => {
  it('says honestly what the miner does', () => {
    expect(miningSentence(mining({}))).toBe('Mining on 2 threads: 13.1 million tries a second')
    expect(miningSentence(mining({ threads: 1, intensity: 50, hashRate: 273 }))).toBe('Mining on 1 thread, 50\u00a0% of the time: 273 tries a second')
    expect(miningSentence(mining({ hashRate: 0 }))).toBe('Mining on 2 threads: counting the first tries')
    expect(miningSentence(mining({ on: false }))).toBe('Off')
    expect(miningHead(mining({ on: false, consented: false })).about).toContain('agreed')
    expect(miningSentence(mining({ address: null }))).toBe('No wallet to mine to')
  })

  it('says why it rests, even while old tries are still in the rate', () => {
    const rests = (resting: MiningStatus['resting']) => miningSentence(mining({ resting }))
    expect(rests('battery')).toBe('Resting: on battery')
    expect(rests('in-use')).toBe('Resting: you are using the computer')
    expect(rests('window')).toBe('Resting: this window needs the processor')
    expect(rests('sync')).toBe('Waiting until in sync')
    expect(rests('no-wallet')).toBe('Waiting for a wallet')
    expect(rests('starting')).toBe('Starting')
  })

  it('is followed by the lamp', () => {
    expect(miningLamp(mining({}))).toEqual({ colour: 'good', text: '13.1 MH/s' })
    expect(miningLamp(mining({ on: false, resting: 'battery' }))).toEqual({ colour: 'off', text: 'Off' })
    expect(miningLamp(mining({ resting: 'battery' }))).toEqual({ colour: 'warn', text: 'Resting: battery' })
    expect(miningLamp(mining({ resting: 'starting' })).colour).toBe('busy')
  })
})

describe('numbers', () => {
  it('says large ones with three digits that count', () => {
    expect([0, 273, 4200, 999_499, 999_999, 1_310_000, 13_149_000, 99_960_000, 999_600_000, 2e12].map(large)).toEqual([
      '0',
      '273',
      '4,200',
      '999,499',
      '1.00 million',
      '1.31 million',
      '13.1 million',
      '100 million',
      '1.00 billion',
      '2.00 trillion',
    ])
  })

  it('never rounds a chance to nothing or to certainty', () => {
    expect([0, 0.0004, 0.012, 0.0999, 0.63, 0.996, 0.9999].map(percent)).toEqual([
      '0\u00a0%',
      'less than 0.1\u00a0%',
      '1.2\u00a0%',
      '10\u00a0%',
      '63\u00a0%',
      '99.6\u00a0%',
      'more than 99.9\u00a0%',
    ])
  })

  it('sets what was found beside what was to be expected', () => {
    expect(luckSentence({ found: 3, expected: 2.4, since: 0 })).toBe('Found 3 where 2.4 were to be expected')
    expect(luckSentence({ found: 0, expected: 0.123, since: 0 })).toBe('Found 0 where 0.12 were to be expected')
    expect(luckSentence({ found: 1, expected: 1, since: 0 })).toBe('Found 1 where 1.0 was to be expected')
    expect(luckSentence({ found: 0, expected: 0, since: 0 })).toBe('No tries yet')
    expect([0, 0.003, 99.94, 1234.5].map(expectedCount)).toEqual(['0.00', 'fewer than 0.01', '99.9', '1,235'])
  })

  it('says when the next one is to be expected, and what it takes', () => {
    expect(expectedSentence(null)).toBe('Not searched for now')
    expect(expectedSentence(300)).toBe('About 5 minutes')
    expect(energySentence({ watts: 12.4, basis: '' })).toBe('About 12 W while it mines, or 0.3 kWh in a day without a break')
    expect(energySentence({ watts: 6, basis: '' })).toBe('About 6 W while it mines, or 0.1 kWh in a day without a break')
    expect(energySentence({ watts: 6.25, basis: '' })).toBe('About 6.3 W while it mines, or 0.1 kWh in a day without a break')
  })

  it('makes sentences of words that stand alone', () => {
    expect([asSentence('a guess'), asSentence('A guess. No more.')]).toEqual(['A guess.', 'A guess. No more.'])
  })

  it('counts what came too late', () => {
    expect(staleSentence({ stale: 0, found: 9 })).toBe('None since start')
    expect(staleSentence({ stale: 1, found: 9 })).toBe('1 of 10 finds since start')
    expect(staleShare({ tries: 0, staleTries: 0 })).toBe('A few are normal.')
    expect(staleShare({ tries: 1000, staleTries: 0 })).toBe('None of your tries was made on an old tip.')
    expect(staleShare({ tries: 1000, staleTries: 2 })).toBe('0.2\u00a0% of your tries were made on an old tip, which is little.')
    expect(staleShare({ tries: 1e6, staleTries: 2 })).toBe('Less than 0.1\u00a0% of your tries were made on an old tip, which is little.')
    expect(staleShare({ tries: 10, staleTries: 2 })).toBe('20\u00a0% of your tries were made on an old tip.')
  })
})

describe('kernels', () => {
  it('have names for people, new ones their own', () => {
    expect(kernelWords('native-avx512')).toEqual({ name: 'Native, AVX-512', about: 'sixteen tries at a time' })
    expect(kernelWords('quantum')).toEqual({ name: 'quantum', about: '' })
  })

  it('are missed only where no native one runs', () => {
    const kernel = (name: string) => ({ name, hashRate: null, chosen: false })
    expect(missingKernels([kernel('typescript'), kernel('wasm-simd')])).toContain('Everything works without it')
    expect(missingKernels([kernel('wasm-simd'), kernel('native-sha')])).toBeUndefined()
    expect(missingKernels([])).toBeUndefined()
  })
})

describe('a cheese of ours', () => {
  it('says when it ripens', () => {
    expect(ripeningWords({ state: 'ripening', ripensAt: 1020 }, 1000)).toBe('In 20 cheeses, at #1,020')
    expect(ripeningWords({ state: 'ripening', ripensAt: 11 }, 10)).toBe('In 1 cheese, at #11')
    // The list may be a moment older than the height.
    expect(ripeningWords({ state: 'ripening', ripensAt: 11 }, 12)).toBe('In 1 cheese, at #11')
    expect(ripeningWords({ state: 'ripened', ripensAt: 11 }, 40)).toBe('Spendable since #11')
    expect(ripeningWords({ state: 'orphaned', ripensAt: 11 }, 40)).toBe('Pays nothing')
  })
})
