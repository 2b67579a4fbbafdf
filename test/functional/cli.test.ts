import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cheese, cheeseJson, freshFolder, passphraseFile, TestMember, until } from './support/processes.ts'

const SMELL = /^[0-9a-f]{64}$/

describe('cheese against a running member', () => {
  it('answers every control command with one JSON document of the documented shape', { timeout: 120_000 }, async () => {
    const member = await TestMember.start({ dataDir: await freshFolder(), nickname: 'Solo' })
    const at = ['--api', member.running.ready.api, '--data-dir', member.dataDir]
    const run = <T = Record<string, unknown>>(...args: string[]) => cheeseJson<T>([...args, ...at])

    const made = await run<{ height: number; smell: string }[]>('generate', '4')
    expect(made.map((m) => m.height)).toEqual([1, 2, 3, 4])
    expect(made.every((m) => SMELL.test(m.smell))).toBe(true)

    const status = await run('status')
    expect(status).toMatchObject({ network: 'regtest', height: 4, tip: made[3]?.smell, peers: 0, mempool: 0, address: member.address, nickname: 'Solo' })
    expect(status).toMatchObject({ mining: { on: false, found: 4 }, balance: { spendable: '10000000000', ripening: '10000000000', pending: '0' } })
    expect(typeof status.syncing).toBe('boolean')
    expect(typeof status.version).toBe('string')
    expect(status.verifier).toMatch(/secp256k1/)
    expect(await run('balance')).toEqual({ spendable: '10000000000', ripening: '10000000000', pending: '0' })

    expect(await run('contacts', 'add', 'Cave', member.address)).toMatchObject({ name: 'Cave', address: member.address })
    expect(await run('contacts')).toMatchObject([{ name: 'Cave' }])
    const sent = await run<{ id: string; amount: string; fee: string; sequence: number }>(
      'send',
      'Cave',
      '1.25',
      '--fee',
      '0.001',
      '--memo',
      'hi',
      '--expires',
      '0',
    )
    expect(sent).toMatchObject({ amount: '125000000', fee: '100000', sequence: 0, expiry: 0, to: member.address })
    expect(await run('show', sent.id)).toMatchObject({ type: 'transfer', id: sent.id, state: 'waiting' })
    expect((await run<unknown[]>('history'))[0]).toMatchObject({ kind: 'sent', state: 'waiting', id: sent.id, memo: 'hi', confirmations: 0 })
    await run('generate', '1')
    expect(await run('show', sent.id)).toMatchObject({ type: 'transfer', state: 'confirmed', height: 5 })
    expect(await run('show', '5')).toMatchObject({ type: 'cheese', height: 5, transfers: 1 })
    expect(await run('show', made[0]?.smell as string)).toMatchObject({ type: 'cheese', height: 1 })
    expect(await run('show', member.address)).toMatchObject({ type: 'account', sequence: 1 })
    const stack = await run<{ height: number; reward: string }[]>('stack', '--count', '2')
    expect(stack.map((c) => c.height)).toEqual([5, 4])
    expect(stack[0]).toMatchObject({ reward: '5000100000', transfers: 1, miner: member.address })
    expect(await run<unknown[]>('stack', '--from', '1', '--count', '10')).toHaveLength(2)
    expect(await run('members')).toBeInstanceOf(Array)
    expect(await run('peers')).toEqual([])
    expect(await run('mine', 'on', '--threads', '1')).toEqual({ on: true, threads: 1 })
    await until('it mines', async () => (await member.client.status()).height > 5)
    expect(await run('mine', 'off')).toMatchObject({ on: false })
    expect(await run('contacts', 'remove', 'Cave')).toBeTruthy()
    expect(await run('contacts')).toEqual([])
    const history = await run<{ kind: string; state: string }[]>('history')
    expect(history.filter((h) => h.kind === 'reward' && h.state === 'confirmed').length).toBeGreaterThan(0)

    const stopped = await cheese(['stop', ...at])
    expect(stopped.code).toBe(0)
    // `stop` returns when the member has ended: nothing answers there any more.
    const gone = await cheese(['status', ...at, '--json'])
    expect(gone).toMatchObject({ code: 1, stdout: '' })
    expect(gone.stderr.trim().split('\n')).toHaveLength(1)
    await expect(readFile(join(member.dataDir, 'api.json'))).rejects.toThrow()
  })

  it('exits 2 on bad usage, 1 on failure, with one line on stderr and nothing on stdout', { timeout: 60_000 }, async () => {
    const dataDir = await freshFolder()
    for (const args of [
      ['nonsense'],
      ['send'],
      ['mine', 'sideways'],
      ['status', '--bogus'],
      ['member', '--network', 'moon'],
      ['generate', 'many'],
      ['send', 'x', '1e5'],
    ]) {
      const ran = await cheese([...args, '--data-dir', dataDir, '--json'])
      expect(ran, args.join(' ')).toMatchObject({ code: 2, stdout: '' })
      expect(ran.stderr.trim().split('\n'), args.join(' ')).toHaveLength(1)
    }
    const nobody = await cheese(['status', '--data-dir', dataDir, '--json'])
    expect(nobody).toMatchObject({ code: 1, stdout: '' })
    for (const command of ['member', 'tracker', 'send', 'words', 'verify', 'load', 'show']) {
      const help = await cheese([command, '--help'])
      expect(help.code, command).toBe(0)
      expect(help.stdout, command).toContain('Usage: cheese')
    }
  })
})

describe('cheese offline', () => {
  it('shows words, restores them elsewhere to the same address, verifies, dumps and loads', { timeout: 120_000 }, async () => {
    const dataDir = await freshFolder()
    const member = await TestMember.start({ dataDir })
    await member.client.mining.generate({ count: 5 })
    await member.client.wallet.send({ to: member.address, amount: '5000000' })
    await member.client.mining.generate({ count: 1 })
    const { tip } = await member.client.status()
    const busy = await cheese(['verify', '--data-dir', dataDir, '--network', 'regtest', '--json'])
    expect(busy).toMatchObject({ code: 1, stdout: '' })
    expect(busy.stderr).toMatch(/in use|running/i)
    expect(await member.stop()).toBe(0)

    const shown = await cheeseJson<{ words: string[] }>(['words', '--data-dir', dataDir, '--network', 'regtest', '--passphrase-file', await passphraseFile()])
    expect(shown.words).toHaveLength(12)
    const wrong = join(await freshFolder(), 'wrong')
    await writeFile(wrong, 'not the passphrase\n')
    const refused = await cheese(['words', '--data-dir', dataDir, '--network', 'regtest', '--passphrase-file', wrong, '--json'])
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/passphrase/i)

    const elsewhere = await freshFolder()
    const wordsFile = join(elsewhere, 'words.txt')
    await writeFile(wordsFile, `${shown.words.join(' ')}\n`)
    const restoredDir = await freshFolder()
    const restore = ['restore', '--words-file', wordsFile, '--data-dir', restoredDir, '--network', 'regtest', '--passphrase-file', await passphraseFile()]
    expect(await cheeseJson<{ address: string }>(restore)).toMatchObject({ address: member.address })
    expect(await cheese([...restore, '--json'])).toMatchObject({ code: 1, stdout: '' })
    const badWords = join(elsewhere, 'bad.txt')
    await writeFile(badWords, 'cheddar gouda brie\n')
    const bad = await cheese([
      'restore',
      '--words-file',
      badWords,
      '--data-dir',
      await freshFolder(),
      '--network',
      'regtest',
      '--passphrase-file',
      await passphraseFile(),
      '--json',
    ])
    expect(bad).toMatchObject({ code: 1, stdout: '' })

    const verified = await cheeseJson(['verify', '--data-dir', dataDir, '--network', 'regtest'])
    expect(verified).toMatchObject({ height: 6, tip, cheeses: 7, transfers: 1 })
    expect(verified.seconds).toBeGreaterThanOrEqual(0)

    const file = join(elsewhere, 'stack.dump')
    const dumped = await cheeseJson<{ bytes: number }>(['dump', '--data-dir', dataDir, '--network', 'regtest', '--out', file])
    expect(dumped).toMatchObject({ height: 6, tip })
    const bytes = await readFile(file)
    expect(bytes.length).toBe(dumped.bytes)
    expect(bytes.readUInt32BE(0)).toBeGreaterThan(116)
    // A restored wallet on a loaded stack sees its whole history.
    expect(await cheeseJson(['load', '--data-dir', restoredDir, '--network', 'regtest', '--in', file])).toEqual({ height: 6, tip })
    const back = await TestMember.start({ dataDir: restoredDir })
    expect((await back.client.wallet.history({})).entries.map((e) => e.kind).sort()).toEqual([
      'reward',
      'reward',
      'reward',
      'reward',
      'reward',
      'reward',
      'sent',
    ])
    expect(await back.stop()).toBe(0)

    // A damaged file is refused at the first bad cheese, and what was good is kept.
    const damaged = join(elsewhere, 'damaged.dump')
    let at = 0
    for (let height = 0; height < 4; height++) at += 4 + bytes.readUInt32BE(at)
    const broken = Buffer.from(bytes)
    broken.writeUInt8(broken.readUInt8(at + 4 + 116 + 2) ^ 1, at + 4 + 116 + 2)
    await writeFile(damaged, broken)
    const half = await freshFolder()
    const stopped = await cheese(['load', '--data-dir', half, '--network', 'regtest', '--in', damaged, '--json'])
    expect(stopped).toMatchObject({ code: 1, stdout: '' })
    expect(stopped.stderr).toMatch(/\b4\b/)
    expect(stopped.stderr).toContain('body-root')
    expect(await cheeseJson(['verify', '--data-dir', half, '--network', 'regtest'])).toMatchObject({ height: 3 })
    const foreign = await cheese(['load', '--data-dir', await freshFolder(), '--network', 'test', '--in', file, '--json'])
    expect(foreign).toMatchObject({ code: 1, stdout: '' })
    expect(foreign.stderr).toMatch(/height 0 is bad \(foreign\): this dump is of the network regtest/)
  })
})
