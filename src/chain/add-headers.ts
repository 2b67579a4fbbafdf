import { encodeHeader } from '../consensus/codec.ts'
import { type RuleError, ruleError } from '../consensus/errors.ts'
import { smellHex } from '../consensus/hash.ts'
import { checkHeader } from '../consensus/header.ts'
import { workOf } from '../consensus/target.ts'
import type { Header, Smell } from '../consensus/types.ts'
import { toHex } from '../util/bytes.ts'
import type { Clock } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { StoreOp } from '../util/store.ts'
import { contextOn } from './branches.ts'
import type { StackCore } from './core.ts'
import type { HeaderIndex } from './header-index.ts'
import type { HeaderEntry, HeaderNode } from './header-node.ts'
import { headerKey } from './keys.ts'
import { Pacer } from './pause.ts'
import { encodeRecord, NO_FACTS } from './records.ts'

export interface AddedHeaders {
  /** Those that were new, in order. */
  readonly added: readonly HeaderEntry[]
  /** The first that comes from too far ahead of our clock: it and those after it were not stored. Try again later. */
  readonly early: RuleError | undefined
}

/** Adds headers, each on a header that is there or on the one before. Those before the first bad one are kept. */
export async function addHeaders(core: StackCore, clock: Clock, headers: readonly Header[]): Promise<Result<AddedHeaders, RuleError>> {
  const { index, store } = core
  const fresh = new Map<Smell, HeaderNode>()
  let outcome: Result<{ early: RuleError | undefined }, RuleError>
  let { best } = index
  try {
    outcome = await prepareAll(core, clock, headers, fresh)
    const ops: StoreOp[] = []
    for (const node of fresh.values()) {
      const { height, smellBytes, headerBytes, work, order, state, complete } = node
      const record = { header: headerBytes, work, order, state, complete, facts: NO_FACTS, code: undefined }
      ops.push({ type: 'put', key: headerKey(height, smellBytes), value: encodeRecord(record) }, index.placeOp(node))
      if (work > best.work) best = node
    }
    if (ops.length > 0) await store.batch([...ops, index.treeOp({ best })])
  } catch (error) {
    index.giveUp(fresh.values())
    throw error
  }
  const added = index.settle(fresh.values())
  index.best = index.at(best.height, best.smell)
  return outcome.ok ? ok({ added, early: outcome.value.early }) : outcome
}

/** Checks headers up to the first that is not to be taken; `fresh` gets those that are new, in order. */
async function prepareAll(
  core: StackCore,
  clock: Clock,
  headers: readonly Header[],
  fresh: Map<Smell, HeaderNode>,
): Promise<Result<{ early: RuleError | undefined }, RuleError>> {
  const { index } = core
  const pacer = new Pacer()
  for (const header of headers) {
    if (pacer.isLate) await pacer.pause()
    const smell = smellHex(header)
    const known = fresh.get(smell) ?? index.get(smell)
    if (known && known.state !== 'invalid') continue
    const parentSmell = toHex(header.parent)
    const parent = known ?? fresh.get(parentSmell) ?? index.get(parentSmell)
    const broken = checked(core, clock, header, parent)
    if (broken) return broken.fault === 'early' ? ok({ early: broken }) : err(broken)
    fresh.set(smell, prepare(index, smell, header, parent as HeaderNode))
  }
  return ok({ early: undefined })
}

/** @param parent what the header stands on, or itself when it is known to be invalid */
function checked(core: StackCore, clock: Clock, header: Header, parent: HeaderNode | undefined): RuleError | undefined {
  if (!parent) return ruleError('header-parent', `no cheese with the parent's smell ${toHex(header.parent)} is known`)
  if (parent.state === 'invalid') return invalidError(parent)
  const context = contextOn(parent)
  const { params } = core
  // Without our clock first: only a header with its work done is worth waiting for.
  return checkHeader(header, context, params) ?? checkHeader(header, { ...context, now: Math.floor(clock.now() / 1000) }, params)
}

function prepare(index: HeaderIndex, smell: Smell, header: Header, parent: HeaderNode): HeaderNode {
  const work = parent.work + workOf(header.bits)
  const order = index.takeOrder()
  const height = parent.height + 1
  return index.prepare({ smell, header: encodeHeader(header), height, work, order, state: 'header', complete: false, invalid: undefined })
}

/** What is said of a cheese that is known to be invalid. */
export function invalidError(node: HeaderNode): RuleError {
  return ruleError(node.invalid ?? 'accounts-root', `the cheese ${node.smell} at height ${node.height} is known to be invalid`)
}
