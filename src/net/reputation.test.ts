import { describe, expect, it } from 'vitest'
import { silent } from '../util/ports.ts'
import { Reputation } from './reputation.ts'
import { FakeClock, memoryFiles } from './testing/world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const id = (n: number) => n.toString(16).padStart(64, '0')

describe('reputation', () => {
  const options = (clock = new FakeClock(), byAddress = true) => ({ files: memoryFiles(), path: '/net/reputation.json', clock, log: silent, byAddress })

  it('falls with faults, comes back with time, and ends in a ban that ends', async () => {
    const clock = new FakeClock()
    const reputation = await Reputation.open(options(clock))
    expect(reputation.score('aa')).toBe(100)
    expect(reputation.punish('aa', '8.8.8.8', 'unasked', 'x')).toBe(false)
    expect(reputation.score('aa')).toBe(80)
    await clock.advance(10 * 60_000)
    expect(reputation.score('aa')).toBe(90)
    expect(reputation.punish('aa', '8.8.8.8', 'broken-header', 'bits')).toBe(true)
    expect(reputation.score('aa')).toBe(0)
    expect(reputation.banned('aa', undefined)?.reason).toContain('bits')
    expect(reputation.banned(undefined, '8.8.8.8')).toBeDefined()
    expect(reputation.banned('bb', '8.8.4.4')).toBeUndefined()
    await clock.advance(24 * 3600_000 + 1)
    expect(reputation.banned('aa', '8.8.8.8')).toBeUndefined()
    expect(reputation.score('aa')).toBe(100)
  })

  it('adds up for an address over all its ids, but never for loopback or on regtest', async () => {
    const reputation = await Reputation.open(options())
    for (let i = 0; i < 5; i++) {
      reputation.punish(`a${i}`, '8.8.8.8', 'unasked', 'x')
      reputation.punish(`b${i}`, '127.0.0.1', 'unasked', 'x')
    }
    expect(reputation.banned('new', '8.8.8.8')).toBeDefined()
    expect(reputation.banned('new', '127.0.0.1')).toBeUndefined()
    const regtest = await Reputation.open(options(new FakeClock(), false))
    regtest.punish('aa', '8.8.8.8', 'broken-body', 'x')
    expect(regtest.banned('bb', '8.8.8.8')).toBeUndefined()
    expect(regtest.banned('aa', '8.8.8.8')).toBeDefined()
  })

  it('survives a restart and a damaged file', async () => {
    const kept = options()
    const reputation = await Reputation.open(kept)
    reputation.punish('aa', '8.8.8.8', 'broken-body', 'x')
    await reputation.save()
    expect((await Reputation.open(kept)).banned('aa', undefined)).toBeDefined()
    await kept.files.write(kept.path, new TextEncoder().encode('{"schema":1,"records":[{"key":1}]'))
    expect((await Reputation.open(kept)).banned('aa', undefined)).toBeUndefined()
  })

  it('remembers what a member did, the latest first and at most 20 times, across a restart, for a week', async () => {
    const clock = new FakeClock()
    const kept = options(clock)
    const reputation = await Reputation.open(kept)
    for (let i = 0; i < 25; i++) {
      reputation.punish('aa', '8.8.8.8', 'stall', `the ${i}th`)
      await clock.advance(11 * 60_000)
    }
    await reputation.save()
    const again = await Reputation.open(kept)
    expect(again.offences('aa')).toHaveLength(20)
    expect(again.offences('aa')[0]).toMatchObject({ kind: 'stall', points: 10, detail: 'the 24th' })
    expect(again.offences('aa')).toEqual(reputation.offences('aa'))
    await clock.advance(8 * DAY)
    again.punish('bb', '8.8.4.4', 'stall', '')
    await again.save()
    expect((await Reputation.open(kept)).offences('aa')).toEqual([])
  })

  it('does not ban an address for slow members behind it, as it does one slow member', async () => {
    const reputation = await Reputation.open(options())
    for (let i = 0; i < 15; i++) expect(reputation.punish(id(i), '8.8.8.8', 'stall', '')).toBe(false)
    expect(reputation.banned(undefined, '8.8.8.8')).toBeUndefined()
    for (let i = 0; i < 10; i++) reputation.punish('slow', '8.8.4.4', 'stall', '')
    expect(reputation.banned('slow', undefined)).toBeDefined()
  })

  it('takes an IPv6 customer for one address, whichever of his he uses', async () => {
    const reputation = await Reputation.open(options())
    for (let i = 0; i < 5; i++) reputation.punish(id(i), `2a00:1:2:3::${i + 1}`, 'unasked', '')
    expect(reputation.banned('new', '2a00:1:2:3:4:5:6:7')?.address).toBe('2a00:1:2:3::/64')
    expect(reputation.banned('new', '2a00:1:2:4::1')).toBeUndefined()
  })

  it('keeps what honest members did when somebody with thousands of ids in few groups fills it', async () => {
    const clock = new FakeClock()
    const reputation = await Reputation.open(options(clock))
    for (let i = 0; i < 50; i++) reputation.punish(id(i), `${120 + i}.1.1.1`, 'stall', 'honest')
    reputation.punish('bad', '9.9.9.9', 'broken-body', 'banned before')
    for (let i = 0; i < 8_000; i++)
      reputation.punish(id(1_000 + i), `66.${i % 3}.${(i >> 8) & 0xff}.${i & 0xff}`, i % 2 ? 'malformed' : 'broken-header', 'sybil')
    for (let i = 0; i < 50; i++) expect(reputation.score(id(i))).toBe(90)
    expect(reputation.banned('bad', undefined)).toBeDefined()
    expect(reputation.bans().length).toBeLessThanOrEqual(2_500)
    await reputation.save()
  })

  it('reads what the version before wrote', async () => {
    const clock = new FakeClock()
    const kept = options(clock)
    const records = [
      { key: `id:${id(1)}`, lost: 130, at: clock.now(), bannedUntil: clock.now() + HOUR, reason: 'broken-body: root' },
      { key: 'host:8.8.8.8', lost: 100, at: clock.now(), bannedUntil: clock.now() + HOUR, reason: 'broken-body: root' },
      { key: `id:${id(2)}`, lost: 20, at: clock.now(), bannedUntil: 0, reason: '' },
    ]
    await kept.files.write(kept.path, new TextEncoder().encode(JSON.stringify({ schema: 1, records })))
    const reputation = await Reputation.open(kept)
    expect(reputation.banned(id(1), undefined)).toMatchObject({ kind: 'broken-body', until: clock.now() + HOUR })
    expect(reputation.banned(undefined, '8.8.8.8')).toBeDefined()
    expect(reputation.score(id(2))).toBe(80)
    await clock.advance(HOUR)
    expect(reputation.bans()).toEqual([])
    expect(reputation.score(id(1))).toBe(100)
  })
})

describe('bans by hand', () => {
  const open = () => Reputation.open({ files: memoryFiles(), path: '/r', clock: new FakeClock(), log: silent, byAddress: false, nameOf: () => 'Bob' })

  it('refuse a member, an address or a range, until they end or are lifted', async () => {
    const reputation = await open()
    const member = reputation.ban({ memberId: 'aa', ms: HOUR, reason: 'rude' })
    const range = reputation.ban({ address: '8.8.77.1/24', ms: DAY, reason: 'noise' })
    const six = reputation.ban({ address: '2a00:1::/48', ms: DAY, reason: 'noise' })
    if (!member.ok || !range.ok || !six.ok) throw new Error('refused')
    expect(member.value).toMatchObject({ memberId: 'aa', kind: 'manual', nickname: 'Bob', reason: 'rude' })
    expect(reputation.score('aa')).toBe(0)
    expect(reputation.banned('bb', '8.8.77.200')?.id).toBe(range.value.id)
    expect(range.value.address).toBe('8.8.77.0/24')
    expect(reputation.banned('bb', '8.8.78.1')).toBeUndefined()
    expect(reputation.banned('bb', '2a00:1:0:ffff::9')).toBeDefined()
    expect(reputation.banned('bb', '2a00:1:1::9')).toBeUndefined()
    expect(reputation.unban(range.value.id)).toBe(true)
    expect(reputation.unban(range.value.id)).toBe(false)
    expect(reputation.banned('bb', '8.8.77.200')).toBeUndefined()
    expect(reputation.bans().map((ban) => ban.id)).toEqual([six.value.id, member.value.id])
  })

  it('say what is wrong with them', async () => {
    const reputation = await open()
    expect(reputation.ban({ ms: 1, reason: '' })).toMatchObject({ ok: false, error: expect.stringContaining('Say whom') })
    for (const address of ['example.org', '8.8.8.8/33', '8.8.8', '::/129', '1.2.3.4/x'])
      expect(reputation.ban({ address, ms: 1, reason: '' })).toMatchObject({ ok: false, error: expect.stringContaining('no IP address') })
    for (let i = 0; i < 500; i++) expect(reputation.ban({ memberId: id(i), ms: HOUR, reason: '' }).ok).toBe(true)
    expect(reputation.ban({ memberId: id(500), ms: HOUR, reason: '' })).toMatchObject({ ok: false, error: expect.stringContaining('lift one first') })
    // One that is there already is replaced.
    expect(reputation.ban({ memberId: id(1), ms: DAY, reason: '' }).ok).toBe(true)
  })

  it('are kept across restarts, and pushed out by nobody', async () => {
    const clock = new FakeClock()
    const kept = { files: memoryFiles(), path: '/r', clock, log: silent, byAddress: true }
    const reputation = await Reputation.open(kept)
    reputation.ban({ memberId: 'aa', address: '8.8.0.0/16', ms: DAY, reason: 'rude' })
    for (let i = 0; i < 3_000; i++) reputation.punish(id(i), `66.1.${i >> 8}.${i & 0xff}`, 'broken-header', '')
    await reputation.save()
    const again = await Reputation.open(kept)
    expect(again.banned('aa', undefined)?.reason).toBe('rude')
    expect(again.banned(undefined, '8.8.1.1')?.reason).toBe('rude')
    expect(again.bans().map((ban) => ban.id)).toEqual(reputation.bans().map((ban) => ban.id))
    const next = again.ban({ memberId: 'cc', ms: DAY, reason: '' })
    expect(next.ok && reputation.bans().every((ban) => ban.id !== next.value.id)).toBe(true)
  })
})
