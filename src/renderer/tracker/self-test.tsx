import { RefreshCw } from 'lucide-react'
import type { HostedTracker } from '../../api/schemas.ts'
import { ago } from '../lib/format.ts'
import { useAction, useNow } from '../live.ts'
import { api } from '../session.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/classes.ts'

const LOOKS = {
  unknown: { dot: 'border-2 border-off', name: 'Not known yet' },
  checking: { dot: 'bg-info animate-breathe', name: 'Being tried' },
  reachable: { dot: 'bg-good', name: 'Reachable' },
  closed: { dot: 'bg-warn', name: 'Not reachable' },
} as const

/** Whether others can reach the hosted tracker: the verdict in words, what to do, and a way to look again. */
export function SelfTestLine({ selfTest }: { readonly selfTest: HostedTracker['selfTest'] }) {
  const now = useNow(5)
  const check = useAction(() => api.tracker.check())
  const { state, words, repair, checkedAt } = selfTest
  const { dot, name } = LOOKS[check.busy ? 'checking' : state]
  return (
    <div data-testid="tracker-self-test" data-state={state} className="flex flex-wrap items-start gap-x-4 gap-y-2 rounded-lg border border-line bg-ground p-4">
      <span aria-hidden className={cx('mt-1.5 size-2.5 shrink-0 rounded-full', dot)} />
      <div className="min-w-56 flex-1" aria-live="polite">
        <p>
          <span className="font-semibold">{name}.</span> {words}
        </p>
        {repair && <p className="mt-1 text-ink-2">{repair}</p>}
        {check.error && <p className="mt-1 text-[13px] text-bad">{check.error}</p>}
        {checkedAt !== null && <p className="mt-1 text-[13px] text-ink-3">Tried {ago(checkedAt, now)}.</p>}
      </div>
      <Button size="small" icon={RefreshCw} busy={check.busy} onClick={() => void check.run()} data-testid="tracker-check">
        Check again
      </Button>
    </div>
  )
}
