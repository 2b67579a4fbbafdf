import { NEW_ACCOUNT_MINIMUM } from '../consensus/connect.ts'
import type { Account } from '../consensus/types.ts'
import { fromHex } from '../util/bytes.ts'
import { howManyFit } from './admission.ts'
import type { RemovedReason } from './errors.ts'
import type { MempoolChain } from './ports.ts'
import type { Waiting } from './waiting.ts'

export interface RebuildInput {
  readonly chain: MempoolChain
  /** The sender's line as it was; not empty, or `others` is not. */
  readonly line: readonly Waiting[]
  /** The sender's transfers from elsewhere: kept as early, or returned from disconnected cheeses. */
  readonly others: readonly Waiting[]
  /** Whether its time is over. */
  readonly over: (item: Waiting) => boolean
  /** Whether this very transfer is in one of the cheeses that were just connected. */
  readonly confirmed: (item: Waiting) => boolean
}

export interface Rebuilt {
  /** The line as it is now. */
  readonly items: readonly Waiting[]
  readonly account: Account | undefined
  /** Why each that was in the line is not any more. */
  readonly left: ReadonlyMap<Waiting, RemovedReason>
  /** What may come alive again: behind a gap, or not covered at present. */
  readonly later: readonly Waiting[]
}

/** A sender's line on top of the stack as it is now, from everything that is known of that sender. */
export function rebuildLine({ chain, line, others, over, confirmed }: RebuildInput): Rebuilt {
  const sender = (line[0] ?? others[0])?.sender ?? ''
  const account = chain.account(fromHex(sender))
  const next = account?.sequence ?? 0

  const left = new Map<Waiting, RemovedReason>()
  const slots = new Map<number, Waiting>()
  for (const item of [...line, ...others]) {
    const { sequence, fee } = item.transfer
    if (sequence < next) left.set(item, confirmed(item) ? 'confirmed' : 'conflict')
    else if (over(item)) left.set(item, 'expired')
    else {
      const rival = slots.get(sequence)
      if (rival && rival.transfer.fee >= fee) left.set(item, 'replaced')
      else {
        if (rival) left.set(rival, 'replaced')
        slots.set(sequence, item)
      }
    }
  }

  const run: Waiting[] = []
  for (let item = slots.get(next); item; item = slots.get(next + run.length)) run.push(item)
  const { count } = howManyFit(chain, run)
  const items = run.slice(0, count)
  const standing = new Set(items)
  const later = [...slots.values()].filter((item) => !standing.has(item))
  for (const item of later) left.set(item, item === run[count] ? 'invalid' : 'evicted')
  return { items, account, left, later }
}

/** Whether two states of an account are the same. */
export function sameAccount(a: Account | undefined, b: Account | undefined): boolean {
  return a?.balance === b?.balance && a?.sequence === b?.sequence
}

/** Whether one of `items` pays so little that it needs its payee's account to be there already. */
export function dependsOnPayees(items: readonly Waiting[]): boolean {
  return items.some(({ transfer }) => transfer.payments.some(({ amount }) => amount < NEW_ACCOUNT_MINIMUM))
}
