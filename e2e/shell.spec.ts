import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './app.ts'
import { createWallet } from './steps.ts'

test.skip(({ host }) => host !== 'electron', 'the shell is Electron’s')

test('the page is sandboxed: no node, no navigation away, no windows, no permissions, a strict policy', async ({ open }) => {
  const { page, electron } = await open()
  await expect(page.getByTestId('create-wallet')).toBeVisible()
  const inside = await page.evaluate(() => ({
    require: typeof Reflect.get(globalThis, 'require'),
    process: typeof Reflect.get(globalThis, 'process'),
    ipc: typeof Reflect.get(globalThis, 'electron'),
    protocol: location.protocol,
  }))
  expect(inside).toMatchObject({ require: 'undefined', process: 'undefined', ipc: 'undefined' })
  expect(inside.protocol).not.toBe('file:')

  const preferences = await electron?.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    const { sandbox, contextIsolation, nodeIntegration, webSecurity } = contents.getLastWebPreferences()
    return { sandbox, contextIsolation, nodeIntegration, webSecurity }
  })
  expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false })
  expect(preferences?.webSecurity).not.toBe(false)

  const here = page.url()
  await page.evaluate(() => {
    location.href = 'https://example.invalid/'
  })
  expect(await page.evaluate(() => window.open('https://example.invalid/') === null)).toBe(true)
  // Asked directly: Playwright's locators would wait for the navigation that was refused.
  expect(await page.evaluate(() => [location.href, document.querySelector('[data-testid="create-wallet"]') !== null])).toEqual([here, true])
  expect(await electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  expect(await page.evaluate(async () => (await navigator.permissions.query({ name: 'geolocation' })).state)).toBe('denied')
  const evaluated = await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'globalThis.injected = true'
    document.head.append(script)
    return Reflect.get(globalThis, 'injected')
  })
  expect(evaluated).toBeUndefined()
})

test('a second start with the same data folder shows the first window instead', async ({ open }) => {
  const first = await open()
  await expect(first.page.getByTestId('create-wallet')).toBeVisible()
  const executable = await first.electron?.evaluate(({ app }) => app.getPath('exe'))
  const args = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '.', '--network', 'regtest', '--data-dir', first.dataDir]
  const second = spawn(executable as string, args, { stdio: 'ignore' })
  const [code] = (await once(second, 'exit')) as [number]
  expect(code).toBe(0)
  await expect(first.page.getByTestId('create-wallet')).toBeVisible()
})

test('quitting ends the member cleanly, and the next start has the same wallet', async ({ open }) => {
  const first = await open({ pace: 0 })
  await createWallet(first.page, 'Back')
  await first.close()
  await expect(readFile(join(first.dataDir, 'api.json'))).rejects.toThrow()
  const second = await open({ dataDir: first.dataDir })
  await expect(second.page.getByTestId('balance-spendable').first()).toBeVisible()
  await second.close()
})

test('a data folder of another network is refused in the window, with a way out', async ({ open }) => {
  const first = await open()
  await expect(first.page.getByTestId('create-wallet')).toBeVisible()
  await first.close()
  const wrong = await open({ dataDir: first.dataDir, network: 'test' })
  await expect(wrong.page.getByTestId('start-failure')).toContainText(/regtest/)
  await wrong.close()
})
