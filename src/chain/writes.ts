/** What is staged when a cheese comes onto the main stack, and when it is taken off. */
import { transferId } from '../consensus/hash.ts'
import type { Body, Params } from '../consensus/types.ts'
import type { Steps } from '../util/steps.ts'
import type { StoreOp } from '../util/store.ts'
import type { HeaderNode } from './header-node.ts'
import { indexKey, undoKey } from './keys.ts'

/** The ids of a body's transfers, in order, 32 bytes each. */
export function* idsSteps(body: Body, params: Pick<Params, 'blueSmell'>): Steps<Uint8Array[]> {
  const ids: Uint8Array[] = []
  for (const transfer of body.transfers) {
    ids.push(transferId(transfer, params))
    yield
  }
  return ids
}

/**
 * What follows from a cheese on top, besides the accounts and what is made of its body (indexes.ts).
 * @param undo as records.ts encodes it
 */
export function connectOps({ smellBytes: smell, height }: HeaderNode, undo: Uint8Array): StoreOp[] {
  return [
    { type: 'put', key: undoKey(smell), value: undo },
    { type: 'put', key: indexKey(height), value: smell },
  ]
}

/** What follows from taking the tip off, besides the same. */
export function disconnectOps({ smellBytes: smell, height }: HeaderNode): StoreOp[] {
  return [
    { type: 'del', key: undoKey(smell) },
    { type: 'del', key: indexKey(height) },
  ]
}
