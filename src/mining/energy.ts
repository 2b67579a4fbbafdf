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

export interface EnergyFacts {
  readonly kernel: KernelName
  readonly threads: number
  /** Percent. */
  readonly intensity: number
  /** What the processor says that it draws as a whole while it mines, watts. */
  readonly measured?: number | undefined
}

/** What mining roughly takes. */
export function energyHint({ kernel, threads, intensity, measured }: EnergyFacts): EnergyHint {
  if (measured !== undefined) {
    return { watts: tenths(measured), basis: "what the processor's own meter says that it draws as a whole, everything else that runs included" }
  }
  const each = WATTS[kernel]
  const share = intensity < 100 ? `, working ${intensity} % of the time` : ''
  return {
    watts: tenths((each * threads * intensity) / 100),
    basis: `a rough estimate: about ${each} W for a core that runs ${kernel}, ${threads} of them${share}. Nothing was measured; your machine may take half or twice as much.`,
  }
}

function tenths(watts: number): number {
  return Math.round(10 * watts) / 10
}
