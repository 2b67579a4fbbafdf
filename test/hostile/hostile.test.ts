/** Every attack of attacks/ against one real member: what it costs, what is left of it, and who pays for it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attacks } from './attacks/all.ts'
import { BOUNDS, type Stage, type Verdict } from './support/attack.ts'
import { Friend } from './support/friend.ts'
import { layStack, makeGround, pay } from './support/stack.ts'
import { until } from './support/until.ts'
import { Victim } from './support/victim.ts'
import { helloOf, Villain } from './support/villain.ts'

let folder: string
let stage: Stage
/** A real member that the victim dialled. */
let honest: Victim
/** Somebody honest who dialled the victim, and asks it something all the time. */
let friend: Friend

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cheese-hostile-'))
  const ground = makeGround()
  const dirs = [join(folder, 'victim'), join(folder, 'honest')] as const
  await Promise.all(dirs.map((dir) => layStack(dir, ground)))
  honest = await Victim.start(dirs[1], 'regtest')
  const victim = await Victim.start(dirs[0], 'regtest', ['--peer', honest.ready.listen])
  const tracker = await victim.client.tracker.host({ listen: '127.0.0.1:0' })
  const port = Number(/:(\d+)$/.exec(tracker.listen)?.[1])
  stage = { victim, at: victim.endpoint, ground, tracker: { host: '127.0.0.1', port } }
  friend = await Friend.come(stage)
  // What waits, waits through it all.
  await friend.tell(ground.rich.slice(0, 3).map((key) => pay(ground, key)))
  await until('it is synced and has the transfers', async () => {
    const { sync, mempool } = await victim.client.status()
    return sync.stage === 'synced' && mempool === 3
  })
}, 60_000)

afterAll(async () => {
  friend?.leave()
  const codes = await Promise.all([stage?.victim.stop(), honest?.stop()])
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  // It ends as if nothing had been.
  expect(codes).toEqual([0, 0])
}, 60_000)

async function verdictOn(identity: Villain['identity']): Promise<Verdict> {
  const villain = await Villain.meet(stage.at, helloOf(), identity)
  if (villain.goodbye === 'banned') return 'banned'
  let reputation: number | undefined
  await until('it is listed', async () => {
    reputation = (await stage.victim.client.peers.list()).find(({ memberId }) => memberId === identity.memberId)?.reputation
    return reputation !== undefined
  })
  villain.leave()
  return (reputation ?? 0) < 100 ? 'scored' : 'unhurt'
}

describe('a member under attack', () => {
  it.each(attacks)('$name', { timeout: 60_000 }, async (attack) => {
    const { victim } = stage
    const bounds = { ...BOUNDS, ...attack.bounds }
    const before = { state: await victim.state(), disk: await victim.onDisk(), logged: victim.logged, measure: await victim.begin() }
    const asked = friend.answers

    const senders = await attack.run(stage)

    const measure = await victim.measure()
    expect(victim.alive, victim.lastWords).toBe(true)
    const cost = {
      turnMs: Math.round(measure.longestTurnMs),
      delayMs: Math.round(measure.delayP99Ms),
      heldMiB: Math.round(measure.heldMiB - before.measure.heldMiB),
      peakMiB: Math.round(measure.peakRssMiB - before.measure.peakRssMiB),
      logKiB: Math.round((victim.logged - before.logged) / 1024),
      diskKiB: Math.round(((await victim.onDisk()) - before.disk) / 1024),
    }
    if (process.env.HOSTILE_COST) console.info(`${attack.name}: ${JSON.stringify(cost)}`)
    for (const [what, most] of Object.entries(bounds)) expect(cost[what as keyof typeof cost], what).toBeLessThanOrEqual(most)

    expect(await victim.state()).toEqual(before.state)
    for (const { identity } of senders) {
      const verdict = await verdictOn(identity)
      // How fast this machine is decides how much of a flood is above its share.
      expect(attack.sender === 'scored' && verdict === 'banned' ? 'scored' : verdict, attack.does).toBe(attack.sender)
    }

    await until('the friend is answered', () => friend.answers > asked)
    const peers = await victim.client.peers.list()
    for (const memberId of [honest.ready.memberId, friend.memberId]) {
      expect(peers.find((peer) => peer.memberId === memberId)?.reputation, 'an honest peer').toBe(100)
    }
  })
})
