import type { ReactNode } from 'react'
import type { MiningStatus } from '../../api/schemas.ts'
import { when } from '../lib/format.ts'
import { capital, expectedSentence, luckSentence, percent, staleSentence, staleShare } from '../lib/mining.ts'
import { Card } from '../ui/page.tsx'

/** What there is to be expected, and what came of it; each with what it means. */
export function ChancesCard({ mining }: { readonly mining: MiningStatus }) {
  const { luck } = mining
  return (
    <Card title="Your chances">
      <div className="grid grid-cols-2 gap-x-8 gap-y-5 max-[560px]:grid-cols-1">
        <Chance name="Next cheese" value={expectedSentence(mining.expectedSeconds)} testId="expected">
          On average, over many cheeses, at the rate and the target of this moment. Yours may come at once, or take several times as long.
        </Chance>
        <Chance
          name="Within the next hour"
          value={mining.chanceNextHour === null ? 'None for now' : `${capital(percent(mining.chanceNextHour))} chance`}
          testId="chance"
        >
          How likely it is to find one or more, if the search goes on like this for an hour.
        </Chance>
        <Chance name="Luck so far" value={luckSentence(luck)} testId="luck">
          {luck.since > 0 ? `Since ${when(luck.since)}, from every try that was made. ` : ''}Luck has no memory: it says nothing about the next cheese.
        </Chance>
        <Chance name="Stale finds" value={staleSentence(mining)} testId="stale">
          Finds that came too late: another cheese was on the stack already. {staleShare(mining)}
        </Chance>
      </div>
    </Card>
  )
}

function Chance({ name, value, testId, children }: { readonly name: string; readonly value: string; readonly testId: string; readonly children: ReactNode }) {
  return (
    <div>
      <p className="text-[13px] text-ink-3">{name}</p>
      <p data-testid={testId} className="mt-0.5 min-h-6 text-base leading-6 font-semibold tabular-nums">
        {value}
      </p>
      <p className="mt-1 text-[13px] text-ink-3">{children}</p>
    </div>
  )
}
