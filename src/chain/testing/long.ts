/** Stores with very long stacks, written straight into their keys: nothing in them was mined, and no body but the tip's is there. */
import { encodeBody, encodeHeader } from '../../consensus/codec.ts'
import { workOf } from '../../consensus/target.ts'
import type { Params, Smell } from '../../consensus/types.ts'
import { toHex } from '../../util/bytes.ts'
import type { Store, StoreOp } from '../../util/store.ts'
import { skipHeight } from '../header-index.ts'
import { bodyKey, headerKey, indexKey, placeKey, TIP_KEY, TREE_KEY, undoKey } from '../keys.ts'
import { encodeRecord, encodeTree, encodeU32, NO_FACTS } from '../records.ts'

/** The smell of the made-up cheese at `height`. */
export function longSmell(params: Params, height: number): Uint8Array {
  if (height === 0) return params.blueSmell
  const smell = new Uint8Array(32)
  // Multiplied by something odd, no two are the same, and they lie in no order.
  new DataView(smell.buffer).setUint32(0, Math.imul(height, 0x9e3779b1))
  return smell
}

export const longSmellHex = (params: Params, height: number): Smell => toHex(longSmell(params, height))

/** Puts `connected` cheeses, and `headers` more without bodies, on top of the blue cheese of a store that holds that alone. */
export async function writeLong(store: Store, params: Params, connected: number, headers: number): Promise<void> {
  const { bits, time } = params.blue.header
  const top = connected + headers
  const smells = Array.from({ length: top + 1 }, (_, height) => longSmell(params, height))
  const at = (height: number) => smells[height] as Uint8Array
  let ops: StoreOp[] = []
  for (let height = 1; height <= top; height++) {
    const smell = at(height)
    const header = {
      version: 1,
      parent: at(height - 1),
      accountsRoot: new Uint8Array(32),
      bodyRoot: new Uint8Array(32),
      time: time + 60 * height,
      bits,
      nonce: BigInt(height),
    }
    const state = height <= connected ? 'valid' : 'header'
    const record = { header: encodeHeader(header), work: workOf(bits) * BigInt(height + 1), order: height, state, complete: state === 'valid' } as const
    ops.push({ type: 'put', key: headerKey(height, smell), value: encodeRecord({ ...record, facts: NO_FACTS, code: undefined }) })
    const place = new Uint8Array(height % 2 === 0 ? 36 : 4)
    place.set(encodeU32(height))
    if (height % 2 === 0) place.set(at(skipHeight(height)), 4)
    ops.push({ type: 'put', key: placeKey(smell), value: place })
    if (height <= connected) ops.push({ type: 'put', key: indexKey(height), value: smell })
    if (ops.length > 10_000) {
      await store.batch(ops)
      ops = []
    }
  }
  const tip = at(connected)
  const body = encodeBody({ reward: { height: connected, to: new Uint8Array(20), extra: new Uint8Array() }, transfers: [] })
  const tree = { best: toHex(at(top)), bestComplete: toHex(tip), nextOrder: top + 1 }
  ops.push({ type: 'put', key: TIP_KEY, value: tip }, { type: 'put', key: TREE_KEY, value: encodeTree(tree) })
  if (connected > 0) ops.push({ type: 'put', key: bodyKey(tip), value: body }, { type: 'put', key: undoKey(tip), value: new Uint8Array() })
  await store.batch(ops)
}

/** A store that counts what is read of it. */
export function counting(store: Store): Store & { reads: number } {
  const counted = {
    ...store,
    reads: 0,
    get(key: Uint8Array) {
      counted.reads++
      return store.get(key)
    },
    entries(range: Parameters<Store['entries']>[0]) {
      const found = store.entries(range)
      return (async function* () {
        for await (const entry of found) {
          counted.reads++
          yield entry
        }
      })()
    },
  }
  return counted
}
