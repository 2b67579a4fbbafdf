import { useCallback, useState } from 'react'
import type { HistoryEntry } from '../../api/schemas.ts'
import { ago, when } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { type Query, useLive, useNow } from '../live.ts'
import { useApp } from '../store.ts'
import { buttonClass } from '../ui/button.tsx'
import { NoWallet } from '../ui/no-wallet.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card, Empty, Page } from '../ui/page.tsx'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { KindAndState, KindPicture, OtherSide, SignedAmount } from './kind.tsx'

const PAGE = 100
const part = (page: number): Query<{ total: number; entries: HistoryEntry[] }> => ({
  key: `history page ${page}`,
  topics: ['history', 'stack'],
  fetch: (api) => api.wallet.history({ offset: page * PAGE, limit: PAGE }),
})

/** Everything sent, received and mined, latest first. */
export function HistoryPage() {
  const hasWallet = useApp((state) => state.status?.wallet !== 'none')
  return (
    <Page title="History" about="Everything sent, received and mined, latest first." tall>
      {hasWallet ? (
        <HistoryList />
      ) : (
        <Card>
          <NoWallet to="have a history" />
        </Card>
      )}
    </Page>
  )
}

function HistoryList() {
  const [range, setRange] = useState({ first: 0, last: 0 })
  const now = useNow(10)
  const above = Math.floor(range.first / PAGE)
  const below = Math.floor(range.last / PAGE)
  const one = useLive(part(above))
  const two = useLive(below === above ? null : part(below))
  const total = one.data?.total ?? two.data?.total
  const row = (index: number) => (Math.floor(index / PAGE) === above ? one : two).data?.entries[index % PAGE]
  const onRange = useCallback((first: number, last: number) => setRange({ first, last }), [])
  if (one.error && total === undefined) return <Notice kind="error">{one.error}</Notice>
  if (total === 0) {
    return (
      <Card>
        <Empty
          title="Nothing yet"
          action={
            <a href={hrefTo('mine')} className={buttonClass('primary')}>
              Start mining
            </a>
          }
        >
          What you mine, send and receive is listed here. Mine a cheese, or give your address to somebody.
        </Empty>
      </Card>
    )
  }
  return (
    <VirtualTable
      label="History"
      columns={columns(now)}
      count={total ?? 0}
      row={row}
      rowKey={(index) => keyOf(row(index), index)}
      rowTestId="history-row"
      rowHeight={60}
      onRange={onRange}
      className="min-h-0"
    />
  )
}

const keyOf = (entry: HistoryEntry | undefined, index: number) => (entry ? `${entry.kind} ${entry.id ?? entry.smell}` : index)

const columns = (now: number): readonly Column<HistoryEntry>[] => [
  {
    name: 'What',
    min: 12.5,
    grow: 1.2,
    cell: (entry) => (
      <span className="flex items-center gap-3">
        <KindPicture entry={entry} />
        <KindAndState entry={entry} />
      </span>
    ),
  },
  {
    name: 'With',
    min: 8,
    grow: 1,
    cell: (entry) => (
      <span className="flex min-w-0 flex-col">
        <OtherSide entry={entry} />
        {entry.memo && (
          <span className="truncate text-[13px] text-ink-3" title={entry.memo}>
            {entry.memo}
          </span>
        )}
      </span>
    ),
  },
  {
    name: 'Amount',
    min: 13,
    end: true,
    cell: (entry) => (
      <span className="flex flex-col items-end">
        <SignedAmount entry={entry} />
        <span className="text-[13px] text-ink-3" title={when(entry.time)}>
          {ago(entry.time, now)}
        </span>
      </span>
    ),
  },
]
