import { KindAndState, KindPicture, SignedAmount } from '../history/kind.tsx'
import { ago } from '../lib/format.ts'
import { hrefTo } from '../lib/route.ts'
import { useLive, useNow } from '../live.ts'
import { latest } from '../queries.ts'
import { linkClass } from '../ui/address.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card, Empty } from '../ui/page.tsx'

const recent = latest(4)

/** The latest lines of the history. */
export function LastActivity({ hasWallet }: { readonly hasWallet: boolean }) {
  const { data, error } = useLive(hasWallet ? recent : null)
  const now = useNow(10)
  return (
    <Card
      title="Last activity"
      action={
        data && data.total > 0 ? (
          <a href={hrefTo('history')} className={linkClass}>
            All of it
          </a>
        ) : undefined
      }
    >
      {error && <Notice kind="error">{error}</Notice>}
      {(!hasWallet || data?.total === 0) && <Empty title="Nothing yet">Start mining, or give your address to somebody who owes you cheese.</Empty>}
      {hasWallet && data?.total !== 0 && (
        <ul className="flex min-h-48 flex-col gap-3">
          {data?.entries.slice(0, 4).map((entry) => (
            <li key={`${entry.kind} ${entry.id ?? entry.smell}`} className="flex items-center gap-3">
              <KindPicture entry={entry} />
              <div className="min-w-0 flex-1">
                <KindAndState entry={entry} brief />
              </div>
              <div className="flex flex-col items-end">
                <SignedAmount entry={entry} />
                <span className="text-[13px] text-ink-3">{ago(entry.time, now)}</span>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
