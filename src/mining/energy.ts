import type { KernelName } from './kernel.ts'

export interface EnergyHint {
  readonly watts: number
  /** What the number rests on, for people. */
  readonly basis: string
}

/**
 * What one busy core of a desktop processor of recent years typically draws with each kernel, watts. Wider instructions draw more; small
 * cores, older processors and laptops differ much. These are round numbers for a hint, not measurements of this machine.
 */
const WATTS: Readonly<Record<KernelName, number>> = {
  typescript: 6,
  wasm: 6,
  'wasm-simd': 7,
  'native-scalar': 6,
  'native-sha': 6,
  'native-neon': 4,
  'native-avx2': 8,
  'native-avx512': 10,
}

/** What mining roughly takes, over what the machine takes without it. */
export function energyHint(kernel: KernelName, threads: number, intensity: number): EnergyHint {
  const each = WATTS[kernel]
  const share = intensity < 100 ? `, working ${intensity} % of the time` : ''
  return {
    watts: Math.round((10 * each * threads * intensity) / 100) / 10,
    basis: `a rough estimate: about ${each} W for a core that runs ${kernel}, ${threads} of them${share}. Nothing was measured; your machine may take half or twice as much.`,
  }
}
