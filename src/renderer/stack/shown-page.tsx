import { ArrowLeft } from 'lucide-react'
import { count } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { useLive } from '../live.ts'
import { show } from '../queries.ts'
import { linkClass } from '../ui/address.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card, Empty, Page } from '../ui/page.tsx'
import { AccountView } from './account-view.tsx'
import { CheeseDetails } from './cheese-details.tsx'
import { StackSearch } from './stack-search.tsx'
import { TransferDetails } from './transfer-details.tsx'

const TITLES = { cheese: 'Cheese', transfer: 'Transfer', account: 'Account' } as const

/** A cheese, transfer or account: whatever the query in the address means. */
export function ShownPage({ query }: { readonly query: string }) {
  const { data: shown, error, code } = useLive(show(query))
  const title = shown
    ? shown.type === 'cheese'
      ? `${shown.height === 0 ? 'Blue cheese' : 'Cheese'} #${count(shown.height)}`
      : TITLES[shown.type]
    : 'Cheese stack'
  return (
    <Page
      title={title}
      about={
        <a href={hrefTo('stack')} className={`inline-flex items-center gap-1 ${linkClass}`}>
          <ArrowLeft aria-hidden size={14} /> Cheese stack
        </a>
      }
      action={<StackSearch key={code ?? ''} value={code === 'NOT_FOUND' ? query : ''} />}
    >
      {error && code !== 'NOT_FOUND' && !shown && <Notice kind="error">{error}</Notice>}
      {code === 'NOT_FOUND' && (
        <Card>
          <div role="alert">
            <Empty title="Nothing of that name in this stack">{error}</Empty>
          </div>
        </Card>
      )}
      {code !== 'NOT_FOUND' && shown?.type === 'cheese' && <CheeseDetails cheese={shown} />}
      {code !== 'NOT_FOUND' && shown?.type === 'transfer' && <TransferDetails transfer={shown} />}
      {code !== 'NOT_FOUND' && shown?.type === 'account' && <AccountView account={shown} />}
    </Page>
  )
}
