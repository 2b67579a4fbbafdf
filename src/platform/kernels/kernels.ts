import type { Kernel, KernelName } from '../../mining/kernel.ts'
import { typescriptKernel } from '../../mining/search.ts'
import { nativeKernels } from './native.ts'
import { wasmKernels } from './wasm.ts'

/** The kernels that this thread can run, and what stood in the way of others. */
export interface KernelsHere {
  /** Presumably slowest first; the one in TypeScript always. */
  readonly kernels: readonly Kernel[]
  readonly problems: readonly string[]
}

let loaded: { readonly nativeAddon: string | undefined; readonly here: KernelsHere } | undefined

/** The kernels that run here, made once a thread. Never throws: what cannot be loaded is left out and told in `problems`. */
export function kernelsHere(nativeAddon: string | undefined): KernelsHere {
  if (loaded?.nativeAddon !== nativeAddon || !loaded) loaded = { nativeAddon, here: load(nativeAddon) }
  return loaded.here
}

function load(nativeAddon: string | undefined): KernelsHere {
  const kernels: Kernel[] = [typescriptKernel]
  const problems: string[] = []
  try {
    kernels.push(...wasmKernels())
  } catch (error) {
    problems.push(`the kernels in WebAssembly cannot be loaded: ${String(error)}`)
  }
  if (nativeAddon !== undefined) {
    const native = nativeKernels(nativeAddon)
    kernels.push(...native.kernels)
    if (native.problem !== undefined) problems.push(native.problem)
  }
  return { kernels, problems }
}

/** The kernel of that name, or the fastest that is not native: whatever stood in its way may concern others of the addon. */
export function findKernel(name: KernelName, nativeAddon: string | undefined): Kernel {
  const { kernels } = kernelsHere(nativeAddon)
  return kernels.find((kernel) => kernel.name === name) ?? kernels.findLast((kernel) => !kernel.name.startsWith('native-')) ?? typescriptKernel
}
