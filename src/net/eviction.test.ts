import { describe, expect, it } from 'vitest'
import { Admission } from './admission.ts'
import { type Candidate, chooseEviction } from './eviction.ts'
import { FakeClock, seeded } from './testing/world.ts'

const secret = seeded(3).bytes(32)

function candidate(id: string, group: string, connectedAt: number, merits: Partial<Candidate> = {}): Candidate {
  return { id, group, connectedAt, bestLatencyMs: 100, cheeseAt: 0, transferAt: 0, ...merits }
}

describe('who makes room', () => {
  it('is the youngest of the most numerous group', () => {
    const crowd = Array.from({ length: 50 }, (_, i) => candidate(`crowd${i}`, '66.1.0.0/16', 1_000 + i))
    const others = Array.from({ length: 12 }, (_, i) => candidate(`other${i}`, `${i}.0.0.0/16`, 2_000 + i))
    expect(chooseEviction([...crowd, ...others], secret)).toBe('crowd49')
  })

  it('is nobody who gives cheeses or transfers, answers fast or has been here long', () => {
    const merits: Candidate[] = [
      ...Array.from({ length: 4 }, (_, i) => candidate(`giver${i}`, '9.9.0.0/16', 5_000, { cheeseAt: 1 + i, bestLatencyMs: 300 })),
      ...Array.from({ length: 4 }, (_, i) => candidate(`teller${i}`, '9.9.0.0/16', 5_000, { transferAt: 1 + i, bestLatencyMs: 300 })),
      ...Array.from({ length: 8 }, (_, i) => candidate(`near${i}`, '9.9.0.0/16', 5_000, { bestLatencyMs: 1 })),
      ...Array.from({ length: 8 }, (_, i) => candidate(`old${i}`, '9.9.0.0/16', 1, { bestLatencyMs: 300 })),
    ]
    const young = Array.from({ length: 20 }, (_, i) => candidate(`young${i}`, '9.9.0.0/16', 4_000 + i, { bestLatencyMs: 300 }))
    let left = [...merits, ...young]
    const gone: string[] = []
    for (let i = 0; i < 10; i++) {
      const id = chooseEviction(left, secret)
      if (id === undefined) throw new Error('nobody')
      gone.push(id)
      left = left.filter((one) => one.id !== id)
    }
    expect(gone.every((id) => id.startsWith('young'))).toBe(true)
  })

  it('is nobody while there are few, and depends on what nobody can foresee', () => {
    expect(chooseEviction([], secret)).toBeUndefined()
    expect(chooseEviction([candidate('a', '1.1.0.0/16', 1), candidate('b', '2.1.0.0/16', 2)], secret)).toBeUndefined()
    const alike = Array.from({ length: 40 }, (_, i) => candidate(`p${i}`, `${i}.0.0.0/16`, 1_000, { bestLatencyMs: Number.POSITIVE_INFINITY }))
    const protectedBy = (seed: number) => {
      let left = alike
      for (let id = chooseEviction(left, seeded(seed).bytes(32)); id !== undefined; id = chooseEviction(left, seeded(seed).bytes(32)))
        left = left.filter((one) => one.id !== id)
      return left.map(({ id }) => id).join()
    }
    expect(protectedBy(1)).not.toBe(protectedBy(2))
  })

  it('is never honest while an attacker who comes in again and again from few groups is there', () => {
    const honest = Array.from({ length: 20 }, (_, i) => candidate(`honest${i}`, `${100 + i}.0.0.0/16`, 10_000 + i))
    let room = [...honest, ...Array.from({ length: 44 }, (_, i) => candidate(`bad${i}`, `66.${i % 3}.0.0/16`, 1_000 + i, { bestLatencyMs: 1 }))]
    for (let i = 0; i < 500; i++) {
      const id = chooseEviction(room, secret)
      expect(id).toMatch(/^bad/)
      room = [...room.filter((one) => one.id !== id), candidate(`bad again${i}`, `66.${i % 3}.0.0/16`, 20_000 + i, { bestLatencyMs: 1 })]
    }
  })
})

describe('admission', () => {
  const open = (clock = new FakeClock()) => ({ clock, admission: new Admission({ clock, perAddress: 4, perGroup: 16, relaxed: false }) })

  it('gives one address and one group so many places', () => {
    const { admission } = open()
    const four = ['8.1.1.1', '8.1.1.1', '8.1.1.1', '8.1.1.1']
    expect(admission.hasRoom('8.1.1.1', four.slice(1))).toBe(true)
    expect(admission.hasRoom('8.1.1.1', four)).toBe(false)
    const sixteen = Array.from({ length: 16 }, (_, i) => `8.1.${i}.1`)
    expect(admission.hasRoom('8.1.99.1', sixteen)).toBe(false)
    expect(admission.hasRoom('8.2.99.1', sixteen)).toBe(true)
    // A customer of an IPv6 provider has as many addresses as he likes.
    expect(
      admission.hasRoom(
        '2a00:1:2:3::9',
        ['1', '2', '3', '4'].map((last) => `2a00:1:2:3::${last}`),
      ),
    ).toBe(false)
    expect(
      admission.hasRoom(
        '127.0.0.1',
        Array.from({ length: 60 }, () => '127.0.0.1'),
      ),
    ).toBe(true)
  })

  it('lets one address and one group try so often, and the others all the same', async () => {
    const { clock, admission } = open()
    const tries = (host: (i: number) => string, count: number) => Array.from({ length: count }, (_, i) => admission.mayTry(host(i))).filter((one) => one).length
    expect(tries(() => '8.1.1.1', 100)).toBe(16)
    expect(tries((i) => `8.1.${i}.2`, 200)).toBeLessThanOrEqual(64)
    expect(admission.mayTry('8.2.1.1')).toBe(true)
    await clock.advance(60_000)
    expect(tries(() => '8.1.1.1', 100)).toBe(6)
    expect(tries((i) => `${11 + (i % 100)}.${i >> 3}.1.1`, 2_000)).toBeLessThanOrEqual(300)
  })
})
