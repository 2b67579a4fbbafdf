/** Limits of fields: what can be parsed and yet is not allowed, whatever came before it. */
import type { Steps } from '../util/steps.ts'
import { isUtf8 } from '../util/utf8.ts'
import { type RuleError, ruleError } from './errors.ts'
import type { Body, Reward, Transfer } from './types.ts'

export const TRANSFER_VERSION = 1
export const MAX_MEMO_BYTES = 80
export const MAX_EXTRA_BYTES = 32
/** Sequences run from 0 to this; 2^32 − 1 is never used, so that the next one always fits. */
export const MAX_SEQUENCE = 0xffffffff - 1

/** The first limit that a transfer breaks by itself: version, sequence, payment count, zero amounts, memo. Its signature is not looked at. */
export function checkTransferShape(transfer: Transfer): RuleError | undefined {
  const { version, sequence, payments, memo } = transfer
  if (version !== TRANSFER_VERSION) return ruleError('transfer-version', `a transfer has version ${TRANSFER_VERSION}, not ${version}`)
  if (sequence > MAX_SEQUENCE) return ruleError('transfer-sequence-limit', `a sequence is at most ${MAX_SEQUENCE}, not ${sequence}`)
  if (payments.length < 1 || payments.length > 255) {
    return ruleError('payment-count', `a transfer has 1 to 255 payments, not ${payments.length}`)
  }
  const zero = payments.findIndex(({ amount }) => amount === 0n)
  if (zero >= 0) return ruleError('payment-zero', `payment ${zero} is of nothing`)
  if (memo.length > MAX_MEMO_BYTES) return ruleError('memo-length', `a memo has at most ${MAX_MEMO_BYTES} bytes, not ${memo.length}`)
  if (!isUtf8(memo)) return ruleError('memo-utf8', 'the memo is not well-formed UTF-8')
  return undefined
}

function checkReward(reward: Reward, height: number): RuleError | undefined {
  if (reward.extra.length > MAX_EXTRA_BYTES) {
    return ruleError('extra-length', `a reward's extra has at most ${MAX_EXTRA_BYTES} bytes, not ${reward.extra.length}`)
  }
  if (reward.height !== height) return ruleError('reward-height', `the reward says height ${reward.height}, and the cheese is at ${height}`)
  return undefined
}

/** The first limit that a body at `height` breaks, in steps: each transfer's in order, then the reward's. */
export function* checkLimitsSteps(body: Body, height: number): Steps<RuleError | undefined> {
  for (const [index, transfer] of body.transfers.entries()) {
    const broken = checkTransferShape(transfer)
    if (broken) return { ...broken, transfer: index }
    yield
  }
  return checkReward(body.reward, height)
}
