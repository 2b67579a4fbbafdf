import type { Emitter } from '../util/events.ts'
import { addressGroup } from './address-group.ts'
import type { Directory } from './directory.ts'
import type { NetworkEvents, PeerInfo } from './network-types.ts'
import type { Peer } from './peer.ts'
import type { Reputation } from './reputation.ts'
import type { SyncStatus } from './sync-status.ts'

/** What people are shown of a peer. */
export function infoOf(peer: Peer, directory: Directory, reputation: Reputation): PeerInfo {
  const { connection } = peer.channel
  return {
    memberId: peer.memberId,
    nickname: directory.get(peer.memberId)?.card.nickname ?? '',
    endpoint: peer.endpointText,
    direction: peer.direction,
    latencyMs: peer.latencyMs,
    bytesIn: connection.bytesIn,
    bytesOut: connection.bytesOut,
    height: peer.claim.height,
    reputation: reputation.score(peer.memberId),
    version: peer.hello.agent,
    connectedAt: peer.connectedAt,
    offences: reputation.offences(peer.memberId),
    manual: peer.manual,
    protocol: peer.version,
    relay: peer.relay,
    group: addressGroup(peer.remote.host) ?? null,
  }
}

/** Tells of the sync and the peers, but only when something is different. */
export class News {
  readonly #events: Emitter<NetworkEvents>
  #lastSync = ''
  #lastPeers = ''

  constructor(events: Emitter<NetworkEvents>) {
    this.#events = events
  }

  sync(status: SyncStatus): void {
    const text = JSON.stringify(status)
    if (text === this.#lastSync) return
    this.#lastSync = text
    this.#events.emit('sync', status)
  }

  /** Traffic alone is no news. */
  peers(list: readonly PeerInfo[]): void {
    const text = JSON.stringify(list.map((peer) => ({ ...peer, bytesIn: 0, bytesOut: 0 })))
    if (text === this.#lastPeers) return
    this.#lastPeers = text
    this.#events.emit('peersChanged', undefined)
  }
}
