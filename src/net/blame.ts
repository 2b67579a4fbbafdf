import type { RuleCode, RuleError } from '../consensus/errors.ts'
import type { Fault } from './faults.ts'

/** Rules whose breach depends on the accounts that we hold: where those are damaged, it is we who are wrong. */
const BY_OUR_ACCOUNTS: ReadonlySet<RuleCode> = new Set<RuleCode>(['transfer-sequence', 'transfer-balance', 'payment-new-account', 'accounts-root'])

/**
 * Which fault it is of whoever gave a body, asked for by the smell of a header of ours, that was refused; undefined when it is none of his:
 * a matter of clocks, or a header that is not there any more. A cheese that is wrong by our accounts alone is `disputed`.
 */
export function faultOfBody({ code, fault }: RuleError): Fault | undefined {
  if (fault === 'early' || code === 'header-parent') return undefined
  return BY_OUR_ACCOUNTS.has(code) ? 'disputed' : 'broken-body'
}

/**
 * Which fault it is of whoever gave headers that were refused; undefined when it is none of his. A header by itself breaks no rule of bodies: an error of that kind
 * says that it stands on a cheese that we hold to be invalid, which is `disputed`.
 */
export function faultOfHeaders({ fault }: RuleError): Fault | undefined {
  if (fault === 'early') return undefined
  return fault === 'cheese' ? 'disputed' : 'broken-header'
}
