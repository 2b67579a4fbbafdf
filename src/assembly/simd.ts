import { first } from './first'
import { TARGET } from './layout'
import { second } from './second'

export { prepare } from './prepare'

/**
 * How many nonces from `low` on come before the first four of which one may meet the target; -1 = there are none among `count`.
 * Only the first word of the smell is looked at: whoever calls looks at the four more closely.
 * @param count below 2^32 - 4
 */
export function search(low: u32, count: u32): f64 {
  const top = i32x4.splat(load<u32>(TARGET))
  const four = i32x4.splat(4)
  let nonces = i32x4.add(i32x4.splat(low), i32x4(0, 1, 2, 3))
  for (let i: u32 = 0; i < count; i += 4) {
    first<v128>(nonces)
    if (v128.any_true(i32x4.le_u(second<v128>(), top))) return i as f64
    nonces = i32x4.add(nonces, four)
  }
  return -1
}
