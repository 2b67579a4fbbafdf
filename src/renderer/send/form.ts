import type { SendInput } from '../../api/schemas.ts'
import { formatCheese, parseCheese } from '../../util/amount.ts'

/** A send as it is being typed. */
export interface SendForm {
  /** Address, contact's name or member's nickname. */
  readonly to: string
  readonly amount: string
  /** Everything spendable, less the fee; `amount` is then not looked at. */
  readonly all: boolean
  /** null until the person writes a fee of their own. */
  readonly fee: string | null
  readonly memo: string
}

export interface Suggestion {
  /** For a plain transfer, crumbs. */
  readonly fee: string
  readonly feePerByte: number
}

export interface Plan {
  /** What to ask a review for; undefined while something is missing or wrong. */
  readonly input: SendInput | undefined
  /** What to show as amount and fee. */
  readonly amountText: string
  readonly feeText: string
  readonly errors: { readonly amount?: string; readonly fee?: string; readonly memo?: string }
  readonly memoBytes: number
}

export const emptyForm: SendForm = { to: '', amount: '', all: false, fee: null, memo: '' }
export const MAX_MEMO_BYTES = 80

/** Bytes of a memo as it goes into a transfer. */
export function memoBytes(memo: string): number {
  return new TextEncoder().encode(memo).length
}

/** The suggested fee with room for a memo, crumbs. */
export function suggestedFee(suggestion: Suggestion, memo: string): bigint {
  return BigInt(suggestion.fee) + BigInt(Math.ceil(suggestion.feePerByte * memoBytes(memo)))
}

/** What the form means so far: the input to review, the texts to show, and what is wrong. Whether it can be paid, the member says. */
export function planOf(form: SendForm, spendable: string, suggestion: Suggestion | undefined): Plan {
  const errors: { amount?: string; fee?: string; memo?: string } = {}
  const bytes = memoBytes(form.memo)
  if (bytes > MAX_MEMO_BYTES) errors.memo = `A memo holds ${MAX_MEMO_BYTES} bytes; this one has ${bytes}. Shorten it.`

  const suggested = suggestion && suggestedFee(suggestion, form.memo)
  const ownFee = form.fee === null || form.fee.trim() === '' ? undefined : parseCheese(form.fee)
  if (ownFee && !ownFee.ok) errors.fee = ownFee.error
  const fee = ownFee ? (ownFee.ok ? ownFee.value : undefined) : suggested
  const feeText = form.fee ?? (suggested === undefined ? '' : formatCheese(suggested))

  let amount: bigint | undefined
  let amountText = form.amount
  if (form.all) {
    const rest = fee === undefined ? undefined : BigInt(spendable) - fee
    if (rest !== undefined && rest <= 0n) errors.amount = 'Nothing is left to send after the fee.'
    else amount = rest
    amountText = rest !== undefined && rest > 0n ? formatCheese(rest) : ''
  } else if (form.amount.trim() !== '') {
    const parsed = parseCheese(form.amount)
    if (!parsed.ok) errors.amount = parsed.error
    else if (parsed.value === 0n) errors.amount = 'Send at least one crumb: 0.00000001 cheese.'
    else amount = parsed.value
  }

  const complete = form.to.trim() !== '' && amount !== undefined && Object.keys(errors).length === 0
  const feeGiven = ownFee?.ok ? ownFee.value : form.all ? fee : undefined
  const input: SendInput | undefined =
    complete && amount !== undefined
      ? {
          to: form.to.trim(),
          amount: amount.toString(),
          ...(feeGiven === undefined ? {} : { fee: feeGiven.toString() }),
          ...(form.memo === '' ? {} : { memo: form.memo }),
        }
      : undefined
  return { input, amountText, feeText, errors, memoBytes: bytes }
}
