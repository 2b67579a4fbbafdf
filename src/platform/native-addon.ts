import { createRequire } from 'node:module'

/** The optional native addon (src/native/addon.c), built by `npm run build` where there is a compiler. */
export interface NativeAddon {
  /** Kernels that this processor runs, slowest first. */
  readonly kernels: readonly string[]
  /** What mining/search.ts promises, by the kernel of that name. Throws a TypeError or RangeError on arguments that do not fit. */
  readonly search: (kernel: string, header: Uint8Array, start: bigint, count: number, target: Uint8Array) => bigint | undefined
  /** What verifies signatures, as `libsecp256k1 0.2.0`; null when the addon was built without. */
  readonly verifier: string | null
  /** One byte a job of 128 bytes (tiny-verify.ts): 1 = good. Throws without a verifier, and on bytes that are not whole jobs. */
  readonly verifyPacked: (packed: Uint8Array) => Uint8Array<ArrayBuffer>
}

/**
 * Loads the addon; threads may load it side by side. Whoever uses it checks its answers first. Throws where the system
 * cannot load it.
 * @param path `layoutFrom().nativeAddon`
 */
export function loadNative(path: string): NativeAddon {
  return createRequire(import.meta.url)(path) as NativeAddon
}
