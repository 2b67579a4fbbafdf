import { defineConfig } from 'vitest/config'

/** Five kinds of tests; `npx vitest run --project unit src/wallet` runs some of one kind. */
const config = defineConfig({
  test: {
    // The mining kernels in WebAssembly, without which nothing that mines can be imported.
    globalSetup: ['scripts/lib/kernels.mjs'],
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', 'test/tooling/**/*.test.ts'], exclude: ['src/renderer/**/*.dom.test.ts'], testTimeout: 20_000 } },
      { test: { name: 'vectors', include: ['test/vectors/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'property', include: ['test/property/**/*.test.ts', 'test/simulation/**/*.test.ts'], testTimeout: 120_000 } },
      // Whole members as processes of their own, from the build: one file at a time, so that they do not starve each other.
      { test: { name: 'functional', include: ['test/functional/**/*.test.ts'], testTimeout: 240_000, hookTimeout: 120_000, fileParallelism: false } },
      // A real member and everything that a stranger can do to it.
      { test: { name: 'hostile', include: ['test/hostile/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false } },
    ],
  },
})

// vitest takes a default export alone.
export default config
