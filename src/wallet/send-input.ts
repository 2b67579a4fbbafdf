import { Failure } from '../api/errors.ts'
import { CRUMBS_PER_CHEESE, formatCheese } from '../util/amount.ts'
import { encodeUtf8 } from '../util/utf8.ts'
import { DEFAULT_EXPIRY, MAX_MEMO_BYTES, NEW_ACCOUNT_MINIMUM } from './transfers.ts'

/** Reads what a person asked for in a send. Each throws a `Failure` that says what to write instead. */

const MAX_CRUMBS = 2n ** 64n - 1n
const MAX_HEIGHT = 0xffffffff

/** Crumbs above zero, from their digits. */
export function readAmount(digits: string): bigint {
  const amount = readCrumbs(digits, 'amount')
  if (amount === 0n) throw new Failure('BAD_AMOUNT', 'The amount is zero: send at least one crumb, 0.00000001 cheese.')
  return amount
}

/** Crumbs, or undefined when left out. */
export function readFee(digits: string | undefined): bigint | undefined {
  return digits === undefined ? undefined : readCrumbs(digits, 'fee')
}

function readCrumbs(digits: string, what: string): bigint {
  if (!/^[0-9]{1,40}$/.test(digits))
    throw new Failure('BAD_AMOUNT', `The ${what} must be whole crumbs, as digits (1 cheese = ${CRUMBS_PER_CHEESE} crumbs); found "${digits.slice(0, 40)}".`)
  const crumbs = BigInt(digits)
  if (crumbs > MAX_CRUMBS) throw new Failure('BAD_AMOUNT', `The ${what} is more cheese than there can be.`)
  return crumbs
}

/** The memo's bytes. */
export function readMemo(memo: string): Uint8Array {
  if (/\p{Surrogate}/u.test(memo)) throw new Failure('BAD_INPUT', 'The memo holds half a character that cannot be written; type it anew.')
  const bytes = encodeUtf8(memo)
  if (bytes.length > MAX_MEMO_BYTES) {
    throw new Failure(
      'BAD_INPUT',
      `The memo has ${bytes.length} bytes; ${MAX_MEMO_BYTES} are the most (an accented letter takes two, an emoji four or more). Make it shorter.`,
    )
  }
  return bytes
}

/** The last height at which it may be in a cheese; about a day from now when left out, 0 = never expires. */
export function readExpiry(expires: number | undefined, tip: number): number {
  if (expires === undefined) return Math.min(tip + DEFAULT_EXPIRY, MAX_HEIGHT)
  if (!Number.isInteger(expires) || expires < 0 || expires > MAX_HEIGHT)
    throw new Failure('BAD_INPUT', 'The expiry is a height: a whole number, or 0 for never.')
  if (expires !== 0 && expires <= tip)
    throw new Failure(
      'BAD_INPUT',
      `It would expire at height ${expires}, which has passed: the stack is at ${tip}. Choose a greater height, 0 for never, or leave it out.`,
    )
  return expires
}

/** `INSUFFICIENT_FUNDS` with the numbers. */
export function insufficient(balance: { readonly spendable: bigint; readonly ripening: bigint; readonly pending: bigint }, need: bigint): Failure {
  const { spendable: have, ripening, pending } = balance
  const more = [
    ...(ripening > 0n ? [`${formatCheese(ripening)} cheese from mining still ripens`] : []),
    ...(pending > 0n ? [`${formatCheese(pending)} cheese is on its way to you and not confirmed yet`] : []),
  ]
  return new Failure(
    'INSUFFICIENT_FUNDS',
    `Not enough cheese: you can send ${formatCheese(have)} now, and this needs ${formatCheese(need)} with its fee, ${formatCheese(need - have)} more.${more.length > 0 ? ` ${more.join(', and ')}: wait for it, or send less.` : ' Send less.'}`,
    { have: String(have), need: String(need), missing: String(need - have), ripening: String(ripening), pending: String(pending) },
  )
}

/** `BAD_AMOUNT` for a first payment that the rules do not allow. */
export function tooLittleForNew(amount: bigint, address: string): Failure {
  return new Failure(
    'BAD_AMOUNT',
    `${address} holds nothing yet, and the first payment to a new address must be at least ${formatCheese(NEW_ACCOUNT_MINIMUM)} cheese; this is ${formatCheese(amount)}. Send more, or ask for an address that is in use.`,
    { least: String(NEW_ACCOUNT_MINIMUM) },
  )
}
