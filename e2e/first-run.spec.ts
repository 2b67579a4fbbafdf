import { expect, test } from './app.ts'
import { axeFindings, paint } from './axe.ts'
import { createWallet, go, PASSPHRASE } from './steps.ts'

const PAGES = ['overview', 'send', 'receive', 'history', 'contacts', 'mine', 'stack', 'members', 'tracker', 'settings']

test('a wallet is made only when three of its words are known, and comes back from its words alone', async ({ open }) => {
  test.setTimeout(120_000)
  const first = await open()
  await first.page.getByTestId('create-wallet').click()
  await first.page.getByTestId('words-written').click()
  for (let i = 1; i <= 3; i++) await first.page.getByTestId(`answer-${i}`).fill('zebra')
  await first.page.getByTestId('answers-next').click()
  await expect(async () => {
    // Wrong answers are told at this step, or at the latest when the wallet is to be made.
    if (await first.page.getByTestId('finish-wallet').isVisible()) {
      await first.page.getByTestId('passphrase').fill(PASSPHRASE)
      await first.page.getByTestId('passphrase-again').fill(PASSPHRASE)
      await first.page.getByTestId('nickname').fill('Nobody')
      await first.page.getByTestId('finish-wallet').click()
    }
    await expect(first.page.getByRole('alert').first()).toBeVisible()
  }).toPass({ timeout: 20_000 })
  await first.page.reload()
  const words = await createWallet(first.page, 'First')
  await go(first.page, 'receive')
  const address = await first.page.getByTestId('own-address').getAttribute('data-address')

  const second = await open()
  await second.page.getByTestId('restore-wallet').click()
  await second.page.getByTestId('restore-words').fill('zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo')
  await second.page.getByTestId('passphrase').fill(PASSPHRASE)
  await second.page.getByTestId('passphrase-again').fill(PASSPHRASE)
  await second.page.getByTestId('nickname').fill('Second')
  await second.page.getByTestId('finish-wallet').click()
  await expect(second.page.getByRole('alert').first()).toBeVisible({ timeout: 20_000 })
  await second.page.getByTestId('restore-words').fill(words.join(' '))
  await second.page.getByTestId('finish-wallet').click()
  await go(second.page, 'receive')
  await expect(second.page.getByTestId('own-address')).toHaveAttribute('data-address', address as string, { timeout: 30_000 })
})

test('every page is there, says something when empty, and axe finds nothing, in both themes', async ({ open }) => {
  test.setTimeout(180_000)
  const { page, complaints } = await open()
  await createWallet(page, 'Axe')
  for (const scheme of ['light', 'dark'] as const) {
    await paint(page, scheme)
    for (const name of PAGES) {
      await go(page, name)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      expect(await axeFindings(page, `${name} ${scheme}`)).toEqual([])
    }
  }
  expect(complaints).toEqual([])
})
