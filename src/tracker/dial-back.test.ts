import { describe, expect, it } from 'vitest'
import { parseIp } from '../util/ip.ts'
import { silent } from '../util/ports.ts'
import { err, ok } from '../util/result.ts'
import { type DialBack, DialBacks, type DialBackTarget } from './dial-back.ts'
import type { Entry } from './registry.ts'
import { ManualClock, regtest, START, testMember } from './testing/fixture.ts'

const alice = await testMember('Alice')
const mallory = await testMember('Mallory')

function setUp(answer?: DialBack) {
  const clock = new ManualClock()
  const dialed: DialBackTarget[] = []
  const good: DialBack = async () => ok({ memberId: alice.identity.memberId, card: alice.card().bytes })
  const dialBacks = new DialBacks({
    clock,
    log: silent,
    dialBack: (target) => {
      dialed.push(target)
      return (answer ?? good)(target)
    },
  })
  const entry = (fields: { ip?: string; port?: number; reachable?: boolean | null } = {}): Entry => ({
    key: 'alice',
    card: alice.card(),
    network: regtest.blueSmellHex,
    endpoint: { ip: parseIp(fields.ip ?? '192.0.2.1') as Uint8Array, port: fields.port ?? 9875 },
    height: 1,
    lastSeen: clock.now(),
    expiresAt: clock.now() + 60_000,
    reachable: fields.reachable ?? null,
    host: 'tracker',
  })
  return { clock, dialed, dialBacks, entry }
}

describe('dial-backs', () => {
  it('dial the observed address and ask for the member and its network', async () => {
    const { dialed, dialBacks, entry } = setUp()
    expect(await dialBacks.check(entry())).toBe(true)
    expect(dialed).toEqual([{ endpoint: { host: '192.0.2.1', port: 9875 }, memberId: alice.identity.memberId, blueSmell: regtest.blueSmell }])
  })

  it('try one address at most once a minute, and one that answered every ten minutes', async () => {
    const { clock, dialed, dialBacks, entry } = setUp(async () => err({ message: 'refused' }))
    expect(await dialBacks.check(entry())).toBe(false)
    clock.advance(59_000)
    expect(await dialBacks.check(entry())).toBeUndefined()
    expect(await dialBacks.check(entry({ port: 9876 }))).toBe(false)
    clock.advance(1_000)
    expect(await dialBacks.check(entry())).toBe(false)
    expect(dialed).toHaveLength(3)

    const other = setUp()
    expect(await other.dialBacks.check(other.entry())).toBe(true)
    other.clock.advance(5 * 60_000)
    expect(await other.dialBacks.check(other.entry({ reachable: true }))).toBeUndefined()
    other.clock.advance(5 * 60_000)
    expect(await other.dialBacks.check(other.entry({ reachable: true }))).toBe(true)
    expect(other.dialed).toHaveLength(2)
  })

  it('never dial ports below 1024, nor many ports of one address', async () => {
    const { dialed, dialBacks, entry } = setUp()
    for (const port of [0, 22, 1023]) expect(await dialBacks.check(entry({ port }))).toBeUndefined()
    for (let port = 2000; port < 2040; port++) await dialBacks.check(entry({ port }))
    expect(dialed).toHaveLength(16)
  })

  it('dial once for two that ask at the same time', async () => {
    const { dialed, dialBacks, entry } = setUp()
    expect(await Promise.all([dialBacks.check(entry()), dialBacks.check(entry())])).toEqual([true, true])
    expect(dialed).toHaveLength(1)
  })

  it.each<[string, boolean, DialBack]>([
    ['another member answers', false, async () => ok({ memberId: mallory.identity.memberId, card: alice.card().bytes })],
    ['another member’s card is shown', false, async () => ok({ memberId: alice.identity.memberId, card: mallory.card().bytes })],
    ['an older card is shown', false, async () => ok({ memberId: alice.identity.memberId, card: alice.card({ time: START - 1 }).bytes })],
    [
      'a card of another network is shown',
      false,
      async () => ok({ memberId: alice.identity.memberId, card: alice.card({ blueSmell: new Uint8Array(32), time: START + 1 }).bytes }),
    ],
    ['rubbish is shown', false, async () => ok({ memberId: alice.identity.memberId, card: new Uint8Array(10) })],
    ['dialling throws', false, () => Promise.reject(new Error('boom'))],
    ['a newer card of hers is shown', true, async () => ok({ memberId: alice.identity.memberId, card: alice.card({ time: START + 1 }).bytes })],
  ])('when %s: %s', async (_what, expected, answer) => {
    const { dialBacks, entry } = setUp(answer)
    expect(await dialBacks.check(entry())).toBe(expected)
    expect(dialBacks.counts).toEqual(expected ? { good: 1, failed: 0 } : { good: 0, failed: 1 })
  })
})
