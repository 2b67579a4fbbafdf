import { join } from 'node:path'
import { expect, test } from './app.ts'
import { axeFindings, paint } from './axe.ts'
import { createWallet, go, goHostTracker } from './steps.ts'

const THEMES = ['light', 'dark'] as const
/** Pictures of the page are left here when it is set. */
const SHOTS = process.env.CHEESE_TRACKER_SHOTS

test('a tracker is hosted from the menu with link, QR code and self-test, and a friend joins by its link', async ({ open }) => {
  test.setTimeout(180_000)
  const host = await open()
  const { page } = host
  await createWallet(page, 'Host')
  await goHostTracker(host)
  if (host.electron) await expect(page.getByTestId('tracker-host-port')).toBeFocused()

  // By keyboard alone: the port, then the form's choices, then Enter.
  await page.getByTestId('tracker-host-port').fill('0')
  await page.getByTestId('tracker-host-local').focus()
  await page.keyboard.press('Space')
  await expect(page.getByTestId('tracker-host-local')).toBeChecked()
  await page.getByTestId('tracker-host-port').press('Enter')
  const link = (await page.getByTestId('tracker-link').innerText()).trim()
  expect(link).toMatch(/^cheese-tracker:127\.0\.0\.1:\d+$/)
  const url = (await page.getByTestId('tracker-url').innerText()).trim()
  expect(url).toBe(`http://${link.slice('cheese-tracker:'.length)}`)
  await expect(page.getByTestId('qr')).toHaveAttribute('data-text', link)
  await expect(page.getByRole('img', { name: `QR code of ${link}` })).toBeVisible()
  // Nobody is connected who could try it.
  await expect(page.getByTestId('tracker-self-test')).toContainText(/not known yet/i)
  await expect(page.getByTestId('tracker-registered')).toContainText('Host')
  await expect(page.getByTestId('lamp-tracker')).toContainText('Hosting')
  // Our own tracker is no tracker that we joined, for a person.
  await expect(page.getByTestId('tracker-joined')).toHaveCount(0)

  const friend = await open()
  await createWallet(friend.page, 'Friend')
  await go(friend.page, 'tracker')
  await friend.page.getByTestId('tracker-join-url').fill('cheese-tracker://not-so')
  await friend.page.getByTestId('tracker-join').click()
  await expect(friend.page.getByRole('alert').first()).toContainText('not a link to a tracker')
  await friend.page.getByTestId('tracker-join-url').fill(link)
  await friend.page.getByTestId('tracker-join-url').press('Enter')
  await expect(friend.page.getByTestId('tracker-joined')).toHaveAttribute('data-state', 'joined', { timeout: 30_000 })
  await expect(page.getByTestId('tracker-registered')).toContainText('Friend', { timeout: 60_000 })
  await expect(page.getByTestId('tracker-registered')).toHaveAttribute('data-count', '2')
  // The friend is connected by now, and is asked to try the tracker's port.
  await expect(page.getByTestId('tracker-self-test')).toHaveAttribute('data-state', 'reachable', { timeout: 60_000 })
  await page.getByTestId('tracker-check').click()
  await expect(page.getByTestId('tracker-self-test')).toContainText('Another member reached it')

  for (const scheme of THEMES) {
    await paint(page, scheme)
    expect(await axeFindings(page, `hosting ${scheme}`)).toEqual([])
    if (SHOTS === undefined) continue
    for (const width of [1180, 900, 720]) {
      await page.setViewportSize({ width, height: 1250 })
      await page.screenshot({ path: join(SHOTS, `tracker-${scheme}-${width}.png`) })
    }
    await page.setViewportSize({ width: 1180, height: 780 })
  }

  // It is not hosted again once that is switched off.
  await page.getByTestId('tracker-start-with-app').click()
  await expect(page.getByTestId('tracker-start-with-app')).not.toBeChecked()
  expect(host.complaints).toEqual([])
  await host.close()
  const again = await open({ dataDir: host.dataDir })
  await go(again.page, 'tracker')
  await expect(again.page.getByTestId('tracker-host-start')).toBeVisible()

  // The friend sees that it is gone: since when, and what to do.
  const joined = friend.page.getByTestId('tracker-joined')
  await expect(joined).toHaveAttribute('data-state', 'failing', { timeout: 90_000 })
  await expect(joined).toContainText(/failing for \d+ (second|minute)/)
  await expect(joined).toContainText(/join another one/)
  await expect(friend.page.getByTestId('problem-trackers')).toContainText(/does not answer/, { timeout: 60_000 })
  if (SHOTS !== undefined) await friend.page.screenshot({ path: join(SHOTS, 'tracker-failing.png') })
  await friend.page.getByRole('button', { name: /^Leave/ }).click()
  await expect(joined).toHaveCount(0)
  await expect(friend.page.getByTestId('problem-trackers')).toHaveCount(0)
  expect(friend.complaints).toEqual([])
})

test('a link to a tracker that the system brings is asked about, and joined only after a yes', async ({ open, host }) => {
  test.skip(host !== 'electron', 'a browser has no links of its own to hand out')
  const { page, electron } = await open()
  await createWallet(page, 'Asked')
  const bring = (link: string, answer: number) =>
    electron?.evaluate(
      async ({ app, dialog }, [text, response]) => {
        const asked: string[] = []
        const box = async (_window: unknown, options: { message: string }) => {
          asked.push(options.message)
          return { response, checkboxChecked: false }
        }
        Object.assign(dialog, { showMessageBox: box })
        app.emit('second-instance', {}, ['electron', '.', '--', text], '/')
        await new Promise((resolve) => setTimeout(resolve, 200))
        return asked
      },
      [link, answer] as const,
    )
  expect(await bring('cheese-tracker:127.0.0.1:9', 1)).toEqual(['This link to a tracker cannot be opened.'])
  expect(await bring('cheese-tracker:127.0.0.1:9877', 1)).toEqual(['Join the tracker at 127.0.0.1:9877?'])
  await go(page, 'tracker')
  await expect(page.getByTestId('tracker-joined')).toHaveCount(0)
  await go(page, 'overview')
  expect(await bring('cheese-tracker:127.0.0.1:9877', 0)).toEqual(['Join the tracker at 127.0.0.1:9877?'])
  await expect(page.getByTestId('tracker-joined')).toContainText('127.0.0.1:9877')
})
