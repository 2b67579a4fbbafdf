import type { ReactNode } from 'react'
import type { Balance } from '../../api/schemas.ts'
import { hrefTo } from '../lib/route.ts'
import { Amount } from '../ui/amount.tsx'
import { buttonClass } from '../ui/button.tsx'

/** Spendable large; ripening and pending beside it. */
export function BalanceCard({ balance }: { readonly balance: Balance }) {
  return (
    <section aria-label="Balance" className="rounded-xl border border-line bg-surface p-6 shadow-card">
      <div className="flex flex-wrap items-end justify-between gap-x-10 gap-y-6">
        <div>
          <p className="mb-2 text-[13px] font-medium text-ink-3">Spendable</p>
          <Amount crumbs={balance.spendable} testId="balance-spendable" className="text-4xl leading-10 font-semibold tracking-tight" />
        </div>
        <div className="flex gap-2">
          <a href={hrefTo('send')} className={buttonClass('plain')}>
            Send
          </a>
          <a href={hrefTo('receive')} className={buttonClass('plain')}>
            Receive
          </a>
        </div>
      </div>
      <div className="mt-6 grid grid-cols-2 gap-6 border-t border-line pt-4 max-[560px]:grid-cols-1">
        <Part name="Ripening" crumbs={balance.ripening} testId="balance-ripening">
          Mined; spendable some cheeses later.
        </Part>
        <Part name="Pending" crumbs={balance.pending} testId="balance-pending">
          On its way to you; in no cheese yet.
        </Part>
      </div>
    </section>
  )
}

function Part({ name, crumbs, testId, children }: { readonly name: string; readonly crumbs: string; readonly testId: string; readonly children: ReactNode }) {
  return (
    <div>
      <p className="mb-1 text-[13px] font-medium text-ink-3">{name}</p>
      <Amount crumbs={crumbs} testId={testId} className="text-lg font-medium" />
      <p className="mt-1 text-[13px] text-ink-3">{children}</p>
    </div>
  )
}
