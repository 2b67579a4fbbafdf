import type { HostedTracker } from '../../api/schemas.ts'
import { ago, count, counted } from '../lib/format.ts'
import { useNow } from '../live.ts'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { WedgeAvatar } from '../ui/wedge.tsx'

type Registered = HostedTracker['members'][number]

/** Who is registered at the hosted tracker, live. */
export function RegisteredTable({ tracker: { members, total } }: { readonly tracker: HostedTracker }) {
  const now = useNow(5)
  return (
    <section aria-label="Registered members" data-testid="tracker-registered" data-count={total}>
      <h3 className="mb-3 font-semibold" aria-live="polite">
        {counted(total, 'member')} registered
        {members.length < total && <span className="font-normal text-ink-3"> · the latest {count(members.length)} are shown</span>}
      </h3>
      {members.length === 0 ? (
        <p className="text-ink-2">Nobody yet. A friend joins by opening the link above, or by pasting it under Tracker → Join a tracker.</p>
      ) : (
        <div style={{ height: Math.min(members.length, 6) * 60 + 42 }} className="flex">
          <VirtualTable
            label="Registered members"
            columns={columns(now)}
            count={members.length}
            row={(i) => members[i]}
            rowKey={(i) => members[i]?.memberId ?? i}
            rowHeight={60}
            rowTestId="tracker-member"
            className="flex-1"
          />
        </div>
      )}
    </section>
  )
}

const columns = (now: number): readonly Column<Registered>[] => [
  {
    name: 'Member',
    min: 10,
    grow: 1,
    cell: (member) => (
      <span className="flex items-center gap-3">
        <WedgeAvatar of={member.address ?? member.memberId} size={32} />
        <span className="flex min-w-0 flex-col">
          <span className="truncate font-medium" title={member.nickname}>
            {member.nickname || 'No name'}
          </span>
          <span className="mono truncate text-[13px] text-ink-3" title={member.endpoint}>
            {member.endpoint}
          </span>
        </span>
      </span>
    ),
  },
  { name: 'Reachable', min: 5, cell: (member) => (member.reachable ? 'Yes' : 'No') },
  { name: 'Seen', min: 7, cell: (member) => ago(member.lastSeen, now) },
  {
    name: 'Version',
    min: 4,
    cell: (member) => (
      <span className="block truncate text-ink-2" title={member.version}>
        {member.version.replace(/^cheese-stack /, '')}
      </span>
    ),
  },
  { name: 'Height', min: 4, end: true, cell: (member) => <span className="mono">{count(member.height)}</span> },
]
