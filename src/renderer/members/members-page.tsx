import { type FormEvent, useState } from 'react'
import { hrefTo } from '../lib/route.ts'
import { useAction, useLive } from '../live.ts'
import { members as membersQuery, peers as peersQuery } from '../queries.ts'
import { api } from '../session.ts'
import { useApp } from '../store.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card, Empty, Page } from '../ui/page.tsx'
import { MembersTable } from './members-table.tsx'
import { PeersTable } from './peers-table.tsx'

/** Who is online, and who is connected. */
export function MembersPage() {
  const members = useLive(membersQuery)
  const peers = useLive(peersQuery)
  return (
    <Page title="Members" about={<OwnReach />}>
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
        <h2 id="connections" className="mb-3 text-base font-semibold">
          Connections
        </h2>
        {peers.error && <Notice kind="error">{peers.error}</Notice>}
        {peers.data?.length === 0 ? (
          <Card>
            <Empty title="Connected to no member">
              Connections are made by themselves as soon as somebody is known. To begin by hand, add a member by its address.
            </Empty>
          </Card>
        ) : (
          <PeersTable peers={peers.data ?? []} />
        )}
      </section>
      <AddPeer />
    </Page>
  )
}

function OwnReach() {
  const reachable = useApp((state) => state.status?.reachable)
  const listen = useApp((state) => state.status?.listen)
  const reach =
    reachable === true
      ? 'others can reach you'
      : reachable === false
        ? 'others cannot reach you, only you them'
        : 'whether others can reach you is not known yet'
  return (
    <>
      You listen on <span className="mono text-[13px]">{listen}</span>; {reach}.
    </>
  )
}

function AddPeer() {
  const [endpoint, setEndpoint] = useState('')
  const action = useAction(() => api.peers.connect({ endpoint: endpoint.trim() }))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (endpoint.trim() !== '' && (await action.run())) setEndpoint('')
  }
  return (
    <Card title="Add a member by address" className="pb-3">
      <form onSubmit={(event) => void submit(event)}>
        <Field
          label="HOST:PORT"
          mono
          testId="peer-endpoint"
          placeholder="192.0.2.7:9875"
          value={endpoint}
          error={action.error}
          hint="A member's own address, as it gives it to you. You are connected at once if it answers."
          onText={(text) => {
            action.clear()
            setEndpoint(text)
          }}
          after={
            <Button type="submit" busy={action.busy} disabled={endpoint.trim() === ''} data-testid="peer-connect">
              Connect
            </Button>
          }
        />
      </form>
    </Card>
  )
}
