import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { type App, expect, test } from './app.ts'
import { axeFindings, paint } from './axe.ts'
import { createWallet, go } from './steps.ts'

const THEMES = ['light', 'dark'] as const
/** Pictures of the page are left here when it is set. */
const SHOTS = process.env.CHEESE_MEMBERS_SHOTS

async function look(page: Page, name: string): Promise<void> {
  for (const scheme of THEMES) {
    await paint(page, scheme)
    expect(await axeFindings(page, `${name} ${scheme}`)).toEqual([])
    if (SHOTS === undefined) continue
    const before = page.viewportSize() ?? { width: 1180, height: 780 }
    for (const width of [1180, 900]) {
      await page.setViewportSize({ width, height: 1500 })
      await page.screenshot({ path: join(SHOTS, `${name}-${scheme}-${width}.png`), animations: 'disabled' })
    }
    await page.setViewportSize(before)
  }
}

/** `HOST:PORT` at which this member listens, as its members page says. */
async function listens({ page }: App): Promise<string> {
  await go(page, 'members')
  return (
    await page
      .getByText(/^127\.0\.0\.1:\d+$/)
      .first()
      .innerText()
  ).trim()
}

test('a member alone is told why and what to do, on the overview and among the members', async ({ open }) => {
  const { page, complaints } = await open()
  await createWallet(page, 'Alone')
  await expect(page.getByTestId('lamp-sync')).toContainText('No members')
  await expect(page.getByTestId('alone')).toContainText('No other member is known yet.')
  await expect(page.getByTestId('alone')).toContainText(/Join a tracker, or add a member/)
  await look(page, 'overview-alone')
  await go(page, 'members')
  await expect(page.getByTestId('alone')).toContainText('No other member is known yet.')
  await expect(page.getByTestId('address-book')).toContainText('empty')
  await expect(page.getByTestId('no-bans')).toBeVisible()
  await look(page, 'members-alone')
  await page.getByTestId('alone').getByRole('link', { name: 'Join a tracker' }).click()
  await expect(page.getByTestId('tracker-join-url')).toBeFocused()
  expect(complaints).toEqual([])
})

test('whether others can get here is told in words, with what can be changed', async ({ open }) => {
  const { page, complaints } = await open()
  await createWallet(page, 'Reached')
  await go(page, 'members')
  const reach = page.getByTestId('reach')
  await expect(reach).toContainText(/Not known yet|Being tried|Reachable/)
  await page.getByTestId('reach-check').click()
  await expect(reach).not.toContainText('could not')
  // By keyboard: open the settings, and switch one off and on.
  await page.getByTestId('network-settings').locator('summary').focus()
  await page.keyboard.press('Enter')
  const mapping = page.getByTestId('port-mapping')
  await expect(mapping).toBeVisible()
  const before = await mapping.isChecked()
  await mapping.focus()
  await page.keyboard.press('Space')
  await expect(mapping).toBeChecked({ checked: !before })
  await page.keyboard.press('Space')
  await expect(mapping).toBeChecked({ checked: before })
  await page.getByTestId('proxy').fill('http://127.0.0.1:1')
  await page.getByTestId('proxy-set').click()
  await expect(page.getByTestId('proxy')).toHaveAttribute('aria-invalid', 'true')
  await look(page, 'reach')
  expect(complaints).toEqual([])
})

test('a member is added and kept, looked at, hung up on, banned for a while and let in again', async ({ open }) => {
  test.setTimeout(180_000)
  const alice = await open()
  const bob = await open()
  await createWallet(alice.page, 'Alice')
  await createWallet(bob.page, 'Bob')
  const at = await listens(bob)
  const { page } = alice
  await go(page, 'members')
  const row = page.getByTestId('peer-row')

  // Added by its address, and kept: after hanging up it is dialled again by itself.
  await page.getByTestId('peer-endpoint').fill(at)
  await page.getByTestId('peer-keep').check()
  await page.getByTestId('peer-endpoint').press('Enter')
  await expect(row).toContainText('Bob', { timeout: 30_000 })
  await expect(row).toContainText('You called')
  await expect(row).toContainText('no faults')
  await expect(page.getByTestId('kept-peers')).toContainText(at)
  await expect(page.getByTestId('alone')).toHaveCount(0)
  await expect(page.getByTestId('lamp-sync')).toContainText('In step')
  await page.getByTestId('peer-more-Bob').focus()
  await page.keyboard.press('Enter')
  const details = page.getByTestId('peer-details')
  await expect(details).toContainText('Nothing is held against it.')
  await expect(details).toContainText(/protocol version \d/)
  await look(page, 'peer')
  await page.keyboard.press('Escape')
  await expect(details).toHaveCount(0)
  await expect(page.getByTestId('peer-more-Bob')).toBeFocused()
  await look(page, 'members')
  await page.getByRole('button', { name: `Keep ${at} no more` }).click()
  await expect(page.getByTestId('kept-peers')).toHaveCount(0)

  // Banned with a reason and for an hour: gone, and refused when it comes.
  await page.getByTestId('peer-more-Bob').click()
  await page.getByTestId('peer-ban').click()
  await page.getByTestId('ban-reason').fill('<b>too many</b> puns')
  await page.getByLabel('1 hour').check()
  await look(page, 'ban')
  await page.getByTestId('ban-yes').click()
  const ban = page.getByTestId('ban-row')
  await expect(ban).toContainText('Bob')
  await expect(ban).toContainText('By you: <b>too many</b> puns')
  await expect(ban).toContainText(/(60|59) minutes left/)
  await expect(page.getByTestId('alone')).toBeVisible()
  const from = await listens(alice)
  await bob.page.getByTestId('peer-endpoint').fill(from)
  await bob.page.getByTestId('peer-connect').click()
  await expect(bob.page.getByRole('alert').first()).toBeVisible()
  await look(page, 'bans')

  // Let in again: whoever dials first.
  await ban.getByRole('button', { name: 'Lift the ban of Bob' }).click()
  await page.getByTestId('unban-yes').click()
  await expect(ban).toHaveCount(0)
  await expect(row).toContainText('Bob', { timeout: 60_000 })

  // Hung up on.
  await bob.page.getByTestId('peer-more-Alice').click()
  await bob.page.getByTestId('peer-disconnect').click()
  await expect(bob.page.getByTestId('peer-details')).toHaveCount(0)

  // An address, or a range of them, is banned by hand; nonsense is told.
  await page.getByTestId('ban-an-address').click()
  await page.getByTestId('ban-address').fill('nowhere')
  await page.getByTestId('ban-yes').click()
  await expect(page.getByTestId('ban-form').getByRole('alert')).toBeVisible()
  await page.getByTestId('ban-address').fill('192.0.2.0/24')
  await page.getByTestId('ban-yes').click()
  await expect(ban).toContainText('192.0.2.0/24')
  expect(alice.complaints).toEqual([])
  expect(bob.complaints).toEqual([])
})
