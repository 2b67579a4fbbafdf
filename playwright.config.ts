import { defineConfig } from '@playwright/test'
import type { Host } from './e2e/app.ts'

/**
 * The same specs twice: in real Electron windows and in Chromium against `cheese member --ui`.
 * `CHEESE_E2E` = `electron`, `browser` or both (when left out); scripts/test.mjs sets it to what the machine has.
 */
const HOSTS: readonly Host[] = ['electron', 'browser']
const wanted = process.env.CHEESE_E2E?.split(',') ?? HOSTS

const config = defineConfig<{ host: Host }>({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results/e2e',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 1,
  fullyParallel: false,
  reporter: [['list']],
  use: { trace: 'retain-on-failure' },
  projects: HOSTS.filter((host) => wanted.includes(host)).map((host) => ({ name: host, use: { host } })),
})

// Playwright takes a default export alone.
export default config
