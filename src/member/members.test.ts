import { describe, expect, it } from 'vitest'
import { params } from '../consensus/params.ts'
import { publicKeyOf, sign } from '../consensus/signature.ts'
import { checkCard } from '../net/card.ts'
import { createIdentity } from '../net/identity.ts'
import { FakeClock } from '../net/testing/world.ts'
import { testMember } from '../tracker/testing/fixture.ts'
import { fromHex } from '../util/bytes.ts'
import { parseEndpoint } from '../util/ip.ts'
import { listMembers, type MembersDeps } from './members-service.ts'
import { OwnCard } from './own-card.ts'
import { noteOf, textOf } from './views.ts'

const regtest = params('regtest')

function deps(some: Partial<MembersDeps>): MembersDeps {
  return {
    params: regtest,
    cards: () => [],
    tracked: () => [],
    connected: () => [],
    contactAt: () => null,
    warnings: () => new Map(),
    now: () => 1_800_000_000,
    ...some,
  }
}

describe('listMembers', () => {
  it('lists each member once, those connected first, with what is known of them', async () => {
    const bob = (await testMember('Bob', { paid: true })).card()
    const carol = (await testMember('Carol')).card()
    const entries = listMembers(
      deps({
        now: () => bob.time + 60,
        cards: () => [
          { card: bob, learnedAt: bob.time },
          { card: carol, learnedAt: carol.time },
        ],
        tracked: () => [{ card: bob, endpoint: parseEndpoint('192.0.2.7:9875'), dialable: false, reachable: true, height: 7, lastSeen: bob.time + 50 }],
        connected: () => [{ memberId: carol.memberId, endpoint: '192.0.2.8:9875', height: 9, direction: 'out' }],
        contactAt: () => 'Bobby',
        warnings: () => new Map([[bob.memberId, 'looks like another']]),
      }),
    )
    expect(entries).toMatchObject([
      { nickname: 'Carol', address: null, connected: true, height: 9, endpoint: '192.0.2.8:9875', reachable: true, contact: null },
      {
        nickname: 'Bob',
        connected: false,
        height: 7,
        endpoint: '192.0.2.7:9875',
        reachable: true,
        contact: 'Bobby',
        warning: 'looks like another',
        lastSeen: bob.time + 50,
      },
    ])
    expect(entries[1]?.address).toMatch(/^rcheese1/)
  })

  it('forgets one that nobody has heard of for hours, though its card is still good', async () => {
    const card = (await testMember('Gone')).card()
    const cards = () => [{ card, learnedAt: card.time }]
    expect(listMembers(deps({ cards, now: () => card.time + 60 }))).toHaveLength(1)
    expect(listMembers(deps({ cards, now: () => card.time + 3 * 3600 }))).toHaveLength(0)
  })
})

describe('OwnCard', () => {
  it('certifies for this member alone, and makes a card anew when what it says changes', async () => {
    const identity = await createIdentity()
    const clock = new FakeClock()
    const secret = new Uint8Array(32).fill(7)
    let certificate: Uint8Array | undefined
    const own = new OwnCard({
      identity,
      params: regtest,
      clock,
      software: 'cheese-stack test',
      certificate: () => certificate,
      nickname: () => 'Nobody',
      height: () => 3,
    })
    const first = own.current()
    expect(first).toMatchObject({ nickname: 'Nobody', paymentKey: undefined, height: 3 })
    expect(own.current()).toBe(first)
    certificate = own.certify({ nickname: 'Alice', publicKey: publicKeyOf(secret), sign: (hash) => sign(hash, secret) })
    expect(own.isCurrent(certificate)).toBe(true)
    const second = own.current()
    expect(second.time).toBeGreaterThan(first.time)
    const checked = checkCard(second.bytes, { now: second.time, params: regtest })
    expect(checked).toMatchObject({ ok: true, value: { nickname: 'Alice', paymentKey: publicKeyOf(secret), memberId: identity.memberId } })
    const other = new OwnCard({
      identity: await createIdentity(),
      params: regtest,
      clock,
      software: '',
      certificate: () => certificate,
      nickname: () => 'x',
      height: () => 0,
    })
    expect(other.isCurrent(certificate)).toBe(false)
    expect(other.current().nickname).toBe('x')
  })

  it('tells strangers only addresses that they could dial', async () => {
    const identity = await createIdentity()
    const deps = { identity, clock: new FakeClock(), software: '', certificate: () => undefined, nickname: () => 'x', height: () => 0 }
    const endpoints = ['127.0.0.1:9875', '192.168.1.5:9875', '8.8.8.8:9875'].flatMap((text) => parseEndpoint(text) ?? [])
    const main = new OwnCard({ ...deps, params: params('main') })
    expect(main.setEndpoints(endpoints)).toBe(true)
    expect(main.setEndpoints(endpoints)).toBe(false)
    expect(main.current().endpoints).toEqual([parseEndpoint('8.8.8.8:9875')])
    const regtestCard = new OwnCard({ ...deps, params: regtest })
    regtestCard.setEndpoints(endpoints)
    expect(regtestCard.current().endpoints).toHaveLength(2)
  })
})

describe('views', () => {
  it('shows text as text without controls, and a note that is no text as hex', () => {
    expect(textOf(new TextEncoder().encode('a\nb‮'))).toBe('a b‮')
    expect(noteOf(new TextEncoder().encode('Blue cheese, main'))).toBe('Blue cheese, main')
    expect(noteOf(fromHex('ff00'))).toBe('0xff00')
    expect(noteOf(new Uint8Array())).toBe('')
  })
})
