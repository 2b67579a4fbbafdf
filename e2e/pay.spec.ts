import { type App, expect, test } from './app.ts'
import { axeFindings, paint } from './axe.ts'
import { createWallet, crumbs, go, goHostTracker, mineUntil, PASSPHRASE, startMining, stopMining } from './steps.ts'

/** What was copied last. */
async function clipboard({ electron, page }: App): Promise<string> {
  if (electron) return electron.evaluate((host) => host.clipboard.readText())
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  return page.evaluate(() => navigator.clipboard.readText())
}

/** Hosts a tracker from Alice's app and joins it from Bob's; gives the address that was handed over. */
async function meet(alice: App, bob: App): Promise<string> {
  await goHostTracker(alice)
  await alice.page.getByTestId('tracker-host-port').fill('0')
  // Tests are for this machine alone.
  await alice.page.getByTestId('tracker-host-local').check()
  await alice.page.getByTestId('tracker-host-start').click()
  const shown = alice.page.getByTestId('tracker-url').first()
  await expect(shown).toContainText('http://127.0.0.1:')
  const url = ((await shown.innerText()).match(/http:\/\/127\.0\.0\.1:\d+/) ?? [''])[0]
  // It is copied, and pasted by the friend.
  await alice.page.getByRole('button', { name: `Copy ${url}` }).click()
  await expect.poll(() => clipboard(alice)).toBe(url)
  await go(bob.page, 'tracker')
  await bob.page.getByTestId('tracker-join-url').fill(url)
  await bob.page.getByTestId('tracker-join').click()
  await expect(alice.page.getByTestId('tracker-registered')).toContainText('Bob', { timeout: 60_000 })
  await expect(alice.page.getByTestId('tracker-registered')).toContainText('Alice')
  return url
}

test('two people meet through a tracker that one of them hosts, and pay each other', async ({ open }) => {
  test.setTimeout(240_000)
  const alice = await open({ pace: 1 })
  const bob = await open({ pace: 1 })
  await createWallet(alice.page, 'Alice')
  await createWallet(bob.page, 'Bob')
  await meet(alice, bob)

  // Members: each sees the other, and the connection between them.
  await go(alice.page, 'members')
  await expect(alice.page.getByTestId('members-table')).toContainText('Bob', { timeout: 60_000 })
  await expect(alice.page.getByTestId('peers-table')).toContainText('Bob', { timeout: 60_000 })
  await go(bob.page, 'members')
  await expect(bob.page.getByTestId('members-table')).toContainText('Alice', { timeout: 60_000 })

  // Mine until there is something to send. Some of it still ripens.
  await go(alice.page, 'mine')
  await startMining(alice.page)
  await expect(alice.page.getByTestId('hash-rate')).not.toHaveText(/^0 /, { timeout: 30_000 })
  await stopMining(alice.page)
  await go(alice.page, 'overview')
  await mineUntil(alice.page, 10_000_000_000n)
  expect(await crumbs(alice.page, 'ripening')).toBeGreaterThan(0n)
  // A cheese that was found just as mining stopped may still come: both are looked at each time.
  const heightOf = ({ page }: typeof alice) => page.getByTestId('height').first().getAttribute('data-height')
  await expect.poll(async () => (await heightOf(bob)) === (await heightOf(alice)), { timeout: 60_000 }).toBe(true)

  // Send to a member picked from the list.
  await go(alice.page, 'send')
  await alice.page.getByTestId('member-option-Bob').click()
  await alice.page.getByTestId('send-amount').fill('12.5')
  await alice.page.getByTestId('send-memo').fill('for the Gruyère')
  await alice.page.getByTestId('send-review').click()
  await alice.page.getByTestId('send-passphrase').fill('not the passphrase')
  await alice.page.getByTestId('send-confirm').click()
  await expect(
    alice.page
      .getByRole('alert')
      .filter({ hasText: /passphrase/i })
      .first(),
  ).toBeVisible({ timeout: 30_000 })
  await alice.page.getByTestId('send-passphrase').fill(PASSPHRASE)
  await alice.page.getByTestId('send-confirm').click()
  await expect(alice.page.getByTestId('journey-state')).toContainText(/wait/i, { timeout: 30_000 })

  // Who has it: how many at once, by name when asked for.
  const seenBy = alice.page.getByTestId('seen-by')
  await expect(seenBy).toContainText('Seen by 1 of 1 member', { timeout: 30_000 })
  await expect(alice.page.getByTestId('seen-by-peer')).toBeHidden()
  await seenBy.locator('summary').focus()
  await alice.page.keyboard.press('Enter')
  await expect(alice.page.getByTestId('seen-by-peer')).toContainText('Bob')
  for (const scheme of ['light', 'dark'] as const) {
    await paint(alice.page, scheme)
    expect(await axeFindings(alice.page, `journey ${scheme}`)).toEqual([])
  }

  // Bob sees it at once as pending; then it is in a cheese, and his.
  await go(bob.page, 'overview')
  await expect.poll(() => crumbs(bob.page, 'pending'), { timeout: 30_000 }).toBe(1_250_000_000n)
  await go(bob.page, 'mine')
  await startMining(bob.page)
  await expect(alice.page.getByTestId('journey-state')).toContainText(/confirm/i, { timeout: 60_000 })
  await go(bob.page, 'overview')
  await expect.poll(() => crumbs(bob.page, 'spendable'), { timeout: 60_000 }).toBeGreaterThanOrEqual(1_250_000_000n)
  await go(bob.page, 'mine')
  await stopMining(bob.page)

  // And pays some of it back, to an address pasted from Alice's Receive page.
  await go(alice.page, 'receive')
  const address = ((await alice.page.getByTestId('own-address').getAttribute('data-address')) ?? '') as string
  expect(address).toMatch(/^rcheese1/)
  await go(bob.page, 'send')
  await bob.page.getByTestId('send-to').fill(address)
  await bob.page.getByTestId('send-amount').fill('2')
  await bob.page.getByTestId('send-review').click()
  await bob.page.getByTestId('send-passphrase').fill(PASSPHRASE)
  await bob.page.getByTestId('send-confirm').click()
  await expect(bob.page.getByTestId('journey-state')).toContainText(/wait/i, { timeout: 30_000 })
  await go(alice.page, 'history')
  await expect(alice.page.getByTestId('history-row').filter({ hasText: 'Bob' }).first()).toBeVisible({ timeout: 30_000 })

  expect(alice.complaints).toEqual([])
  expect(bob.complaints).toEqual([])
})

test('the cheese stack can be read: tip first, a cheese, a transfer, an address, and searched', async ({ open }) => {
  test.setTimeout(120_000)
  const { page, complaints } = await open({ pace: 0.5 })
  await createWallet(page, 'Reader')
  await mineUntil(page, 10_000_000_000n)
  await go(page, 'receive')
  const address = (await page.getByTestId('own-address').getAttribute('data-address')) as string
  await go(page, 'contacts')
  await page.getByTestId('contact-name').fill('My larder')
  await page.getByTestId('contact-address').fill(address)
  await page.getByTestId('contact-add').click()
  await expect(page.getByTestId('contact-row')).toContainText('My larder')
  await go(page, 'send')
  await page.getByTestId('contact-option-My larder').click()
  await page.getByTestId('send-amount').fill('1')
  await page.getByTestId('send-memo').fill('to myself')
  await page.getByTestId('send-review').click()
  await page.getByTestId('send-passphrase').fill(PASSPHRASE)
  await page.getByTestId('send-confirm').click()
  await expect(page.getByTestId('journey-state')).toContainText(/wait/i, { timeout: 30_000 })
  const journey = new URL(page.url()).hash
  await go(page, 'mine')
  await startMining(page)
  await page.evaluate((hash) => {
    location.hash = hash
  }, journey)
  await expect(page.getByTestId('journey-state')).toContainText(/confirm/i, { timeout: 60_000 })
  await go(page, 'mine')
  await stopMining(page)
  await go(page, 'history')
  await expect(page.getByTestId('history-row').filter({ hasText: 'to myself' })).toContainText(/confirm/i)

  await go(page, 'stack')
  await expect(page.getByTestId('stack-row').first()).toBeVisible()
  const search = async (query: string) => {
    await go(page, 'stack')
    await page.getByTestId('stack-search').fill(query)
    await page.getByTestId('stack-search').press('Enter')
  }
  await search('1')
  await expect(page.getByRole('heading', { name: /cheese #?\s?1\b/i })).toBeVisible()
  const smell = (await page.getByTestId('shown-smell').getAttribute('data-smell')) as string
  expect(smell).toMatch(/^00[0-9a-f]{62}$/)
  await search(smell)
  await expect(page.getByRole('heading', { name: /cheese #?\s?1\b/i })).toBeVisible()
  await search(address)
  await expect(page.getByTestId('shown-balance')).toBeVisible()
  await page.getByTestId('activity-row').filter({ hasText: /sent/i }).first().getByRole('link').first().click()
  await expect(page.getByText('to myself')).toBeVisible()
  await search('f'.repeat(64))
  await expect(page.getByRole('alert')).toBeVisible()
  expect(complaints).toEqual([])
})
