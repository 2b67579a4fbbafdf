import { createInterface } from 'node:readline'
import { describe, expect, it, type TestContext } from 'vitest'
import type { TrackerReady } from '../../src/server/ready.ts'
import { Lab, whyNoNamespaces } from './support/namespaces.ts'
import { freshFolder, Running, TestMember, until } from './support/processes.ts'
import type { StormRound } from './support/storm.ts'

const TRACKER = 'http://8.3.0.1:9876'

async function heights(members: readonly TestMember[]): Promise<number[]> {
  return Promise.all(members.map(async ({ client }) => (await client.status()).height))
}

async function agree(members: readonly TestMember[]): Promise<void> {
  await until('all stand on one tip', async () => new Set(await Promise.all(members.map(async ({ client }) => (await client.status()).tip))).size === 1)
}

/** A lab; where there cannot be one, the test is skipped, and says why. */
function openLab(context: TestContext): Lab {
  const reason = whyNoNamespaces()
  if (reason === undefined) return Lab.open()
  console.info(`skipped  network namespaces: ${reason}`)
  return context.skip(reason)
}

describe('several hosts, one of them behind a router that lets nobody in', () => {
  it('take part alike, know who can be reached, and find together again after a cut cable', { timeout: 240_000 }, async (context) => {
    const lab = openLab(context)
    lab.addHost('tracker', '8.3.0.1')
    lab.addHost('anna', '8.1.0.1')
    lab.addHost('ben', '8.2.0.1')
    lab.addHome('nora', '8.4.0.1')
    await Running.start<TrackerReady>(['tracker', '--listen', '0.0.0.0:9876'], { on: lab.on('tracker') })
    const start = async (nickname: string) =>
      TestMember.start({ dataDir: await freshFolder(), nickname, on: lab.on(nickname), listen: '0.0.0.0:9875', trackers: [TRACKER] })
    const [anna, ben, nora] = [await start('anna'), await start('ben'), await start('nora')]
    const all = [anna, ben, nora]

    // Nobody was told of anybody: the tracker knows them all.
    await until('everybody has two peers', async () => (await Promise.all(all.map(({ client }) => client.peers.list()))).every((peers) => peers.length === 2))
    // She dialled both, and neither could have dialled her.
    expect((await nora.client.peers.list()).map(({ direction }) => direction)).toEqual(['out', 'out'])
    await until('the two are found to be open', async () =>
      (await Promise.all([anna, ben].map(({ client }) => client.status()))).every((s) => s.reach.verdict === 'open'),
    )
    const { reach } = await until('she is found to be closed', async () => {
      const status = await nora.client.status()
      return status.reach.verdict === 'closed' && status
    })
    expect(reach).toMatchObject({ basis: 'tracker' })
    expect(reach.repair).toContain('9875')

    // She syncs, receives, sends and mines.
    await anna.client.mining.generate({ count: 5 })
    await until('she has synced', async () => (await nora.client.status()).height === 5)
    await anna.client.wallet.send({ to: nora.address, amount: '5000000000' })
    await until('she hears of the payment', async () => BigInt((await nora.client.balance()).pending) === 5_000_000_000n)
    await ben.client.mining.generate({ count: 1 })
    await until('she has the money', async () => BigInt((await nora.client.balance()).spendable) === 5_000_000_000n)
    const sent = await nora.client.wallet.send({ to: ben.address, amount: '1000000000' })
    await until('both others have seen what she sent', async () => (await nora.client.wallet.journey({ id: sent.id })).seenBy === 2)
    await nora.client.mining.generate({ count: 3 })
    await until('everybody has her cheeses', async () => (await heights(all)).every((height) => height === 9))
    await agree(all)
    expect((await nora.client.wallet.journey({ id: sent.id })).entry.state).toBe('confirmed')

    // Her router's cable is pulled. Both sides go on; hers is the shorter one.
    lab.plug('nora', false)
    await nora.client.mining.generate({ count: 2 })
    await anna.client.mining.generate({ count: 4 })
    await until('they are apart', async () => (await heights(all)).join() === '13,13,11')
    lab.plug('nora', true)
    await until('they agree again', async () => (await heights(all)).every((height) => height === 13), 120)
    await agree(all)
    const roots = await Promise.all(all.map(async ({ client }) => (await client.stack.show({ query: '13' })) as { accountsRoot: string }))
    expect(new Set(roots.map(({ accountsRoot }) => accountsRoot)).size).toBe(1)
    for (const member of all) expect(await member.stop()).toBe(0)
  })
})

describe('one host that comes under hundreds of names', () => {
  it('has a few places and no more, and keeps nobody else out', { timeout: 120_000 }, async (context) => {
    const lab = openLab(context)
    for (const [host, address] of Object.entries({ anna: '8.1.0.1', ben: '8.2.0.1', mallory: '8.5.0.1' })) lab.addHost(host, address)
    const start = async (host: string, peers: readonly string[]) =>
      TestMember.start({ dataDir: await freshFolder(), network: 'test', on: lab.on(host), listen: '0.0.0.0:9875', peers, wallet: false })
    const anna = await start('anna', [])
    const rounds: StormRound[] = []
    const { stdout } = lab.script('mallory', 'storm.ts', '8.1.0.1', '9875')
    if (!stdout) throw new Error('no stdout')
    createInterface(stdout).on('line', (line) => rounds.push(JSON.parse(line) as StormRound))
    await until('the storm is there', () => rounds.length >= 2)
    const ben = await start('ben', ['8.1.0.1:9875'])
    await until('somebody else gets in all the same', async () =>
      (await ben.client.peers.list()).some(({ memberId }) => memberId === anna.running.ready.memberId),
    )
    await until('it goes on', () => (rounds.at(-1)?.tried ?? 0) >= 500)
    const peers = await anna.client.peers.list()
    expect(peers.filter(({ direction, endpoint }) => direction === 'in' && endpoint.startsWith('8.5.')).length).toBeLessThanOrEqual(4)
    expect(peers.find(({ endpoint }) => endpoint.startsWith('8.2.'))).toMatchObject({ reputation: 100 })
    expect(Math.max(...rounds.map(({ held }) => held))).toBeLessThanOrEqual(4)
    // Nor has it filled the log.
    expect(anna.running.stderr.length).toBeLessThan(64_000)
    expect(await anna.stop()).toBe(0)
  })
})
