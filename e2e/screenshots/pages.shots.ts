import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { expect, test } from '../app.ts'
import { createWallet, go, mineUntil, PASSPHRASE, startMining, stopMining } from '../steps.ts'

const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))
const THEMES = ['light', 'dark'] as const

/** The page as it is, in both themes. */
async function shoot(page: Page, name: string): Promise<void> {
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
    await page.evaluate(() => document.fonts.ready.then(() => undefined))
    await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}.png`), animations: 'disabled' })
  }
}

/** The page from top to bottom, in a window of that width. */
async function shootWhole(page: Page, name: string, width: number): Promise<void> {
  const before = page.viewportSize() ?? { width: 1180, height: 780 }
  await page.setViewportSize({ width, height: before.height })
  const height = await page.locator('main').evaluate((main) => main.scrollHeight)
  await page.setViewportSize({ width, height: Math.max(height, before.height) })
  await shoot(page, name)
  await page.setViewportSize(before)
}

async function send(page: Page, fill: () => Promise<void>, amount: string, memo: string): Promise<void> {
  await go(page, 'send')
  await fill()
  await page.getByTestId('send-amount').fill(amount)
  await page.getByTestId('send-memo').fill(memo)
  await page.getByTestId('send-review').click()
  await page.getByTestId('send-passphrase').fill(PASSPHRASE)
}

test('every page, from a real run of three members', async ({ open }) => {
  await mkdir(FOLDER, { recursive: true })
  const alice = await open({ pace: 1 })
  const { page } = alice
  await expect(page.getByTestId('create-wallet')).toBeVisible()
  await shoot(page, 'welcome')
  await page.getByTestId('create-wallet').click()
  await expect(page.getByTestId('word-12')).toBeVisible()
  await shoot(page, 'words')
  await page.reload()
  await createWallet(page, 'Alice')
  await expect(page.getByTestId('alone')).toBeVisible()
  await shoot(page, 'alone')

  await go(page, 'tracker')
  await page.getByTestId('tracker-host-port').fill('0')
  await page.getByTestId('tracker-host-local').check()
  await page.getByTestId('tracker-host-start').click()
  const url = (await page.getByTestId('tracker-url').first().innerText()).trim()
  for (const nickname of ['Bob', 'Camille']) {
    const friend = await open({ pace: 1 })
    await createWallet(friend.page, nickname)
    await go(friend.page, 'tracker')
    await friend.page.getByTestId('tracker-join-url').fill(url)
    await friend.page.getByTestId('tracker-join').click()
    await expect(page.getByTestId('tracker-registered')).toContainText(nickname, { timeout: 60_000 })
    if (nickname === 'Camille') await mineUntil(friend.page, 5_000_000_000n)
  }
  await expect(page.getByTestId('tracker-self-test')).toHaveAttribute('data-state', 'reachable', { timeout: 120_000 })
  await shootWhole(page, 'tracker', 1180)
  await shootWhole(page, 'tracker-900', 900)

  await go(page, 'mine')
  await page.getByTestId('mine-toggle').click()
  await expect(page.getByTestId('consent-text')).toBeVisible()
  await shoot(page, 'mine-consent')
  await page.getByTestId('consent-no').click()
  await go(page, 'overview')
  await mineUntil(page, 20_000_000_000n)
  await send(page, () => page.getByTestId('member-option-Bob').click(), '12.5', 'for the Gruyère')
  await shoot(page, 'review')
  await page.getByTestId('send-confirm').click()
  await expect(page.getByTestId('journey-state')).toContainText(/wait/i, { timeout: 30_000 })
  await expect(page.getByTestId('seen-by')).toContainText('Seen by 2 of 2 members', { timeout: 30_000 })
  await page.getByTestId('seen-by').locator('summary').click()
  await shoot(page, 'journey')
  await send(page, () => page.getByTestId('member-option-Camille').click(), '3.2', 'two wheels of Comté')
  await page.getByTestId('send-confirm').click()
  await expect(page.getByTestId('journey-state')).toContainText(/wait/i, { timeout: 30_000 })

  await go(page, 'mine')
  await startMining(page)
  await expect(page.getByTestId('hash-rate')).not.toHaveText(/^0 /)
  await expect.poll(async () => Number(await page.getByTestId('height').first().getAttribute('data-height')), { timeout: 60_000 }).toBeGreaterThan(9)
  // A line of some points, where the mining for the payments above left one and a gap.
  await expect.poll(async () => Number(await page.getByTestId('hash-chart').getAttribute('data-points')), { timeout: 90_000 }).toBeGreaterThan(4)
  await shoot(page, 'mine')
  await shootWhole(page, 'mine-whole', 1180)
  await shootWhole(page, 'mine-900', 900)
  await go(page, 'overview')
  await shoot(page, 'overview')
  await go(page, 'mine')
  await stopMining(page)
  await go(page, 'members')
  await expect(page.getByTestId('peer-row')).toHaveCount(2, { timeout: 60_000 })
  await page.getByTestId('network-settings').locator('summary').click()
  await shootWhole(page, 'members', 1180)
  await shootWhole(page, 'members-900', 900)
  await page.getByTestId('peer-more-Bob').click()
  await shoot(page, 'peer')
  await page.getByTestId('peer-ban').click()
  await shoot(page, 'ban')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  for (const name of ['send', 'receive', 'history', 'contacts', 'stack', 'settings']) {
    await go(page, name)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await shoot(page, name)
  }
  await go(page, 'stack')
  await page.getByTestId('stack-row').nth(1).getByRole('link').first().click()
  await expect(page.getByTestId('shown-smell')).toBeVisible()
  await shoot(page, 'cheese')
})
