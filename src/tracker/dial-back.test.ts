import { describe, expect, it } from 'vitest'
import { silent } from '../util/ports.ts'
import { err, ok } from '../util/result.ts'
import { type DialBack, DialBacks, type DialBackTarget } from './dial-back.ts'
import { Registry } from './registry.ts'
import type { Entry } from './table.ts'
import { arrivalOf, ManualClock, regtest, START, seededRandom, testMember } from './testing/fixture.ts'

const alice = await testMember('Alice')
const mallory = await testMember('Mallory')
const refused: DialBack = async () => err({ message: 'refused' })

function setUp(answer?: DialBack) {
  const clock = new ManualClock()
  const dialed: DialBackTarget[] = []
  const told: (boolean | null)[] = []
  const good: DialBack = async () => ok({ memberId: alice.identity.memberId, card: alice.card().bytes })
  const table = new Registry(clock, seededRandom(1), { maxEntries: 5_000, maxPerAddress: 5_000, maxPerSubnet: 5_000 })
  const dialBacks = new DialBacks({
    clock,
    random: seededRandom(1),
    log: silent,
    table,
    onVerdict: ({ reachable }) => told.push(reachable),
    dialBack: (target) => {
      dialed.push(target)
      return (answer ?? good)(target)
    },
  })
  let time = START
  const card = alice.card()
  const entry = (fields: { ip?: string; port?: number } = {}): Entry => {
    const arrived = table.arrive(arrivalOf(card, { time: time++, keepMs: 1e9, ...fields }), 0)
    if (!arrived.ok || !arrived.value.entry) throw new Error('not listed')
    return arrived.value.entry
  }
  return { clock, dialed, dialBacks, entry, told }
}

describe('dial-backs', () => {
  it('dial the observed address and ask for the member and its network', async () => {
    const { dialed, dialBacks, entry, told } = setUp()
    expect(await dialBacks.check(entry())).toBe(true)
    expect(dialed).toEqual([{ endpoint: { host: '192.0.2.1', port: 9875 }, memberId: alice.identity.memberId, blueSmell: regtest.blueSmell }])
    expect(entry().reachable).toBe(true)
    expect(told).toEqual([true])
  })

  it('look again at who answered every ten minutes or so, and take a verdict back', async () => {
    let answer = true
    const { clock, dialed, dialBacks, entry, told } = setUp(async () =>
      answer ? ok({ memberId: alice.identity.memberId, card: alice.card().bytes }) : err({ message: 'refused' }),
    )
    expect(await dialBacks.check(entry())).toBe(true)
    clock.advance(9 * 60_000)
    expect(await dialBacks.check(entry())).toBeUndefined()
    clock.advance(3 * 60_000)
    expect(await dialBacks.check(entry())).toBe(true)
    clock.advance(12 * 60_000)
    answer = false
    expect(await dialBacks.check(entry())).toBe(false)
    expect(entry().reachable).toBe(false)
    expect(dialed).toHaveLength(3)
    expect(told).toEqual([true, false])
  })

  it('look at who did not answer ever more seldom, at least every half hour or so', async () => {
    const { clock, dialBacks, entry } = setUp(refused)
    const gaps: number[] = []
    let last = clock.now()
    for (let minute = 0; minute < 200; minute++) {
      if ((await dialBacks.check(entry())) === false) {
        gaps.push(Math.round((clock.now() - last) / 60_000))
        last = clock.now()
      }
      clock.advance(60_000)
    }
    expect(gaps[0]).toBe(0)
    for (const [i, gap] of gaps.slice(1).entries()) {
      const wait = Math.min(30, 2 ** i)
      expect(gap >= wait && gap <= 1.2 * wait + 1).toBe(true)
    }
    expect(gaps.length).toBeGreaterThan(7)
  })

  it('dial one address at most once a minute, whoever is said to be there', async () => {
    const { clock, dialed, dialBacks, entry } = setUp(refused)
    expect(await dialBacks.check(entry())).toBe(false)
    // Moving away and back makes its verdict unknown again, and its address no less dialled.
    entry({ port: 9999 })
    expect(await dialBacks.check(entry())).toBeUndefined()
    expect(await dialBacks.check(entry({ port: 9876 }))).toBe(false)
    clock.advance(60_000)
    expect(await dialBacks.check(entry())).toBe(false)
    expect(dialed).toHaveLength(3)
  })

  it('never dial ports below 1024, nor many ports of one address', async () => {
    const { dialed, dialBacks, entry } = setUp()
    for (const port of [0, 22, 1023]) expect(await dialBacks.check(entry({ port }))).toBeUndefined()
    for (let port = 2000; port < 2040; port++) await dialBacks.check(entry({ port }))
    expect(dialed).toHaveLength(16)
  })

  it('dial once for two that ask at the same time', async () => {
    const { dialed, dialBacks, entry } = setUp()
    const her = entry()
    expect(await Promise.all([dialBacks.check(her), dialBacks.check(her)])).toEqual([true, true])
    expect(dialed).toHaveLength(1)
  })

  it('are few at a time; the others wait for their turn, and not endlessly many', async () => {
    const answers: (() => void)[] = []
    const { dialed, dialBacks, entry } = setUp(() => new Promise((resolve) => answers.push(() => resolve(err({ message: 'nobody' })))))
    const checks: Promise<boolean | undefined>[] = []
    for (let i = 0; i < 1_200; i++) checks.push(dialBacks.check(entry({ ip: `10.${i >> 8}.${i & 255}.1` })))
    const due = dialBacks.pending
    expect(due).toBe(1_032)
    for (let done = 0; done < due; done++) {
      while (answers.length === 0) await Promise.resolve()
      expect(dialed.length - done).toBeLessThanOrEqual(32)
      answers.shift()?.()
    }
    expect((await Promise.all(checks)).filter((verdict) => verdict === false)).toHaveLength(1_032)
    expect(dialBacks.pending).toBe(0)
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
