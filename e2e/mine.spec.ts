import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type App, expect, test } from './app.ts'
import { axeFindings, paint } from './axe.ts'
import { createWallet, go, startMining, stopMining } from './steps.ts'

const THEMES = ['light', 'dark'] as const

/** What the member has written down of the choices. */
async function choices({ dataDir }: App): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(dataDir, 'member.json'), 'utf8')) as Record<string, unknown>
}

test('mining begins only after the person has agreed to what it does to the computer, once and for all', async ({ open }) => {
  test.setTimeout(120_000)
  const app = await open({ pace: 1 })
  const { page } = app
  await createWallet(page, 'Asked')
  const dialog = page.getByRole('dialog')
  const toggle = page.getByTestId('mine-toggle')

  // From the overview's switch: it says what mining does, and begins at the answer that changes nothing.
  await toggle.click()
  await expect(dialog).toBeVisible()
  for (const says of [/full load/, /electricity/, /battery/, /fans/, /stop it at any time/]) await expect(dialog).toContainText(says)
  await expect(dialog).toHaveAccessibleDescription(/full load/)
  await expect(page.getByTestId('consent-no')).toBeFocused()
  for (const theme of THEMES) {
    await paint(page, theme)
    expect(await axeFindings(page, `consent ${theme}`)).toEqual([])
  }
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(toggle).toBeFocused()
  await expect(toggle).toHaveAttribute('aria-pressed', 'false')

  // From the mine page; "Not now" leaves everything as it was.
  await go(page, 'mine')
  await expect(page.getByTestId('mining-state')).toHaveText('Off')
  await toggle.click()
  await page.getByTestId('consent-no').click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByTestId('mining-state')).toHaveText('Off')
  // To begin by itself is to mine, too.
  await page.getByTestId('auto-start').click()
  await expect(dialog).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('auto-start')).not.toBeChecked()

  // From the native menu, whatever page is shown.
  if (app.electron) {
    await go(page, 'settings')
    await app.electron.evaluate(({ Menu, BrowserWindow }) =>
      Menu.getApplicationMenu()?.getMenuItemById('mining')?.click(undefined, BrowserWindow.getAllWindows()[0]),
    )
    await expect(dialog).toBeVisible()
    await page.keyboard.press('Escape')
  }

  await toggle.click()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(toggle).toHaveAttribute('aria-pressed', 'true')
  await expect(dialog).toHaveCount(0)
  await stopMining(page)
  await toggle.click()
  await expect(toggle).toHaveAttribute('aria-pressed', 'true')
  await expect(dialog).toHaveCount(0)
  expect(app.complaints).toEqual([])
  await app.close()

  const again = await open({ dataDir: app.dataDir, pace: 1 })
  await go(again.page, 'mine')
  await expect(again.page.getByTestId('mining-state')).toHaveText('Off')
  await again.page.getByTestId('mine-toggle').click()
  await expect(again.page.getByTestId('mine-toggle')).toHaveAttribute('aria-pressed', 'true')
  await expect(again.page.getByRole('dialog')).toHaveCount(0)
})

test('how hard and when it works is told to the member at once, and kept', async ({ open, host }) => {
  const app = await open({ pace: 1 })
  const { page } = app
  await createWallet(page, 'Chooser')
  await go(page, 'mine')

  const threads = page.getByTestId('threads')
  const most = Number(await threads.getAttribute('aria-valuemax'))
  await threads.focus()
  await page.keyboard.press('End')
  await expect(page.getByTestId('threads-value')).toHaveText(`${most} of ${most}`)
  await expect(threads).toHaveAttribute('aria-valuetext', `${most} of ${most}`)
  await page.getByTestId('intensity').focus()
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowLeft')
  await expect(page.getByTestId('intensity-value')).toHaveText('60 %')
  await page.getByTestId('mine-on-battery').click()
  await expect.poll(() => choices(app)).toMatchObject({ intensity: 60, mineOnBattery: true, ...(most > 1 ? { threads: most } : {}) })

  // The kernel that runs is named; another one can be picked, and given back to the member's own choice.
  const kernels = page.getByTestId('kernels')
  await kernels.locator('summary').click()
  await page.getByTestId('kernel-typescript').click()
  await expect(kernels).toHaveAttribute('data-runs', 'typescript')
  await expect.poll(async () => (await choices(app)).kernel).toBe('typescript')
  await page.getByTestId('kernel-auto').click()
  await expect.poll(async () => (await choices(app)).kernel).toBe('auto')

  await startMining(page)
  await expect(page.getByTestId('mining-state')).toContainText(/Mining on \d+ threads?, 60\s% of the time: [\d,]+ (try|tries) a second/)
  const idle = page.getByTestId('only-when-idle')
  await idle.click()
  if (host === 'browser') {
    // A member under plain Node cannot tell whether anybody is there: the switch goes back, and says why.
    await expect(page.getByRole('alert').filter({ hasText: /cannot|idle|tell/i })).toBeVisible()
    await expect(idle).not.toBeChecked()
  } else {
    await page.getByTestId('idle-minutes').selectOption('60')
    await expect(page.getByTestId('mining-state')).toHaveText('Resting: you are using the computer')
    await expect(page.getByTestId('lamp-mining')).toContainText('Resting: in use')
    await idle.click()
    await expect(page.getByTestId('mining-state')).toContainText('Mining on')
  }

  await page.reload()
  await go(page, 'mine')
  await expect(page.getByTestId('intensity-value')).toHaveText('60 %')
  await expect(page.getByTestId('mine-on-battery')).toBeChecked()
  expect(app.complaints).toEqual([])
})

test('what was found is listed with its state and a link, and the hash rate is drawn', async ({ open }) => {
  test.setTimeout(180_000)
  const { page, complaints } = await open({ pace: 0.5 })
  await createWallet(page, 'Finder')
  await go(page, 'mine')
  await expect(page.getByTestId('hash-chart-empty')).toBeVisible()
  await expect(page.getByText('None found yet')).toBeVisible()
  await startMining(page)
  await expect(page.getByTestId('lamp-mining')).toContainText('H/s')
  await expect(page.getByTestId('own-cheese').first()).toContainText('Ripening', { timeout: 30_000 })
  await expect.poll(async () => Number(await page.getByTestId('own-ripened').getAttribute('data-count')), { timeout: 60_000 }).toBeGreaterThan(0)

  const chart = page.getByTestId('hash-chart')
  await expect.poll(async () => Number(await chart.getAttribute('data-points')), { timeout: 60_000 }).toBeGreaterThan(1)
  await expect(chart).toHaveAccessibleName(/^Hash rate in the last hour: lowest [\d.]+ \w?H\/s, highest .*, now /)
  await expect(chart.locator('canvas')).toBeVisible()
  await expect(page.getByTestId('expected')).toContainText(/^About \d+ \w+/)
  await expect(page.getByTestId('chance')).toContainText('%')
  await expect(page.getByTestId('luck')).toContainText(/^Found \d+ where [\d.,]+ were to be expected|was/)
  for (const theme of THEMES) {
    await paint(page, theme)
    expect(await axeFindings(page, `mine ${theme}`)).toEqual([])
  }
  // Its numbers change all the time; nothing around them moves.
  const rate = page.getByTestId('hash-rate')
  const shifts = await page.evaluateHandle(() => {
    const seen: number[] = []
    new PerformanceObserver((list) => seen.push(...list.getEntries().map((entry) => (entry as unknown as { value: number }).value))).observe({
      type: 'layout-shift',
    })
    return seen
  })
  for (let i = 0; i < 5; i++) await expect(rate).not.toHaveText(await rate.innerText())
  expect(await shifts.jsonValue()).toEqual([])
  await stopMining(page)
  await expect(page.getByTestId('mining-state')).toHaveText('Off')

  // The same cheese in the filter, in the list, and on its page.
  await page.getByTestId('own-ripened').click()
  const found = page.getByTestId('own-cheese').first()
  await expect(found).toContainText('Ripened')
  const link = found.getByRole('link')
  const height = (await link.innerText()).trim()
  const smell = (await link.getAttribute('title')) as string
  await link.click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText(height)
  await expect(page.getByTestId('shown-smell')).toHaveAttribute('data-smell', smell)
  expect(complaints).toEqual([])
})
