import { describe, expect, it } from 'vitest'
import { cheeseJson, freshFolder, TestMember, until } from './support/processes.ts'

const ROUNDS = 20

describe('SIGKILL', () => {
  it(`${ROUNDS} times at random moments leaves a mining member whose stack opens, grows and verifies`, { timeout: 400_000 }, async () => {
    const dataDir = await freshFolder()
    let height = 0
    let address: string | undefined
    for (let round = 0; round < ROUNDS; round++) {
      const member = await TestMember.start({ dataDir, mine: true, pace: 0 })
      address ??= member.address
      expect(member.address).toBe(address)
      const status = await member.client.status()
      // What was there stays there; only the very last cheese, seen while it was being written, may not have reached the disk.
      expect(status.height).toBeGreaterThanOrEqual(height - 1)
      expect(status.problems.filter((p) => p.severity === 'error')).toEqual([])
      // A transfer every other round, so that accounts, undo and the mempool are written too.
      if (round % 2 === 1 && BigInt(status.balance.spendable) > 200_000_000n) await member.client.wallet.send({ to: member.address, amount: '1000000' })
      // The moment of the kill: after a random number of further cheeses, and then somewhere within the next one.
      const more = Math.floor(Math.random() * 12)
      height = await until(`it has mined ${more} more`, async () => {
        const now = (await member.client.status()).height
        return now >= status.height + more && now > 0 && now
      })
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
      await member.kill()
    }
    const verified = await cheeseJson<{ height: number; cheeses: number; accountsRoot: string }>(['verify', '--data-dir', dataDir, '--network', 'regtest'])
    expect(verified.height).toBeGreaterThanOrEqual(height - 1)
    const member = await TestMember.start({ dataDir })
    expect((await member.client.status()).height).toBe(verified.height)
    expect(await member.stop()).toBe(0)
  })
})
