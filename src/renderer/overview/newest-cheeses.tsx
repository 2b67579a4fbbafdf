import type { CheeseSummary } from '../../api/schemas.ts'
import { ago, count, counted, duration } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { type Query, useLive, useNow } from '../live.ts'
import { useApp } from '../store.ts'
import { linkClass } from '../ui/address.tsx'
import { Card } from '../ui/page.tsx'
import { WheelTop } from '../ui/wheel.tsx'

const newest: Query<CheeseSummary[]> = { key: 'newest cheeses', topics: ['stack'], fetch: (api) => api.stack.list({ count: 6 }) }

/** The cheese being searched for, and the newest ones as wheels. */
export function NewestCheeses() {
  const { data } = useLive(newest)
  const now = useNow(5)
  const height = useApp((state) => state.status?.height)
  const address = useApp((state) => state.status?.address)
  return (
    <Card
      title="Newest cheeses"
      action={
        <a href={hrefTo('stack')} className={linkClass}>
          The whole stack
        </a>
      }
    >
      <ul className="grid h-32 grid-cols-[repeat(auto-fill,minmax(7.5rem,1fr))] gap-y-4 overflow-hidden">
        {height !== undefined && <NextCheese height={height + 1} />}
        {data?.map((cheese) => (
          <li key={cheese.smell}>
            <a href={hrefTo('stack', cheese.smell)} className="flex animate-appear flex-col items-center gap-1 rounded-lg p-1 hover:bg-sunken">
              <WheelTop smell={cheese.smell} blue={cheese.height === 0} size={64} />
              <span className="mono mt-1 font-medium">#{count(cheese.height)}</span>
              <span className="text-xs text-ink-3">
                {cheese.miner === address ? 'yours' : cheese.transfers > 0 ? counted(cheese.transfers, 'transfer') : ''}{' '}
                {cheese.miner === address || cheese.transfers > 0 ? '· ' : ''}
                {ago(cheese.time, now)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function NextCheese({ height }: { readonly height: number }) {
  const mining = useApp((state) => state.status?.mining)
  const waiting = useApp((state) => state.status?.mempool ?? 0)
  return (
    <li className="flex flex-col items-center gap-1 p-1">
      <svg viewBox="-52 -52 104 104" width={64} height={64} aria-hidden>
        <circle r={48} fill="none" stroke="var(--edge)" strokeWidth={3} strokeDasharray="8 7" />
        <text textAnchor="middle" dominantBaseline="central" fontSize={34} fill="var(--ink-3)" className="mono">
          {waiting > 99 ? '99+' : waiting}
        </text>
      </svg>
      <span className="mono mt-1 font-medium">#{count(height)}</span>
      <span className="text-center text-xs text-ink-3" title="Transfers that wait for the next cheese">
        {mining?.on && mining.expectedSeconds !== null ? `yours in ~${duration(mining.expectedSeconds)}` : `${counted(waiting, 'transfer')} waiting`}
      </span>
    </li>
  )
}
