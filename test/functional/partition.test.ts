import { describe, expect, it } from 'vitest'
import { cheeseJson, freshFolder, TestMember, until } from './support/processes.ts'

const SUBSIDY = 5_000_000_000n

async function heightOf(member: TestMember): Promise<number> {
  return (await member.client.status()).height
}

/** Waits until all members stand on one tip; none of them mines any more. */
async function agree(members: readonly TestMember[]): Promise<{ height: number; tip: string }> {
  return until('all stand on one tip', async () => {
    const all = await Promise.all(members.map((m) => m.client.status()))
    const [first] = all
    return first !== undefined && all.every((s) => s.tip === first.tip) && { height: first.height, tip: first.tip }
  })
}

describe('three members mine against each other', () => {
  it('through partitions and rejoins they end on one tip with one accounts root, and no crumb is lost', { timeout: 240_000 }, async () => {
    const folders = [await freshFolder(), await freshFolder(), await freshFolder()] as const
    const a = await TestMember.start({ dataDir: folders[0], nickname: 'A', pace: 0.2 })
    const b = await TestMember.start({ dataDir: folders[1], nickname: 'B', pace: 0.2, peers: [a.endpoint] })
    const c = await TestMember.start({ dataDir: folders[2], nickname: 'C', pace: 0.2 })
    const members = [a, b, c]

    // First partition: A and B on one side, C alone; all three mine.
    for (const member of members) await member.client.mining.set({ on: true, threads: 1, consent: true })
    await until('both sides have a stack of their own', async () => (await heightOf(a)) >= 8 && (await heightOf(c)) >= 6)
    const apart = await Promise.all([a, c].map(async (m) => (await m.client.stack.show({ query: '3' })) as { smell: string }))
    expect(apart[0]?.smell).not.toBe(apart[1]?.smell)

    // They pay while apart: one of these payments will be on the losing side for a while.
    const payment = await until('A can pay', async () => a.client.wallet.send({ to: b.address, amount: '300000000' }).catch(() => undefined))
    const other = await until('C can pay', async () => c.client.wallet.send({ to: c.address, amount: '700000000' }).catch(() => undefined))

    await c.client.peers.connect({ endpoint: a.endpoint })
    await until('they mine on one stack', async () => {
      const height = Math.min(...(await Promise.all(members.map(heightOf))))
      const smells = await Promise.all(members.map(async (m) => (await m.client.stack.list({ from: height - 1, count: 1 }))[0]?.smell))
      return smells.every((smell) => smell !== undefined && smell === smells[0])
    })

    // Second partition: B falls out, mines on alone, and comes back.
    await b.stop()
    const bAlone = await TestMember.start({ dataDir: folders[1], pace: 0.2 })
    const before = await heightOf(bAlone)
    const idOf = bAlone.running.ready.memberId
    expect(idOf).toBe(b.running.ready.memberId)
    for (const peer of await bAlone.client.peers.list()) await bAlone.client.peers.disconnect({ memberId: peer.memberId })
    await bAlone.client.mining.set({ on: true, threads: 1, consent: true })
    await until('B has mined on', async () => (await heightOf(bAlone)) >= before + 4)
    await bAlone.client.peers.connect({ endpoint: a.endpoint })

    const now = [a, bAlone, c]
    for (const member of now) await member.client.mining.set({ on: false })
    await until('no two branches of equal work are left', async () => {
      const all = await Promise.all(now.map((m) => m.client.status()))
      if (new Set(all.map(({ tip }) => tip)).size === 1) return true
      // Of equal branches each keeps the one that it saw first, until one of them grows.
      if (new Set(all.map(({ height }) => height)).size === 1) await a.client.mining.generate({ count: 1 })
      return false
    })
    // More cheeses, so that what still waits gets in.
    await until('the payments are confirmed on all', async () => {
      await a.client.mining.generate({ count: 1 })
      await agree(now)
      const states = [(await a.client.wallet.journey({ id: payment.id })).entry.state, (await c.client.wallet.journey({ id: other.id })).entry.state]
      return states.every((state) => state === 'confirmed')
    })
    const { height, tip } = await agree(now)

    // Every crumb of every reward is somewhere: in an account or ripening.
    let total = 0n
    for (const member of now) {
      const page = await a.client.stack.show({ query: member.address })
      if (page.type !== 'account') throw new Error('an address shows an account')
      total += BigInt(page.balance) + BigInt(page.ripening)
    }
    expect(total).toBe(BigInt(height) * SUBSIDY)

    const roots = await Promise.all(now.map(async (m) => (await m.client.stack.show({ query: tip })) as { accountsRoot: string }))
    expect(new Set(roots.map((r) => r.accountsRoot)).size).toBe(1)
    for (const member of now) expect(await member.stop()).toBe(0)
    const verified = await Promise.all(
      folders.map((dataDir) => cheeseJson<{ tip: string; height: number; accountsRoot: string }>(['verify', '--data-dir', dataDir, '--network', 'regtest'])),
    )
    for (const result of verified) expect(result).toMatchObject({ tip, height, accountsRoot: roots[0]?.accountsRoot })
  })
})
