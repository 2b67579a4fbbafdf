import { useEffect, useState } from 'react'
import { FirstRun } from '../first-run/first-run.tsx'
import { go, useRoute } from '../lib/route.ts'
import { ConsentDialog } from '../mine/consent-dialog.tsx'
import { askConsent } from '../mine/use-mining.ts'
import { startFailure } from '../session.ts'
import { useApp } from '../store.ts'
import { showPart } from '../tracker/tracker-page.tsx'
import { Banners } from './banners.tsx'
import { CurrentPage } from './current-page.tsx'
import { Rail } from './rail.tsx'
import { NoSessionPage, OpeningPage, StartFailurePage } from './standing-alone.tsx'
import { SyncBar } from './sync-bar.tsx'

/** To a part of the tracker page, also from that page itself. */
function goToPart(part: 'host' | 'join'): void {
  go('tracker', part)
  showPart(part)
}

/** The window: what stands alone when there is no member to show, the first run, or a page beside the rail. */
export function App() {
  const connection = useApp((state) => state.connection)
  const wallet = useApp((state) => state.status?.wallet)
  const route = useRoute()
  const [looking, setLooking] = useState(false)
  useEffect(
    () =>
      window.cheeseHost?.onNavigate((page, question) => {
        if (question === 'mining-consent' || question === undefined) go(page)
        if (question === 'mining-consent') askConsent()
        if (question === 'host-tracker') goToPart('host')
        if (question === 'join-tracker') goToPart('join')
      }),
    [],
  )
  if (startFailure) return <StartFailurePage failure={startFailure} />
  if (connection.state === 'no-session') return <NoSessionPage />
  if (wallet === undefined) return <OpeningPage away={connection.state === 'away'} />
  const firstRun = route.page === 'welcome' || (wallet === 'none' && !looking && route.page === 'overview')
  if (firstRun) {
    return (
      <FirstRun
        hasWallet={wallet !== 'none'}
        onLeave={() => {
          setLooking(true)
          go('overview')
        }}
      />
    )
  }
  return (
    <div className="flex h-full">
      <Rail current={route.page} />
      <div className="flex min-w-0 flex-1 flex-col">
        <SyncBar />
        <main className="flex min-h-0 flex-1 flex-col overflow-y-auto">
          <Banners />
          <CurrentPage route={route} />
        </main>
      </div>
      <ConsentDialog />
    </div>
  )
}
