/** What is staged when a cheese comes onto the main stack, and when it is taken off. In steps: a cheese may hold thousands of transfers. */
import { transferId } from '../consensus/hash.ts'
import type { AccountChanges, Body, Params } from '../consensus/types.ts'
import type { Steps } from '../util/steps.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { addActivitySteps, removeActivitySteps } from './activity.ts'
import type { HeaderNode } from './header-node.ts'
import { indexKey, TIP_KEY, transferKey, undoKey } from './keys.ts'
import { encodePair, encodeUndoSteps } from './records.ts'

/** A body with its transfers' ids in order, 32 bytes each. */
export interface LoadedBody {
  readonly body: Body
  readonly ids: readonly Uint8Array[]
}

export interface Written {
  readonly store: Store
  readonly node: HeaderNode
  readonly loaded: LoadedBody
}

/** The ids of a body's transfers. */
export function* idsSteps(body: Body, params: Pick<Params, 'blueSmell'>): Steps<Uint8Array[]> {
  const ids: Uint8Array[] = []
  for (const transfer of body.transfers) {
    ids.push(transferId(transfer, params))
    yield
  }
  return ids
}

/**
 * What follows from a cheese on top, besides the accounts.
 * @param more.rewardAmount subsidy and fees
 */
export function* connectSteps({ store, node, loaded }: Written, more: { readonly undo: AccountChanges; readonly rewardAmount: bigint }): Steps<StoreOp[]> {
  const { smellBytes: smell, height } = node
  const ops: StoreOp[] = [
    { type: 'put', key: undoKey(smell), value: yield* encodeUndoSteps(more.undo) },
    { type: 'put', key: indexKey(height), value: smell },
  ]
  for (const [position, id] of loaded.ids.entries()) {
    ops.push({ type: 'put', key: transferKey(id), value: encodePair(height, position) })
    yield
  }
  for (const op of yield* addActivitySteps(store, loaded.body, loaded.ids, more.rewardAmount)) ops.push(op)
  ops.push({ type: 'put', key: TIP_KEY, value: smell })
  return ops
}

/** What follows from taking the tip off, besides the accounts. */
export function* disconnectSteps({ store, node, loaded }: Written, parent: HeaderNode): Steps<StoreOp[]> {
  const { smellBytes: smell, height } = node
  const ops: StoreOp[] = [
    { type: 'del', key: undoKey(smell) },
    { type: 'del', key: indexKey(height) },
  ]
  for (const id of loaded.ids) {
    ops.push({ type: 'del', key: transferKey(id) })
    yield
  }
  for (const op of yield* removeActivitySteps(store, loaded.body, loaded.ids)) ops.push(op)
  ops.push({ type: 'put', key: TIP_KEY, value: parent.smellBytes })
  return ops
}
