import { LogOut } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { JoinedTracker } from '../../api/schemas.ts'
import { ago, duration } from '../lib/format.ts'
import { trackerSentence } from '../lib/sentences.ts'
import { useAction, useNow } from '../live.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/classes.ts'
import { Field } from '../ui/field.tsx'
import { Card } from '../ui/page.tsx'

/** The trackers joined, and a way to join another. The one that is hosted here is shown by its own card. */
export function JoinCard({ joined }: { readonly joined: readonly JoinedTracker[] }) {
  const [url, setUrl] = useState('')
  const action = useAction(() => api.tracker.join({ url: url.trim() }))
  const others = joined.filter(({ own }) => !own)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (url.trim() !== '' && (await action.run())) setUrl('')
  }
  return (
    <Card title="Join a tracker" id="tracker-join">
      <form onSubmit={(event) => void submit(event)}>
        <Field
          label="Its address or link"
          mono
          testId="tracker-join-url"
          placeholder="192.0.2.7:9876 or cheese-tracker:…"
          value={url}
          error={action.error}
          hint="As the person who hosts it gave it to you. You are then listed to the others there. Join several: one that fails stops nobody."
          onText={(text) => {
            action.clear()
            setUrl(text)
          }}
          after={
            <Button type="submit" look="primary" busy={action.busy} disabled={url.trim() === ''} data-testid="tracker-join">
              Join
            </Button>
          }
        />
      </form>
      {others.length === 0 ? (
        <p className="mt-2 text-ink-2">You have joined none. Without one, only members that you add by hand, or that others know, are found.</p>
      ) : (
        <ul className="mt-2 flex max-h-96 flex-col divide-y divide-line overflow-y-auto">
          {others.map((one) => (
            <Joined key={one.url} tracker={one} answering={joined.filter(({ state }) => state === 'joined').length} />
          ))}
        </ul>
      )}
    </Card>
  )
}

const DOTS = { trying: 'bg-info animate-breathe', joined: 'bg-good', failing: 'bg-bad' } as const
const WORDS = { trying: 'Trying', joined: 'Joined', failing: 'No answer' } as const

function Joined({ tracker, answering }: { readonly tracker: JoinedTracker; readonly answering: number }) {
  const now = useNow(5)
  const leave = useAction(() => api.tracker.leave({ url: tracker.url }))
  const { state, lastAnswer, failingSince } = tracker
  const since =
    state === 'failing' && failingSince !== null
      ? `failing for ${duration(now - failingSince)}, ${lastAnswer === null ? 'has never answered' : `last answer ${ago(lastAnswer, now)}`}`
      : lastAnswer === null
        ? 'has not answered yet'
        : `last answer ${ago(lastAnswer, now)}`
  return (
    <li data-testid="tracker-joined" data-state={state} className="flex items-start gap-4 py-3">
      <span aria-hidden className={cx('mt-1.5 size-2.5 shrink-0 rounded-full', DOTS[state])} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="mono break-all">{tracker.url}</span>
          <span className="font-medium">{WORDS[state]}</span>
          <span className="text-[13px] text-ink-3">{since}</span>
        </p>
        <p className={cx('text-[13px]', state === 'failing' || leave.error ? 'text-bad' : 'text-ink-2')}>
          {leave.error ?? trackerSentence(tracker, answering)}
        </p>
      </div>
      <Button size="small" icon={LogOut} busy={leave.busy} onClick={() => void leave.run()} aria-label={`Leave ${tracker.url}`}>
        Leave
      </Button>
    </li>
  )
}
