import { AccountsOverlay, applyTransfer } from '../consensus/connect.ts'
import type { RuleError } from '../consensus/errors.ts'
import type { Account } from '../consensus/types.ts'
import { formatCheese } from '../util/amount.ts'
import { fromHex } from '../util/bytes.ts'
import { err, ok, type Result } from '../util/result.ts'
import { fromRule, type MempoolError, mempoolError } from './errors.ts'
import { feeAt, type Policy } from './policy.ts'
import type { MempoolChain } from './ports.ts'
import type { Waiting } from './waiting.ts'

/** What a candidate is held against. */
export interface Situation {
  readonly chain: MempoolChain
  readonly policy: Policy
  /** The sender's line, without what the stack has spent. */
  readonly line: readonly Waiting[]
  /** How many of the sender's are kept because they came too early. */
  readonly early: number
  /** Least fee rate at this moment, crumbs a byte. */
  readonly minRate: number
}

/** What taking the candidate means: a new line for its sender, or keeping it until the gap before it is filled. */
export type Plan =
  | {
      readonly kind: 'line'
      readonly items: readonly Waiting[]
      readonly account: Account | undefined
      /** The one with its sequence that it takes the place of. */
      readonly replaced: Waiting | undefined
      /** Those behind it that no longer fit the balance. */
      readonly evicted: readonly Waiting[]
    }
  | { readonly kind: 'early' }

/** Whether a transfer cannot be in the next cheese for its expiry. */
export function expiredBy(item: Waiting, nextHeight: number): boolean {
  const { expiry } = item.transfer
  return expiry !== 0 && expiry < nextHeight
}

/**
 * How many of a sender's transfers can be in the next cheese, one after the other, on top of the stack alone: what others
 * pay to the sender counts when it is confirmed. Since everything that others do can only add to an account, transfers
 * that fit by themselves fit in every order that keeps each sender's sequence.
 */
export function howManyFit(chain: MempoolChain, items: readonly Waiting[]): { readonly count: number; readonly broken?: RuleError } {
  const overlay = new AccountsOverlay({ get: (address) => chain.account(address) })
  const height = chain.height() + 1
  for (const [count, { transfer }] of items.entries()) {
    const broken = applyTransfer(overlay, transfer, height)
    if (broken) return { count, broken }
  }
  return { count: items.length }
}

/** What taking `item` would mean, or why it may not wait; everything but its shape and signature is looked at. */
export function planFor(item: Waiting, situation: Situation): Result<Plan, MempoolError> {
  const { chain, policy, line } = situation
  const { sequence } = item.transfer
  const account = chain.account(fromHex(item.sender))
  const next = account?.sequence ?? 0
  const unfit = checkExpiry(item, chain.height() + 1, policy) ?? checkFee(item, situation.minRate)
  if (unfit) return err(unfit)
  if (sequence < next) {
    return err(mempoolError('sequence-used', `The sequence ${sequence} is spent already, the sender's next is ${next + line.length}. Make a new transfer.`))
  }
  if (line[0] && line[0].transfer.sequence !== next) {
    return err(mempoolError('sequence-far', 'A cheese is just being taken off the stack. Try again in a moment.'))
  }
  const at = sequence - next
  if (at > line.length) return planEarly(item, situation, account)
  if (at === line.length && line.length >= policy.maxPerSender) {
    return err(mempoolError('too-many', `The sender has ${line.length} waiting transfers, and no more may wait. Try again when some are in a cheese.`))
  }

  const wanted = [...line.slice(0, at), item, ...line.slice(at + 1)]
  const { count, broken } = howManyFit(chain, wanted)
  if (broken && count <= at) return err(fromRule(broken))
  const replaced = line[at]
  const evicted = wanted.slice(count)
  if (replaced) {
    const outbid = [replaced, ...evicted].reduce((sum, { transfer }) => sum + transfer.fee, 0n) + feeAt(policy.minFeeRate, item.size)
    if (item.transfer.fee < outbid) {
      return err(
        mempoolError('replacement-fee', `Another transfer with the sequence ${sequence} waits; to replace it takes a fee of ${outbid} crumbs.`, {
          fee: outbid,
        }),
      )
    }
  }
  return ok({ kind: 'line', items: wanted.slice(0, count), account, replaced, evicted })
}

function checkExpiry(item: Waiting, nextHeight: number, policy: Policy): MempoolError | undefined {
  const { expiry } = item.transfer
  if (expiredBy(item, nextHeight)) {
    return mempoolError('expired', `The transfer was good up to height ${expiry}, and the next cheese is at ${nextHeight}. Make a new one.`)
  }
  // Our own user may try; others are spared what would travel for nothing.
  if (!item.local && expiry !== 0 && expiry < nextHeight + policy.expiryMargin - 1) {
    return mempoolError('expires-soon', `The transfer expires at height ${expiry}, too soon after ${nextHeight}, the next. Give it a later expiry.`)
  }
  return undefined
}

function checkFee(item: Waiting, minRate: number): MempoolError | undefined {
  const least = feeAt(minRate, item.size)
  if (item.transfer.fee >= least) return undefined
  return mempoolError(
    'fee-too-low',
    `The fee of ${formatCheese(item.transfer.fee)} cheese is too low: a transfer of ${item.size} bytes takes at least ${formatCheese(least)} now.`,
    { fee: least },
  )
}

function planEarly(item: Waiting, { policy, line, early }: Situation, account: Account | undefined): Result<Plan, MempoolError> {
  const { sequence } = item.transfer
  const next = account?.sequence ?? 0
  if (sequence - next >= policy.maxPerSender) {
    return err(mempoolError('sequence-far', `The sequence ${sequence} is too far ahead of ${next}, the next in the stack. Send the transfers before it first.`))
  }
  if (line.length + early >= policy.maxPerSender) {
    return err(mempoolError('too-many', `The sender has ${line.length + early} waiting transfers, and no more may wait. Try again when some are in a cheese.`))
  }
  // Only who has crumbs to lose may take room here.
  const balance = account?.balance ?? 0n
  if (item.debit > balance) {
    return err(mempoolError('balance', `The transfer takes ${item.debit} crumbs from an account of ${balance}. Send less, or wait until more is confirmed.`))
  }
  return ok({ kind: 'early' })
}
