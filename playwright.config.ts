import { defineConfig } from '@playwright/test'

/**
 * The same specs twice: in real Electron windows and in Chromium against `cheese member --ui`.
 * `CHEESE_E2E` = `electron`, `browser` or both (when left out); scripts/test.mjs sets it to what the machine has.
 */
const wanted = process.env.CHEESE_E2E?.split(',') ?? ['electron', 'browser']

const config = defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results/e2e',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 1,
  fullyParallel: false,
  reporter: [['list']],
  use: { trace: 'retain-on-failure' },
  projects: ['electron', 'browser'].filter((name) => wanted.includes(name)).map((name) => ({ name, metadata: { host: name } })),
})

// Playwright takes a default export alone.
export default config
