import { encodeHeader } from '../consensus/codec.ts'
import type { RuleError } from '../consensus/errors.ts'
import { sha256, smellHex } from '../consensus/hash.ts'
import { checkHeader, type HeaderContext, MEDIAN_SPAN } from '../consensus/header.ts'
import { workOf } from '../consensus/target.ts'
import type { Header, Params } from '../consensus/types.ts'
import { equalBytes, fromHex } from '../util/bytes.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { ChainEntry } from './ports.ts'

/** How far below our tip a branch may end and still be stored, in cheeses of the tip's work. */
export const ALLOWED_LAG = 144n
/** Digests kept at most: one a batch, so some 200 million headers. */
const MAX_BATCHES = 100_000

/** The work that a branch must show before any of it is stored: our tip's less 144 cheeses. */
export function storeThreshold(tip: ChainEntry): bigint {
  return tip.work - ALLOWED_LAG * workOf(tip.bits)
}

type Ancestor = { readonly time: number; readonly bits: number }

/** Checks a run of headers one after the other, remembering only what the next one depends on. */
class HeaderWalk {
  readonly #params: Params
  #height: number
  #parentSmell: Uint8Array
  #ancestors: Ancestor[]

  constructor(from: ChainEntry, params: Params) {
    this.#params = params
    this.#height = from.height
    this.#parentSmell = fromHex(from.smell)
    this.#ancestors = []
    for (let at: ChainEntry | undefined = from; at && this.#ancestors.length < MEDIAN_SPAN; at = at.parent)
      this.#ancestors.push({ time: at.time, bits: at.bits })
  }

  next(header: Header, now: number): RuleError | undefined {
    const [parent, grandparent] = this.#ancestors
    if (!parent) throw new Error('bug: a walk without a start')
    const context: HeaderContext = {
      height: this.#height + 1,
      parentSmell: this.#parentSmell,
      parent,
      ...(grandparent ? { grandparent } : {}),
      ancestorTimes: this.#ancestors.map((ancestor) => ancestor.time),
      now,
    }
    const broken = checkHeader(header, context, this.#params)
    if (broken) return broken
    this.#height++
    this.#parentSmell = fromHex(smellHex(header))
    this.#ancestors = [{ time: header.time, bits: header.bits }, ...this.#ancestors].slice(0, MEDIAN_SPAN)
    return undefined
  }

  get height(): number {
    return this.#height
  }
}

/**
 * The first pass over a branch that has not shown enough work yet: every header is checked and thrown away. Only a digest
 * of each batch is kept, so that the second pass, in which they are stored, takes the very same headers and no others.
 */
export class Presync {
  /** The stored header that the branch leaves from. */
  readonly start: ChainEntry
  readonly #threshold: bigint
  readonly #walk: HeaderWalk
  readonly #batches: { readonly count: number; readonly digest: Uint8Array }[] = []
  #work: bigint
  #passed = 0

  constructor(tip: ChainEntry, start: ChainEntry, params: Params) {
    this.start = start
    this.#threshold = storeThreshold(tip)
    this.#work = start.work
    this.#walk = new HeaderWalk(start, params)
  }

  /** Height up to which headers were checked. */
  get height(): number {
    return this.#walk.height
  }

  /** First pass. `enough`: the branch has the work; ask for it again from `start` and give it to `pass`. */
  check(headers: readonly Header[], now: number): Result<'more' | 'enough', RuleError | 'too-long'> {
    for (const header of headers) {
      const broken = this.#walk.next(header, now)
      if (broken) return err(broken)
      this.#work += workOf(header.bits)
    }
    if (this.#batches.length >= MAX_BATCHES) return err('too-long')
    this.#batches.push({ count: headers.length, digest: digestOf(headers) })
    return ok(this.#work > this.#threshold ? 'enough' : 'more')
  }

  /** Second pass: whether these continue what was checked. What lies beyond the first pass is for the caller to judge as any other. */
  pass(headers: readonly Header[]): 'same' | 'other' | 'finished' {
    const batch = this.#batches[this.#passed]
    if (!batch) return 'finished'
    if (headers.length < batch.count || !equalBytes(digestOf(headers.slice(0, batch.count)), batch.digest)) return 'other'
    this.#passed++
    return this.#passed === this.#batches.length ? 'finished' : 'same'
  }
}

function digestOf(headers: readonly Header[]): Uint8Array {
  return sha256(...headers.map(encodeHeader))
}
