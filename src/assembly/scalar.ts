import { first } from './first'
import { TARGET } from './layout'
import { second } from './second'

export { prepare } from './prepare'

/** As in simd.ts, one nonce at a time, for engines without SIMD. */
export function search(low: u32, count: u32): f64 {
  const top = load<u32>(TARGET)
  for (let i: u32 = 0; i < count; i++) {
    first<u32>(low + i)
    if (second<u32>() <= top) return i as f64
  }
  return -1
}
