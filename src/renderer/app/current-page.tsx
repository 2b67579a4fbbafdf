import { ContactsPage } from '../contacts/contacts-page.tsx'
import { HistoryPage } from '../history/history-page.tsx'
import type { Route } from '../lib/route.ts'
import { MembersPage } from '../members/members-page.tsx'
import { MinePage } from '../mine/mine-page.tsx'
import { OverviewPage } from '../overview/overview-page.tsx'
import { ReceivePage } from '../receive/receive-page.tsx'
import { JourneyPage } from '../send/journey-page.tsx'
import { SendPage } from '../send/send-page.tsx'
import { SettingsPage } from '../settings/settings-page.tsx'
import { ShownPage } from '../stack/shown-page.tsx'
import { StackPage } from '../stack/stack-page.tsx'
import { TrackerPage } from '../tracker/tracker-page.tsx'

/** The page that the route names. */
export function CurrentPage({ route: { page, rest } }: { readonly route: Route }) {
  const [first, second] = rest
  switch (page) {
    case 'welcome':
    case 'overview':
      return <OverviewPage />
    case 'send':
      if (first === 'journey' && second) return <JourneyPage key={second} id={second} />
      return <SendPage key={second ?? ''} to={first === 'to' ? (second ?? '') : ''} />
    case 'receive':
      return <ReceivePage />
    case 'history':
      return <HistoryPage />
    case 'contacts':
      return <ContactsPage />
    case 'mine':
      return <MinePage />
    case 'stack':
      return first ? <ShownPage key={first} query={first} /> : <StackPage />
    case 'members':
      return <MembersPage />
    case 'tracker':
      return <TrackerPage part={first} />
    case 'settings':
      return <SettingsPage />
  }
}
