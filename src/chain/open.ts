import { encodeBody, encodeHeader, HEADER_BYTES } from '../consensus/codec.ts'
import { workOf } from '../consensus/target.ts'
import type { Params } from '../consensus/types.ts'
import { concatBytes, equalBytes, toHex } from '../util/bytes.ts'
import type { Logger } from '../util/ports.ts'
import type { Store } from '../util/store.ts'
import { StoreError } from '../util/store-error.ts'
import { encodeUtf8 } from '../util/utf8.ts'
import { headerLoader, StackCore } from './core.ts'
import { HeaderIndex, HeaderNode } from './header-index.ts'
import type { BadSignature } from './judge.ts'
import { bodyKey, FORMAT_KEY, headerKey, headerRange, indexKey, placeInKey, SCHEMA, TIP_KEY, undoKey } from './keys.ts'
import { pause } from './pause.ts'
import { damaged, decodeRecord, decodeU32, encodeRecord, encodeU32, type HeaderRecord } from './records.ts'

/** Headers read between two turns of the event loop. */
const TURN = 2000

function formatOf(params: Params): Uint8Array {
  return concatBytes(encodeU32(SCHEMA), params.blueSmell, encodeUtf8(params.network))
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
    facts: { size: bytes.length, transfers: 0, rewardTo: body.reward.to, rewardAmount: 0n },
    code: undefined,
  }
  const smell = params.blueSmell
  await store.batch(
    [
      { type: 'put', key: FORMAT_KEY, value: formatOf(params) },
      { type: 'put', key: headerKey(0, smell), value: encodeRecord(record) },
      { type: 'put', key: bodyKey(smell), value: bytes },
      { type: 'put', key: indexKey(0), value: smell },
      { type: 'put', key: TIP_KEY, value: smell },
    ],
    { sync: true },
  )
}

function checkFormat(format: Uint8Array, params: Params): void {
  if (format.length < 36) throw damaged('its format')
  const schema = decodeU32(format.subarray(0, 4))
  if (schema > SCHEMA) {
    throw new StoreError('newer-schema', 'The stored stack was written by a newer Cheese Stack. Update this one, or choose another data folder.')
  }
  if (equalBytes(format, formatOf(params))) return
  const network = String.fromCharCode(...format.subarray(36, 56)).replace(/[^a-z]/g, '?')
  const which = equalBytes(format.subarray(4, 36), params.blueSmell)
    ? `an older ${network}`
    : network === params.network
      ? `another ${network} network`
      : `the network ${network}`
  throw new StoreError('other-network', `The stored stack is of ${which}, not of ${params.network}. Choose that network, or another data folder.`)
}

/** Reads every header into memory, parents first, which the keys' order gives. */
async function loadIndex(store: Store, params: Params): Promise<{ index: HeaderIndex; nextOrder: number }> {
  const load = headerLoader(store)
  let index: HeaderIndex | undefined
  let nextOrder = 1
  let count = 0
  for await (const [key, value] of store.entries(headerRange(0))) {
    const { height, smell } = placeInKey(key)
    const record = decodeRecord(value)
    const header = new DataView(record.header.buffer, record.header.byteOffset, HEADER_BYTES)
    const parent = index?.get(toHex(record.header.subarray(4, 36)))
    if (height === 0 ? index !== undefined || !equalBytes(smell, params.blueSmell) : !parent || parent.height !== height - 1) {
      throw damaged(`the header ${toHex(smell)} at height ${height}`)
    }
    const { work, order, state, code } = record
    const time = header.getUint32(100)
    const bits = header.getUint32(104)
    const node = new HeaderNode({ smell: toHex(smell), parent, height, time, bits, work, order, state, invalid: code }, load)
    node.complete = node.hasBody && (parent?.complete ?? true)
    if (index) index.add(node)
    else index = new HeaderIndex(node)
    nextOrder = Math.max(nextOrder, order + 1)
    if (++count % TURN === 0) await pause()
  }
  if (!index) throw damaged('its headers')
  return { index, nextOrder }
}

/** The main stack by height, down from the stored tip. */
function loadMain(store: Store, index: HeaderIndex): HeaderNode[] {
  const smell = store.get(TIP_KEY)
  const tip = smell && index.get(toHex(smell))
  if (!tip) throw damaged('its tip')
  const main: HeaderNode[] = []
  for (let node: HeaderNode | undefined = tip; node; node = node.parent) {
    if (node.state !== 'valid') throw damaged(`the cheese at height ${node.height}`)
    main.push(node)
  }
  return main.reverse()
}

/** What can be seen at once of whether the last batch came whole. */
function checkTip(core: StackCore): void {
  const { store, tip } = core
  const index = store.get(indexKey(tip.height))
  if (!index || toHex(index) !== tip.smell || store.get(indexKey(tip.height + 1))) throw damaged('the index of heights')
  if (tip.height > 0 && !store.get(undoKey(tip.smellBytes))) throw damaged(`the undo at height ${tip.height}`)
  core.loadedBody(tip)
  if (!equalBytes(core.accounts.root(), tip.header.accountsRoot)) throw damaged(`the accounts at height ${tip.height}`)
}

/** Opens the stack in `store`, or begins one in an empty store. Throws a `StoreError`: `other-network`, `newer-schema`, `damaged`. */
export async function openCore(init: {
  readonly store: Store
  readonly params: Params
  readonly log: Logger
  readonly badSignature: BadSignature
}): Promise<StackCore> {
  const { store, params } = init
  const format = store.get(FORMAT_KEY)
  if (format) checkFormat(format, params)
  else await initialise(store, params)
  const { index, nextOrder } = await loadIndex(store, params)
  const main = loadMain(store, index)
  const bestComplete = index.findBest((node) => node.complete)
  const core = new StackCore({ ...init, index, main, bestComplete, nextOrder })
  checkTip(core)
  const best = index.findBest((node) => node.state !== 'invalid')
  index.setBest(best.work === core.tip.work ? core.tip : best)
  return core
}
