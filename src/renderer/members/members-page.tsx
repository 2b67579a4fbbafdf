import { useState } from 'react'
import { hrefTo } from '../lib/route.ts'
import { useLive } from '../live.ts'
import { addressBook, members as membersQuery, peers as peersQuery } from '../queries.ts'
import { buttonClass } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card, Empty, Page } from '../ui/page.tsx'
import { AddPeer } from './add-peer.tsx'
import { AloneCard } from './alone-card.tsx'
import { BansCard } from './bans-card.tsx'
import { MembersTable } from './members-table.tsx'
import { bookSentence } from './peers.ts'
import { PeersTable } from './peers-table.tsx'
import { ReachCard } from './reach-card.tsx'

/** Who is online, who is connected, who is refused, and whether others can get here. */
export function MembersPage() {
  const members = useLive(membersQuery)
  const peers = useLive(peersQuery)
  const book = useLive(addressBook)
  const [bans, setBans] = useState(0)
  const banned = () => setBans((before) => before + 1)
  return (
    <Page title="Members" about="Who is online, who you are connected to, and whether others can get to you.">
      <AloneCard here />
      <section aria-labelledby="directory">
        <h2 id="directory" className="mb-3 text-base font-semibold">
          Online
        </h2>
        {members.error && <Notice kind="error">{members.error}</Notice>}
        {members.data?.length === 0 ? (
          <Card>
            <Empty
              title="Nobody else is known to be online"
              action={
                <a href={hrefTo('tracker')} className={buttonClass('primary')}>
                  Join or host a tracker
                </a>
              }
            >
              A tracker lists the members that are online. Join a friend's, host one for your friends, or add a member below by its address.
            </Empty>
          </Card>
        ) : (
          <MembersTable members={members.data ?? []} />
        )}
      </section>
      <section aria-labelledby="connections">
        <h2 id="connections" className="text-base font-semibold">
          Connections
        </h2>
        <p data-testid="address-book" className="mb-3 min-h-5 text-[13px] text-ink-3">
          {book.data && bookSentence(book.data)}
        </p>
        {peers.error && <Notice kind="error">{peers.error}</Notice>}
        {peers.data?.length === 0 ? (
          <Card>
            <Empty title="Connected to no member">
              Connections are made by themselves as soon as somebody is known. To begin by hand, add a member by its address.
            </Empty>
          </Card>
        ) : (
          <PeersTable peers={peers.data ?? []} onBanned={banned} />
        )}
      </section>
      <ReachCard />
      <AddPeer />
      <BansCard version={bans} changed={banned} />
    </Page>
  )
}
