import { assertSearchable, HEADER_BYTES, type Kernel, stretches } from '../../mining/kernel.ts'
import { searchNonces } from '../../mining/search.ts'
import { scalar, simd } from './wasm-bytes.ts'

/** As much of the engine's API as is used here; its types come with those of browsers alone. */
const { WebAssembly: engine } = globalThis as unknown as {
  readonly WebAssembly: {
    validate(bytes: Uint8Array): boolean
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object) => { readonly exports: unknown }
  }
}

/** What the modules of src/assembly export. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  prepare(high: number): void
  search(low: number, count: number): number
}

/** Where things lie in a module's memory: src/assembly/layout.ts. */
const HEADER = 0
const TARGET = 128
/** Nonces that a module searches in one call: their number fits into 32 bits, with room for a last four. */
const MOST = 2 ** 31

/** The smallest module with an instruction of SIMD: a function that returns the low lane of a vector of zeros. */
const SIMD_PROBE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 11, 1, 9, 0, 65, 0, 253, 15, 253, 27, 0, 11)

/** Whether this engine runs WebAssembly's 128-bit SIMD. */
export function hasSimd(): boolean {
  return engine.validate(SIMD_PROBE)
}

/**
 * A kernel from one of the modules. They look at the first word of a smell alone; the nonces that pass are tried again here, so that
 * a hit is one by all its words.
 */
function wasmKernel(name: 'wasm' | 'wasm-simd', base64: string, lanes: number): Kernel {
  const instance = new engine.Instance(new engine.Module(Buffer.from(base64, 'base64')))
  const wasm = instance.exports as Exports
  const bytes = new Uint8Array(wasm.memory.buffer)
  const view = new DataView(wasm.memory.buffer)
  return {
    name,
    search(header, start, count, target) {
      assertSearchable(header, count, target)
      bytes.set(header.subarray(0, HEADER_BYTES), HEADER)
      view.setUint32(TARGET, new DataView(target.buffer, target.byteOffset, target.length).getUint32(0), true)
      for (const { high, low, tries } of stretches(start, count)) {
        wasm.prepare(high)
        for (let at = 0; at < tries; ) {
          const most = Math.min(MOST, tries - at)
          const before = wasm.search(low + at, most)
          if (before < 0) {
            at += most
            continue
          }
          at += before
          const hit = searchNonces(header, (BigInt(high) << 32n) + BigInt(low + at), Math.min(lanes, tries - at), target)
          if (hit !== undefined) return hit
          at += lanes
        }
      }
      return undefined
    },
  }
}

/** The kernels in WebAssembly, slowest first: the one with SIMD where the engine has it. */
export function wasmKernels(): Kernel[] {
  return [wasmKernel('wasm', scalar, 1), ...(hasSimd() ? [wasmKernel('wasm-simd', simd, 4)] : [])]
}
