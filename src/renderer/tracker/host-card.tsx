import { RadioTower, Square } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { HostedTracker } from '../../api/schemas.ts'
import { ago, count, counted } from '../lib/format.ts'
import { useAction, useNow } from '../live.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Field } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card } from '../ui/page.tsx'
import { type Column, VirtualTable } from '../ui/virtual-table.tsx'
import { WedgeAvatar } from '../ui/wedge.tsx'
import { portError } from './port.ts'

/** Hosting a tracker: off with its port, or on with its addresses and who is registered. */
export function HostCard({ hosting }: { readonly hosting: HostedTracker | null }) {
  return <Card title="Host a tracker">{hosting ? <Hosted tracker={hosting} /> : <HostForm />}</Card>
}

function HostForm() {
  const [port, setPort] = useState('9876')
  const [local, setLocal] = useState(false)
  const action = useAction(() => api.tracker.host({ listen: `${local ? '127.0.0.1' : '0.0.0.0'}:${Number(port)}` }))
  const wrong = portError(port)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!wrong) void action.run()
  }
  return (
    <form onSubmit={submit}>
      <p className="mb-4 max-w-2xl text-ink-2">
        Your computer becomes the place where friends find each other, for as long as Cheese Stack is open. Friends outside your own network reach it only if
        your router lets that port through.
      </p>
      <Field
        label="Port"
        mono
        inputMode="numeric"
        testId="tracker-host-port"
        className="max-w-md"
        value={port}
        error={wrong ?? action.error}
        hint="TCP; 9876 is the usual one. 0 picks one that is free."
        onText={(text) => {
          action.clear()
          setPort(text)
        }}
        after={
          <Button type="submit" icon={RadioTower} busy={action.busy} disabled={wrong !== undefined} data-testid="tracker-host-start">
            Start hosting
          </Button>
        }
      />
      <label className="mt-3 flex w-fit items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={local}
          onChange={(event) => setLocal(event.target.checked)}
          data-testid="tracker-host-local"
        />
        For this computer alone, to try things out
      </label>
    </form>
  )
}

function Hosted({ tracker }: { readonly tracker: HostedTracker }) {
  const now = useNow(5)
  const stop = useAction(() => api.tracker.unhost())
  const { members, urls } = tracker
  return (
    <>
      <div className="mb-6 flex flex-wrap items-start justify-between gap-4">
        <div className="min-w-0">
          <p className="mb-2">
            Listening on <span className="mono">{tracker.listen}</span>. Give one of these addresses to your friends:
          </p>
          <ul className="flex flex-col gap-1">
            {urls.map((url, i) => (
              <li key={url} className="flex items-center gap-1">
                <span data-testid={i === 0 ? 'tracker-url' : `tracker-url-${i + 1}`} className="mono rounded bg-sunken px-2 py-1 break-all">
                  {url}
                </span>
                <CopyButton text={url} label={`Copy ${url}`} />
              </li>
            ))}
          </ul>
        </div>
        <Button icon={Square} busy={stop.busy} onClick={() => void stop.run()} data-testid="tracker-host-stop">
          Stop hosting
        </Button>
      </div>
      {stop.error && (
        <Notice kind="error" className="mb-4">
          {stop.error}
        </Notice>
      )}
      <h3 className="mb-3 font-semibold" aria-live="polite">
        {counted(members.length, 'member')} registered
      </h3>
      <div data-testid="tracker-registered" data-count={members.length}>
        {members.length === 0 ? (
          <p className="text-ink-2">Nobody yet. A friend joins by pasting the address above under Tracker → Join a tracker.</p>
        ) : (
          <div style={{ height: Math.min(members.length, 6) * 56 + 42 }} className="flex">
            <VirtualTable
              label="Registered members"
              columns={columns(now)}
              count={members.length}
              row={(i) => members[i]}
              rowKey={(i) => members[i]?.memberId ?? i}
              rowTestId="tracker-member"
              className="flex-1"
            />
          </div>
        )}
      </div>
    </>
  )
}

const columns = (now: number): readonly Column<HostedTracker['members'][number]>[] => [
  {
    name: 'Member',
    min: 8,
    grow: 1,
    cell: (member) => (
      <span className="flex items-center gap-3">
        <WedgeAvatar of={member.address ?? member.memberId} size={32} />
        <span className="truncate font-medium">{member.nickname || 'No name'}</span>
      </span>
    ),
  },
  { name: 'Endpoint', min: 8, grow: 1, cell: (member) => <span className="mono block truncate text-[13px]">{member.endpoint}</span> },
  { name: 'Reachable', min: 5, cell: (member) => (member.reachable ? 'Yes' : 'No') },
  { name: 'Height', min: 4, end: true, cell: (member) => <span className="mono">{count(member.height)}</span> },
  { name: 'Seen', min: 7, cell: (member) => ago(member.lastSeen, now) },
  {
    name: 'Version',
    min: 5,
    cell: (member) => (
      <span className="block truncate text-ink-2" title={member.version}>
        {member.version.replace(/^cheese-stack /, '')}
      </span>
    ),
  },
]
