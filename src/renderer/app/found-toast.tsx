import { useEffect } from 'react'
import { count } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { forgetFound, useApp } from '../store.ts'
import { linkClass } from '../ui/address.tsx'
import { WheelTop } from '../ui/wheel.tsx'

/** Says for a while that this member found a cheese. It stands in the rail: over a page it would cover what a person is about to click, for as long as cheeses are found fast. */
export function FoundToast() {
  const found = useApp((state) => state.found)
  useEffect(() => {
    if (!found) return
    const timer = setTimeout(forgetFound, 6000)
    return () => clearTimeout(timer)
  }, [found])
  return (
    <div role="status" className="[@media(max-height:700px)]:sr-only">
      {found && (
        <div
          key={found.smell}
          className="mt-3 flex animate-drop items-center gap-2.5 rounded-xl border border-line bg-surface px-2.5 py-2 shadow-card max-[760px]:justify-center max-[760px]:px-0"
        >
          <WheelTop smell={found.smell} size={28} />
          <div className="min-w-0 flex-1 text-[13px] leading-5 tracking-tight max-[760px]:sr-only">
            <p className="font-semibold whitespace-nowrap">You found a cheese</p>
            <a href={hrefTo('stack', found.smell)} className={linkClass}>
              Cheese #{count(found.height)}
            </a>
          </div>
        </div>
      )}
    </div>
  )
}
