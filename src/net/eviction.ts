import { sha256 } from '../consensus/hash.ts'
import { addressGroup, addressOwner, isLocal } from './address-group.ts'
import type { Peer } from './peer.ts'

/** How many are protected for each merit; and of those left, the half that has been here longest. */
const PROTECTED = { group: 4, latency: 8, transfers: 4, cheeses: 4 } as const

/** What counts when somebody who came in has to make room. Times are milliseconds since 1970, 0 = never. */
export interface Candidate {
  readonly id: string
  readonly group: string
  readonly connectedAt: number
  readonly bestLatencyMs: number
  readonly cheeseAt: number
  readonly transferAt: number
}

/** What of a peer counts; undefined when it never has to go: a person asked for it, or it is of the own network. */
export function candidateOf(peer: Peer): Candidate | undefined {
  const { host } = peer.remote
  if (peer.direction !== 'in' || peer.manual || isLocal(host)) return undefined
  return {
    id: peer.memberId,
    group: addressGroup(host) ?? addressOwner(host),
    connectedAt: peer.connectedAt,
    bestLatencyMs: peer.bestLatencyMs ?? Number.POSITIVE_INFINITY,
    cheeseAt: peer.gave.cheese,
    transferAt: peer.gave.transfer,
  }
}

/**
 * Who goes when there is no room for another who comes in, in the manner of Bitcoin Core's AttemptToEvictConnection: those with a merit that is hard to fake are
 * protected (groups drawn with a secret, the shortest latency, the latest transfers and cheeses, the longest stay), and of the others
 * the youngest of the most numerous group goes. So whoever fills our room from few groups pushes out himself.
 * @param secret random, for this run
 * @returns the id, or undefined when everybody is protected
 */
export function chooseEviction(candidates: readonly Candidate[], secret: Uint8Array): string | undefined {
  let left = [...candidates]
  const protect = (count: number, order: (a: Candidate, b: Candidate) => number, has: (one: Candidate) => boolean = () => true) => {
    const best = new Set(left.filter(has).sort(order).slice(0, count))
    left = left.filter((one) => !best.has(one))
  }
  const oldest = (a: Candidate, b: Candidate) => a.connectedAt - b.connectedAt
  const drawn = new Map([...new Set(left.map(({ group }) => group))].map((group) => [group, draw(secret, group)]))
  const first = new Set([...drawn].sort(([, a], [, b]) => a - b).map(([group]) => left.filter((one) => one.group === group).sort(oldest)[0]))
  protect(
    PROTECTED.group,
    (a, b) => (drawn.get(a.group) ?? 0) - (drawn.get(b.group) ?? 0),
    (one) => first.has(one),
  )
  protect(
    PROTECTED.latency,
    (a, b) => a.bestLatencyMs - b.bestLatencyMs,
    ({ bestLatencyMs }) => Number.isFinite(bestLatencyMs),
  )
  protect(
    PROTECTED.transfers,
    (a, b) => b.transferAt - a.transferAt,
    ({ transferAt }) => transferAt > 0,
  )
  protect(
    PROTECTED.cheeses,
    (a, b) => b.cheeseAt - a.cheeseAt,
    ({ cheeseAt }) => cheeseAt > 0,
  )
  protect(Math.floor(left.length / 2), oldest)
  const groups = new Map<string, Candidate[]>()
  for (const one of left.sort(oldest)) groups.set(one.group, [...(groups.get(one.group) ?? []), one])
  const [crowd] = [...groups.values()].sort((a, b) => b.length - a.length || (b.at(-1)?.connectedAt ?? 0) - (a.at(-1)?.connectedAt ?? 0))
  return crowd?.at(-1)?.id
}

function draw(secret: Uint8Array, group: string): number {
  const digest = sha256(secret, new TextEncoder().encode(group))
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0)
}
