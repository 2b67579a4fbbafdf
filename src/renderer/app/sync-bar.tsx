import { useEffect, useState } from 'react'
import type { SyncStatus } from '../../api/schemas.ts'
import { syncWords } from '../../api/sync-words.ts'
import { useApp } from '../store.ts'

/** A catching-up that is over sooner is not shown: a window that twitches at every cheese tells nobody anything. */
const SHOWN_AFTER_MS = 600

/** While the stack is being caught up, on every page: stage, rate, time left and who serves, over one bar. */
export function SyncBar() {
  const sync = useApp((state) => state.status?.sync)
  const online = useApp((state) => state.connection.state === 'online')
  const isDue = useLasting(online && sync !== undefined && sync.progress !== null)
  return isDue && sync ? <Bar sync={sync} /> : null
}

/** Whether `now` has been true for a while. */
function useLasting(now: boolean): boolean {
  const [lasts, setLasts] = useState(false)
  useEffect(() => {
    if (!now) return
    const timer = setTimeout(() => setLasts(true), SHOWN_AFTER_MS)
    return () => {
      clearTimeout(timer)
      setLasts(false)
    }
  }, [now])
  return now && lasts
}

function Bar({ sync }: { readonly sync: SyncStatus }) {
  const words = syncWords(sync)
  if (!words || sync.progress === null) return null
  // Never full before everything is there.
  const percent = Math.min(99.9, sync.progress * 100)
  return (
    <section aria-label="Sync" data-testid="sync-bar" data-stage={sync.stage} className="shrink-0 border-b border-line bg-surface">
      <div className="mx-auto flex w-full max-w-5xl flex-wrap items-baseline gap-x-4 gap-y-0.5 px-8 pt-2 pb-1.5 text-[13px] max-[1000px]:px-6 max-[760px]:px-4">
        <p className="font-medium text-ink">
          <span data-testid="sync-stage" className="tabular-nums">
            {words.stage}
          </span>
          <span className="ml-2 font-normal text-ink-3">step {words.step}</span>
        </p>
        <p data-testid="sync-left" className="ml-auto text-ink-2 tabular-nums">
          {words.left}
        </p>
        <p className="flex w-full flex-wrap gap-x-4 text-ink-3">
          <span data-testid="sync-rate" className="tabular-nums">
            {words.rate}
          </span>
          <span data-testid="sync-servers" className="min-w-0 truncate">
            {words.servers}
          </span>
          {words.setback && <span className="text-warn">{words.setback}</span>}
        </p>
      </div>
      <div
        role="progressbar"
        aria-label="Sync"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(percent)}
        aria-valuetext={`${words.stage}, ${words.left}`}
        className="h-1 bg-line"
      >
        <div className="h-full bg-info transition-[width] duration-300 motion-reduce:transition-none" style={{ width: `${percent}%` }} />
      </div>
    </section>
  )
}
