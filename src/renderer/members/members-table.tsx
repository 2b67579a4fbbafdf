import { Send, TriangleAlert } from 'lucide-react'
import type { MemberEntry } from '../../api/schemas.ts'
import { useNow } from '../live.ts'
import { ago, when } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { useApp } from '../store.ts'
import { AddressLink } from '../ui/address.tsx'
import { buttonClass } from '../ui/button.tsx'
import { cx } from '../ui/classes.ts'
import { VirtualTable, type Column } from '../ui/virtual-table.tsx'
import { WedgeAvatar } from '../ui/wedge.tsx'

/** The members that are online, as the trackers and other members tell. */
export function MembersTable({ members }: { readonly members: readonly MemberEntry[] }) {
  const now = useNow(5)
  const me = useApp((state) => state.status?.memberId ?? '')
  const height = Math.min(members.length, 7) * 60 + 42
  return (
    <div style={{ height }} className="flex">
      <VirtualTable label="Members online" testId="members-table" rowTestId="member-row" columns={columns(now, me)} count={members.length} row={(i) => members[i]} rowKey={(i) => members[i]?.memberId ?? i} rowHeight={60} minWidth={860} className="flex-1" />
    </div>
  )
}

const columns = (now: number, me: string): readonly Column<MemberEntry>[] => [
  {
    name: 'Member',
    width: 'minmax(11rem, 1.3fr)',
    cell: (member) => (
      <span className="flex items-center gap-3">
        <WedgeAvatar of={member.address ?? member.memberId} size={36} />
        <span className="flex min-w-0 flex-col">
          <span className="truncate font-medium">
            {member.nickname || 'No name'}
            {member.memberId === me && <span className="font-normal text-ink-3"> (you)</span>}
            {member.contact && member.contact !== member.nickname && <span className="font-normal text-ink-3"> · {member.contact}</span>}
          </span>
          {member.warning && (
            <span title={member.warning} className="flex items-center gap-1 truncate text-[13px] text-warn">
              <TriangleAlert aria-hidden size={13} className="shrink-0" />
              <span className="truncate">{member.warning}</span>
            </span>
          )}
        </span>
      </span>
    ),
  },
  { name: 'Address', width: 'minmax(10.5rem, 1fr)', cell: (member) => (member.address ? <AddressLink address={member.address} /> : <span className="text-ink-3">Lists none</span>) },
  { name: 'Endpoint', width: 'minmax(8rem, 1fr)', cell: (member) => <span className="mono block truncate text-[13px]" title={member.endpoint}>{member.endpoint}</span> },
  { name: 'Height', width: '4.5rem', end: true, cell: (member) => <span className="mono">{member.height ?? '–'}</span> },
  { name: 'Reach', width: '7.5rem', cell: (member) => <Reach member={member} /> },
  { name: 'Seen', width: '7rem', cell: (member) => <span className="text-ink-2" title={when(member.lastSeen)}>{ago(member.lastSeen, now)}</span> },
  {
    name: 'Pay',
    width: '5.5rem',
    end: true,
    cell: (member) =>
      member.address && member.memberId !== me ? (
        <a href={hrefTo('send', 'to', member.address)} aria-label={`Send cheese to ${member.nickname}`} className={buttonClass('plain', 'small')}>
          <Send aria-hidden size={14} /> Send
        </a>
      ) : null,
  },
]

function Reach({ member }: { readonly member: MemberEntry }) {
  const [dot, text] = member.connected ? ['bg-good', 'Connected'] : member.reachable === null ? ['border-2 border-off', 'Not known'] : member.reachable ? ['bg-info', 'Reachable'] : ['bg-warn', 'Not reachable']
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className={cx('size-2 shrink-0 rounded-full', dot)} />
      {text}
    </span>
  )
}
