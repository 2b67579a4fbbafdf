import { encodeBody, encodeHeader } from '../consensus/codec.ts'
import { workOf } from '../consensus/target.ts'
import type { Params } from '../consensus/types.ts'
import { concatBytes, equalBytes, toHex } from '../util/bytes.ts'
import type { Logger } from '../util/ports.ts'
import type { Store } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'
import { encodeUtf8 } from '../util/utf8.ts'
import { tieLooseEnds } from './choose.ts'
import { StackCore } from './core.ts'
import { HeaderIndex } from './header-index.ts'
import type { HeaderNode } from './header-node.ts'
import type { BadSignature } from './judge.ts'
import { bodyKey, DAMAGED_KEY, FORMAT_KEY, headerKey, indexKey, placeKey, SCHEMA, TIP_KEY, TREE_KEY, undoKey } from './keys.ts'
import { MIGRATIONS } from './migrate.ts'
import { damaged, decodeTree, decodeU32, encodeRecord, encodeTree, encodeU32, type HeaderRecord } from './records.ts'

/** Cheeses from the tip down that are looked at when a stack is opened. */
const RECENT = 1000

function formatOf(params: Params, schema: number): Uint8Array {
  return concatBytes(encodeU32(schema), params.blueSmell, encodeUtf8(params.network))
}

/** Makes a store of nothing but the blue cheese. */
async function initialise(store: Store, params: Params): Promise<void> {
  for await (const _entry of store.entries({ limit: 1 })) throw damaged('its format is not recorded')
  const { header, body } = params.blue
  const bytes = encodeBody(body)
  const record: HeaderRecord = {
    header: encodeHeader(header),
    work: workOf(header.bits),
    order: 0,
    state: 'valid',
    complete: true,
    facts: { size: bytes.length, transfers: 0, rewardTo: body.reward.to, rewardAmount: 0n },
    code: undefined,
  }
  const smell = params.blueSmell
  await store.batch(
    [
      { type: 'put', key: FORMAT_KEY, value: formatOf(params, SCHEMA) },
      { type: 'put', key: headerKey(0, smell), value: encodeRecord(record) },
      { type: 'put', key: placeKey(smell), value: encodeU32(0) },
      { type: 'put', key: TREE_KEY, value: encodeTree({ best: params.blueSmellHex, bestComplete: params.blueSmellHex, nextOrder: 1 }) },
      { type: 'put', key: bodyKey(smell), value: bytes },
      { type: 'put', key: indexKey(0), value: smell },
      { type: 'put', key: TIP_KEY, value: smell },
    ],
    { sync: true },
  )
}

/** The schema of a store of this network. */
function checkFormat(format: Uint8Array, params: Params): number {
  if (format.length < 36) throw damaged('its format')
  const schema = decodeU32(format.subarray(0, 4))
  if (schema > SCHEMA) {
    throw new StoreError('newer-schema', 'The stored stack was written by a newer Cheese Stack. Update this one, or choose another data folder.')
  }
  if (equalBytes(format, formatOf(params, schema))) return schema
  const network = String.fromCharCode(...format.subarray(36, 56)).replace(/[^a-z]/g, '?')
  const which = equalBytes(format.subarray(4, 36), params.blueSmell)
    ? `an older ${network}`
    : network === params.network
      ? `another ${network} network`
      : `the network ${network}`
  throw new StoreError('other-network', `The stored stack is of ${which}, not of ${params.network}. Choose that network, or another data folder.`)
}

/** Each step ends with one batch that raises the schema. */
async function migrate(store: Store, params: Params, log: Logger, from: number): Promise<void> {
  for (let schema = from; schema < SCHEMA; schema++) {
    const step = MIGRATIONS.find((migration) => migration.from === schema)
    if (!step) throw damaged('its format')
    const ops = await step.run(store, params, log)
    await store.batch([...ops, { type: 'put', key: FORMAT_KEY, value: formatOf(params, schema + 1) }], { sync: true })
  }
}

/** What can be seen at once of whether the last batch came whole, and of whether the latest cheeses can be read. */
function checkTip(core: StackCore): void {
  const { store, tip } = core
  const blue = core.index.at(0, core.params.blueSmellHex)
  for (let node: HeaderNode | undefined = tip; node && node.height > tip.height - RECENT; node = node.parent) {
    const index = store.get(indexKey(node.height))
    if (!index || toHex(index) !== node.smell) throw damaged('the index of heights')
    if (node.state !== 'valid' || (node.height === 0 && node !== blue)) throw damaged(`the cheese at height ${node.height}`)
  }
  if (store.get(indexKey(tip.height + 1))) throw damaged('the index of heights')
  if (tip.height > 0 && !store.get(undoKey(tip.smellBytes))) throw damaged(`the undo at height ${tip.height}`)
  core.loadedBody(tip)
  if (!equalBytes(core.accounts.root(), tip.header.accountsRoot)) throw damaged(`the accounts at height ${tip.height}`)
}

/**
 * Opens the stack in `store`, or begins one in an empty store; one of an older schema is migrated first. Reads the latest
 * cheeses and no more. Throws a `StoreError`: `other-network`, `newer-schema`, `damaged`.
 */
export async function openCore(init: {
  readonly store: Store
  readonly params: Params
  readonly log: Logger
  readonly badSignature: BadSignature
  readonly headersInMemory?: number | undefined
  readonly cacheBytes?: number | undefined
}): Promise<StackCore> {
  const { store, params } = init
  const format = store.get(FORMAT_KEY)
  if (format) await migrate(store, params, init.log, checkFormat(format, params))
  else await initialise(store, params)
  // Opening reads the latest cheeses alone: damage below is found when something needs what is there.
  if (store.get(DAMAGED_KEY)) throw damaged('as was found when it was last open')
  const index = new HeaderIndex(store, init.headersInMemory)
  const smell = store.get(TIP_KEY)
  const tip = smell && index.get(toHex(smell))
  if (!tip) throw damaged('its tip')
  index.restore(decodeTree(store.get(TREE_KEY)))
  const core = new StackCore({ ...init, index, tip })
  checkTip(core)
  await tieLooseEnds(core)
  // Of two as good, the one that we are on.
  if (index.best.work === tip.work) index.best = tip
  return core
}
