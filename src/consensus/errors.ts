/** Every rule that can be broken, in the order in which they are checked (docs/protocol.md tells each at length). */
export type RuleCode =
  // header
  | 'header-length'
  | 'header-version'
  | 'header-parent'
  | 'header-time-old'
  | 'header-time-future'
  | 'header-bits'
  | 'header-work'
  // body: size and shape
  | 'body-size'
  | 'body-shape'
  | 'body-root'
  // limits of fields
  | 'transfer-version'
  | 'transfer-sequence-limit'
  | 'payment-count'
  | 'payment-zero'
  | 'memo-length'
  | 'memo-utf8'
  | 'extra-length'
  | 'reward-height'
  // transfers in order
  | 'transfer-expired'
  | 'transfer-sequence'
  | 'transfer-balance'
  | 'payment-new-account'
  // the rest
  | 'signature'
  | 'accounts-root'

/**
 * Whose fault a broken rule is.
 * `sender`: whoever sent these bytes; nothing is held against the smell, a good body for it may exist.
 * `cheese`: the cheese itself, for good; whoever mined it made it so.
 * `early`: nobody's yet: it comes from the future by our clock, and is held back.
 */
export type RuleFault = 'sender' | 'cheese' | 'early'

/** A rule that somebody else broke: a value that is returned, never thrown. */
export interface RuleError {
  readonly kind: 'rule'
  readonly code: RuleCode
  readonly fault: RuleFault
  /** One sentence with the numbers: what was found and what was wanted. */
  readonly message: string
  /** Index of the transfer in the body, where one is at fault. */
  readonly transfer?: number
}

const EARLY: ReadonlySet<RuleCode> = new Set<RuleCode>(['header-time-future'])
const SENDER: ReadonlySet<RuleCode> = new Set<RuleCode>([
  'header-length',
  'header-version',
  'header-parent',
  'header-time-old',
  'header-bits',
  'header-work',
  'body-size',
  'body-shape',
  'body-root',
])

/** A `RuleError` of `code`, with the fault that goes with the code (design: up to and including the body root, the sender's). */
export function ruleError(code: RuleCode, message: string, transfer?: number): RuleError {
  const fault: RuleFault = EARLY.has(code) ? 'early' : SENDER.has(code) ? 'sender' : 'cheese'
  return { kind: 'rule', code, fault, message, ...(transfer === undefined ? {} : { transfer }) }
}
