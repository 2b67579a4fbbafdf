import { ArrowDownLeft, ArrowUpRight, Unplug } from 'lucide-react'
import type { PeerEntry } from '../../api/schemas.ts'
import { api } from '../session.ts'
import { useAction, useNow } from '../live.ts'
import { ago, bytes, count } from '../lib/format.ts'
import { IconButton } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { VirtualTable, type Column } from '../ui/virtual-table.tsx'

/** The connections, with what flows over them. */
export function PeersTable({ peers }: { readonly peers: readonly PeerEntry[] }) {
  const now = useNow(5)
  const action = useAction((memberId: string) => api.peers.disconnect({ memberId }))
  const height = Math.min(peers.length, 6) * 60 + 42
  return (
    <>
      {action.error && (
        <Notice kind="error" className="mb-3">
          {action.error}
        </Notice>
      )}
      <div style={{ height }} className="flex">
        <VirtualTable label="Connections" testId="peers-table" rowTestId="peer-row" columns={columns(now, (id) => void action.run(id))} count={peers.length} row={(i) => peers[i]} rowKey={(i) => peers[i]?.memberId ?? i} rowHeight={60} minWidth={860} className="flex-1" />
      </div>
    </>
  )
}

const columns = (now: number, disconnect: (memberId: string) => void): readonly Column<PeerEntry>[] => [
  {
    name: 'Member',
    width: 'minmax(10rem, 1.3fr)',
    cell: (peer) => (
      <span className="flex min-w-0 flex-col">
        <span className="truncate font-medium">{peer.nickname || 'No name'}</span>
        <span className="mono truncate text-[13px] text-ink-3" title={peer.endpoint}>
          {peer.endpoint}
        </span>
      </span>
    ),
  },
  {
    name: 'Direction',
    width: '8.5rem',
    cell: (peer) => (
      <span className="flex items-center gap-2">
        {peer.direction === 'in' ? <ArrowDownLeft aria-hidden size={15} className="text-info" /> : <ArrowUpRight aria-hidden size={15} className="text-good" />}
        {peer.direction === 'in' ? 'They called' : 'You called'}
      </span>
    ),
  },
  { name: 'Latency', width: '5rem', end: true, cell: (peer) => (peer.latencyMs === null ? <span className="text-ink-3">–</span> : <span><span className="mono">{Math.round(peer.latencyMs)}</span> ms</span>) },
  {
    name: 'In, out',
    width: '7.5rem',
    end: true,
    cell: (peer) => (
      <span className="flex flex-col text-[13px]">
        <span className="mono">{bytes(peer.bytesIn)} in</span>
        <span className="mono text-ink-3">{bytes(peer.bytesOut)} out</span>
      </span>
    ),
  },
  { name: 'Height', width: '5rem', end: true, cell: (peer) => <span className="mono">{count(peer.height)}</span> },
  {
    name: 'Reputation',
    width: '6.5rem',
    cell: (peer) => (
      <span className="flex items-center gap-2" title={`Reputation ${peer.reputation} of 100`}>
        <span aria-hidden className="h-1.5 w-10 overflow-hidden rounded-full bg-line">
          <span className="block h-full bg-good" style={{ width: `${Math.max(0, Math.min(100, peer.reputation))}%` }} />
        </span>
        <span className="mono text-[13px]">{peer.reputation}</span>
      </span>
    ),
  },
  {
    name: 'Since, version',
    width: '7.5rem',
    cell: (peer) => (
      <span className="flex min-w-0 flex-col text-[13px]">
        <span>{ago(peer.connectedAt, now)}</span>
        <span className="truncate text-ink-3" title={peer.version}>
          {peer.version}
        </span>
      </span>
    ),
  },
  { name: 'End', width: '2.5rem', end: true, cell: (peer) => <IconButton icon={Unplug} label={`Disconnect ${peer.nickname || peer.endpoint}`} data-testid={`disconnect-${peer.nickname}`} onClick={() => disconnect(peer.memberId)} /> },
]
