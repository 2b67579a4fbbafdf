import { afterEach, describe, expect, it } from 'vitest'
import type { Made } from '../chain/testing/maker.ts'
import { type RuleCode, ruleError } from '../consensus/errors.ts'
import { silent } from '../util/ports.ts'
import { faultOfBody, faultOfHeaders } from './blame.ts'
import { Judge } from './judge.ts'
import type { Peer } from './peer.ts'
import { Reputation } from './reputation.ts'
import { asksForBody, Puppet } from './testing/puppet.ts'
import { at, FakeClock, idOf, memoryFiles, World } from './testing/world.ts'

describe('whose fault a broken rule is', () => {
  const fault = (of: typeof faultOfBody, code: RuleCode) => of(ruleError(code, 'x'))

  it('is nobody’s where clocks differ, or where we lost a header', () => {
    expect(fault(faultOfHeaders, 'header-time-future')).toBeUndefined()
    expect(fault(faultOfBody, 'header-time-future')).toBeUndefined()
    expect(fault(faultOfBody, 'header-parent')).toBeUndefined()
  })

  it('is in doubt where it is our accounts that say so', () => {
    for (const code of ['transfer-sequence', 'transfer-balance', 'payment-new-account', 'accounts-root'] as const)
      expect([fault(faultOfBody, code), fault(faultOfHeaders, code)]).toEqual(['disputed', 'disputed'])
  })

  it('is the sender’s where the bytes themselves show it', () => {
    for (const code of ['header-parent', 'header-work', 'header-bits', 'header-time-old', 'header-version'] as const)
      expect(fault(faultOfHeaders, code)).toBe('broken-header')
    for (const code of ['body-root', 'body-shape', 'signature', 'memo-utf8', 'payment-zero', 'reward-height'] as const)
      expect(fault(faultOfBody, code)).toBe('broken-body')
  })
})

describe('the judge', () => {
  async function open() {
    const clock = new FakeClock()
    const reputation = await Reputation.open({ files: memoryFiles(), path: '/r', clock, log: silent, byAddress: true })
    const peers = new Map<string, Peer>()
    const bytes = new Map<string, { bytesIn: number }>()
    const doubts: string[] = []
    for (const [i, name] of ['a', 'b', 'c', 'd'].entries()) {
      const connection = { bytesIn: 0 }
      bytes.set(name, connection)
      peers.set(name, { memberId: name, remote: { host: `8.${i}.1.1`, port: 1 }, channel: { ended: false, connection } } as unknown as Peer)
    }
    const judge = new Judge({ reputation, peers, clock, log: silent, onBanned: () => undefined, onDoubt: (detail) => doubts.push(detail) })
    const peer = (name: string) => peers.get(name) as Peer
    /** A second passes in which these are heard. */
    const second = async (...heard: string[]) => {
      await clock.advance(1_000)
      for (const name of heard) (bytes.get(name) as { bytesIn: number }).bytesIn++
      judge.tick()
    }
    const stall = (name: string) => {
      const before = reputation.score(name)
      judge.punish(peer(name), 'stall', 'late')
      return before - reputation.score(name)
    }
    return { clock, reputation, judge, peer, second, stall, doubts }
  }

  it('blames nobody for being slow while this machine slept or stood still, or its clock was set', async () => {
    const { clock, judge, second, stall } = await open()
    await second('b')
    expect(stall('a')).toBe(10)
    await clock.advance(3_600_000)
    judge.tick()
    expect(stall('b')).toBe(0)
    for (let i = 0; i < 21; i++) await second('c')
    expect(stall('b')).toBe(10)
  })

  it('blames nobody for being slow while nobody at all is heard: it is our own line', async () => {
    const { second, stall } = await open()
    await second('a', 'b', 'c')
    for (let i = 0; i < 12; i++) await second()
    expect(stall('a')).toBe(0)
    await second('b')
    expect(stall('a')).toBe(10)
  })

  it('doubts ourselves when several parts of the internet follow what we hold to be invalid', async () => {
    const { clock, reputation, judge, peer, doubts } = await open()
    for (let i = 0; i < 100; i++) {
      for (const name of ['a', 'b', 'c', 'd']) judge.punish(peer(name), 'disputed', `cheese ${i}`)
      await clock.advance(60_000)
    }
    for (const name of ['a', 'b', 'c', 'd']) expect(reputation.banned(name, undefined)).toBeUndefined()
    // Once an hour.
    expect(doubts).toEqual(['cheese 0', 'cheese 60'])
  })

  it('does not ban a single peer for following a disputed cheese either', async () => {
    const { clock, reputation, judge, peer, doubts } = await open()
    for (let i = 0; i < 60; i++) {
      judge.punish(peer('a'), 'disputed', 'again')
      await clock.advance(60_000)
    }
    expect(reputation.offences('a').map(({ points }) => points)).toEqual([25, 25, 25])
    expect(reputation.banned('a', undefined)).toBeUndefined()
    expect(doubts).toEqual([])
  })
})

describe('a member whose accounts may be wrong', () => {
  let world: World
  afterEach(async () => world.close())

  it('bans none of those who follow the cheese that it refuses, and says so', async () => {
    world = new World({ latencyMs: () => 5 })
    const member = await world.member('member')
    const cheeses = world.maker.makeMany(world.maker.blue, 3)
    await member.give(cheeses)
    // As the others' cheeses look to a member whose accounts are damaged.
    const refused = world.maker.make(cheeses.at(-1) as Made, { header: { accountsRoot: new Uint8Array(32).fill(7) } })
    const after = [world.maker.make(refused, { unruly: true }), world.maker.make(refused, { unruly: true })]
    const doubts: string[] = []
    member.network.events.on('doubt', ({ detail }) => doubts.push(detail))
    const names = ['ann', 'bob', 'carol', 'dave']
    const puppets: Puppet[] = []
    for (const [i, name] of names.entries()) {
      const puppet = await Puppet.dial(world, world.stranger(name, `${120 + i}.1.1.1`), at(member))
      puppet.react = (message) => {
        if (asksForBody(message)) puppet.send({ type: 'body', smell: refused.smell, body: refused.bodyBytes })
        if (message.type === 'getHeaders') puppet.send({ type: 'headers', request: message.request, headers: [] })
        if (message.type === 'ping') puppet.send({ type: 'pong', nonce: message.nonce })
      }
      puppets.push(puppet)
    }
    const first = puppets[0] as Puppet
    first.send({ type: 'headers', request: 0, headers: [refused.headerBytes] })
    await world.clock.until(() => member.stack.entry(refused.smell)?.state === 'invalid', 'refused')
    for (let round = 0; round < 10; round++) {
      for (const puppet of puppets) for (const { headerBytes } of after) puppet.send({ type: 'headers', request: 0, headers: [headerBytes] })
      await world.clock.advance(30_000)
    }
    expect(puppets.map(({ closed }) => closed)).toEqual(names.map(() => undefined))
    const left = names.map((name) => member.network.peers().find(({ memberId }) => memberId === idOf(name))?.reputation ?? 0)
    expect(names.flatMap((name) => member.network.offences(idOf(name)).map(({ kind }) => kind)).every((kind) => kind === 'disputed')).toBe(true)
    for (const points of left) expect(points).toBeGreaterThanOrEqual(75)
    expect(doubts).toHaveLength(1)
    expect(member.network.offences(idOf('ann'))[0]).toMatchObject({ kind: 'disputed', points: 25 })
  })
})
