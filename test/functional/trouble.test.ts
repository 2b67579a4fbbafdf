import { spawnSync } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cheese, cheeseJson, freshFolder, passphraseFile, TestMember, until } from './support/processes.ts'

const start = (dataDir: string, ...more: string[]) =>
  cheese(['member', '--network', 'regtest', '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--api', '127.0.0.1:0', '--json', ...more])

/** Mounts a small file system of its own at a fresh folder, or says why it cannot. */
async function mount(options: string): Promise<string | undefined> {
  const folder = await freshFolder('cheese-disk')
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
  if (mounted.status !== 0) return undefined
  onTestFinished(() => {
    spawnSync('umount', ['-l', folder])
  })
  return folder
}

describe('trouble is told in one line, with what to do, and loses nothing', () => {
  it('a data folder of another network', { timeout: 60_000 }, async () => {
    const dataDir = await freshFolder()
    const member = await TestMember.start({ dataDir })
    await member.stop()
    const ran = await cheese(['member', '--network', 'test', '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--api', '127.0.0.1:0', '--json'])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/regtest network.*--network regtest/)
  })

  it('a data folder that another member uses', { timeout: 60_000 }, async () => {
    const dataDir = await freshFolder()
    const member = await TestMember.start({ dataDir })
    const api = await readFile(join(dataDir, 'api.json'), 'utf8')
    const ran = await start(dataDir)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/in use/)
    // The first one is not disturbed.
    expect(await readFile(join(dataDir, 'api.json'), 'utf8')).toBe(api)
    expect((await member.client.status()).height).toBe(0)
  })

  it('a port in use, for members and for the control API', { timeout: 60_000 }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    onTestFinished(() => {
      server.close()
    })
    const taken = `127.0.0.1:${(server.address() as { port: number }).port}`
    for (const flag of ['--listen', '--api']) {
      const ran = await start(await freshFolder(), flag, taken)
      expect(ran, flag).toMatchObject({ code: 1, stdout: '' })
      expect(ran.stderr.trim().split('\n').at(-1)).toMatch(/port|taken|in use/i)
    }
    const tracker = await cheese(['tracker', '--listen', taken, '--json'])
    expect(tracker).toMatchObject({ code: 1, stdout: '' })
    const member = await TestMember.start({ dataDir: await freshFolder() })
    await expect(member.client.tracker.host({ listen: taken })).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  })

  it('a tracker that is down: the member runs, says so, and joins when it is back', { timeout: 90_000 }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const port = (server.address() as { port: number }).port
    await new Promise((resolve) => server.close(resolve))
    const member = await TestMember.start({ dataDir: await freshFolder(), trackers: [`http://127.0.0.1:${port}`] })
    const failing = await until('it says so', async () => (await member.client.tracker.status()).joined.find((t) => t.state === 'failing'))
    expect(failing.error).toMatch(/\w+ .*\w/)
    const host = await TestMember.start({ dataDir: await freshFolder() })
    await host.client.tracker.host({ listen: `127.0.0.1:${port}` })
    await until('it has joined', async () => (await member.client.tracker.status()).joined.some((t) => t.state === 'joined'))
  })

  it('a damaged store is set aside and rebuilt; the wallet stays', { timeout: 90_000 }, async () => {
    const dataDir = await freshFolder()
    let member = await TestMember.start({ dataDir })
    await member.client.mining.generate({ count: 6 })
    const { address } = member
    const peer = await TestMember.start({ dataDir: await freshFolder(), peers: [member.endpoint] })
    await until('a peer has the stack', async () => (await peer.client.status()).height === 6)
    await member.stop()
    for (const name of await readdir(join(dataDir, 'chain'))) {
      if (/^(MANIFEST|CURRENT)/.test(name)) await writeFile(join(dataDir, 'chain', name), 'rotten')
    }
    member = await TestMember.start({ dataDir, peers: [peer.endpoint] })
    expect(member.address).toBe(address)
    expect((await member.client.status()).problems.map((p) => p.message).join()).toMatch(/damaged/)
    await until('the stack is back', async () => (await member.client.status()).height === 6)
    await until('and the balance', async () => (await member.client.balance()).spendable === '20000000000')
    await member.stop()
    expect(await cheeseJson(['verify', '--data-dir', dataDir, '--network', 'regtest'])).toMatchObject({ height: 6 })
    expect((await readdir(dataDir)).filter((name) => name.startsWith('chain.damaged')).length).toBe(1)
  })

  it('a damaged vault file: the member runs without it, and says that the words bring it back', { timeout: 60_000 }, async () => {
    const dataDir = await freshFolder()
    const member = await TestMember.start({ dataDir })
    await member.stop()
    await writeFile(join(dataDir, 'wallet', 'vault.age'), 'not an age file')
    const ran = await cheese(['words', '--data-dir', dataDir, '--network', 'regtest', '--passphrase-file', await passphraseFile(), '--json'])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/damaged|cannot be read/i)
  })

  it('a full disk', { timeout: 90_000 }, async (context) => {
    const dataDir = await mount('size=1m')
    if (dataDir === undefined) return context.skip('mounting a small disk needs root')
    await writeFile(join(dataDir, 'ballast'), Buffer.alloc(900_000))
    await writeFile(join(dataDir, 'ballast2'), Buffer.alloc(1_000_000)).catch(() => undefined)
    const ran = await start(dataDir)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/full/i)
    expect(ran.stderr.trim().split('\n')).toHaveLength(1)
  })

  it('a disk that fills up while mining: mining stops with a message, and after room is made the stack verifies', { timeout: 120_000 }, async (context) => {
    const dataDir = await mount('size=3m')
    if (dataDir === undefined) return context.skip('mounting a small disk needs root')
    const member = await TestMember.start({ dataDir })
    await member.client.mining.generate({ count: 3 })
    await writeFile(join(dataDir, 'ballast'), Buffer.alloc(4_000_000)).catch(() => undefined)
    await expect(member.client.mining.generate({ count: 10_000 })).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect((await member.client.status()).problems.some((p) => /full/i.test(p.message))).toBe(true)
    await member.kill()
    await rm(join(dataDir, 'ballast'))
    const verified = await cheeseJson<{ height: number }>(['verify', '--data-dir', dataDir, '--network', 'regtest'])
    expect(verified.height).toBeGreaterThanOrEqual(3)
    const again = await TestMember.start({ dataDir })
    expect((await again.client.mining.generate({ count: 1 }))[0]?.height).toBe(verified.height + 1)
  })

  it('a read-only disk', { timeout: 60_000 }, async (context) => {
    const dataDir = await mount('size=1m,ro')
    if (dataDir === undefined) return context.skip('mounting a read-only disk needs root')
    const ran = await start(dataDir)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toMatch(/read-only|cannot be written/i)
  })
})
