import { syncSentence } from '../lib/sentences.ts'
import { AloneCard } from '../members/alone-card.tsx'
import { useApp } from '../store.ts'
import { NoWallet } from '../ui/no-wallet.tsx'
import { Card, Page } from '../ui/page.tsx'
import { BalanceCard } from './balance-card.tsx'
import { LastActivity } from './last-activity.tsx'
import { MiningCard } from './mining-card.tsx'
import { NewestCheeses } from './newest-cheeses.tsx'

/** Everything at a glance. */
export function OverviewPage() {
  const status = useApp((state) => state.status)
  if (!status) return null
  return (
    <Page title={status.address && status.nickname ? `Hello, ${status.nickname}` : 'Overview'} about={<SyncLine />}>
      <AloneCard />
      {status.address ? <BalanceCard balance={status.balance} /> : <Card>{<NoWallet to="earn, receive and send cheese" />}</Card>}
      <div className="grid grid-cols-[minmax(0,5fr)_minmax(0,6fr)] gap-6 max-[860px]:grid-cols-1">
        <MiningCard />
        <LastActivity hasWallet={status.address !== null} />
      </div>
      <NewestCheeses />
    </Page>
  )
}

function SyncLine() {
  const status = useApp((state) => state.status)
  if (!status) return null
  return <span data-testid="sync-line">{syncSentence(status.sync, status.peers)}</span>
}
