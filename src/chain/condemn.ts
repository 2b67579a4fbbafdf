/** Marking a cheese that breaks a rule, and all above it, however many those are; and what is best without them. */
import type { RuleCode } from '../consensus/errors.ts'
import type { Smell } from '../consensus/types.ts'
import { concatBytes, fromHex, toHex } from '../util/bytes.ts'
import type { Logger } from '../util/ports.ts'
import type { StoreOp } from '../util/store.ts'
import type { HeaderIndex } from './header-index.ts'
import { type HeaderNode, isBetter } from './header-node.ts'
import { bodyKey, CONDEMNING_KEY, headerRange, placeInKey, waitingKey } from './keys.ts'
import { Pacer } from './pause.ts'
import { damaged, decodeRecord, decodeU32, encodeRecord, encodeU32 } from './records.ts'

/** Headers marked in one batch. */
const PIECE = 500

/** What of the main stack it needs. */
export interface Condemning {
  readonly index: HeaderIndex
  readonly tip: HeaderNode
  readonly log: Logger
}

interface Culprit {
  readonly height: number
  readonly smell: Smell
  readonly code: RuleCode
}

/** Marks a cheese that breaks a rule for good, and all above it; their bodies are dropped. None of them is on the main stack. */
export async function condemn(core: Condemning, node: HeaderNode, code: RuleCode): Promise<void> {
  const above = (await finishing(core.index, () => mark(core, { height: node.height, smell: node.smell, code }))) - 1
  core.log.warn('a cheese breaks a rule', { height: node.height, smell: node.smell, rule: code, above })
}

/** Goes on where a crash, or a store that failed, cut a condemnation short. */
export async function resumeCondemning(core: Condemning): Promise<void> {
  const bytes = core.index.store.get(CONDEMNING_KEY)
  if (!bytes) return
  if (bytes.length < 36) throw damaged('a condemnation')
  const code = String.fromCharCode(...bytes.subarray(36)) as RuleCode
  await mark(core, { height: decodeU32(bytes.subarray(0, 4)), smell: toHex(bytes.subarray(4, 36)), code }, true)
}

/** Runs `job`, and remembers that it is not finished when it fails. */
export async function finishing<T>(index: HeaderIndex, job: () => Promise<T>): Promise<T> {
  try {
    return await job()
  } catch (error) {
    index.hasLooseEnds = true
    throw error
  }
}

/** Collects what is to be written for each marked header, piece by piece. */
class Piece {
  readonly #core: Condemning
  readonly #culprit: Culprit
  #ops: StoreOp[] = []
  #marked: { readonly smell: Smell; readonly waited: boolean }[] = []
  #isNoted = false
  count = 0
  /** Whether one of them was the best. */
  isBestLost = false

  constructor(core: Condemning, culprit: Culprit) {
    this.#core = core
    this.#culprit = culprit
  }

  get isFull(): boolean {
    return this.#marked.length >= PIECE
  }

  add(key: Uint8Array, value: Uint8Array): void {
    const { index } = this.#core
    const record = decodeRecord(value)
    const { smell: bytes } = placeInKey(key)
    const smell = toHex(bytes)
    const waited = record.state === 'body' && !record.complete
    this.#ops.push({ type: 'put', key, value: encodeRecord({ ...record, state: 'invalid', complete: false, code: this.#culprit.code }) })
    if (record.state === 'body' || record.state === 'valid') this.#ops.push({ type: 'del', key: bodyKey(bytes) })
    if (waited) this.#ops.push({ type: 'del', key: waitingKey(record.header.subarray(4, 36), bytes) })
    this.#marked.push({ smell, waited })
    this.count++
    if (smell === index.best.smell || smell === index.bestComplete.smell) this.isBestLost = true
  }

  /** @param isLast nothing comes after it: then the condemnation is only noted when the best has to be looked for as well */
  async flush(isLast: boolean): Promise<void> {
    const { index } = this.#core
    const { height, smell, code } = this.#culprit
    if (!isLast || this.isBestLost || this.#isNoted) {
      const text = Uint8Array.from(code, (letter) => letter.charCodeAt(0))
      this.#ops.push({ type: 'put', key: CONDEMNING_KEY, value: concatBytes(encodeU32(height), fromHex(smell), text) })
      this.#isNoted = true
    }
    await index.store.batch(this.#ops)
    for (const { smell, waited } of this.#marked) {
      const node = index.inUse(smell)
      if (node) Object.assign(node, { state: 'invalid', invalid: code, complete: false })
      if (waited) index.waiting--
    }
    this.#ops = []
    this.#marked = []
  }

  get isNoted(): boolean {
    return this.#isNoted
  }
}

/**
 * Marks the culprit and what stands on it, height by height; returns how many those are.
 * @param isResumed it was noted before, and may have lost the best then
 */
async function mark(core: Condemning, culprit: Culprit, isResumed = false): Promise<number> {
  const { index, tip } = core
  const piece = new Piece(core, culprit)
  let height = culprit.height
  let below = new Set<Smell>()
  let here = new Set<Smell>()
  for await (const [key, value] of index.store.entries(headerRange(height))) {
    const place = placeInKey(key)
    if (place.height > height) {
      if (here.size === 0) break
      height++
      below = here
      here = new Set()
    }
    const smell = toHex(place.smell)
    if (smell !== culprit.smell && !below.has(toHex(decodeRecord(value).header.subarray(4, 36)))) continue
    here.add(smell)
    piece.add(key, value)
    if (piece.isFull) await piece.flush(false)
  }
  await piece.flush(true)
  if (isResumed || piece.isNoted) {
    if (index.best.state === 'invalid') index.best = tip
    if (index.bestComplete.state === 'invalid') index.bestComplete = tip
    const found = await findBest(core)
    await index.store.batch([{ type: 'del', key: CONDEMNING_KEY }, index.treeOp(found)])
    index.best = found.best
    index.bestComplete = found.bestComplete
  }
  return piece.count
}

interface Candidate {
  readonly work: bigint
  readonly order: number
  readonly height: number
  readonly smell: Smell
}

/** Looks through all headers in the store: a second or so for a year of them, and only when the best turned out invalid. */
async function findBest({ index, tip }: Condemning): Promise<{ readonly best: HeaderNode; readonly bestComplete: HeaderNode }> {
  let best: Candidate = tip
  let complete: Candidate = tip
  const pacer = new Pacer()
  for await (const [key, value] of index.store.entries(headerRange(0))) {
    if (pacer.isLate) await pacer.pause()
    const { work, order, state, complete: isComplete } = decodeRecord(value)
    if (state === 'invalid' || work < tip.work) continue
    const candidate = { work, order, height: placeInKey(key).height, smell: toHex(placeInKey(key).smell) }
    if (isBetter(candidate, best)) best = candidate
    if (isComplete && isBetter(candidate, complete)) complete = candidate
  }
  // As good as the tip is not better.
  return { best: best.work === tip.work ? tip : index.at(best.height, best.smell), bestComplete: index.at(complete.height, complete.smell) }
}
