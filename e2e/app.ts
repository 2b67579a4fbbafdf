import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron, type Browser, test as base, chromium, type ElectronApplication, type Page } from '@playwright/test'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Which host the specs of this run drive: the same member and page in each. */
export type Host = 'electron' | 'browser'

export interface OpenOptions {
  readonly nickname?: string
  readonly dataDir?: string
  readonly network?: 'main' | 'test' | 'regtest'
  readonly pace?: number
}

/** One person's Cheese Stack: a page in a window of its own, over a member and a data folder of its own. */
export interface App {
  readonly page: Page
  readonly dataDir: string
  /** The Electron application; undefined in a browser. */
  readonly electron: ElectronApplication | undefined
  /** What the page and its host complained about. */
  readonly complaints: string[]
  close(): Promise<void>
}

function watch(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/.test(message.text())) complaints.push(`console: ${message.text()}`)
  })
}

function memberArguments(dataDir: string, options: OpenOptions): string[] {
  const network = options.network ?? 'regtest'
  return ['--network', network, '--data-dir', dataDir, '--listen', '127.0.0.1:0', ...(network === 'regtest' ? ['--pace', String(options.pace ?? 1)] : [])]
}

async function openElectron(dataDir: string, options: OpenOptions): Promise<Omit<App, 'dataDir'>> {
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const root = process.getuid?.() === 0
  const electron = await _electron.launch({
    ...(dist === undefined ? {} : { executablePath: join(dist, process.platform === 'win32' ? 'electron.exe' : 'electron') }),
    // Chromium refuses to run its sandbox as root; CI is root, people are not.
    args: [...(root ? ['--no-sandbox'] : []), ROOT, ...memberArguments(dataDir, options)],
    cwd: ROOT,
  })
  const complaints: string[] = []
  const page = await electron.firstWindow()
  watch(page, complaints)
  return { page, electron, complaints, close: () => electron.close() }
}

async function readLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let [out, errors] = ['', '']
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text
      if (out.includes('\n')) resolve(out)
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    child.once('exit', (code) => reject(new Error(`the member ended with ${code}: ${errors}`)))
  })
}

async function openBrowser(browser: Browser, dataDir: string, options: OpenOptions): Promise<Omit<App, 'dataDir'>> {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'out/main/cli.js'), 'member', ...memberArguments(dataDir, options), '--api', '127.0.0.1:0', '--ui', '--json'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const ready = JSON.parse(await readLine(child)) as { ui: string }
  const context = await browser.newContext({ viewport: { width: 1180, height: 780 } })
  const page = await context.newPage()
  const complaints: string[] = []
  watch(page, complaints)
  await page.goto(ready.ui)
  return {
    page,
    electron: undefined,
    complaints,
    async close() {
      await context.close()
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

interface Fixtures {
  readonly host: Host
  /** Opens an app; every app of a test is closed after it, and its folder removed. */
  readonly open: (options?: OpenOptions) => Promise<App>
}

export const test = base.extend<Fixtures>({
  host: ['browser', { option: true }],
  open: async ({ host }, use) => {
    const apps: App[] = []
    const folders: string[] = []
    let browser: Browser | undefined
    await use(async (options = {}) => {
      const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'cheese-e2e-')))
      if (options.dataDir === undefined) folders.push(dataDir)
      if (host === 'browser') {
        browser ??= await chromium.launch({
          ...(process.env.CHEESE_CHROMIUM === undefined ? {} : { executablePath: process.env.CHEESE_CHROMIUM }),
          args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-background-networking', '--disable-component-update', '--no-first-run'],
        })
      }
      const opened = host === 'electron' ? await openElectron(dataDir, options) : await openBrowser(browser as Browser, dataDir, options)
      const app = { ...opened, dataDir }
      apps.push(app)
      return app
    })
    for (const app of apps) await app.close().catch(() => undefined)
    await browser?.close()
    for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  },
})

export { expect } from '@playwright/test'
