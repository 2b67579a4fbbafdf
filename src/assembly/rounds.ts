import { add, at, bigSigma0, bigSigma1, choose, majority } from './lanes'
import { ROUND } from './layout'

/** The constant of round `i`. */
// @ts-ignore: decorator
@inline
export function k<T>(i: i32): T {
  return at<T>(ROUND, i)
}

/** T1 of a round (FIPS 180-4, section 6.2.2), with the sum of the round's constant and word. */
// @ts-ignore: decorator
@inline
export function t1<T>(e: T, f: T, g: T, h: T, kw: T): T {
  return add(add(add(h, kw), choose(e, f, g)), bigSigma1(e))
}

/** T2 of a round, from a, b, a ^ b and b ^ c. */
// @ts-ignore: decorator
@inline
export function t2<T>(a: T, b: T, ab: T, bc: T): T {
  return add(majority(b, ab, bc), bigSigma0(a))
}
