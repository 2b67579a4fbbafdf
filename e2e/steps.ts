import type { Page } from '@playwright/test'
import { type App, expect } from './app.ts'

export const PASSPHRASE = 'a good long passphrase'

/** Goes to a page by its place in the left rail. */
export async function go(page: Page, name: string): Promise<void> {
  await page.getByTestId(`nav-${name}`).click()
}

/** Makes a new wallet as a person does: reads the words, answers for three of them, chooses passphrase and nickname. */
export async function createWallet(page: Page, nickname: string): Promise<string[]> {
  await page.getByTestId('create-wallet').click()
  const words: string[] = []
  for (let i = 1; i <= 12; i++) words.push((await page.getByTestId(`word-${i}`).innerText()).trim())
  await page.getByTestId('words-written').click()
  for (let i = 1; i <= 3; i++) {
    const input = page.getByTestId(`answer-${i}`)
    const number = Number(await input.getAttribute('data-word-number'))
    await input.fill(words[number - 1] as string)
  }
  await page.getByTestId('answers-next').click()
  await page.getByTestId('passphrase').fill(PASSPHRASE)
  await page.getByTestId('passphrase-again').fill(PASSPHRASE)
  await page.getByTestId('nickname').fill(nickname)
  await page.getByTestId('finish-wallet').click()
  await expect(page.getByTestId('balance-spendable')).toBeVisible({ timeout: 30_000 })
  return words
}

/** Crumbs shown in one of the three parts of the balance. */
export async function crumbs(page: Page, part: 'spendable' | 'ripening' | 'pending'): Promise<bigint> {
  return BigInt((await page.getByTestId(`balance-${part}`).first().getAttribute('data-crumbs')) ?? '-1')
}

/** Starts the miner from the page in sight that has its switch; agrees to mining if that is asked. */
export async function startMining(page: Page): Promise<void> {
  const toggle = page.getByTestId('mine-toggle')
  const agree = page.getByTestId('consent-yes')
  await toggle.click()
  await expect(agree.or(page.locator('[data-testid="mine-toggle"][data-on="true"]'))).toBeVisible()
  if (await agree.isVisible()) await agree.click()
  await expect(toggle).toHaveAttribute('aria-pressed', 'true')
}

/** Stops the miner from the page in sight that has its switch. */
export async function stopMining(page: Page): Promise<void> {
  await page.getByTestId('mine-toggle').click()
  await expect(page.getByTestId('mine-toggle')).toHaveAttribute('aria-pressed', 'false')
}

/** Mines until so many crumbs can be spent, then stops the miner. Starts and ends on the overview. */
export async function mineUntil(page: Page, wanted: bigint): Promise<void> {
  await go(page, 'mine')
  await startMining(page)
  await go(page, 'overview')
  await expect.poll(() => crumbs(page, 'spendable'), { timeout: 90_000 }).toBeGreaterThanOrEqual(wanted)
  await go(page, 'mine')
  await stopMining(page)
  await go(page, 'overview')
}

/** Opens the page for hosting a tracker: from the native menu where there is one, from the rail in a browser. */
export async function goHostTracker(app: App): Promise<void> {
  if (!app.electron) return go(app.page, 'tracker')
  await app.electron.evaluate(({ Menu, BrowserWindow }) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById('host-tracker')
    if (!item) throw new Error('the menu has no item to host a tracker')
    item.click(undefined, BrowserWindow.getAllWindows()[0])
  })
}
