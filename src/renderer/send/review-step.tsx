import { ArrowRight } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Review } from '../../api/schemas.ts'
import { count } from '../lib/format.ts'
import { go } from '../lib/route.ts'
import { useAction } from '../live.ts'
import { api } from '../session.ts'
import { useApp } from '../store.ts'
import { Amount } from '../ui/amount.tsx'
import { Button } from '../ui/button.tsx'
import { Facts } from '../ui/facts.tsx'
import { Field } from '../ui/field.tsx'
import { Fours } from '../ui/groups.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card } from '../ui/page.tsx'
import { WedgeAvatar } from '../ui/wedge.tsx'

/** Who, how much, the fee and what is left; with the passphrase when the wallet is locked. */
export function ReviewStep({ review, onBack }: { readonly review: Review; readonly onBack: () => void }) {
  const locked = useApp((state) => state.status?.wallet === 'locked')
  const own = useApp((state) => state.status?.address)
  const [passphrase, setPassphrase] = useState('')
  const action = useAction(async () => {
    const { to, amount, fee, memo, expiry } = review
    const sent = await api.wallet.send({ to, amount, fee, memo, expires: expiry, ...(locked ? { passphrase } : {}) })
    go('send', 'journey', sent.id)
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!locked || passphrase !== '') void action.run()
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-6">
      <Card>
        <div className="mb-6 flex items-center justify-center gap-5 border-b border-line pb-6 max-[560px]:flex-wrap">
          <span className="flex flex-col items-center gap-2">
            <WedgeAvatar of={own ?? ''} size={56} />
            <span className="font-medium">You</span>
          </span>
          <span className="flex min-w-0 flex-col items-center gap-1 px-2">
            <Amount crumbs={review.amount} className="text-xl font-semibold" />
            <ArrowRight aria-hidden className="text-accent-text" />
          </span>
          <span className="flex min-w-0 flex-col items-center gap-2">
            <WedgeAvatar of={review.to} size={56} />
            <span className="max-w-44 truncate font-medium">{review.name ?? 'Address'}</span>
          </span>
        </div>
        <Facts
          rows={[
            [
              'To',
              <span key="to" data-testid="review-to">
                {review.name && <span className="block font-medium">{review.name}</span>}
                <Fours text={review.to} className="-mx-1 text-[13px]" />
              </span>,
            ],
            ['They get', <Amount key="amount" crumbs={review.amount} testId="review-amount" />],
            ['Fee to the miner', <Amount key="fee" crumbs={review.fee} testId="review-fee" />],
            ['You pay', <Amount key="total" crumbs={review.total} testId="review-total" className="font-semibold" />],
            ['Left to spend', <Amount key="left" crumbs={review.left} testId="review-left" />],
            ...(review.memo ? ([['Memo, public', <q key="memo">{review.memo}</q>]] as const) : []),
            ['If it waits', review.expiry === 0 ? 'It never expires.' : `It expires after height ${count(review.expiry)}, and the cheese is yours again.`],
          ]}
        />
      </Card>
      {review.warnings.map((warning) => (
        <Notice key={warning} kind="warning">
          {warning}
        </Notice>
      ))}
      {locked && (
        <Card className="pb-3">
          <Field
            label="Passphrase"
            type="password"
            testId="send-passphrase"
            autoFocus
            autoComplete="current-password"
            value={passphrase}
            error={action.error}
            hint="Your wallet is locked. It is opened for this one payment."
            onText={(text) => {
              action.clear()
              setPassphrase(text)
            }}
          />
        </Card>
      )}
      {!locked && action.error && <Notice kind="error">{action.error}</Notice>}
      <div className="flex justify-between gap-3">
        <Button look="ghost" size="large" onClick={onBack}>
          Back
        </Button>
        <Button type="submit" look="primary" size="large" busy={action.busy} disabled={locked && passphrase === ''} data-testid="send-confirm">
          Send
        </Button>
      </div>
    </form>
  )
}
