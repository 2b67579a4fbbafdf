import { useLive } from '../live.ts'
import { tracker } from '../queries.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { HostCard } from './host-card.tsx'
import { JoinCard } from './join-card.tsx'

/** Trackers: the one hosted here, and those joined. */
export function TrackerPage() {
  const { data, error } = useLive(tracker)
  return (
    <Page title="Tracker" about="A tracker lists the members that are online, so that they find each other. It sees no cheese and no keys.">
      {error && <Notice kind="error">{error}</Notice>}
      {data && (
        <>
          <JoinCard joined={data.joined} />
          <HostCard hosting={data.hosting} />
        </>
      )}
    </Page>
  )
}
