/** New cheese: 50 a cheese, halved every 2,102,400 heights (four years at 60 s). */
import type { Params } from './types.ts'

const FIRST_SUBSIDY = 5_000_000_000n
const HALVING_HEIGHTS = 2_102_400

/** Crumbs that a cheese at `height` brings into being, its fees not counted. */
export function subsidyAt(height: number): bigint {
  return FIRST_SUBSIDY >> BigInt(Math.floor(height / HALVING_HEIGHTS))
}

/**
 * The height whose reward is credited when the cheese at `height` is connected, or undefined when none is: too early, or
 * the blue cheese's, which never is.
 */
export function ripeningHeight(height: number, params: Pick<Params, 'ripening'>): number | undefined {
  const ripe = height - params.ripening
  return ripe >= 1 ? ripe : undefined
}
