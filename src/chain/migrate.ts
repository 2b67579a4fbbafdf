/** Brings a store that an older Cheese Stack wrote up to the present schema: each step by itself, in pieces, and on from where it was cut short. */
import type { Params } from '../consensus/types.ts'
import { concatBytes, equalBytes, fromHex, toHex } from '../util/bytes.ts'
import type { Logger } from '../util/ports.ts'
import type { Store, StoreOp } from '../util/store.ts'
import { HeaderIndex } from './header-index.ts'
import { type HeaderNode, isBetter } from './header-node.ts'
import { headerRange, MIGRATING_KEY, placeInKey, TREE_KEY, waitingKey } from './keys.ts'
import { Pacer } from './pause.ts'
import { damaged, decodeRecord, decodeTree, decodeU32, encodeRecord, encodeTree, encodeU32, type HeaderRecord } from './records.ts'

export interface Migration {
  /** The schema that it starts from; the next one is what it leads to. */
  readonly from: number
  /** Does all of it but raising the schema, which is written in one batch with what is returned. `piece`: entries in one batch. */
  run(store: Store, params: Params, log: Logger, piece?: number): Promise<readonly StoreOp[]>
}

/** Headers in one batch. */
const PIECE = 1000

/**
 * 1 → 2: where each header lies ('s'), whether a body is complete (in 'h'), which bodies wait ('w'), which branches are
 * best ('q'). Until then all headers were read into memory at each start, and all this was worked out there.
 */
const findableHeaders: Migration = {
  from: 1,
  async run(store, params, log, piece = PIECE) {
    log.info('the stored stack is brought up to date; this happens once')
    const index = new HeaderIndex(store)
    const under = store.get(MIGRATING_KEY)
    const from = under ? decodeU32(under.subarray(0, 4)) : 0
    const tree = under ? decodeTree(under.subarray(4)) : undefined
    let best = tree && index.get(tree.best)
    let bestComplete = tree && index.get(tree.bestComplete)
    let nextOrder = tree?.nextOrder ?? 1
    let ops: StoreOp[] = []
    let fresh: HeaderNode[] = []
    const written = () => encodeTree({ best: (best as HeaderNode).smell, bestComplete: (bestComplete as HeaderNode).smell, nextOrder })
    const flush = async (height: number) => {
      await store.batch([...ops, { type: 'put', key: MIGRATING_KEY, value: concatBytes(encodeU32(height), written()) }])
      index.settle(fresh)
      ops = []
      fresh = []
    }
    const pacer = new Pacer()
    for await (const [key, value] of store.entries(headerRange(from))) {
      if (pacer.isLate) await pacer.pause()
      const { height, smell } = placeInKey(key)
      const record = decodeRecord(value)
      const node = prepared(index, params, height, smell, record)
      fresh.push(node)
      ops.push(index.placeOp(node))
      if (node.hasBody && !node.complete) ops.push({ type: 'put', key: waitingKey(fromHex(node.parentSmell), smell), value: encodeU32(height) })
      if (node.state === 'body' && node.complete) ops.push({ type: 'put', key, value: encodeRecord({ ...record, complete: true }) })
      nextOrder = Math.max(nextOrder, node.order + 1)
      if (node.state !== 'invalid' && (!best || isBetter(node, best))) best = node
      if (node.complete && (!bestComplete || isBetter(node, bestComplete))) bestComplete = node
      // What is at this height already is done again after a crash, and is the same.
      if (fresh.length >= piece) await flush(height)
    }
    if (!best || !bestComplete) throw damaged('its headers')
    return [...ops, { type: 'put', key: TREE_KEY, value: written() }, { type: 'del', key: MIGRATING_KEY }]
  },
}

/** The node of a record of schema 1. Its ancestors are in the index already: heights come in order. */
function prepared(index: HeaderIndex, params: Params, height: number, smell: Uint8Array, record: HeaderRecord): HeaderNode {
  const { work, order, state, code, header } = record
  if (height === 0 && !equalBytes(smell, params.blueSmell)) throw damaged('another blue cheese')
  const parent = height === 0 ? undefined : index.at(height - 1, toHex(header.subarray(4, 36)))
  const complete = (state === 'body' || state === 'valid') && (parent?.complete ?? true)
  return index.prepare({ smell: toHex(smell), header, height, work, order, state, complete, invalid: code })
}

export const MIGRATIONS: readonly Migration[] = [findableHeaders]
