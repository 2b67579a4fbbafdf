import { assertSearchable, isKernelName, type Kernel } from '../../mining/kernel.ts'
import { loadNative, type NativeAddon } from '../native-addon.ts'

type MiningPart = Pick<NativeAddon, 'kernels' | 'search'>

/** Whether what was loaded is the addon that it is taken for. */
function hasKernels(loaded: unknown): loaded is MiningPart {
  if (typeof loaded !== 'object' || loaded === null) return false
  const { kernels, search } = loaded as Partial<Record<keyof MiningPart, unknown>>
  return typeof search === 'function' && Array.isArray(kernels) && kernels.every((name) => typeof name === 'string')
}

/**
 * The native kernels that this processor runs, slowest first. Never throws: an addon that is missing, built for another system or
 * not ours gives none, and why.
 * @param path of the addon's file
 */
export function nativeKernels(path: string): { readonly kernels: readonly Kernel[]; readonly problem: string | undefined } {
  try {
    const addon: unknown = loadNative(path)
    if (!hasKernels(addon)) return { kernels: [], problem: `${path} is not the native addon of Cheese Stack` }
    const kernels = addon.kernels.filter(isKernelName).map(
      (name): Kernel => ({
        name,
        search(header, start, count, target) {
          assertSearchable(header, count, target)
          return addon.search(name, header, BigInt.asUintN(64, start), count, target)
        },
      }),
    )
    return { kernels, problem: undefined }
  } catch (error) {
    return { kernels: [], problem: `the native addon cannot be loaded: ${error instanceof Error ? error.message : String(error)}` }
  }
}
