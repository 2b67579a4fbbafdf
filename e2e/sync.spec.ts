import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import AxeBuilder from '@axe-core/playwright'
import { makeStackFolder } from '../test/support/stack-folder.ts'
import { expect, test } from './app.ts'
import { slowLine } from './slow-line.ts'
import { go } from './steps.ts'

const CHEESE = fileURLToPath(new URL('../out/main/cli.js', import.meta.url))
/** Pictures of the bar are left here when it is set. */
const SHOTS = process.env.CHEESE_SYNC_SHOTS

/** A member that serves the stack in `dataDir`; ends with `end`. */
async function serve(dataDir: string, nickname: string): Promise<{ endpoint: string; end(): Promise<void> }> {
  const child = spawn(
    process.execPath,
    [CHEESE, 'member', '--network', 'regtest', '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--api', '127.0.0.1:0', '--nickname', nickname, '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    endpoint: (JSON.parse(String(line)) as { listen: string }).listen,
    async end() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

test('a first sync shows one bar on every page: stage, rate, time left and who serves, until it is done', async ({ open }) => {
  test.setTimeout(180_000)
  const folder = await mkdtemp(join(tmpdir(), 'cheese-e2e-'))
  const stack = await makeStackFolder(folder, 300, 60)
  const alice = await serve(folder, 'Alice')
  const line = await slowLine(alice.endpoint)
  try {
    const { page, complaints } = await open()
    const bar = page.getByTestId('sync-bar')
    const progress = bar.getByRole('progressbar')
    const value = async () => Number(await progress.getAttribute('aria-valuenow'))
    const shoot = async (name: string) => {
      if (SHOTS === undefined) return
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme })
        for (const width of [1180, 900, 700]) {
          await page.setViewportSize({ width, height: 640 })
          await page.screenshot({ path: join(SHOTS, `${name}-${theme}-${width}.png`) })
        }
      }
    }
    await page.getByTestId('look-around').click()
    await expect(page.getByTestId('lamp-sync')).toContainText('No members')
    await expect(bar).toHaveCount(0)

    // The handshake passes, and the headers only in part.
    await go(page, 'members')
    await page.getByTestId('peer-endpoint').fill(line.endpoint)
    line.allow(20_000)
    await page.getByTestId('peer-connect').click()
    await expect(bar).toHaveAttribute('data-stage', 'headers')
    await expect(page.getByTestId('sync-stage')).toHaveText(`Headers 0 of ${stack.height}`)
    await expect(page.getByTestId('sync-left')).toHaveText('time left —')
    await expect(page.getByTestId('sync-servers')).toHaveText('from Alice')
    await shoot('headers')

    // Bodies, bit by bit.
    const share = Math.round(stack.bytes / 20)
    line.allow(60_000)
    await expect(bar).toHaveAttribute('data-stage', 'bodies')
    let last = await value()
    for (let i = 0; i < 6; i++) {
      line.allow(share)
      await expect.poll(value).toBeGreaterThan(last)
      last = await value()
    }
    await expect(page.getByTestId('sync-stage')).toHaveText(new RegExp(`^Cheeses \\d+ of ${stack.height}$`))
    await expect(page.getByTestId('sync-rate')).toHaveText(/cheeses\/s · [\d,.]+ transfers\/s · [\d,.]+ .B\/s/)
    await expect(page.getByTestId('sync-left')).toHaveText(/^about \d+ (second|minute|hour)s? left$/)
    await expect(page.getByTestId('sync-servers')).toHaveText('from Alice')
    await expect(progress).toHaveAttribute('aria-valuetext', /^Cheeses \d+ of \d+, about/)
    for (const name of ['overview', 'stack', 'settings']) {
      await go(page, name)
      await expect(bar).toBeVisible()
      line.allow(share / 2)
    }
    await go(page, 'overview')
    await expect(page.getByTestId('sync-line')).toContainText('Checking cheese')
    expect((await new AxeBuilder({ page }).setLegacyMode(true).include('[data-testid=sync-bar]').analyze()).violations).toEqual([])
    await shoot('bodies')

    // All of it: the bar goes, and only then is it called in step.
    line.allow(2 * stack.bytes)
    await expect(page.getByTestId('lamp-sync')).toContainText('In step')
    await expect(bar).toHaveCount(0)
    await expect(page.getByTestId('height').first()).toHaveAttribute('data-height', String(stack.height))
    expect(complaints).toEqual([])
  } finally {
    await line.close()
    await alice.end()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})
