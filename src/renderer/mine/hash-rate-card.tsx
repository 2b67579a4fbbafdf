import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import type { MiningStatus } from '../../api/schemas.ts'
import { hashRate, when } from '../lib/format.ts'
import { useLive, useNow } from '../live.ts'
import { miningChart } from '../queries.ts'
import { Card } from '../ui/page.tsx'
import { chartSummary, drawn, spanWords } from './chart-data.ts'

// Drawing is a part of its own, so that the window opens without waiting for it.
const HashChart = lazy(async () => ({ default: (await import('./hash-chart.tsx')).HashChart }))

/** How fast the search is: now, over ten minutes, and over the last hour. */
export function HashRateCard({ mining }: { readonly mining: MiningStatus }) {
  const now = useNow(5)
  const { data, error } = useLive(miningChart(now))
  const [pointed, setPointed] = useState<number | null>(null)
  const shown = useMemo(() => data && drawn(data, now), [data, now])
  const onPoint = useCallback((index: number | null) => setPointed(index), [])
  const summary = data && shown && chartSummary(shown, data.everySeconds)
  const at = pointed === null ? undefined : shown?.times[pointed]
  const rate = pointed === null ? undefined : shown?.rates[pointed]
  return (
    <Card title="Hash rate" action={<p className="text-right text-[13px] text-ink-3">H/s are tries a second; 1 MH/s is a million of them</p>}>
      <div className="mb-4 flex flex-wrap gap-x-10 gap-y-3">
        <Rate label="Last 10 seconds" testId="hash-rate" perSecond={mining.hashRate} />
        <Rate label="Last 10 minutes" testId="hash-rate-10m" perSecond={mining.hashRate10m} />
        <p className="ml-auto self-end text-right text-[13px] text-ink-2 tabular-nums max-[560px]:hidden">
          {at === undefined ? (
            shown && summary !== undefined && <span className="text-ink-3">{spanWords(shown)}</span>
          ) : (
            <>
              {when(at)}: {rate ? <span className="mono">{hashRate(rate)}</span> : 'nothing searched'}
            </>
          )}
        </p>
      </div>
      {shown && summary !== undefined ? (
        <Suspense fallback={<div className="h-48" />}>
          <HashChart drawn={shown} summary={summary} onPoint={onPoint} />
        </Suspense>
      ) : (
        <div className="grid h-48 place-items-center rounded-lg bg-sunken px-6 text-center text-ink-2" data-testid="hash-chart-empty">
          <p className="max-w-md">
            {error ??
              'While you mine, a line grows here that shows how fast your computer searched in the last hour. Where it was off or resting, the line has a gap.'}
          </p>
        </div>
      )}
    </Card>
  )
}

function Rate({ label, testId, perSecond }: { readonly label: string; readonly testId: string; readonly perSecond: number }) {
  return (
    <div className="min-w-36">
      <p className="text-[13px] text-ink-3">{label}</p>
      <p data-testid={testId} className="mono text-2xl font-semibold tracking-tight">
        {hashRate(perSecond)}
      </p>
    </div>
  )
}
