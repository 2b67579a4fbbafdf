import { count, hashRate } from '../lib/format.ts'
import { expectedSentence, miningHead } from '../lib/mining.ts'
import { hrefTo } from '../lib/route.ts'
import { MineToggle } from '../mine/mine-toggle.tsx'
import { useMining } from '../mine/use-mining.ts'
import { linkClass } from '../ui/address.tsx'
import { Card } from '../ui/page.tsx'

/** Mining, in short, with its switch. */
export function MiningCard() {
  const mining = useMining()
  if (!mining) return null
  const { state } = miningHead(mining)
  return (
    <Card
      title="Mining"
      action={
        <a href={hrefTo('mine')} className={linkClass}>
          All about mining
        </a>
      }
    >
      <p data-testid="mining-state" className="mb-4 min-h-6 text-base leading-6 font-semibold">
        {state}
      </p>
      <div className="mb-4 grid grid-cols-2 gap-4">
        <div>
          <p className="text-[13px] text-ink-3">Hash rate</p>
          <p data-testid="hash-rate" className="mono text-xl font-medium">
            {hashRate(mining.hashRate)}
          </p>
        </div>
        <div>
          <p className="text-[13px] text-ink-3">Found since start</p>
          <p className="text-xl font-medium">
            <span className="mono">{count(mining.found)}</span>{' '}
            <span className="text-sm font-normal text-ink-3">{mining.found === 1 ? 'cheese' : 'cheeses'}</span>
          </p>
        </div>
      </div>
      <p className="mb-4 min-h-5 text-ink-2">
        {mining.address === null
          ? 'Mining pays to your wallet: make one first.'
          : mining.expectedSeconds === null
            ? 'No cheese is searched for now.'
            : `Next cheese: ${expectedSentence(mining.expectedSeconds).toLowerCase()} on average.`}
      </p>
      <MineToggle />
    </Card>
  )
}
