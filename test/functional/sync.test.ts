import { describe, expect, it } from 'vitest'
import { makeStackFolder } from '../support/stack-folder.ts'
import { cheese, cheeseJson, freshFolder, TestMember, until } from './support/processes.ts'

describe('a first sync', () => {
  it('is killed twice in the middle, goes on each time without fetching again what it had, and says how far it is', { timeout: 240_000 }, async () => {
    const [theirs, ours] = [await freshFolder(), await freshFolder()]
    const stack = await makeStackFolder(theirs, 400, 60)
    const other = await TestMember.start({ dataDir: theirs, nickname: 'Alice' })
    const start = () => TestMember.start({ dataDir: ours, peers: [other.endpoint], wallet: false })
    let height = 0
    for (const part of [0.15, 0.5]) {
      const member = await start()
      const first = await member.client.status()
      // What was connected before the kill is there: the process died, not the machine.
      expect(first.height).toBeGreaterThanOrEqual(height)
      const seen = await until('it is part of the way', async () => {
        const { sync } = await member.client.status()
        return sync.height >= stack.height * part && sync
      })
      expect(seen.stage).toBe('bodies')
      expect(seen.bestHeight).toBe(stack.height)
      expect(seen.progress).toBeGreaterThan(part)
      expect(seen.progress).toBeLessThan(1)
      expect(seen.servers.map(({ nickname }) => nickname)).toEqual(['Alice'])
      const text = (await cheese(['status', '--data-dir', ours])).stdout
      if (/^Sync/m.test(text)) expect(text).toMatch(/^Sync +\d+ %, Cheeses \d+ of 407 \(step 3 of 3\).*from Alice/m)
      height = seen.height
      await member.kill()
    }
    const member = await start()
    const had = (await member.client.status()).height
    const left = stack.bytes * (1 - had / stack.height)
    await until('it is as high as the other', async () => (await member.client.status()).tip === stack.tip)
    const fetched = (await member.client.peers.list()).reduce((sum, { bytesIn }) => sum + bytesIn, 0)
    // Headers, cards and the like are some kilobytes; the lower cheeses are not those with transfers, hence the slack.
    expect(fetched).toBeLessThan(left + 0.05 * stack.bytes + 100_000)
    await until('it says that it is synced', async () => (await member.client.status()).sync.stage === 'synced')
    expect(await member.stop()).toBe(0)
    const verified = await cheeseJson<{ height: number; tip: string }>(['verify', '--data-dir', ours, '--network', 'regtest'])
    expect(verified).toMatchObject({ height: stack.height, tip: stack.tip })
    await other.stop()
  })
})
