import type { MiningStatus, OwnCheese } from '../../api/schemas.ts'
import { count, counted, duration, hashRate } from './format.ts'
import type { Lamp } from './sentences.ts'

/** What the miner's numbers mean, in words. */

/** Keeps a number and its unit on one line. */
const NBSP = '\u00a0'

/** With a capital, at the start of a line. */
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** With a capital and a full stop, for words of the member's that stand alone. */
export const asSentence = (text: string) => `${capital(text)}${/[.!?]$/.test(text) ? '' : '.'}`

type Resting = NonNullable<MiningStatus['resting']>

const RESTING: Readonly<Record<Resting, { readonly head: string; readonly lamp: string; readonly about: string }>> = {
  battery: {
    head: 'Resting: on battery',
    lamp: 'Resting: battery',
    about: 'The search goes on by itself when the computer is plugged in, or as soon as you allow mining on battery.',
  },
  'in-use': {
    head: 'Resting: you are using the computer',
    lamp: 'Resting: in use',
    about: 'You asked to mine only while nobody works here. The search goes on by itself when you are away.',
  },
  window: {
    head: 'Resting: this window needs the processor',
    lamp: 'Resting: window',
    about: 'The window answered slowly, so the search stepped aside. It goes on by itself in a moment.',
  },
  sync: {
    head: 'Waiting until in sync',
    lamp: 'Waiting for sync',
    about: 'A cheese found on an old tip would be worth nothing. The search begins by itself when your stack has caught up.',
  },
  'no-wallet': {
    head: 'Waiting for a wallet',
    lamp: 'No wallet',
    about: 'A found cheese is paid to your wallet: make one, and the search begins by itself.',
  },
  starting: { head: 'Starting', lamp: 'Starting', about: 'The search begins in a moment.' },
}

/** `13.1 million`: a large number as it is said aloud, with three digits that count. */
export function large(value: number): string {
  const names = ['', 'million', 'billion', 'trillion']
  let rest = value / 1e6
  let name = 1
  if (rest < 0.9995) return count(Math.round(value))
  while (rest >= 999.5 && name < names.length - 1) {
    rest /= 1000
    name++
  }
  return `${rest.toFixed(rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2)} ${names[name]}`
}

/** What the miner does now, in one sentence; `live` is the part of it that changes every second, or empty. */
export function miningHead(mining: MiningStatus): { readonly state: string; readonly live: string; readonly about: string } {
  if (mining.address === null) return { state: 'No wallet to mine to', live: '', about: RESTING['no-wallet'].about }
  if (!mining.on) {
    const about = mining.consented
      ? 'Nothing is searched. Whatever you found ripens all the same.'
      : 'Nothing is searched, and nothing will be before you have agreed to it.'
    return { state: 'Off', live: '', about }
  }
  if (mining.resting !== null) return { state: RESTING[mining.resting].head, live: '', about: RESTING[mining.resting].about }
  const state = `Mining on ${counted(mining.threads, 'thread')}${mining.intensity < 100 ? `, ${mining.intensity}${NBSP}% of the time` : ''}`
  const rate = mining.hashRate > 0 ? `${large(mining.hashRate)} ${mining.hashRate === 1 ? 'try' : 'tries'} a second` : 'counting the first tries'
  return { state, live: rate, about: 'Each try is as likely to find the next cheese as any other. Stop whenever you like: nothing is lost.' }
}

/** The head's sentence as a whole. */
export function miningSentence(mining: MiningStatus): string {
  const { state, live } = miningHead(mining)
  return live === '' ? state : `${state}: ${live}`
}

/** The mining lamp. */
export function miningLamp(mining: MiningStatus): Lamp {
  if (!mining.on) return { colour: 'off', text: 'Off' }
  if (mining.resting === 'starting') return { colour: 'busy', text: 'Starting' }
  if (mining.resting !== null) return { colour: 'warn', text: RESTING[mining.resting].lamp }
  return { colour: 'good', text: hashRate(mining.hashRate) }
}

/** A probability from 0 to 1 as percent, never rounded to certainty or to nothing. */
export function percent(chance: number): string {
  if (chance <= 0) return `0${NBSP}%`
  if (chance < 0.001) return `less than 0.1${NBSP}%`
  if (chance > 0.999) return `more than 99.9${NBSP}%`
  return `${(chance * 100).toFixed(chance < 0.0995 || chance >= 0.995 ? 1 : 0)}${NBSP}%`
}

/** How many cheeses were to be expected: few with decimals, many without. */
export function expectedCount(expected: number): string {
  if (expected > 0 && expected < 0.01) return 'fewer than 0.01'
  return expected < 100 ? expected.toFixed(expected < 1 ? 2 : 1) : count(Math.round(expected))
}

/** Luck so far: what was found beside what was to be expected. */
export function luckSentence({ found, expected }: MiningStatus['luck']): string {
  if (expected <= 0 && found === 0) return 'No tries yet'
  return `Found ${count(found)} where ${expectedCount(expected)} ${expected <= 1 && expected >= 0.995 ? 'was' : 'were'} to be expected`
}

/** Finds of this run that were for nothing. */
export function staleSentence({ stale, found }: Pick<MiningStatus, 'stale' | 'found'>): string {
  return stale === 0 ? 'None since start' : `${count(stale)} of ${counted(stale + found, 'find')} since start`
}

/** How much of the search of this run went into a tip that was the tip no longer. */
export function staleShare({ tries, staleTries }: Pick<MiningStatus, 'tries' | 'staleTries'>): string {
  if (tries === 0) return 'A few are normal.'
  if (staleTries === 0) return 'None of your tries was made on an old tip.'
  return `${capital(percent(staleTries / tries))} of your tries were made on an old tip${staleTries / tries < 0.01 ? ', which is little' : ''}.`
}

/** The time to the next cheese, in short. */
export function expectedSentence(seconds: number | null): string {
  return seconds === null ? 'Not searched for now' : `About ${duration(seconds)}`
}

/** A hint at the power, with what it comes to in a day. */
export function energySentence({ watts }: NonNullable<MiningStatus['energy']>): string {
  const daily = (watts * 24) / 1000
  return `About ${watts < 10 ? Math.round(10 * watts) / 10 : Math.round(watts)} W while it mines, or ${daily.toFixed(daily < 10 ? 1 : 0)} kWh in a day without a break`
}

const KERNELS: Readonly<Record<string, readonly [name: string, about: string]>> = {
  typescript: ['TypeScript', 'runs everywhere, slowly'],
  wasm: ['WebAssembly', 'one try at a time'],
  'wasm-simd': ['WebAssembly SIMD', 'four tries at a time'],
  'native-scalar': ['Native', 'plain C, one try at a time'],
  'native-sha': ['Native, SHA', 'the processor’s own SHA-256'],
  'native-neon': ['Native, NEON', 'four tries at a time'],
  'native-avx2': ['Native, AVX2', 'eight tries at a time'],
  'native-avx512': ['Native, AVX-512', 'sixteen tries at a time'],
}

/** A kernel's name for people, and how it works in a few words. */
export function kernelWords(kernel: string): { readonly name: string; readonly about: string } {
  const [name, about] = KERNELS[kernel] ?? [kernel, '']
  return { name, about }
}

/** Says which kind of kernels there are where the fastest kind is missing; undefined where nothing is. */
export function missingKernels(kernels: MiningStatus['kernels']): string | undefined {
  if (kernels.length === 0 || kernels.some(({ name }) => name.startsWith('native-'))) return undefined
  return 'The native kernel is not part of this copy of Cheese Stack. Everything works without it; the search is slower than this processor could be.'
}

/** When a cheese of ours ripens, or what became of it; `height` is that of the stack. */
export function ripeningWords({ state, ripensAt }: Pick<OwnCheese, 'state' | 'ripensAt'>, height: number): string {
  if (state === 'orphaned') return 'Pays nothing'
  if (state === 'ripened') return `Spendable since #${count(ripensAt)}`
  return `In ${counted(Math.max(1, ripensAt - height), 'cheese', 'cheeses')}, at #${count(ripensAt)}`
}
