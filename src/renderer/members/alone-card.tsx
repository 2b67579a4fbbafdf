import { Unplug } from 'lucide-react'
import { hrefTo } from '../lib/route.ts'
import { useApp } from '../store.ts'
import { buttonClass } from '../ui/button.tsx'

/** Why nobody is connected, and what to do; nothing while somebody is. `here`: the members page itself shows it. */
export function AloneCard({ here = false }: { readonly here?: boolean }) {
  const alone = useApp((state) => state.status?.alone)
  if (!alone) return null
  return (
    <section
      aria-label="Nobody is connected"
      data-testid="alone"
      className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-xl border border-line border-l-4 border-l-warn bg-surface p-5 shadow-card"
    >
      <Unplug aria-hidden size={22} className="shrink-0 text-warn" />
      <div role="status" className="min-w-64 flex-1">
        <p className="font-semibold">{alone.words}</p>
        <p className="mt-0.5 text-ink-2">{alone.repair}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        <a href={hrefTo('tracker', 'join')} className={buttonClass('plain', 'small')}>
          Join a tracker
        </a>
        {!here && (
          <a href={hrefTo('members')} className={buttonClass('plain', 'small')}>
            Members
          </a>
        )}
      </div>
    </section>
  )
}
