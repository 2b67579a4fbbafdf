import { Send } from 'lucide-react'
import type { AccountPage } from '../../api/schemas.ts'
import { ago, counted, when } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { useNow } from '../live.ts'
import { AddressLink, HashLink, HeightLink, linkClass } from '../ui/address.tsx'
import { Amount } from '../ui/amount.tsx'
import { buttonClass } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Facts } from '../ui/facts.tsx'
import { Fours } from '../ui/groups.tsx'
import { Card, Empty } from '../ui/page.tsx'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { WedgeAvatar } from '../ui/wedge.tsx'

type Line = AccountPage['activity'][number]

const WORDS = { sent: 'Sent', received: 'Received', reward: 'Mined' } as const

/** One account: what it holds, and what touched it. */
export function AccountView({ account }: { readonly account: AccountPage }) {
  const now = useNow(10)
  const { activity } = account
  return (
    <>
      <Card>
        <div className="flex flex-wrap items-start gap-6">
          <WedgeAvatar of={account.address} size={80} />
          <div className="min-w-80 flex-1 max-[620px]:min-w-0">
            {account.name && <p className="mb-2 text-lg font-semibold">{account.name}</p>}
            <div className="mb-4 flex items-start gap-1">
              <p>
                <Fours text={account.address} className="-mx-1" />
              </p>
              <CopyButton text={account.address} label="Copy address" />
            </div>
            <Facts
              rows={[
                ['Balance', <Amount key="balance" crumbs={account.balance} testId="shown-balance" className="font-semibold" />],
                ['Ripening', <Amount key="ripening" crumbs={account.ripening} />],
                ['Sent so far', counted(account.sequence, 'transfer')],
              ]}
            />
          </div>
          <a href={hrefTo('send', 'to', account.address)} className={buttonClass('plain')}>
            <Send aria-hidden size={16} /> Send cheese here
          </a>
        </div>
      </Card>
      {activity.length === 0 ? (
        <Card>
          <Empty title="Nothing has touched this address">As soon as a cheese pays it, that shows here.</Empty>
        </Card>
      ) : (
        <VirtualTable
          label="Activity"
          rowTestId="activity-row"
          columns={columns(now)}
          count={activity.length}
          row={(i) => activity[i]}
          rowKey={(i) => `${activity[i]?.smell} ${activity[i]?.id} ${activity[i]?.kind} ${i}`}
          className="max-h-[32rem]"
        />
      )}
    </>
  )
}

const columns = (now: number): readonly Column<Line>[] => [
  {
    name: 'What',
    min: 6,
    cell: (line) => (
      <a href={hrefTo('stack', line.id ?? line.smell)} className={linkClass}>
        {WORDS[line.kind]}
      </a>
    ),
  },
  { name: 'In cheese', min: 7, cell: (line) => <HeightLink height={line.height} /> },
  {
    name: 'With',
    min: 9,
    grow: 1,
    cell: (line) =>
      line.counterparty ? <AddressLink address={line.counterparty} wedge /> : line.id ? <HashLink hash={line.id} /> : <HashLink hash={line.smell} />,
  },
  { name: 'When', min: 8, cell: (line) => <span title={when(line.time)}>{ago(line.time, now)}</span> },
  {
    name: 'Amount',
    min: 13,
    end: true,
    cell: (line) => <Amount crumbs={line.amount} sign={line.kind === 'sent' ? '−' : '+'} className={line.kind === 'sent' ? undefined : 'text-good'} />,
  },
]
