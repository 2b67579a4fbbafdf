import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from './app.ts'
import { createWallet, go, mineUntil, PASSPHRASE } from './steps.ts'

test('a send that cannot be is told why, in a sentence, and nothing is sent', async ({ open }) => {
  const { page } = await open({ pace: 0.5 })
  await createWallet(page, 'Sender')
  await mineUntil(page, 5_000_000_000n)
  await go(page, 'receive')
  const own = (await page.getByTestId('own-address').getAttribute('data-address')) as string
  const typo = `${own.slice(0, -1)}${own.endsWith('q') ? 'p' : 'q'}`
  const attempts: readonly (readonly [to: string, amount: string, says: RegExp])[] = [
    [own, '1000', /more than|spendable|not enough|have/i],
    [typo, '1', /typ|mistake|address/i],
    // A real address of another network: its letters are right, its network is not.
    ['tcheese1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq6ntvps', '1', /network|typ|mistake/i],
    ['Nobody at all', '1', /nobody/i],
  ]
  for (const [to, amount, says] of attempts) {
    await go(page, 'overview')
    await go(page, 'send')
    await page.getByTestId('send-to').fill(to)
    await page.getByTestId('send-amount').fill(amount)
    if (await page.getByTestId('send-review').isEnabled()) await page.getByTestId('send-review').click()
    await expect(page.getByText(says).first(), `${to} ${amount}`).toBeVisible()
    await expect(page.getByTestId('send-confirm')).toHaveCount(0)
  }
  await go(page, 'history')
  await expect(page.getByTestId('history-row').filter({ hasText: /sent/i })).toHaveCount(0)
})

test('a tracker that is down is told with what to do, and joined as soon as it is there', async ({ open }) => {
  const free = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => free.once('listening', resolve))
  const { port } = free.address() as { port: number }
  await new Promise((resolve) => free.close(resolve))
  const guest = await open()
  await createWallet(guest.page, 'Guest')
  await go(guest.page, 'tracker')
  await guest.page.getByTestId('tracker-join-url').fill(`127.0.0.1:${port}`)
  await guest.page.getByTestId('tracker-join').click()
  const joined = guest.page.getByTestId('tracker-joined')
  await expect(joined).toHaveAttribute('data-state', 'failing')
  await expect(joined).toContainText(/\w+ \w+ \w+/)

  const host = await open()
  await createWallet(host.page, 'Host')
  await go(host.page, 'tracker')
  await host.page.getByTestId('tracker-host-port').fill(String(port))
  await host.page.getByTestId('tracker-host-local').check()
  await host.page.getByTestId('tracker-host-start').click()
  await expect(joined).toHaveAttribute('data-state', 'joined', { timeout: 60_000 })
})

test('a port in use is told where it was typed, and another one works', async ({ open }) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { page } = await open()
  await createWallet(page, 'Host')
  await go(page, 'tracker')
  await page.getByTestId('tracker-host-port').fill(String((taken.address() as { port: number }).port))
  await page.getByTestId('tracker-host-local').check()
  await page.getByTestId('tracker-host-start').click()
  await expect(page.getByText(/port.*(use|taken)|(use|taken).*port/i).first()).toBeVisible()
  await page.getByTestId('tracker-host-port').fill('0')
  await page.getByTestId('tracker-host-start').click()
  await expect(page.getByTestId('tracker-url').first()).toBeVisible()
  taken.close()
})

test('a damaged store is set aside and told; wallet and stack are there again', async ({ open }) => {
  const first = await open({ pace: 0.5 })
  await createWallet(first.page, 'Careful')
  await mineUntil(first.page, 5_000_000_000n)
  await go(first.page, 'receive')
  const address = (await first.page.getByTestId('own-address').getAttribute('data-address')) as string
  await first.close()
  for (const name of await readdir(join(first.dataDir, 'chain'))) {
    if (/^(MANIFEST|CURRENT)/.test(name)) await writeFile(join(first.dataDir, 'chain', name), 'rotten')
  }
  const again = await open({ dataDir: first.dataDir })
  await expect(again.page.getByTestId('problem-rebuilt')).toContainText(/damaged/)
  await go(again.page, 'receive')
  await expect(again.page.getByTestId('own-address')).toHaveAttribute('data-address', address)
})

/** A folder on a disk of its own; undefined where that cannot be made. */
async function smallDisk(options: string): Promise<{ folder: string; remove: () => Promise<void> } | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'cheese-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0
  const remove = async () => {
    if (mounted) spawnSync('umount', ['-l', folder])
    await rm(folder, { recursive: true, force: true })
  }
  if (mounted) return { folder, remove }
  await remove()
  return undefined
}

for (const [name, options, says] of [
  ['read-only', 'size=1m,ro', /read-only|cannot be written/i],
  ['full', 'size=4k,nr_inodes=2', /full/i],
] as const) {
  test(`a ${name} disk is told in the window instead of the app`, async ({ open, host }) => {
    test.skip(host !== 'electron', 'in a browser there is no page before there is a member; the command line tells it')
    const disk = await smallDisk(options)
    test.skip(disk === undefined, 'mounting a small disk needs root')
    if (!disk) return
    const { page, close } = await open({ dataDir: disk.folder })
    await expect(page.getByTestId('start-failure')).toContainText(says)
    await close()
    await disk.remove()
  })
}

test('a wrong passphrase is told when it is typed, and the words stay hidden', async ({ open }) => {
  const { page } = await open()
  const words = await createWallet(page, 'Keeper')
  await go(page, 'settings')
  await page.getByTestId('words-passphrase').fill('not the passphrase')
  await page.getByTestId('show-words').click()
  await expect(page.getByTestId('words-passphrase')).toHaveAttribute('aria-invalid', 'true', { timeout: 30_000 })
  await page.getByTestId('words-passphrase').fill(PASSPHRASE)
  await page.getByTestId('show-words').click()
  await expect(page.getByText(words[0] as string, { exact: true }).first()).toBeVisible({ timeout: 30_000 })
})
