import { defineConfig } from '@playwright/test'
import type { Host } from '../app.ts'

/** The scripted run behind docs/screenshots: `npm run screenshots`. No test of `npm test`. */
const config = defineConfig<{ host: Host }>({
  testDir: '.',
  testMatch: '*.shots.ts',
  outputDir: '../../test-results/screenshots',
  timeout: 300_000,
  expect: { timeout: 30_000 },
  workers: 1,
  reporter: [['list']],
  projects: [{ name: 'browser', use: { host: 'browser' } }],
})

// Playwright takes a default export alone.
export default config
