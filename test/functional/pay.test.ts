import { describe, expect, it } from 'vitest'
import type { TrackerReady } from '../../src/server/ready.ts'
import { cheese, cheeseJson, freshFolder, passphraseFile, Running, TestMember, until } from './support/processes.ts'

describe('three members and a tracker over real TCP', () => {
  it('find each other through the tracker, mine, and pay by nickname; the payment is seen pending, then confirmed', { timeout: 180_000 }, async () => {
    const tracker = await Running.start<TrackerReady>(['tracker', '--listen', '127.0.0.1:0'])
    const url = `http://${tracker.ready.listen}`
    const start = async (nickname: string) => TestMember.start({ dataDir: await freshFolder(), nickname, trackers: [url], pace: 1 })
    const alice = await start('Alice')
    const bob = await start('Bob')
    const carol = await start('Carol')

    for (const member of [alice, bob, carol]) {
      await until('each knows the two others', async () => {
        const names = (await member.client.members()).map((m) => m.nickname)
        return ['Alice', 'Bob', 'Carol'].filter((name) => names.includes(name)).length >= 2
      })
      await until('each has a peer', async () => (await member.client.peers.list()).length > 0)
    }
    expect((await bob.client.members()).find((m) => m.nickname === 'Alice')).toMatchObject({ address: alice.address, memberId: alice.running.ready.memberId })

    await alice.client.mining.generate({ count: 4 })
    const before = await alice.client.status()
    expect(before.balance).toEqual({ spendable: String(2n * 5_000_000_000n), ripening: String(2n * 5_000_000_000n), pending: '0' })
    await until('all have her stack', async () => {
      const tips = await Promise.all([bob, carol].map(async (m) => (await m.client.status()).tip))
      return tips.every((tip) => tip === before.tip)
    })

    const passphrase = await passphraseFile()
    const api = ['--api', alice.running.ready.api, '--data-dir', alice.dataDir]
    const sent = await cheeseJson<{ id: string; to: string; amount: string; fee: string; sequence: number; expiry: number }>([
      'send',
      'Bob',
      '12.5',
      '--memo',
      'for the Gruyère',
      '--passphrase-file',
      passphrase,
      ...api,
    ])
    expect(sent).toMatchObject({ to: bob.address, amount: '1250000000', sequence: 0 })

    await until('Bob sees it pending', async () => (await bob.client.balance()).pending === sent.amount)
    await until('Carol has it in her mempool', async () => (await carol.client.status()).mempool === 1)
    const waiting = await bob.client.wallet.history({ limit: 5 })
    expect(waiting.entries[0]).toMatchObject({
      kind: 'received',
      state: 'waiting',
      id: sent.id,
      amount: sent.amount,
      memo: 'for the Gruyère',
      counterparty: alice.address,
    })
    await until('Alice hears that others have it', async () => (await alice.client.wallet.journey({ id: sent.id })).seenBy > 0)

    // Carol, who has nothing to do with it, finds the cheese that it is in.
    await carol.client.mining.generate({ count: 1 })
    await until('Bob has it confirmed', async () => (await bob.client.balance()).spendable === sent.amount)
    const journey = await until('Alice has it confirmed', async () => {
      const found = await alice.client.wallet.journey({ id: sent.id })
      return found.entry.state === 'confirmed' && found
    })
    expect(journey.entry).toMatchObject({ kind: 'sent', height: 5, confirmations: 1, fee: sent.fee })
    const after = await cheeseJson<{ spendable: string; ripening: string }>(['balance', ...api])
    expect(BigInt(after.spendable)).toBe(3n * 5_000_000_000n - BigInt(sent.amount) - BigInt(sent.fee))

    // The page for people and the machine's list both say who is there.
    const members = (await (await fetch(`${url}/v1/members?network=regtest`)).json()) as { members: unknown[] }
    expect(members.members.length).toBe(3)

    expect(await Promise.all([alice.stop(), bob.stop(), carol.stop()])).toEqual([0, 0, 0])
    await until(
      'the tracker has heard their goodbyes',
      async () => ((await (await fetch(`${url}/v1/members?network=regtest`)).json()) as { members: unknown[] }).members.length === 0,
    )
    expect(await tracker.end()).toBe(0)
    for (const member of [alice, bob, carol]) {
      const verified = await cheeseJson<{ height: number; tip: string }>(['verify', '--data-dir', member.dataDir, '--network', 'regtest'])
      expect(verified.height).toBe(5)
    }
  })

  it('a payment that waits survives a restart of sender and receiver', { timeout: 120_000 }, async () => {
    const [home, away] = [await freshFolder(), await freshFolder()]
    let alice = await TestMember.start({ dataDir: home, nickname: 'Alice' })
    let bob = await TestMember.start({ dataDir: away, nickname: 'Bob', peers: [alice.endpoint] })
    await alice.client.mining.generate({ count: 3 })
    await until('they are connected', async () => (await alice.client.peers.list()).length === 1)
    const sent = await alice.client.wallet.send({ to: bob.address, amount: '200000000' })
    await until('Bob sees it', async () => (await bob.client.balance()).pending === '200000000')
    await alice.kill()
    await bob.stop()
    alice = await TestMember.start({ dataDir: home })
    bob = await TestMember.start({ dataDir: away, peers: [alice.endpoint] })
    expect((await alice.client.wallet.journey({ id: sent.id })).entry.state).toBe('waiting')
    await until('Bob has it again', async () => (await bob.client.balance()).pending === '200000000')
    await bob.client.mining.generate({ count: 1 })
    await until('it is confirmed for both', async () => {
      const states = await Promise.all([alice, bob].map(async (m) => (await m.client.wallet.history({})).entries.find((e) => e.id === sent.id)?.state))
      return states.every((state) => state === 'confirmed')
    })
  })

  it('says what is wrong with a send, and sends nothing', { timeout: 60_000 }, async () => {
    const alice = await TestMember.start({ dataDir: await freshFolder(), nickname: 'Alice' })
    await alice.client.mining.generate({ count: 3 })
    const api = ['--api', alice.running.ready.api, '--data-dir', alice.dataDir, '--json']
    const own = alice.address
    const typo = `${own.slice(0, -1)}${own.endsWith('q') ? 'p' : 'q'}`
    for (const [args, says] of [
      [['send', own, '51'], /50/],
      [['send', typo, '1'], /typ|mistake|check/i],
      [['send', 'cheese1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq', '1'], /main|typ|mistake/i],
      [['send', 'Nobody', '1'], /Nobody/],
      [['send', own, '1', '--memo', 'x'.repeat(81)], /80/],
    ] as const) {
      const ran = await cheese([...args, ...api])
      expect(ran, args.join(' ')).toMatchObject({ code: 1, stdout: '' })
      expect(ran.stderr.trim().split('\n')).toHaveLength(1)
      expect(ran.stderr).toMatch(says)
    }
    for (const amount of ['-1', 'one', '1e3', '0.123456789']) {
      const ran = await cheese(['send', own, ...(amount.startsWith('-') ? ['--', amount] : [amount]), ...(amount.startsWith('-') ? [] : api)])
      expect([1, 2]).toContain(ran.code)
      expect(ran.stdout).toBe('')
    }
    expect((await alice.client.wallet.history({})).entries.filter((e) => e.kind !== 'reward')).toEqual([])
    expect((await alice.client.status()).mempool).toBe(0)
  })
})
