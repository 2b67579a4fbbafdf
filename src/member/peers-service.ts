import { Failure } from '../api/errors.ts'
import type { BanEntry, PeerEntry } from '../api/schemas-network.ts'
import type { MemberService } from '../api/service.ts'
import type { Ban, Network, PeerInfo } from '../net/network.ts'
import { formatHostPort, type HostPort } from '../net/transport.ts'
import { parseHostPort } from '../util/ip.ts'
import { onDisk } from './disk-failure.ts'

const HOUR_MS = 3_600_000
const seconds = (ms: number) => Math.floor(ms / 1000)

function peerEntry(peer: PeerInfo): PeerEntry {
  return {
    ...peer,
    latencyMs: peer.latencyMs ?? null,
    connectedAt: seconds(peer.connectedAt),
    offences: peer.offences.map((offence) => ({ ...offence, at: seconds(offence.at) })),
  }
}

function banEntry(ban: Ban): BanEntry {
  return { ...ban, memberId: ban.memberId ?? null, address: ban.address ?? null, since: seconds(ban.since), until: seconds(ban.until) }
}

function hostPort(endpoint: string): HostPort {
  const parsed = parseHostPort(endpoint)
  if (!parsed.ok) throw new Failure('BAD_INPUT', parsed.error)
  return parsed.value
}

/** Connections, addresses that are redialled, and bans. */
export function peersService(network: Network): MemberService['peers'] {
  return {
    list: async () => network.peers().map(peerEntry),
    async connect({ endpoint, keep }) {
      const at = hostPort(endpoint)
      if (keep && !(await onDisk(() => network.keep(at)))) throw new Failure('BAD_INPUT', `${endpoint} cannot be dialled: give a port from 1 to 65535.`)
      const connected = await network.connect(at)
      if (connected.ok) return peerEntry(connected.value)
      // What cannot be right at any time is not tried again and again.
      if (keep && connected.error.code === 'self') await network.forget(at)
      throw new Failure('PEER_UNREACHABLE', keep ? `${connected.error.message} It stays among the addresses that are redialled.` : connected.error.message)
    },
    async disconnect({ memberId }) {
      if (!network.disconnect(memberId)) throw new Failure('NOT_FOUND', 'This member is not connected (any more): see the list of connections.')
      return { disconnected: true }
    },
    kept: async () => network.kept().map(formatHostPort),
    async forget({ endpoint }) {
      if (!(await network.forget(hostPort(endpoint)))) throw new Failure('NOT_FOUND', `${endpoint} is not among the addresses that are redialled.`)
      return { forgotten: true }
    },
    bans: async () => network.bans().map(banEntry),
    async ban({ memberId, address, hours = 24, reason = 'a person asked for it' }) {
      const whom = { ...(memberId === undefined ? {} : { memberId }), ...(address === undefined ? {} : { host: address }) }
      const made = await network.ban({ ...whom, ms: hours * HOUR_MS, reason })
      if (!made.ok) throw new Failure('BAD_INPUT', made.error)
      return banEntry(made.value)
    },
    async unban({ id }) {
      if (!(await network.unban(id))) throw new Failure('NOT_FOUND', `There is no ban ${id}: see the list of bans.`)
      return { unbanned: true }
    },
    book: async () => network.book(),
  }
}
