import { describe, expect, it } from 'vitest'
import { CARD_SECONDS, type Card } from '../net/card.ts'
import { Registry } from './registry.ts'
import type { Entry, TableLimits } from './table.ts'
import { arrivalOf, ManualClock, regtest, START, seededRandom, type TestMember, testMember } from './testing/fixture.ts'

const crowd = await Promise.all(Array.from({ length: 12 }, (_, i) => testMember(`Member ${i}`)))
const [alice, bob] = crowd as [TestMember, TestMember]

const verdict = (reachable: boolean) => ({ reachable, dialAfter: 0, failures: reachable ? 0 : 1 })

function setUp(limits: Partial<TableLimits> = {}) {
  const clock = new ManualClock()
  const registry = new Registry(clock, seededRandom(1), { maxEntries: 100, maxPerAddress: 100, maxPerSubnet: 100, ...limits })
  const arrive = (member: TestMember, fields: Omit<NonNullable<Parameters<typeof arrivalOf>[1]>, 'card'> & { readonly card?: Card } = {}) => {
    const { card = member.card(), ...rest } = fields
    const result = registry.arrive(arrivalOf(card, { time: Math.floor(clock.now() / 1000), ...rest }), 50)
    return result.ok ? (result.value.entry ? 'listed' : 'gone') : result.error.code
  }
  const listed = () => registry.latest(regtest.blueSmellHex, 100)
  return { clock, registry, arrive, listed }
}

describe('the registry', () => {
  it('lists a member and forgets it when its time is up', () => {
    const { clock, registry, arrive } = setUp()
    expect(arrive(alice)).toBe('listed')
    clock.advance(59_999)
    expect(registry.sweep()).toBe(false)
    clock.advance(1)
    expect(registry.sweep()).toBe(true)
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
    expect(registry.sweep()).toBe(true)
    expect(registry.size).toBe(0)
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
    const { arrive, listed } = setUp()
    arrive(alice, { card: alice.card({ time: START + 5 }), time: START })
    expect(arrive(alice, { card: alice.card({ time: START + 4 }), time: START + 1 })).toBe('old-card')
    expect(arrive(alice, { card: alice.card({ time: START + 5, nickname: 'Alicia' }), time: START + 2 })).toBe('old-card')
    expect(arrive(alice, { card: alice.card({ time: START + 6 }), time: START + 3 })).toBe('listed')
    expect(listed()[0]?.cardTime).toBe(START + 6)
  })

  it('lets nobody move a member away with what was signed for another tracker', () => {
    const { registry, arrive, listed } = setUp()
    arrive(alice, { time: START })
    expect(arrive(alice, { time: START + 1, event: 'stopped', host: 'other:9876', ip: '198.51.100.9' })).toBe('wrong-host')
    const entry = listed()[0] && { ...(listed()[0] as Entry) }
    expect(entry && registry.setReachable(entry, verdict(true))?.reachable).toBe(true)
    expect(arrive(alice, { time: START + 2, host: 'other:9876', ip: '198.51.100.9' })).toBe('wrong-host')
    expect(arrive(alice, { time: START + 3, ip: '198.51.100.9' })).toBe('listed')
  })

  it('forgets that it could reach a member that moved', () => {
    const { registry, arrive, listed } = setUp()
    arrive(alice, { time: START })
    const entry = listed()[0] && { ...(listed()[0] as Entry) }
    if (!entry) throw new Error('not listed')
    registry.setReachable(entry, verdict(true))
    arrive(alice, { time: START + 1 })
    expect(listed()[0]?.reachable).toBe(true)
    arrive(alice, { time: START + 2, port: 9999 })
    expect(listed()[0]?.reachable).toBeNull()
    expect(registry.setReachable(entry, verdict(true))).toBeUndefined()
    arrive(alice, { time: START + 3, port: 0 })
    expect(listed()[0]?.reachable).toBe(false)
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

  it('caps entries of a subnet: /24 and /48', () => {
    const { arrive } = setUp({ maxPerSubnet: 2 })
    const at = (i: number, ip: string) => arrive(crowd[i] as TestMember, { ip })
    expect([at(0, '192.0.2.1'), at(1, '192.0.2.2'), at(2, '192.0.2.3'), at(2, '192.0.3.3')]).toEqual(['listed', 'listed', 'too-many', 'listed'])
    expect([at(3, '2001:db8:1:1::1'), at(4, '2001:db8:1:2::1'), at(5, '2001:db8:1:3::1'), at(5, '2001:db8:2::1')]).toEqual([
      'listed',
      'listed',
      'too-many',
      'listed',
    ])
    // Somebody who is listed may stay, but not move into a crowd.
    expect(arrive(crowd[2] as TestMember, { ip: '192.0.2.3', time: START + 1 })).toBe('too-many')
    expect(arrive(crowd[0] as TestMember, { ip: '192.0.2.9', time: START + 1 })).toBe('listed')
  })

  it('a flood from one subnet pushes out nobody but its own, and leaves room for whoever comes from elsewhere', () => {
    const { registry, arrive, listed } = setUp({ maxEntries: 6 })
    for (let i = 0; i < 2; i++) arrive(crowd[i] as TestMember, { ip: `198.51.${i}.1` })
    for (let i = 2; i < 6; i++) expect(arrive(crowd[i] as TestMember, { ip: `192.0.2.${i}` })).toBe('listed')
    const reached = listed().find((e) => e.memberId === crowd[5]?.identity.memberId) as Entry
    registry.setReachable(reached, verdict(true))
    expect(arrive(crowd[6] as TestMember, { ip: '192.0.2.6' })).toBe('full')
    expect(arrive(crowd[7] as TestMember, { ip: '203.0.113.1' })).toBe('listed')
    const ids = () => new Set(listed().map((e) => e.memberId))
    expect(registry.size).toBe(6)
    for (const i of [0, 1, 5, 7]) expect(ids().has(crowd[i]?.identity.memberId as string)).toBe(true)
    expect(arrive(crowd[8] as TestMember, { ip: '203.0.114.1' })).toBe('listed')
    expect(arrive(crowd[9] as TestMember, { ip: '203.0.115.1' })).toBe('listed')
    expect(arrive(crowd[10] as TestMember, { ip: '203.0.116.1' })).toBe('full')
    for (const i of [0, 1, 5, 7, 8, 9]) expect(ids().has(crowd[i]?.identity.memberId as string)).toBe(true)
    // Whoever was pushed out can come back with nothing that was heard before.
    expect(arrive(crowd[4] as TestMember, { ip: '192.0.2.4' })).toBe('replayed')
  })

  it('forgets at once who is not admitted any more', () => {
    const { registry, arrive } = setUp()
    arrive(alice, { ip: '192.0.2.1' })
    arrive(bob, { ip: '192.0.3.1' })
    expect(registry.sweep((entry) => entry.ip !== '192.0.2.1')).toBe(true)
    expect(registry.find(regtest.blueSmellHex, alice.identity.memberId)).toBeUndefined()
    expect(registry.find(regtest.blueSmellHex, bob.identity.memberId)).toBeDefined()
  })

  it('is taken up by another after a restart, within its limits, and still refuses what it had heard', () => {
    const first = setUp()
    for (let i = 0; i < 4; i++) first.arrive(crowd[i] as TestMember, { ip: `192.0.2.${i + 1}` })
    first.arrive(crowd[4] as TestMember, { ip: '192.0.3.1' })
    first.arrive(crowd[4] as TestMember, { event: 'stopped', ip: '192.0.3.1', time: START + 5 })
    const { entries, gone } = first.registry.dump()
    const second = setUp({ maxPerSubnet: 3 })
    expect(second.registry.restore(entries, gone)).toBe(3)
    expect(second.listed()[0]).toMatchObject({ since: START * 1000, lastSeen: START * 1000, expiresAt: START * 1000 + 60_000, version: 'cheese-stack test' })
    expect(second.arrive(crowd[0] as TestMember, { ip: '192.0.2.1' })).toBe('replayed')
    expect(second.arrive(crowd[4] as TestMember, { ip: '192.0.3.1', time: START + 5 })).toBe('replayed')
    expect(second.arrive(crowd[4] as TestMember, { ip: '192.0.3.1', time: START + 6 })).toBe('listed')
  })

  it('gives samples without the asker, without repeats, of one network', () => {
    const { registry, arrive } = setUp()
    const elsewhere = new Uint8Array(32).fill(9)
    for (const member of crowd) arrive(member)
    arrive(alice, { card: alice.card({ blueSmell: elsewhere }), time: START + 1 })
    const seen = new Set<string>()
    for (let i = 0; i < 50; i++) {
      // A small part and more than half are picked in different ways.
      const count = i % 2 === 0 ? 4 : 9
      const { total, members } = registry.sample(regtest.blueSmellHex, count, bob.identity.memberId)
      expect([total, new Set(members.map((e) => e.memberId)).size]).toEqual([crowd.length, count])
      for (const { memberId } of members) seen.add(memberId)
    }
    expect(seen.has(bob.identity.memberId)).toBe(false)
    expect(seen.size).toBe(crowd.length - 1)
    expect(registry.sample(regtest.blueSmellHex, 100).members).toHaveLength(crowd.length)
    expect(registry.sample(regtest.blueSmellHex, 100, bob.identity.memberId).members).toHaveLength(crowd.length - 1)
    expect(registry.sample('00'.repeat(32), 5)).toEqual({ total: 0, members: [] })
  })

  it('gives a few of many, and all of few', () => {
    const { registry, arrive } = setUp()
    for (const member of crowd) arrive(member)
    const asked = (time: number, want: number, all?: number) => {
      const found = registry.arrive(arrivalOf(alice.card(), { time: START + time }), want, all)
      return found.ok ? [found.value.others, found.value.members.length] : found.error.code
    }
    expect([asked(1, 3), asked(2, 3, 10), asked(3, 3, 11), asked(4, 0)]).toEqual([
      [11, 3],
      [11, 3],
      [11, 11],
      [11, 0],
    ])
  })

  it('samples everybody about as often', () => {
    const { registry, arrive } = setUp()
    for (const member of crowd) arrive(member)
    const times = new Map<string, number>()
    for (let i = 0; i < 2_000; i++)
      for (const { memberId } of registry.sample(regtest.blueSmellHex, 3).members) times.set(memberId, (times.get(memberId) ?? 0) + 1)
    for (const count of times.values()) expect(count > 350 && count < 650).toBe(true)
    expect(times.size).toBe(crowd.length)
  })

  it('counts what a network is made of', () => {
    const { registry, arrive } = setUp()
    for (const [i, member] of crowd.entries()) arrive(member, { height: i < 3 ? 7 : 9 })
    const entry = registry.find(regtest.blueSmellHex, alice.identity.memberId) as Entry
    registry.setReachable(entry, verdict(true))
    expect(registry.counts()).toEqual([
      {
        network: regtest.blueSmellHex,
        members: 12,
        reachable: 1,
        height: 9,
        versions: [{ name: 'cheese-stack test', members: 12 }],
        heights: [
          { height: 9, members: 9 },
          { height: 7, members: 3 },
        ],
      },
    ])
  })
})
