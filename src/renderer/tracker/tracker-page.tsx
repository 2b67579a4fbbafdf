import { useEffect } from 'react'
import { useLive } from '../live.ts'
import { tracker } from '../queries.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { HostCard } from './host-card.tsx'
import { JoinCard } from './join-card.tsx'

/** Trackers: the one hosted here, and those joined. `part` is what the person came for: `host` or `join`. */
export function TrackerPage({ part }: { readonly part: string | undefined }) {
  const { data, error } = useLive(tracker)
  const there = data !== undefined
  useEffect(() => {
    if (there) showPart(part)
  }, [there, part])
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

/** Leads eye and keyboard to one part of the page. */
export function showPart(part: string | undefined): void {
  if (part !== 'host' && part !== 'join') return
  const card = document.getElementById(`tracker-${part}`)
  card?.scrollIntoView({ block: part === 'join' ? 'center' : 'start' })
  card?.querySelector('input')?.focus({ preventScroll: true })
}
