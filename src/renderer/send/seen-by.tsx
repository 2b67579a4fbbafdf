import type { Journey } from '../../api/schemas.ts'
import { ago, count, counted } from '../lib/format.ts'
import { useLive, useNow } from '../live.ts'
import { members as membersQuery } from '../queries.ts'
import { Disclosure } from '../ui/disclosure.tsx'
import { WedgeAvatar } from '../ui/wedge.tsx'

/** Which of our peers have shown that they have a waiting transfer: how many at once, who they are when asked for. */
export function SeenBy({ journey: { entry, seenByPeers, peers } }: { readonly journey: Journey }) {
  const members = useLive(membersQuery).data
  const now = useNow(5)
  if (entry.state !== 'waiting') return null
  const words = `Seen by ${count(seenByPeers.length)} of ${counted(peers, 'member')}`
  if (seenByPeers.length === 0) return <p className="mt-6 border-t border-line pt-4 text-ink-2">{words}: none has shown yet that it has this transfer.</p>
  // The wedge of a member is that of its payment address, as everywhere; of its id where it lists none.
  const pictures = new Map(members?.map(({ memberId, address }) => [memberId, address ?? memberId]))
  return (
    <Disclosure summary={words} className="mt-6 border-t border-line pt-4" testId="seen-by">
      <ul className="grid max-h-60 grid-cols-2 gap-x-6 gap-y-2 overflow-y-auto max-[700px]:grid-cols-1">
        {seenByPeers.map(({ memberId, nickname, at }) => (
          <li key={memberId} className="flex min-w-0 items-center gap-3" data-testid="seen-by-peer">
            <WedgeAvatar of={pictures.get(memberId) ?? memberId} size={28} />
            <span className="flex min-w-0 flex-col">
              <span className="truncate font-medium" title={memberId}>
                {nickname || `Member ${memberId.slice(0, 8)}`}
              </span>
              <span className="text-[13px] text-ink-3">{ago(at, now)}</span>
            </span>
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}
