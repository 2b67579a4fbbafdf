import type { HistoryEntry } from '../../api/schemas.ts'
import { ago, when } from '../lib/format.ts'
import { stateWord } from '../lib/sentences.ts'
import { type Query, useLive, useNow } from '../live.ts'
import { useApp } from '../store.ts'
import { HashLink, HeightLink } from '../ui/address.tsx'
import { Amount } from '../ui/amount.tsx'
import { Card, Empty } from '../ui/page.tsx'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { WheelTop } from '../ui/wheel.tsx'

/** How far back own cheeses are looked for, lines of the history: as many as one answer holds. */
const LINES = 500

const rewards: Query<HistoryEntry[]> = {
  key: 'own cheeses',
  topics: ['history', 'stack', 'found'],
  fetch: async (api) => (await api.wallet.history({ limit: LINES })).entries.filter((entry) => entry.kind === 'reward'),
}

/** The cheeses that this wallet was paid for. */
export function OwnCheeses() {
  const hasWallet = useApp((state) => state.status?.wallet !== 'none')
  const { data } = useLive(hasWallet ? rewards : null)
  const now = useNow(10)
  if (!data?.length) {
    return (
      <Card title="Your cheeses">
        <Empty title="None found yet" art={<WheelTop smell="none yet" size={56} />}>
          Start mining and leave it running. The first one may come early or late: it is luck, and more hash rate is more luck.
        </Empty>
      </Card>
    )
  }
  return (
    <section aria-labelledby="own-cheeses">
      <h2 id="own-cheeses" className="mb-3 text-base font-semibold">
        Your cheeses
      </h2>
      <VirtualTable
        label="Your cheeses"
        columns={columns(now)}
        count={data.length}
        row={(i) => data[i]}
        rowKey={(i) => data[i]?.smell ?? i}
        rowTestId="own-cheese"
        className="max-h-96"
      />
    </section>
  )
}

const columns = (now: number): readonly Column<HistoryEntry>[] => [
  {
    name: 'Cheese',
    min: 8,
    grow: 1,
    cell: (entry) => (
      <span className="flex items-center gap-3">
        <WheelTop smell={entry.smell ?? ''} size={36} />
        {entry.height !== null && <HeightLink height={entry.height} />}
      </span>
    ),
  },
  { name: 'Smell', min: 11, cell: (entry) => entry.smell && <HashLink hash={entry.smell} /> },
  { name: 'State', min: 7, cell: (entry) => <span className="text-ink-2">{entry.state === 'confirmed' ? 'Ripe' : stateWord(entry).text}</span> },
  { name: 'Found', min: 8, cell: (entry) => <span title={when(entry.time)}>{ago(entry.time, now)}</span> },
  { name: 'Reward', min: 12, end: true, cell: (entry) => <Amount crumbs={entry.amount} /> },
]
