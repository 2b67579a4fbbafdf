import { Ban, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { banWords } from '../../api/network-words.ts'
import type { BanEntry } from '../../api/schemas-network.ts'
import { ago, duration, short, when } from '../lib/format.ts'
import { useAction, useLive, useNow } from '../live.ts'
import { bans as bansQuery } from '../queries.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card } from '../ui/page.tsx'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { BanDialog } from './ban-dialog.tsx'

interface BansCardProps {
  /** Moves when a ban was made elsewhere on the page. */
  readonly version: number
  readonly changed: () => void
}

/** Who is refused, until when and why; with a way to lift each ban, and to ban an address. */
export function BansCard({ version, changed }: BansCardProps) {
  const { data, error } = useLive(bansQuery(version))
  const [lifting, setLifting] = useState<BanEntry>()
  const [banning, setBanning] = useState(false)
  const now = useNow(10)
  return (
    <Card
      title="Bans"
      action={
        <Button size="small" icon={Ban} onClick={() => setBanning(true)} data-testid="ban-an-address">
          Ban an address…
        </Button>
      }
    >
      {error && <Notice kind="error">{error}</Notice>}
      {data?.length === 0 && (
        <p data-testid="no-bans" className="text-ink-2">
          Nobody is refused. A member that breaks rules is banned by itself for a day; every ban ends by itself.
        </p>
      )}
      {data && data.length > 0 && (
        <div style={{ height: Math.min(data.length, 6) * 60 + 42 }} className="flex">
          <VirtualTable
            label="Bans"
            testId="bans-table"
            rowTestId="ban-row"
            columns={columns(now, setLifting)}
            count={data.length}
            row={(i) => data[i]}
            rowKey={(i) => data[i]?.id ?? i}
            rowHeight={60}
            className="flex-1"
          />
        </div>
      )}
      {lifting && <LiftDialog ban={lifting} onClose={() => setLifting(undefined)} onLifted={changed} />}
      {banning && <BanDialog subject={undefined} onClose={() => setBanning(false)} onBanned={changed} />}
    </Card>
  )
}

/** Whom a ban is about, in a few words. */
function subjectOf({ nickname, memberId, address }: BanEntry): string {
  if (memberId === null) return address ?? 'Somebody'
  return nickname || `Member ${memberId.slice(0, 8)}`
}

const columns = (now: number, lift: (ban: BanEntry) => void): readonly Column<BanEntry>[] => [
  {
    name: 'Who',
    min: 8,
    grow: 1,
    cell: (ban) => (
      <span className="flex min-w-0 flex-col">
        <span className="truncate font-medium" title={subjectOf(ban)}>
          {subjectOf(ban)}
        </span>
        <span className="mono truncate text-[13px] text-ink-3" title={ban.memberId ?? undefined}>
          {ban.memberId === null ? 'everybody from there' : `${short(ban.memberId, 8, 4)}${ban.address === null ? '' : `, ${ban.address}`}`}
        </span>
      </span>
    ),
  },
  {
    name: 'Why',
    min: 9,
    grow: 1.6,
    cell: (ban) => (
      <span className="line-clamp-2 break-words" title={banWords(ban)}>
        {banWords(ban)}
      </span>
    ),
  },
  {
    name: 'Until',
    min: 7.5,
    grow: 0.7,
    cell: (ban) => (
      <span className="flex flex-col" title={when(ban.until)}>
        <span className="truncate">{duration(ban.until - now)} left</span>
        <span className="truncate text-[13px] text-ink-3">banned {ago(ban.since, now)}</span>
      </span>
    ),
  },
  {
    name: 'Lift',
    min: 5.5,
    end: true,
    cell: (ban) => (
      <Button size="small" icon={Undo2} onClick={() => lift(ban)} aria-label={`Lift the ban of ${subjectOf(ban)}`}>
        Lift…
      </Button>
    ),
  },
]

function LiftDialog({ ban, onClose, onLifted }: { readonly ban: BanEntry; readonly onClose: () => void; readonly onLifted: () => void }) {
  const lift = useAction(async () => {
    await api.peers.unban({ id: ban.id })
    onLifted()
    onClose()
  })
  return (
    <Dialog title={`Lift the ban of ${subjectOf(ban)}?`} onClose={onClose} describedBy="lift-what">
      <div id="lift-what" className="text-ink-2">
        <p>{banWords(ban)}.</p>
        <p className="mt-2">From now on it can connect again.</p>
      </div>
      {lift.error && (
        <p role="alert" className="mt-3 text-[13px] text-bad">
          {lift.error}
        </p>
      )}
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" icon={Undo2} busy={lift.busy} onClick={() => void lift.run()} data-testid="unban-yes">
          Lift the ban
        </Button>
      </div>
    </Dialog>
  )
}
