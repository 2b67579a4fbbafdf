import { afterEach, expect, it } from 'vitest'
import { CheeseStack } from '../chain/stack.ts'
import { keyOf, type Made, Maker } from '../chain/testing/maker.ts'
import { relayId } from '../consensus/hash.ts'
import { params as paramsOf } from '../consensus/params.ts'
import { Mempool } from '../mempool/mempool.ts'
import { systemClock } from '../platform/clock.ts'
import { systemRandom } from '../platform/random.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { tlsTransport } from '../platform/tls-transport.ts'
import { openInlineVerifier } from '../platform/verify-inline.ts'
import { toHex } from '../util/bytes.ts'
import { silent } from '../util/ports.ts'
import { chainPort, mempoolPort } from './adapters.ts'
import { createIdentity } from './identity.ts'
import { Network } from './network.ts'
import { probe } from './probe.ts'
import { memoryFiles } from './testing/world.ts'
import type { HostPort } from './transport.ts'

const params = paramsOf('regtest')
const maker = new Maker(params)
const ann = keyOf(1)
const opened: { readonly network: Network; readonly stack: CheeseStack }[] = []
afterEach(async () => {
  await Promise.all(opened.map(({ network }) => network.close()))
  for (const { stack } of opened.splice(0)) await stack.close()
})

async function member(cheeses: readonly Made[], peers: readonly HostPort[] = []) {
  const verifier = openInlineVerifier()
  const stack = await CheeseStack.open({ store: openMemoryStore(), params, clock: systemClock, log: silent, verifier })
  for (const { headerBytes, bodyBytes } of cheeses) await stack.addCheese(headerBytes, bodyBytes)
  const mempool = new Mempool({ params, chain: { height: () => stack.tip.height, account: (address) => stack.account(address) }, verifier, clock: systemClock })
  stack.events.on('tip', (change) => mempool.handleTip(change))
  const network = await Network.open({
    params,
    transport: tlsTransport(await createIdentity()),
    listen: { host: '127.0.0.1', port: 0 },
    chain: chainPort(stack),
    mempool: mempoolPort(mempool),
    clock: systemClock,
    random: systemRandom,
    log: silent,
    files: memoryFiles(),
    folder: 'net',
    agent: 'test',
    peers,
  })
  if (!network.ok) throw new Error(network.error.message)
  const one = { network: network.value, stack, mempool, at: network.value.listenAddress as HostPort }
  opened.push(one)
  return one
}

/** Resolves when `condition` holds, looked at after each thing that happens. */
function until(condition: () => boolean, ...tellers: ((look: () => void) => () => void)[]): Promise<void> {
  return new Promise((resolve) => {
    const offs: (() => void)[] = []
    const look = () => {
      if (!condition()) return
      for (const off of offs) off()
      resolve()
    }
    offs.push(...tellers.map((tell) => tell(look)))
    look()
  })
}

it('members over real TLS sync, relay cheeses and transfers, and answer probes', async () => {
  const cheeses = maker.makeMany(maker.blue, 40, { to: ann.address })
  const [top, next] = [cheeses[38] as Made, cheeses[39] as Made]
  const a = await member(cheeses.slice(0, 39))
  const b = await member([], [a.at])
  const c = await member([], [b.at])
  const hasTip = (smell: string) =>
    [b, c].map((one) =>
      until(
        () => one.stack.tip.smell === smell,
        (look) => one.stack.events.on('tip', look),
      ),
    )
  await Promise.all(hasTip(top.smell))

  await until(
    () => [a, b, c].every((one) => one.network.sync().stage === 'synced'),
    ...[a, b, c].map((one) => (look: () => void) => one.network.events.on('sync', look)),
  )
  const transfer = maker.transfer({ from: ann, sequence: 0, payments: [{ to: keyOf(2).address, amount: 100_000_000n }], fee: 10_000n })
  const id = toHex(relayId(transfer))
  const arrived = until(
    () => c.mempool.has(id),
    (look) => c.mempool.events.on('added', look),
  )
  expect((await a.mempool.add(transfer, { local: true })).ok).toBe(true)
  await arrived
  expect(a.network.seenBy(id)).toHaveLength(1)

  const relayed = hasTip(next.smell)
  await a.stack.addCheese(next.headerBytes, next.bodyBytes)
  await Promise.all(relayed)

  const transport = tlsTransport(await createIdentity())
  const probed = await probe({ transport, endpoint: c.at, blueSmell: params.blueSmell, timeoutMs: 5_000, clock: systemClock, random: systemRandom })
  expect(probed).toMatchObject({ ok: true, value: { memberId: c.network.memberId } })
  expect([a, b, c].map((one) => one.network.peers().length)).toEqual([1, 2, 1])
  for (const one of [a, b, c]) for (const peer of one.network.peers()) expect(peer).toMatchObject({ reputation: 100, version: 'test' })
}, 20_000)
