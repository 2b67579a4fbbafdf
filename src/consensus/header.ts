/** The rules that a header keeps or breaks, given the cheeses below it. */
import { bytesToBigInt, equalBytes, toHex } from '../util/bytes.ts'
import { assert } from '../util/result.ts'
import { type RuleError, ruleError } from './errors.ts'
import { smellOf } from './hash.ts'
import { bitsToTarget, requiredBits } from './target.ts'
import type { Header, Params } from './types.ts'

export const HEADER_VERSION = 1
/** How many of the latest ancestors the median time is taken from. */
export const MEDIAN_SPAN = 11

/** What a header is checked against. */
export interface HeaderContext {
  /** Height that the header would have: its parent's plus one. */
  readonly height: number
  readonly parentSmell: Uint8Array
  readonly parent: { readonly time: number; readonly bits: number }
  /** The parent's parent; must be given where there is one. */
  readonly grandparent?: { readonly time: number; readonly bits: number }
  /** Times of the min(11, height) latest ancestors, the parent among them, in any order. */
  readonly ancestorTimes: readonly number[]
  /**
   * Our clock, Unix seconds; left out, the future is not looked at. A caller that holds headers back until their time
   * comes checks them without it first: a future time is found before missing work is.
   */
  readonly now?: number
}

/** Element ⌊n/2⌋ of n times sorted upwards. At least one must be given. */
export function medianTime(times: readonly number[]): number {
  const median = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]
  assert(median !== undefined, 'the median of no times')
  return median
}

/** Whether a smell, as a big-endian number, is at most the target. */
export function meetsTarget(smell: Uint8Array, target: bigint): boolean {
  return bytesToBigInt(smell) <= target
}

/** The first rule that a header breaks, in this order: version, parent, time (too old, then future), bits, proof of work. */
export function checkHeader(header: Header, context: HeaderContext, params: Params): RuleError | undefined {
  if (header.version !== HEADER_VERSION) return ruleError('header-version', `a header has version ${HEADER_VERSION}, not ${header.version}`)
  if (!equalBytes(header.parent, context.parentSmell)) {
    return ruleError('header-parent', `the parent is ${toHex(header.parent)}, and the cheese below is ${toHex(context.parentSmell)}`)
  }
  const { ancestorTimes } = context
  assert(ancestorTimes.length === Math.min(MEDIAN_SPAN, context.height), 'the times of the min(11, height) latest ancestors')
  const median = medianTime(ancestorTimes)
  if (header.time <= median) return ruleError('header-time-old', `the time ${header.time} is not above ${median}, the median of the ancestors'`)
  const { maxFutureSeconds } = params
  if (context.now !== undefined && maxFutureSeconds !== null && header.time > context.now + maxFutureSeconds) {
    return ruleError('header-time-future', `the time ${header.time} is more than ${maxFutureSeconds} s ahead of our clock, ${context.now}`)
  }
  const wanted = requiredBits(context, params)
  if (header.bits !== wanted) {
    return ruleError('header-bits', `the bits are 0x${header.bits.toString(16)}, and 0x${wanted.toString(16)} are required`)
  }
  const target = bitsToTarget(wanted)
  assert(target !== undefined, 'required bits are canonical')
  const smell = smellOf(header)
  if (!meetsTarget(smell, target)) return ruleError('header-work', `the smell ${toHex(smell)} is above the target`)
  return undefined
}
