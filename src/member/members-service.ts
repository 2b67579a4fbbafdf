import type { MemberEntry } from '../api/schemas.ts'
import { addressOf, formatAddress } from '../consensus/address.ts'
import type { Params } from '../consensus/params.ts'
import type { Card } from '../net/card.ts'
import { endpointTexts } from '../net/card.ts'
import type { TrackedMember } from '../tracker/client.ts'
import { formatEndpoint } from '../util/ip.ts'

/** A member that is connected to us. */
export interface ConnectedMember {
  readonly memberId: string
  readonly endpoint: string
  readonly height: number
  readonly direction: 'in' | 'out'
}

export interface MembersDeps {
  readonly params: Params
  /** Cards that peers passed on or showed, with when they came (Unix seconds). */
  readonly cards: () => readonly { readonly card: Card; readonly learnedAt: number }[]
  readonly tracked: () => readonly TrackedMember[]
  readonly connected: () => readonly ConnectedMember[]
  readonly contactAt: (address: Uint8Array) => string | null
  readonly warnings: () => ReadonlyMap<string, string>
  /** Unix seconds. */
  readonly now: () => number
}

/** A member that only cards tell of is taken to be online for so long after its card was made, seconds. */
const ONLINE_SECONDS = 2 * 60 * 60

interface Known {
  readonly card: Card
  readonly tracked: TrackedMember | undefined
  readonly peer: ConnectedMember | undefined
  readonly lastSeen: number
}

/** Everybody who seems to be online, from peers, trackers and cards passed on: connected ones first, then the latest seen. */
export function listMembers(deps: MembersDeps): MemberEntry[] {
  const known = gather(deps)
  const warnings = deps.warnings()
  return known.map(({ card, tracked, peer, lastSeen }) => {
    const address = card.paymentKey && addressOf(card.paymentKey)
    return {
      nickname: card.nickname,
      address: address ? formatAddress(address, deps.params) : null,
      memberId: card.memberId,
      endpoint:
        peer?.direction === 'out' ? peer.endpoint : tracked?.endpoint ? formatEndpoint(tracked.endpoint) : (endpointTexts(card)[0] ?? peer?.endpoint ?? ''),
      height: peer?.height ?? tracked?.height ?? card.height ?? null,
      reachable: peer?.direction === 'out' ? true : (tracked?.reachable ?? null),
      lastSeen,
      connected: peer !== undefined,
      contact: address ? deps.contactAt(address) : null,
      warning: warnings.get(card.memberId) ?? null,
    }
  })
}

/** Cards of all who are online, each member once, with the newest card. */
export function gather(deps: Pick<MembersDeps, 'cards' | 'tracked' | 'connected' | 'now'>): Known[] {
  const now = deps.now()
  const peers = new Map(deps.connected().map((peer) => [peer.memberId, peer]))
  const found = new Map<string, Known>()
  for (const tracked of deps.tracked()) {
    const { card, lastSeen } = tracked
    found.set(card.memberId, { card, tracked, peer: peers.get(card.memberId), lastSeen })
  }
  for (const { card, learnedAt } of deps.cards()) {
    const peer = peers.get(card.memberId)
    const before = found.get(card.memberId)
    if (!peer && !before && now - card.time > ONLINE_SECONDS) continue
    const newest = before && before.card.time >= card.time ? before.card : card
    found.set(card.memberId, { card: newest, tracked: before?.tracked, peer, lastSeen: peer ? now : (before?.lastSeen ?? Math.min(learnedAt, card.time)) })
  }
  return [...found.values()].sort(
    (a, b) => Number(b.peer !== undefined) - Number(a.peer !== undefined) || b.lastSeen - a.lastSeen || (a.card.memberId < b.card.memberId ? -1 : 1),
  )
}
