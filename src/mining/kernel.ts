import { assert } from '../util/result.ts'

/** All searches there are. Which of them run depends on the processor, the runtime, and whether the native addon was built. */
export const KERNEL_NAMES = [
  'typescript',
  'wasm',
  'wasm-simd',
  'native-scalar',
  'native-avx2',
  /** SHA-NI on x86-64, the SHA-2 instructions on ARMv8. */
  'native-sha',
  'native-neon',
  'native-avx512',
] as const

export type KernelName = (typeof KERNEL_NAMES)[number]

/** One way to search nonces. All of them give the same hits; they differ in speed alone. */
export interface Kernel {
  readonly name: KernelName
  /**
   * The first nonce from `start` on, within `count` tries, that gives `header` a smell of at most `target`; undefined
   * when there is none. After 2^64 - 1 comes 0.
   * @param header 116 bytes; its own nonce (the last eight) is not looked at
   * @param count how many nonces to try, 0 to 2^32
   * @param target 32 bytes, big-endian
   */
  search(header: Uint8Array, start: bigint, count: number, target: Uint8Array): bigint | undefined
}

export const HEADER_BYTES = 116
export const TARGET_BYTES = 32
export const TWO_32 = 0x1_0000_0000

export function isKernelName(name: string): name is KernelName {
  return (KERNEL_NAMES as readonly string[]).includes(name)
}

/** Throws when a kernel is called with what it does not take. Each kernel calls it first. */
export function assertSearchable(header: Uint8Array, count: number, target: Uint8Array): void {
  assert(header.length === HEADER_BYTES, `a header has ${HEADER_BYTES} bytes, not ${header.length}`)
  assert(target.length === TARGET_BYTES, `a target has ${TARGET_BYTES} bytes, not ${target.length}`)
  assert(Number.isInteger(count) && count >= 0 && count <= TWO_32, `count is from 0 to 2^32, not ${count}`)
}

/** A part of a range of nonces whose high half does not change. */
export interface Stretch {
  readonly high: number
  readonly low: number
  /** How many, up to the end of the low half at most. */
  readonly tries: number
}

/** The `count` nonces from `start` on as stretches of one high half each: two at most. */
export function* stretches(start: bigint, count: number): Generator<Stretch, void, void> {
  let high = Number(BigInt.asUintN(64, start) >> 32n)
  let low = Number(BigInt.asUintN(32, start))
  for (let left = count; left > 0; ) {
    const tries = Math.min(left, TWO_32 - low)
    yield { high, low, tries }
    left -= tries
    low = 0
    high = (high + 1) % TWO_32
  }
}
