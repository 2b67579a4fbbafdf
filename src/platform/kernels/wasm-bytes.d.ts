/** The types of wasm-bytes.ts, which scripts/lib/kernels.mjs makes from src/assembly: the modules in base64. */
export const scalar: string
export const simd: string
