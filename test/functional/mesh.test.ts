import { describe, expect, it } from 'vitest'
import type { TrackerReady } from '../../src/server/ready.ts'
import { freshFolder, Running, TestMember, until } from './support/processes.ts'

const COUNT = 5

async function linked(members: readonly TestMember[]): Promise<boolean> {
  const all = await Promise.all(members.map(({ client }) => client.peers.list()))
  return all.every((peers) => peers.length === members.length - 1)
}

describe('several members that one tracker brings together', () => {
  it('dial each other, hear of everything, and find together again without it', { timeout: 180_000 }, async () => {
    const tracker = await Running.start<TrackerReady>(['tracker', '--listen', '127.0.0.1:0'])
    const folders = await Promise.all(Array.from({ length: COUNT }, () => freshFolder()))
    const members: TestMember[] = []
    for (const dataDir of folders) members.push(await TestMember.start({ dataDir, trackers: [`http://${tracker.ready.listen}`] }))
    await until('each knows each', () => linked(members))
    const [first, last] = [members[0], members.at(-1)]
    if (!first || !last) throw new Error('no members')
    const directions = (await Promise.all(members.map(({ client }) => client.peers.list()))).flat().map(({ direction }) => direction)
    // One of two sides dialled each connection.
    expect(directions.filter((direction) => direction === 'in')).toHaveLength((COUNT * (COUNT - 1)) / 2)

    await first.client.mining.generate({ count: 4 })
    await until('all have the cheeses', async () => (await Promise.all(members.map(({ client }) => client.status()))).every(({ height }) => height === 4))
    const sent = await first.client.wallet.send({ to: last.address, amount: '100000000' })
    await until('all have the transfer', async () => (await Promise.all(members.map(({ client }) => client.status()))).every(({ mempool }) => mempool === 1))
    await until('the sender knows that', async () => (await first.client.wallet.journey({ id: sent.id })).seenBy === COUNT - 1)

    // The tracker ends for good. One member goes and comes back by what it remembers; one loses its power, and is told of one other.
    await tracker.end()
    await last.stop()
    await members[1]?.kill()
    const again = (index: number, peers: readonly string[]) => TestMember.start({ dataDir: folders[index] ?? '', peers })
    const returned = [await again(COUNT - 1, []), await again(1, [first.endpoint])]
    const now = [first, ...members.slice(2, -1), ...returned]
    await until('each knows each again', () => linked(now), 120)
    await first.client.mining.generate({ count: 1 })
    await until('all agree', async () => new Set(await Promise.all(now.map(async ({ client }) => (await client.status()).tip))).size === 1)
    expect((await first.client.wallet.journey({ id: sent.id })).entry.state).toBe('confirmed')
    for (const member of now) expect(await member.stop()).toBe(0)
  })
})
