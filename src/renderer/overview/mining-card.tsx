import type { MiningStatus } from '../../api/schemas.ts'
import { count, hashRate } from '../lib/format.ts'
import { miningSentence } from '../lib/sentences.ts'
import { MineToggle } from '../mine/mine-toggle.tsx'
import { Card } from '../ui/page.tsx'

/** Mining, in short, with its switch. */
export function MiningCard({ mining }: { readonly mining: MiningStatus }) {
  return (
    <Card title="Mining">
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
      <p className="mb-4 min-h-10 text-ink-2">{mining.address ? miningSentence(mining) : 'Mining pays to your wallet: make one first.'}</p>
      <MineToggle />
    </Card>
  )
}
