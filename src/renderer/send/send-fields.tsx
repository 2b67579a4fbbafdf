import type { FormEvent } from 'react'
import { Amount } from '../ui/amount.tsx'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { Card } from '../ui/page.tsx'
import { MAX_MEMO_BYTES, type Plan, type SendForm, type Suggestion } from './form.ts'
import { RecipientPicker } from './recipient-picker.tsx'

interface SendFieldsProps {
  readonly form: SendForm
  readonly plan: Plan
  readonly spendable: string
  readonly suggestion: Suggestion | undefined
  readonly busy: boolean
  readonly error: string | undefined
  readonly onForm: (form: SendForm) => void
  readonly onReview: () => void
}

/** Who, how much, the fee and a memo. */
export function SendFields({ form, plan, spendable, suggestion, busy, error, onForm, onReview }: SendFieldsProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (plan.input && !busy) onReview()
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-6">
      <Card title="To whom">
        <RecipientPicker value={form.to} onValue={(to) => onForm({ ...form, to })} />
      </Card>
      <Card title="How much">
        <div className="mb-2 grid grid-cols-2 gap-x-6 gap-y-2 max-[760px]:grid-cols-1">
          <Field
            label="Amount, in cheese"
            mono
            inputMode="decimal"
            testId="send-amount"
            value={plan.amountText}
            error={plan.errors.amount}
            hint={
              <>
                Spendable: <Amount crumbs={spendable} className="text-ink-2" />
              </>
            }
            onText={(amount) => onForm({ ...form, amount, all: false })}
            after={
              <Button
                aria-pressed={form.all}
                className="aria-pressed:bg-sunken"
                data-testid="send-all"
                onClick={() => onForm({ ...form, all: !form.all, amount: form.all ? '' : form.amount })}
              >
                All
              </Button>
            }
          />
          <Field
            label="Fee, in cheese"
            mono
            inputMode="decimal"
            testId="send-fee"
            value={plan.feeText}
            error={plan.errors.fee}
            hint={form.fee === null ? 'Suggested now; goes to the miner.' : 'Your own fee; goes to the miner.'}
            placeholder={suggestion ? 'suggested' : ''}
            onText={(fee) => onForm({ ...form, fee })}
            after={
              form.fee !== null && (
                <Button data-testid="fee-suggested" onClick={() => onForm({ ...form, fee: null })}>
                  Suggest
                </Button>
              )
            }
          />
        </div>
        <Field
          label="Memo (optional)"
          testId="send-memo"
          value={form.memo}
          error={plan.errors.memo}
          hint={`Public: everybody can read this on the cheese stack, for ever. ${MAX_MEMO_BYTES - plan.memoBytes} bytes left.`}
          onText={(memo) => onForm({ ...form, memo })}
        />
      </Card>
      {error && <Notice kind="error">{error}</Notice>}
      <div className="flex justify-end">
        <Button type="submit" look="primary" size="large" busy={busy} disabled={!plan.input} data-testid="send-review">
          Review
        </Button>
      </div>
    </form>
  )
}
