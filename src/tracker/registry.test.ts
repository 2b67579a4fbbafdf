import { describe, expect, it } from 'vitest'
import { CARD_SECONDS } from '../net/card.ts'
import { parseIp } from '../util/ip.ts'
import { type Arrival, Registry, type RegistryLimits } from './registry.ts'
import { ManualClock, regtest, START, seededRandom, type TestMember, testMember } from './testing/fixture.ts'

const crowd = await Promise.all(Array.from({ length: 12 }, (_, i) => testMember(`Member ${i}`)))
const [alice, bob] = crowd as [TestMember, TestMember]

function setUp(limits: Partial<RegistryLimits> = {}) {
  const clock = new ManualClock()
  const registry = new Registry(clock, seededRandom(1), { maxEntries: 100, maxPerAddress: 100, ...limits })
  const arrive = (member: TestMember, fields: Partial<Omit<Arrival, 'endpoint'>> & { ip?: string; port?: number } = {}) => {
    const { ip = '192.0.2.1', port = 9875, ...rest } = fields
    const now = Math.floor(clock.now() / 1000)
    const result = registry.arrive({
      card: member.card(),
      event: 'update',
      time: now,
      host: 'tracker:9876',
      endpoint: { ip: parseIp(ip) as Uint8Array, port },
      height: 1,
      keepMs: 60_000,
      ...rest,
    })
    return result.ok ? (result.value ? 'listed' : 'gone') : result.error.code
  }
  return { clock, registry, arrive }
}

describe('the registry', () => {
  it('lists a member and forgets it when its time is up', () => {
    const { clock, registry, arrive } = setUp()
    expect(arrive(alice)).toBe('listed')
    clock.advance(59_999)
    expect(registry.sweep()).toEqual([])
    clock.advance(1)
    expect(registry.sweep().map((e) => e.card.memberId)).toEqual([alice.identity.memberId])
    expect(registry.size).toBe(0)
    expect(registry.networks()).toEqual([])
  })

  it('keeps a member that announces itself in time', () => {
    const { clock, registry, arrive } = setUp()
    for (let i = 0; i < 5; i++) {
      expect(arrive(alice)).toBe('listed')
      clock.advance(50_000)
      registry.sweep()
    }
    expect(registry.size).toBe(1)
  })

  it('forgets a member whose card ran out, however often it announces', () => {
    const { clock, registry, arrive } = setUp()
    arrive(alice, { keepMs: 10 * CARD_SECONDS * 1000 })
    clock.advance((CARD_SECONDS + 1) * 1000)
    expect(registry.sweep()).toHaveLength(1)
  })

  it('takes each time once, also after a goodbye, as long as it could be played again', () => {
    const { clock, registry, arrive } = setUp()
    expect(arrive(alice, { time: START })).toBe('listed')
    expect(arrive(alice, { time: START })).toBe('replayed')
    expect(arrive(alice, { time: START - 1 })).toBe('replayed')
    expect(arrive(alice, { time: START + 1, event: 'stopped' })).toBe('gone')
    expect(registry.size).toBe(0)
    registry.sweep()
    expect(arrive(alice, { time: START + 1 })).toBe('replayed')
    expect(arrive(bob, { time: START })).toBe('listed')
    clock.advance(300_000)
    registry.sweep()
    expect(arrive(alice, { time: START + 2 })).toBe('listed')
  })

  it('replaces a card by a newer one alone', () => {
    const { registry, arrive } = setUp()
    arrive(alice, { card: alice.card({ time: START + 5 }), time: START })
    expect(arrive(alice, { card: alice.card({ time: START + 4 }), time: START + 1 })).toBe('old-card')
    expect(arrive(alice, { card: alice.card({ time: START + 5, nickname: 'Alicia' }), time: START + 2 })).toBe('old-card')
    expect(arrive(alice, { card: alice.card({ time: START + 6 }), time: START + 3 })).toBe('listed')
    expect(registry.list()[0]?.card.time).toBe(START + 6)
  })

  it('lets nobody move a member away with what was signed for another tracker', () => {
    const { registry, arrive } = setUp()
    arrive(alice, { time: START })
    expect(arrive(alice, { time: START + 1, event: 'stopped', host: 'other:9876', ip: '198.51.100.9' })).toBe('wrong-host')
    const entry = registry.list()[0]
    expect(entry && registry.setReachable(entry, true)?.reachable).toBe(true)
    expect(arrive(alice, { time: START + 2, host: 'other:9876', ip: '198.51.100.9' })).toBe('wrong-host')
    expect(arrive(alice, { time: START + 3, ip: '198.51.100.9' })).toBe('listed')
  })

  it('forgets that it could reach a member that moved', () => {
    const { registry, arrive } = setUp()
    arrive(alice, { time: START })
    const entry = registry.list()[0]
    if (!entry) throw new Error('not listed')
    registry.setReachable(entry, true)
    arrive(alice, { time: START + 1 })
    expect(registry.list()[0]?.reachable).toBe(true)
    arrive(alice, { time: START + 2, port: 9999 })
    expect(registry.list()[0]?.reachable).toBeNull()
    expect(registry.setReachable(entry, true)).toBeUndefined()
    arrive(alice, { time: START + 3, port: 0 })
    expect(registry.list()[0]?.reachable).toBe(false)
  })

  it('caps entries from one address and in all; IPv6 counts by /64', () => {
    const { registry, arrive } = setUp({ maxPerAddress: 2, maxEntries: 5 })
    const at = (i: number, ip: string) => arrive(crowd[i] as TestMember, { ip })
    expect([at(0, '192.0.2.1'), at(1, '192.0.2.1'), at(2, '192.0.2.1')]).toEqual(['listed', 'listed', 'too-many'])
    expect([at(3, '2001:db8::1'), at(4, '2001:db8::2'), at(5, '2001:db8::3')]).toEqual(['listed', 'listed', 'too-many'])
    expect([at(6, '2001:db8:0:1::1'), at(7, '192.0.2.9')]).toEqual(['listed', 'full'])
    expect(arrive(crowd[0] as TestMember, { ip: '192.0.2.1', time: START + 1 })).toBe('listed')
    expect(registry.size).toBe(5)
    expect(arrive(crowd[1] as TestMember, { ip: '192.0.2.1', time: START + 1, event: 'stopped' })).toBe('gone')
    expect(at(2, '192.0.2.1')).toBe('listed')
  })

  it('gives samples without the asker, without repeats, of one network', () => {
    const { registry, arrive } = setUp()
    const elsewhere = new Uint8Array(32).fill(9)
    for (const member of crowd) arrive(member)
    arrive(alice, { card: alice.card({ blueSmell: elsewhere }), time: START + 1 })
    const asker = registry.list().find((e) => e.card.memberId === bob.identity.memberId && e.network === regtest.blueSmellHex)
    const seen = new Set<string>()
    for (let i = 0; i < 50; i++) {
      const sample = registry.sample(regtest.blueSmellHex, 4, asker?.key).map((e) => e.card.memberId)
      expect(new Set(sample).size).toBe(4)
      for (const id of sample) seen.add(id)
    }
    expect(seen.has(bob.identity.memberId)).toBe(false)
    expect(seen.size).toBe(crowd.length - 1)
    expect(registry.sample(regtest.blueSmellHex, 100)).toHaveLength(crowd.length)
  })
})
