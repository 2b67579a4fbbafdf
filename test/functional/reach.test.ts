import { expect, it } from 'vitest'
import { openTestSocks } from '../../src/platform/testing/socks-server.ts'
import type { MemberReady } from '../../src/server/ready.ts'
import { cheese, cheeseJson, freshFolder, Running, TestMember, until } from './support/processes.ts'

interface Shown {
  readonly peers: number
  readonly listen: string
  readonly alone: { readonly words: string; readonly repair: string } | null
  readonly reach: { readonly verdict: string; readonly proxy: string | null; readonly words: string; readonly repair: string | null }
}

const statusOf = (dataDir: string) => cheeseJson<Shown>(['status', '--data-dir', dataDir])

it('behind a proxy a member dials out through it alone, listens nowhere, catches up all the same, and says so when the proxy is gone', {
  timeout: 120_000,
}, async () => {
  const [theirs, ours] = [await freshFolder(), await freshFolder()]
  const other = await TestMember.start({ dataDir: theirs, nickname: 'Alice' })
  const [made] = await other.client.mining.generate({ count: 1 })
  const port = Number(other.endpoint.slice(other.endpoint.lastIndexOf(':') + 1))
  // A name that nobody but the proxy knows: whoever looked it up here would not get there.
  const socks = await openTestSocks(({ host }) => (host === 'alice.invalid' ? { host: '127.0.0.1', port } : 4))
  const { endpoint } = socks
  const proxy = `socks5://${endpoint.host}:${endpoint.port}`
  const member = await Running.start<MemberReady>(['member', '--network', 'regtest', '--data-dir', ours, '--proxy', proxy, '--peer', `alice.invalid:${port}`])
  expect(member.ready.listen).toBe('')
  await until('it has caught up', async () => (await cheeseJson<{ tip: string }>(['status', '--data-dir', ours])).tip === made?.smell)
  expect(await statusOf(ours)).toMatchObject({ peers: 1, alone: null, reach: { verdict: 'outbound-only', proxy: `${endpoint.host}:${endpoint.port}` } })
  expect(socks.asked.every(({ host, named }) => host === 'alice.invalid' && named)).toBe(true)
  // Alice's card names her address on this machine, for which no proxy is needed.
  await other.stop()
  await socks.close()
  const { alone } = await until('it is alone', async () => {
    const status = await statusOf(ours)
    return status.alone?.words.includes('proxy') && status
  })
  expect(alone).toEqual({
    words: `The proxy at ${endpoint.host}:${endpoint.port} does not let you through.`,
    repair: expect.stringContaining('start it (for Tor, the Tor service)'),
  })
  expect((await cheese(['status', '--data-dir', ours])).stdout).toMatch(/^Stack +.*no peers/m)
  await member.end('SIGTERM')
})

it('a member is told on request whether it can be reached, and what it chose is kept', { timeout: 120_000 }, async () => {
  const [theirs, ours] = [await freshFolder(), await freshFolder()]
  const other = await TestMember.start({ dataDir: theirs, nickname: 'Alice', wallet: false })
  const member = await TestMember.start({ dataDir: ours, peers: [other.endpoint], wallet: false })
  await until('they are connected', async () => (await statusOf(ours)).peers === 1)
  expect(await cheeseJson(['network', 'check', '--data-dir', ours])).toMatchObject({
    verdict: 'open',
    basis: 'member',
    repair: null,
    mapping: { state: 'off' },
  })
  expect((await cheese(['network', '--data-dir', ours])).stdout).toMatch(/^Reach +Others can reach you/m)
  expect(await cheeseJson(['network', 'set', '--port-mapping', 'off', '--lan', 'off', '--data-dir', ours])).toEqual({
    portMapping: false,
    lan: false,
    proxy: null,
  })
  expect((await cheese(['network', 'set', '--data-dir', ours])).code).toBe(2)
  expect((await cheese(['network', 'set', '--proxy', 'http://127.0.0.1:1', '--data-dir', ours])).stderr).toContain('socks5://HOST:PORT')
  await member.stop()
  const again = await TestMember.start({ dataDir: ours, wallet: false })
  expect(await again.client.network.choices()).toEqual({ portMapping: false, lan: false, proxy: null })
  await again.stop()
  await other.stop()
})
