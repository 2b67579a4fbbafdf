import type { MiningStatus } from '../../api/schemas.ts'
import { miningHead } from '../lib/mining.ts'
import { AddressLink } from '../ui/address.tsx'
import { cx } from '../ui/classes.ts'
import { MineToggle } from './mine-toggle.tsx'

/** What the miner does now, in one sentence, and the button that changes it. */
export function MineHead({ mining }: { readonly mining: MiningStatus }) {
  const { state, live, about } = miningHead(mining)
  const searching = mining.on && mining.resting === null
  return (
    <section aria-label="Mining now" className="rounded-xl border border-line bg-surface p-6 shadow-card">
      <div className="flex flex-wrap items-center justify-between gap-x-8 gap-y-5">
        <div className="min-w-64 flex-1 basis-96">
          <p
            data-testid="mining-state"
            data-resting={mining.resting ?? ''}
            className="flex min-h-8 items-start gap-3 text-xl leading-8 font-semibold tracking-tight"
          >
            <span aria-hidden className={cx('mt-2.5 size-3 shrink-0 rounded-full', searching ? 'bg-good' : mining.on ? 'bg-warn' : 'border-2 border-off')} />
            <span className="tabular-nums">
              {state}
              {live !== '' && `: ${live}`}
            </span>
          </p>
          {/* The rate changes every second; only what it is a rate of is read out. */}
          <span role="status" className="sr-only">
            {state}
          </span>
          <p className="mt-1 min-h-10 max-w-2xl text-ink-2">{about}</p>
        </div>
        <MineToggle size="large" />
      </div>
      {mining.address && (
        <p className="mt-4 flex flex-wrap items-center gap-x-2 gap-y-1 border-t border-line pt-4 text-[13px] text-ink-3">
          Found cheeses are paid to <AddressLink address={mining.address} wedge />
        </p>
      )}
    </section>
  )
}
