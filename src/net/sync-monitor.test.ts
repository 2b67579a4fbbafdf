import { afterEach, describe, expect, it } from 'vitest'
import type { Made } from '../chain/testing/maker.ts'
import type { SyncStatus } from './sync-status.ts'
import { type TestMember, World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

/** Every status that a member tells of from now on. */
function listen(member: TestMember): SyncStatus[] {
  const told: SyncStatus[] = []
  member.network.events.on('sync', (status) => told.push(status))
  return told
}

async function syncing(count: number, latencyMs = 200): Promise<{ fresh: TestMember; old: TestMember; cheeses: Made[]; told: SyncStatus[] }> {
  world = new World({ latencyMs: () => latencyMs })
  const cheeses = world.maker.makeMany(world.maker.blue, count)
  const [old, fresh] = [await world.member('old'), await world.member('fresh')]
  await old.give(cheeses)
  const told = listen(fresh)
  await world.link(fresh, old)
  return { fresh, old, cheeses, told }
}

describe('the status of a sync', () => {
  it('goes from headers to cheeses with one progress that never goes back, and ends at synced', async () => {
    const { cheeses, told } = await syncing(900)
    await world.clock.until(() => told.at(-1)?.stage === 'synced', 'synced')
    const stages = told.map(({ stage }) => stage).filter((stage, i, all) => stage !== all[i - 1])
    expect(stages).toEqual(['headers', 'bodies', 'synced'])
    const progress = told.flatMap((status) => status.progress ?? [])
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(progress[0]).toBe(0)
    expect(progress.at(-1)).toBeLessThanOrEqual(1)
    expect(told.filter(({ setback }) => setback)).toEqual([])
    expect(told.find(({ stage }) => stage === 'headers')).toMatchObject({ claimedHeight: cheeses.length, bestHeight: 0, secondsLeft: null })
    const last = told.at(-1) as SyncStatus
    expect(last).toMatchObject({ progress: null, cheesesPerSecond: null, secondsLeft: null, servers: [], height: 900, bestHeight: 900 })
  })

  it('tells rates and time left only once they are known, and who serves', async () => {
    const { fresh, old, told } = await syncing(900, 2_500)
    await world.clock.until(() => fresh.network.sync().secondsLeft !== null, 'a forecast')
    const known = fresh.network.sync()
    const bodies = told.filter(({ stage }) => stage === 'bodies')
    expect(bodies[0]).toMatchObject({ cheesesPerSecond: null, secondsLeft: null })
    expect(known.cheesesPerSecond).toBeGreaterThan(0)
    expect(known.transfersPerSecond).toBe(0)
    expect(known.bytesPerSecond).toBeGreaterThan(0)
    expect(known.secondsLeft).toBeGreaterThan(0)
    expect(known.servers).toMatchObject([{ memberId: old.network.memberId, nickname: '' }])
    expect(known.servers[0]?.cheeses).toBeGreaterThan(0)
  })

  it('is not synced, and keeps its progress, when everybody leaves in the middle', async () => {
    const { fresh, old } = await syncing(600)
    await world.clock.until(() => fresh.stack.tip.height >= 20, 'part of the way')
    const before = fresh.network.sync().progress ?? 0
    await old.network.close()
    await world.clock.until(() => fresh.network.peers().length === 0, 'alone')
    const { stage, progress, servers, secondsLeft } = fresh.network.sync()
    expect({ stage, servers, secondsLeft }).toEqual({ stage: 'alone', servers: [], secondsLeft: null })
    expect(progress).toBeGreaterThanOrEqual(before)
    expect(progress).toBeLessThan(1)
  })

  it('says why it went back when a higher stack turns up', async () => {
    const { fresh, cheeses } = await syncing(300, 400)
    await world.clock.until(() => fresh.stack.tip.height >= 20, 'part of the way')
    const higher = await world.member('higher')
    await higher.give([...cheeses, ...world.maker.makeMany(cheeses.at(-1) as Made, 600)])
    await world.link(fresh, higher)
    await world.clock.until(() => fresh.network.sync().setback !== null, 'a setback')
    expect(fresh.network.sync().setback).toBe('longer')
    await world.clock.until(() => fresh.network.sync().stage === 'synced', 'synced')
    expect(fresh.network.sync().setback).toBeNull()
  })
})
