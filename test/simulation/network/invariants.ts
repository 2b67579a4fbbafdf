import { accountRange } from '../../../src/chain/keys.ts'
import { decodeAccount } from '../../../src/chain/records.ts'
import { subsidyAt } from '../../../src/consensus/reward.ts'
import { toHex } from '../../../src/util/bytes.ts'
import type { SimMember } from './member.ts'
import type { Invariant } from './outcome.ts'
import type { World } from './world.ts'

/** Cheeses that were made go on being made until all agree; this is as long as that may take. */
const AGREE_MS = 30 * 60_000
/** Members whose accounts are counted crumb by crumb. */
const COUNTED = 3

/** Lets the network come to rest, and looks whether everything is as it must be whatever happened. */
export async function checkInvariants(world: World, honest: () => readonly SimMember[] = () => world.on): Promise<Invariant[]> {
  world.wallets.stop()
  const took = await world.until(() => world.agree(honest()) && honest().every((member) => member.synced), AGREE_MS, 1_000)
  world.mining.stop()
  await world.run(5_000)
  return [
    { name: 'all members have one tip', holds: took !== undefined && world.agree(honest()), detail: agreement(honest(), took) },
    { name: 'and one accounts root', holds: roots(honest()).size === 1, detail: `${roots(honest()).size} root` },
    await conservation(honest()),
    noHonestBan(world, honest()),
    noTransferLost(world, honest()),
  ]
}

function agreement(members: readonly SimMember[], took: number | undefined): string {
  const heights = new Set(members.map(({ session }) => session?.stack.tip.height))
  return took === undefined ? `heights ${[...heights].join(', ')}` : `${members.length} members at height ${[...heights].join(', ')}`
}

function roots(members: readonly SimMember[]): Set<string> {
  return new Set(members.map(({ session }) => (session ? toHex(session.stack.tip.header.accountsRoot) : 'off')))
}

/** Every crumb that is in an account or still ripens was a subsidy, and none is missing. */
async function conservation(members: readonly SimMember[]): Promise<Invariant> {
  const wrong: string[] = []
  let crumbs = 0n
  for (const { name, session } of members.slice(0, COUNTED)) {
    if (!session) continue
    const { stack } = session
    const { height } = stack.tip
    let due = 0n
    for (let at = 1; at <= height; at++) due += subsidyAt(at)
    let found = 0n
    for (let at = Math.max(1, height - stack.params.ripening + 1); at <= height; at++) {
      const smell = stack.smellAt(at)
      found += (smell !== undefined && stack.facts(smell)?.rewardAmount) || 0n
    }
    found += await balances(session)
    crumbs = found
    if (found !== due) wrong.push(`${name} has ${found} of ${due} crumbs`)
  }
  return { name: 'no crumb was made or lost', holds: wrong.length === 0, detail: wrong.join('; ') || `${crumbs} crumbs` }
}

async function balances({ stack, store }: NonNullable<SimMember['session']>): Promise<bigint> {
  await stack.flush()
  let sum = 0n
  for await (const [, value] of store.entries(accountRange)) sum += decodeAccount(value).balance
  return sum
}

function noHonestBan(world: World, honest: readonly SimMember[]): Invariant {
  const names = new Set(honest.map(({ name }) => name))
  const bans = world.observer.bans.filter(({ whom }) => names.has(whom) || whom.startsWith('member '))
  const worst = Math.min(
    100,
    ...honest.flatMap(
      ({ session }) =>
        session?.network
          .peers()
          .filter(({ memberId }) => world.isMember(memberId))
          .map(({ reputation }) => reputation) ?? [],
    ),
  )
  const first = bans[0]
  return {
    name: 'no honest member was banned',
    holds: bans.length === 0,
    detail: first ? `${bans.length} bans, the first of ${first.whom} by ${first.by}: ${first.why}` : `least reputation at the end ${Math.round(worst)} of 100`,
  }
}

/** What was sent is in a cheese, or waits, at somebody's. */
function noTransferLost(world: World, honest: readonly SimMember[]): Invariant {
  const waits = (relayId: string) => honest.some(({ session }) => session?.mempool.has(relayId) === true)
  const lost = honest.flatMap((member) => world.wallets.unconfirmed(member).filter(({ from, relayId }) => from === member && !waits(relayId)))
  return { name: 'no transfer was lost', holds: lost.length === 0, detail: `${world.wallets.count} sent, ${lost.length} neither in a cheese nor waiting` }
}
