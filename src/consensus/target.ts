/** Targets: compact bits, work, and aserti3-2d, which sets them. */
import { assert } from '../util/result.ts'
import type { Params } from './types.ts'

const SPACING_SECONDS = 60n
const HALF_LIFE_SECONDS = 3_600n
/** Below this height there is no parent above the blue cheese whose own parent would give a time difference. */
const FIRST_RETARGET_HEIGHT = 3

/**
 * The target that compact `bits` stand for (Bitcoin's nBits: one byte of length, three of mantissa with a sign bit),
 * or undefined where they are negative, zero, above 256 bits or not the one canonical form.
 */
export function bitsToTarget(bits: number): bigint | undefined {
  const size = bits >>> 24
  const mantissa = BigInt(bits & 0x7fffff)
  if ((bits & 0x800000) !== 0 || mantissa === 0n) return undefined
  const target = size <= 3 ? mantissa >> BigInt(8 * (3 - size)) : mantissa << BigInt(8 * (size - 3))
  if (target === 0n || target >> 256n !== 0n) return undefined
  return targetToBits(target) === bits >>> 0 ? target : undefined
}

/** The compact bits of a target from 1 to 2^256 − 1; what does not fit three bytes of mantissa is cut off. */
export function targetToBits(target: bigint): number {
  assert(target > 0n && target >> 256n === 0n, 'a target is positive and has at most 256 bits')
  let size = Math.ceil(target.toString(16).length / 2)
  let mantissa = size <= 3 ? Number(target) << (8 * (3 - size)) : Number(target >> BigInt(8 * (size - 3)))
  if ((mantissa & 0x800000) !== 0) {
    mantissa >>= 8
    size++
  }
  return ((size << 24) | mantissa) >>> 0
}

/** Tries that a cheese with these bits takes on average: 2^256 ÷ (target + 1), whole. Bits that mean no target are no work. */
export function workOf(bits: number): bigint {
  const target = bitsToTarget(bits)
  return target === undefined ? 0n : (1n << 256n) / (target + 1n)
}

export interface AsertInput {
  /** Target of the anchor. */
  readonly anchorTarget: bigint
  /** Seconds from the anchor's parent to the cheese below the one that is asked for. */
  readonly timeDifference: bigint
  /** Heights from the anchor to the cheese below the one that is asked for. */
  readonly heightDifference: bigint
  /** Wanted seconds between cheeses. */
  readonly spacing: bigint
  /** Seconds behind schedule after which the target has doubled. */
  readonly halfLife: bigint
  /** Never a greater target than this. */
  readonly easiestTarget: bigint
}

/**
 * aserti3-2d, Bitcoin Cash's (specification: CHIP 2020-11-15, reference.cash "asert"), in its integer arithmetic: the
 * target before it is rounded to bits.
 */
export function aserti3(input: AsertInput): bigint {
  // BigInt division truncates toward zero and >> floors, which is what the specification says of each.
  const exponent = ((input.timeDifference - input.spacing * (input.heightDifference + 1n)) * 65_536n) / input.halfLife
  const shift = exponent >> 16n
  const fraction = exponent - (shift << 16n)
  // 2^fraction by a cubic, fixed point with 16 bits; good to 0.013 %
  const factor = 65_536n + ((195_766_423_245_049n * fraction + 971_821_376n * fraction ** 2n + 5_127n * fraction ** 3n + (1n << 47n)) >> 48n)
  // A target has at most 256 bits, so a shift further than this is past either end anyway (and a huge one would take all memory).
  const bounded = shift > 512n ? 512n : shift < -512n ? -512n : shift
  const scaled = input.anchorTarget * factor
  const target = (bounded < 0n ? scaled >> -bounded : scaled << bounded) >> 16n
  if (target === 0n) return 1n
  return target > input.easiestTarget ? input.easiestTarget : target
}

/** What the bits of a cheese depend on: its height and the two cheeses below it. */
export interface TargetContext {
  readonly height: number
  readonly parent?: { readonly time: number; readonly bits: number }
  readonly grandparent?: { readonly time: number }
}

/** The bits that the cheese at `height` must have. From height 3 on, parent and grandparent must be given. */
export function requiredBits(context: TargetContext, params: Pick<Params, 'easiestBits' | 'easiestTarget' | 'retargets'>): number {
  if (!params.retargets || context.height < FIRST_RETARGET_HEIGHT) return params.easiestBits
  const { parent, grandparent } = context
  assert(parent && grandparent, `the target at height ${context.height} needs the two cheeses below`)
  const anchorTarget = bitsToTarget(parent.bits)
  assert(anchorTarget !== undefined, 'the parent was checked, so its bits are canonical')
  const target = aserti3({
    anchorTarget,
    timeDifference: BigInt(parent.time - grandparent.time),
    heightDifference: 0n,
    spacing: SPACING_SECONDS,
    halfLife: HALF_LIFE_SECONDS,
    easiestTarget: params.easiestTarget,
  })
  return targetToBits(target)
}
