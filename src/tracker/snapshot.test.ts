import { describe, expect, it } from 'vitest'
import type { Files } from '../util/files.ts'
import type { Logger } from '../util/ports.ts'
import { History, type HistoryPoint, POINT_SECONDS } from './history.ts'
import { Registry } from './registry.ts'
import { encodeSnapshot, SAVE_MS, Snapshots } from './snapshot.ts'
import { arrivalOf, ManualClock, regtest, START, seededRandom, testMember } from './testing/fixture.ts'

const crowd = await Promise.all(Array.from({ length: 3 }, (_, i) => testMember(`Member ${i}`, { paid: i === 0 })))
const limits = { maxEntries: 100, maxPerAddress: 100, maxPerSubnet: 100 }
const point: HistoryPoint = {
  at: START,
  members: 3,
  reachable: 1,
  announces: 9,
  networks: [{ network: regtest.blueSmellHex, members: 3, reachable: 1, height: 7 }],
}

/** Files in memory, and what was said in the log. */
function setUp(failing = false) {
  const stored = new Map<string, Uint8Array>()
  const written: string[] = []
  const files: Files = {
    read: async (path) => stored.get(path),
    write: async (path, bytes, options) => {
      written.push(`${path} ${options?.secret === true}`)
      if (failing) throw new Error('the disk is full')
      stored.set(path, bytes)
    },
    remove: async (path) => void stored.delete(path),
    list: async () => [],
  }
  const said: string[] = []
  const log: Logger = { debug() {}, info() {}, warn: (message) => said.push(message), error: (message) => said.push(message), child: () => log }
  const clock = new ManualClock()
  const registry = new Registry(clock, seededRandom(1), limits)
  for (const [i, member] of crowd.entries()) registry.arrive(arrivalOf(member.card(), { ip: `192.0.2.${i}`, session: 'secret' }), 0)
  const snapshots = () => new Snapshots({ files, path: 'tracker/members.snapshot', clock, log })
  return { stored, written, said, clock, registry, snapshots }
}

describe('the snapshot', () => {
  it('gives back what was listed, without keys of sessions; the time in between counts against nobody', async () => {
    const { clock, registry, snapshots, written, stored } = setUp()
    registry.arrive(
      arrivalOf(crowd[2]?.card() as NonNullable<ReturnType<(typeof crowd)[0]['card']>>, { ip: '192.0.2.2', event: 'stopped', time: START + 1 }),
      0,
    )
    await snapshots().save(
      () => registry.dump(),
      () => [point],
    )
    expect(written).toEqual(['tracker/members.snapshot true'])
    expect(new TextDecoder().decode([...stored.values()][0])).not.toContain('secret')
    clock.advance(5 * 60_000)
    const saved = await snapshots().load()
    expect(saved?.points).toEqual([point])
    expect(saved?.gone).toEqual([[`${regtest.blueSmellHex}${crowd[2]?.identity.memberId}`, START + 1]])
    const { at: _, ...before } = { ...registry.find(regtest.blueSmellHex, crowd[0]?.identity.memberId as string), at: 0 }
    expect(saved?.entries).toHaveLength(2)
    expect(saved?.entries[0]).toEqual({ ...before, expiresAt: START * 1000 + 60_000 + 5 * 60_000, dialAfter: 0, session: '' })
  })

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['cut short', (bytes) => bytes.slice(0, -20)],
    ['changed', (bytes) => bytes.map((b, i) => (i === bytes.length - 30 ? b ^ 1 : b))],
    ['empty', () => new Uint8Array()],
    ['of another version', (bytes) => new TextEncoder().encode(new TextDecoder().decode(bytes).replace('"version":1', '"version":2'))],
    ['something else', () => new TextEncoder().encode('{}\n[]\n')],
  ])('that is %s is left aside, and the log says so', async (_what, change) => {
    const { registry, snapshots, stored, said } = setUp()
    await snapshots().save(
      () => registry.dump(),
      () => [],
    )
    const [path, bytes] = [...stored][0] as [string, Uint8Array]
    stored.set(path, change(bytes))
    expect(await snapshots().load()).toBeUndefined()
    expect(said).toEqual([expect.stringContaining('the tracker starts with nobody')])
  })

  it('that is too old, or from the future, is left aside', async () => {
    for (const away of [16 * 60_000, -120_000]) {
      const { clock, registry, snapshots, stored, said } = setUp()
      stored.set('tracker/members.snapshot', await encodeSnapshot(registry.dump(), [], clock.now() - away))
      expect(await snapshots().load()).toBeUndefined()
      expect(said).toEqual([expect.stringContaining('too old')])
    }
  })

  it('is written at most once a minute, and a disk that is full is told once', async () => {
    const { clock, registry, snapshots, written, said } = setUp(true)
    const mine = snapshots()
    const now = async () => {
      mine.saveNowAndThen(
        () => registry.dump(),
        () => [],
      )
      await mine
        .save(
          () => ({ entries: [], gone: [] }),
          () => [],
        )
        .then(() => written.pop())
    }
    await now()
    expect(written).toHaveLength(0)
    clock.advance(SAVE_MS)
    mine.saveNowAndThen(
      () => registry.dump(),
      () => [],
    )
    mine.saveNowAndThen(
      () => registry.dump(),
      () => [],
    )
    await mine.save(
      () => registry.dump(),
      () => [],
    )
    expect(written).toHaveLength(2)
    expect(said).toEqual([expect.stringContaining('cannot be written')])
  })

  it('of nothing gives nothing', async () => {
    expect(await setUp().snapshots().load()).toBeUndefined()
  })
})

describe('the history', () => {
  it('has one point every five minutes for a day, and counts announces in between', () => {
    const start = START - (START % POINT_SECONDS)
    const history = new History(start)
    const counts = [{ network: regtest.blueSmellHex, members: 4, reachable: 2, height: 9, versions: [], heights: [] }]
    let noted = 0
    for (let second = 0; second < 2 * 86_400; second += 30) {
      if (!history.isDue(start + second)) continue
      history.note(start + second, counts, 10 * ++noted)
    }
    const now = start + 2 * 86_400
    const points = history.points(now)
    expect(points.length).toBeGreaterThan(285)
    expect(points.length).toBeLessThanOrEqual(288)
    expect(points.at(-1)).toEqual({
      at: now - POINT_SECONDS,
      members: 4,
      reachable: 2,
      announces: 10,
      networks: [{ network: regtest.blueSmellHex, members: 4, reachable: 2, height: 9 }],
    })
    expect(new Set(points.map(({ at }) => at % POINT_SECONDS))).toEqual(new Set([0]))
  })
})
