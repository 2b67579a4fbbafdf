import { ArrowDownLeft, ArrowUpRight, Unplug } from 'lucide-react'
import type { ReactNode } from 'react'
import type { PeerEntry } from '../../api/schemas-network.ts'
import { ago, bytes, count } from '../lib/format.ts'
import { useAction, useNow } from '../live.ts'
import { api } from '../session.ts'
import { IconButton } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'

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
        <VirtualTable
          label="Connections"
          testId="peers-table"
          rowTestId="peer-row"
          columns={columns(now, (id) => void action.run(id))}
          count={peers.length}
          row={(i) => peers[i]}
          rowKey={(i) => peers[i]?.memberId ?? i}
          rowHeight={60}
          className="flex-1"
        />
      </div>
    </>
  )
}

const columns = (now: number, disconnect: (memberId: string) => void): readonly Column<PeerEntry>[] => [
  {
    name: 'Member',
    min: 6.5,
    grow: 1.2,
    cell: (peer) => (
      <Two
        above={<span className="font-medium">{peer.nickname || 'No name'}</span>}
        below={<span className="mono">{peer.endpoint}</span>}
        title={peer.endpoint}
      />
    ),
  },
  {
    name: 'Direction, since',
    min: 7.5,
    grow: 1,
    cell: (peer) => (
      <Two
        above={
          <span className="inline-flex items-center gap-1.5">
            {peer.direction === 'in' ? (
              <ArrowDownLeft aria-hidden size={15} className="text-info" />
            ) : (
              <ArrowUpRight aria-hidden size={15} className="text-good" />
            )}
            {peer.direction === 'in' ? 'They called' : 'You called'}
          </span>
        }
        below={ago(peer.connectedAt, now)}
      />
    ),
  },
  {
    name: 'Latency',
    min: 5,
    end: true,
    cell: (peer) => (
      <Two
        above={peer.latencyMs === null ? 'Not yet' : <span className="mono">{Math.round(peer.latencyMs)} ms</span>}
        below={<span className="mono">#{count(peer.height)}</span>}
      />
    ),
  },
  {
    name: 'Traffic',
    min: 6.25,
    end: true,
    cell: (peer) => (
      <Two above={<span className="mono text-[13px]">{bytes(peer.bytesIn)} in</span>} below={<span className="mono">{bytes(peer.bytesOut)} out</span>} />
    ),
  },
  { name: 'Reputation', min: 6, grow: 0.8, cell: (peer) => <Two above={<Reputation of={peer.reputation} />} below={peer.version} title={peer.version} /> },
  {
    name: 'End',
    min: 2.5,
    end: true,
    cell: (peer) => (
      <IconButton
        icon={Unplug}
        label={`Disconnect ${peer.nickname || peer.endpoint}`}
        data-testid={`disconnect-${peer.nickname}`}
        onClick={() => disconnect(peer.memberId)}
      />
    ),
  },
]

function Two({ above, below, title }: { readonly above: ReactNode; readonly below: ReactNode; readonly title?: string }) {
  return (
    <span className="flex min-w-0 flex-col" title={title}>
      <span className="truncate">{above}</span>
      <span className="truncate text-[13px] text-ink-3">{below}</span>
    </span>
  )
}

function Reputation({ of }: { readonly of: number }) {
  return (
    <span className="inline-flex items-center gap-2" title={`Reputation ${of} of 100`}>
      <span aria-hidden className="h-1.5 w-8 overflow-hidden rounded-full bg-line">
        <span className="block h-full bg-good" style={{ width: `${Math.max(0, Math.min(100, of))}%` }} />
      </span>
      <span className="mono text-[13px]">{of} %</span>
    </span>
  )
}
