import { useState } from 'react'
import type { Review } from '../../api/schemas.ts'
import { useAction, useLive } from '../live.ts'
import { fee as feeQuery } from '../queries.ts'
import { api } from '../session.ts'
import { useApp } from '../store.ts'
import { NoWallet } from '../ui/no-wallet.tsx'
import { Card, Page } from '../ui/page.tsx'
import { emptyForm, planOf, type SendForm } from './form.ts'
import { ReviewStep } from './review-step.tsx'
import { SendFields } from './send-fields.tsx'

/** Sending: the form, then its review. Once sent, its journey has a page of its own. */
export function SendPage({ to }: { readonly to: string }) {
  const wallet = useApp((state) => state.status?.wallet)
  const spendable = useApp((state) => state.status?.balance.spendable ?? '0')
  const [form, setForm] = useState<SendForm>({ ...emptyForm, to })
  const [review, setReview] = useState<Review>()
  const { data: suggestion } = useLive(wallet === 'none' ? null : feeQuery)
  const plan = planOf(form, spendable, suggestion)
  const ask = useAction(async () => {
    if (plan.input) setReview(await api.wallet.review(plan.input))
  })
  if (wallet === 'none') {
    return (
      <Page title="Send" narrow>
        <Card>
          <NoWallet to="send cheese" />
        </Card>
      </Page>
    )
  }
  return (
    <Page
      title={review ? 'Review' : 'Send'}
      about={review ? 'Nothing is sent yet. Once it is in a cheese, nobody can take it back.' : 'To a member who is online, a contact, or an address.'}
      narrow
    >
      {review ? (
        <ReviewStep review={review} onBack={() => setReview(undefined)} />
      ) : (
        <SendFields
          form={form}
          plan={plan}
          spendable={spendable}
          suggestion={suggestion}
          busy={ask.busy}
          error={ask.error}
          onForm={(next) => {
            ask.clear()
            setForm(next)
          }}
          onReview={() => void ask.run()}
        />
      )}
    </Page>
  )
}
