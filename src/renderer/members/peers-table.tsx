import { ArrowDownLeft, ArrowUpRight, Ellipsis } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { relayWords } from '../../api/network-words.ts'
import type { PeerEntry } from '../../api/schemas-network.ts'
import { ago, bytes, count, counted } from '../lib/format.ts'
import { useNow } from '../live.ts'
import { IconButton } from '../ui/button.tsx'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { BanDialog } from './ban-dialog.tsx'
import { PeerDialog } from './peer-dialog.tsx'
import { hostOf } from './peers.ts'
import { Reputation } from './reputation.tsx'

interface PeersTableProps {
  readonly peers: readonly PeerEntry[]
  /** Told when somebody was banned. */
  readonly onBanned: () => void
}

/** The connections, with what flows over them; each opens to all that is known of it. */
export function PeersTable({ peers, onBanned }: PeersTableProps) {
  const now = useNow(5)
  const [open, setOpen] = useState<string>()
  const [banning, setBanning] = useState<PeerEntry>()
  const shown = peers.find(({ memberId }) => memberId === open)
  const height = Math.min(peers.length, 6) * 60 + 42
  return (
    <div style={{ height }} className="flex">
      <VirtualTable
        label="Connections"
        testId="peers-table"
        rowTestId="peer-row"
        columns={columns(now, setOpen)}
        count={peers.length}
        row={(i) => peers[i]}
        rowKey={(i) => peers[i]?.memberId ?? i}
        rowHeight={60}
        className="flex-1"
      />
      {shown && !banning && <PeerDialog peer={shown} onClose={() => setOpen(undefined)} onBan={() => setBanning(shown)} />}
      {banning && (
        <BanDialog
          subject={{ memberId: banning.memberId, nickname: banning.nickname, address: hostOf(banning.endpoint) }}
          onClose={() => setBanning(undefined)}
          onBanned={() => {
            setOpen(undefined)
            onBanned()
          }}
        />
      )}
    </div>
  )
}

const columns = (now: number, open: (memberId: string) => void): readonly Column<PeerEntry>[] => [
  {
    name: 'Member',
    min: 6,
    grow: 1.4,
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
    min: 6.5,
    grow: 1,
    cell: (peer) => (
      <Two
        above={
          <span className="inline-flex items-center gap-1">
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
    min: 4,
    end: true,
    cell: (peer) => (
      <Two
        above={peer.latencyMs === null ? 'Not yet' : <span className="mono text-[13px]">{Math.round(peer.latencyMs)} ms</span>}
        below={<span className="mono">#{count(peer.height)}</span>}
      />
    ),
  },
  {
    name: 'Traffic',
    min: 5.4,
    end: true,
    cell: (peer) => (
      <Two above={<span className="mono text-[13px]">{bytes(peer.bytesIn)} in</span>} below={<span className="mono">{bytes(peer.bytesOut)} out</span>} />
    ),
  },
  {
    name: 'Relay',
    min: 4.6,
    grow: 0.6,
    cell: (peer) => {
      const { short, long } = relayWords(peer.relay)
      return <Two above={short} below={peer.version.replace(/^cheese-stack /, '')} title={`${long} Its software: ${peer.version}`} />
    },
  },
  {
    name: 'Reputation',
    min: 5,
    cell: (peer) => (
      <Two above={<Reputation of={peer.reputation} />} below={peer.offences.length === 0 ? 'no faults' : counted(peer.offences.length, 'fault')} />
    ),
  },
  {
    name: 'All',
    min: 2,
    end: true,
    cell: (peer) => (
      <IconButton
        icon={Ellipsis}
        label={`All about ${peer.nickname || peer.endpoint}`}
        data-testid={`peer-more-${peer.nickname}`}
        onClick={() => open(peer.memberId)}
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
