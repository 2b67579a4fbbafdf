import { CheeseStack } from '../../../src/chain/stack.ts'
import type { Key } from '../../../src/chain/testing/maker.ts'
import type { Verifier } from '../../../src/chain/verifier.ts'
import { encodeBody, encodeHeader } from '../../../src/consensus/codec.ts'
import { bodyRoot } from '../../../src/consensus/merkle.ts'
import type { Header, Params } from '../../../src/consensus/types.ts'
import { openMemoryStore } from '../../../src/platform/store-memory.ts'
import { fromHex } from '../../../src/util/bytes.ts'
import { type Clock, silent } from '../../../src/util/ports.ts'
import type { Store, StoreOp } from '../../../src/util/store.ts'
import { SPACING, searchNonce, triesOf, USUAL_WORK } from './rules.ts'

/** What was before a simulation begins: a stack at its usual target, whose rewards went to the accounts. */
export interface History {
  readonly height: number
  /** When its last cheese was made, Unix seconds. */
  readonly time: number
  /** A store of its own with all of it, as every member has at the beginning. */
  store(): Promise<Store>
}

/** Cheeses at the usual pace, above those that brought the target down from the easiest one. */
const SETTLED = 30

/** Makes the cheeses that all members begin with, by the stack's own rules: quick ones until the target is the usual one, then one a minute. */
export async function makeHistory(params: Params, accounts: readonly Key[], verifier: Verifier): Promise<History> {
  const store = openMemoryStore()
  let time = params.blue.header.time
  const clock: Clock = { now: () => time * 1000, after: () => () => undefined }
  const stack = await CheeseStack.open({ store, params, clock, log: silent, verifier })
  let settled = 0
  while (settled < SETTLED || stack.tip.height < accounts.length + params.ripening) {
    const bits = stack.requiredBits()
    const isUsual = triesOf(bits) >= USUAL_WORK
    time = isUsual ? time + SPACING : Math.max(time, stack.medianTimePast()) + 1
    if (isUsual) settled++
    const height = stack.tip.height + 1
    const to = (accounts[height % accounts.length] as Key).address
    const body = { reward: { height, to, extra: new Uint8Array() }, transfers: [] }
    const preview = stack.previewRoot({ transfers: [] })
    if (!preview.ok) throw new Error(`bug: ${preview.error.message}`)
    const header: Header = {
      version: 1,
      parent: fromHex(stack.tip.smell),
      accountsRoot: preview.value.accountsRoot,
      bodyRoot: bodyRoot(body),
      time,
      bits,
      nonce: 0n,
    }
    const added = await stack.addCheese(encodeHeader(searchNonce(header)), encodeBody(body))
    if (!added.ok) throw new Error(`bug: ${added.error.message}`)
  }
  const { height } = stack.tip
  await stack.flush()
  await stack.close()
  const ops: StoreOp[] = []
  for await (const [key, value] of store.entries({})) ops.push({ type: 'put', key, value })
  return {
    height,
    time,
    async store() {
      const copy = openMemoryStore()
      await copy.batch(ops)
      return copy
    },
  }
}
