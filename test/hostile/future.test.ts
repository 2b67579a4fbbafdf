/** Times that have not come: on a network whose clock matters, against a member of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { addressOf } from '../../src/consensus/address.ts'
import { encodeHeader } from '../../src/consensus/codec.ts'
import { smellOf } from '../../src/consensus/hash.ts'
import { bodyRoot } from '../../src/consensus/merkle.ts'
import { params as paramsOf } from '../../src/consensus/params.ts'
import { bitsToTarget, requiredBits } from '../../src/consensus/target.ts'
import { NonceWalk } from '../../src/mining/walk.ts'
import { kernelsHere } from '../../src/platform/kernels/kernels.ts'
import { bigIntToBytes, toHex } from '../../src/util/bytes.ts'
import { until } from './support/until.ts'
import { Victim } from './support/victim.ts'
import { helloOf, Villain } from './support/villain.ts'

let folder: string | undefined
let victim: Victim | undefined
afterEach(async () => {
  await victim?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** A header right above the blue cheese of the test network, of that time; with the work that it takes, or without. */
function headerAt(time: number, works: boolean): Uint8Array {
  const params = paramsOf('test')
  const { header: blue } = params.blue
  const body = { reward: { height: 1, to: addressOf(new Uint8Array(32).fill(1)), extra: new Uint8Array() }, transfers: [] }
  const bits = requiredBits({ height: 1, parent: blue }, params)
  const fields = { version: 1, parent: smellOf(blue), accountsRoot: blue.accountsRoot, bodyRoot: bodyRoot(body), time, bits, nonce: 0n }
  if (!works) return encodeHeader(fields)
  const kernel = kernelsHere(undefined).kernels.at(-1)
  if (!kernel) throw new Error('no kernel')
  const walk = new NonceWalk(encodeHeader(fields), bigIntToBytes(bitsToTarget(bits) ?? 0n, 32), 0, 1)
  for (;;) {
    const { hit } = walk.step(kernel, 1_000_000)
    if (hit !== undefined) return encodeHeader({ ...fields, nonce: hit })
  }
}

it('headers from the future are kept out while they are, and are nobody’s fault; without work they are', { timeout: 120_000 }, async () => {
  folder = await mkdtemp(join(tmpdir(), 'cheese-hostile-'))
  const early = headerAt(Math.floor(Date.now() / 1000) + 4_000, true)
  const poor = headerAt(Math.floor(Date.now() / 1000) + 4_000, false)
  const member = await Victim.start(join(folder, 'victim'), 'test')
  victim = member
  const before = await member.state()
  await member.begin()
  const villain = await Villain.meet(member.endpoint, helloOf({ height: 9_000, work: 1n << 100n, tip: toHex(smellOf(paramsOf('main').blue.header)) }, 'test'))
  villain.react = (message) => {
    if (message.type === 'getHeaders') villain.send({ type: 'headers', request: message.request, headers: [early] })
  }
  for (let i = 0; i < 100; i++) villain.send({ type: 'headers', request: 0, headers: [early] })
  await villain.heard()
  const [peer] = await member.client.peers.list()
  expect(peer).toMatchObject({ memberId: villain.memberId, reputation: 100 })
  const { height, sync } = await member.client.status()
  expect([height, sync.bestHeight]).toEqual([0, 0])
  expect(villain.of('getBodies')).toEqual([])

  // The time is no excuse for what has no work.
  villain.send({ type: 'headers', request: 0, headers: [poor] })
  await until('it is sent away', () => villain.goodbye === 'banned')
  expect(await member.state()).toEqual(before)
  const { longestTurnMs, heldMiB } = await member.measure()
  expect(longestTurnMs).toBeLessThan(500)
  expect(heldMiB).toBeLessThan(150)
})
