import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'
import { say } from './root.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

function inPath() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const name = NAMES.find((one) => existsSync(join(folder, one)))
    if (name) return join(folder, name)
  }
  return undefined
}

function aptInstall() {
  if (process.platform !== 'linux' || process.getuid() !== 0) return undefined
  say('Installing chromium (apt-get) …')
  const apt = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0
  return apt('update') && apt('install', '-y', '--no-install-recommends', 'chromium') ? inPath() : undefined
}

/**
 * A Chromium to drive: the machine's, else Playwright's own, else one from the system's packages.
 * @returns {{ path: string } | { reason: string }}
 */
export function findChromium() {
  const own = chromium.executablePath()
  const path = process.env.CHEESE_CHROMIUM ?? inPath() ?? (existsSync(own) ? own : undefined) ?? aptInstall()
  return path ? { path } : { reason: 'no Chromium was found: install chromium, or run npx playwright install chromium' }
}
