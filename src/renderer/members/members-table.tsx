import { Send, TriangleAlert } from 'lucide-react'
import type { MemberEntry } from '../../api/schemas.ts'
import { ago, count, when } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { useNow } from '../live.ts'
import { useApp } from '../store.ts'
import { AddressLink } from '../ui/address.tsx'
import { cx } from '../ui/classes.ts'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { WedgeAvatar } from '../ui/wedge.tsx'

/** The members that are online, as the trackers and other members tell. */
export function MembersTable({ members }: { readonly members: readonly MemberEntry[] }) {
  const now = useNow(5)
  const me = useApp((state) => state.status?.memberId ?? '')
  const height = Math.min(members.length, 7) * 60 + 42
  return (
    <div style={{ height }} className="flex">
      <VirtualTable
        label="Members online"
        testId="members-table"
        rowTestId="member-row"
        columns={columns(now, me)}
        count={members.length}
        row={(i) => members[i]}
        rowKey={(i) => members[i]?.memberId ?? i}
        rowHeight={60}
        className="flex-1"
      />
    </div>
  )
}

const columns = (now: number, me: string): readonly Column<MemberEntry>[] => [
  { name: 'Member', min: 9, grow: 1.4, cell: (member) => <Who member={member} isMe={member.memberId === me} /> },
  {
    name: 'Address',
    min: 9.75,
    grow: 1,
    cell: (member) => (member.address ? <AddressLink address={member.address} /> : <span className="text-ink-3">Lists none</span>),
  },
  {
    name: 'Height, seen',
    min: 6.75,
    cell: (member) => (
      <span className="flex flex-col">
        <span className="mono">{member.height === null ? 'not known' : `#${count(member.height)}`}</span>
        <span className="truncate text-[13px] text-ink-3" title={when(member.lastSeen)}>
          {ago(member.lastSeen, now)}
        </span>
      </span>
    ),
  },
  { name: 'Reach', min: 7.25, cell: (member) => <Reach member={member} /> },
  {
    name: 'Pay',
    min: 2.5,
    end: true,
    cell: (member) =>
      member.address && member.memberId !== me ? (
        <a
          href={hrefTo('send', 'to', member.address)}
          aria-label={`Send cheese to ${member.nickname}`}
          title={`Send cheese to ${member.nickname}`}
          className="inline-grid size-9 place-items-center rounded-lg border border-edge hover:bg-sunken"
        >
          <Send aria-hidden size={15} />
        </a>
      ) : null,
  },
]

/** Nickname over endpoint; a warning takes the endpoint's place. */
function Who({ member, isMe }: { readonly member: MemberEntry; readonly isMe: boolean }) {
  return (
    <span className="flex items-center gap-3">
      <WedgeAvatar of={member.address ?? member.memberId} size={36} />
      <span className="flex min-w-0 flex-col">
        <span className="truncate font-medium" title={member.nickname}>
          {member.nickname || 'No name'}
          {isMe && <span className="font-normal text-ink-3"> (you)</span>}
          {member.contact && member.contact !== member.nickname && <span className="font-normal text-ink-3"> · {member.contact}</span>}
        </span>
        {member.warning ? (
          <span title={member.warning} className="flex items-center gap-1 text-[13px] text-warn">
            <TriangleAlert aria-hidden size={13} className="shrink-0" />
            <span className="truncate">{member.warning}</span>
          </span>
        ) : (
          <span className="mono truncate text-[13px] text-ink-3" title={member.endpoint}>
            {member.endpoint}
          </span>
        )}
      </span>
    </span>
  )
}

function Reach({ member }: { readonly member: MemberEntry }) {
  const [dot, text] = member.connected
    ? ['bg-good', 'Connected']
    : member.reachable === null
      ? ['border-2 border-off', 'Not known']
      : member.reachable
        ? ['bg-info', 'Reachable']
        : ['bg-warn', 'Not reachable']
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className={cx('size-2 shrink-0 rounded-full', dot)} />
      {text}
    </span>
  )
}
