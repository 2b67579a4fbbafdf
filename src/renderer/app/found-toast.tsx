import { X } from 'lucide-react'
import { useEffect } from 'react'
import { count } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { forgetFound, useApp } from '../store.ts'
import { linkClass } from '../ui/address.tsx'
import { IconButton } from '../ui/button.tsx'
import { WheelTop } from '../ui/wheel.tsx'

/** Says for a while that this member found a cheese. */
export function FoundToast() {
  const found = useApp((state) => state.found)
  useEffect(() => {
    if (!found) return
    const timer = setTimeout(forgetFound, 6000)
    return () => clearTimeout(timer)
  }, [found])
  return (
    <div role="status" className="pointer-events-none fixed right-6 bottom-6 z-20">
      {found && (
        <div
          key={found.smell}
          className="pointer-events-auto flex animate-drop items-center gap-4 rounded-xl border border-line bg-surface py-3 pr-3 pl-4 shadow-card"
        >
          <WheelTop smell={found.smell} size={44} />
          <div>
            <p className="font-semibold">You found a cheese</p>
            <a href={hrefTo('stack', found.smell)} className={linkClass}>
              Cheese #{count(found.height)}
            </a>
          </div>
          <IconButton icon={X} label="Dismiss" onClick={forgetFound} />
        </div>
      )}
    </div>
  )
}
