import { decodeHeader } from '../consensus/codec.ts'
import type { RuleCode } from '../consensus/errors.ts'
import type { Header, Smell } from '../consensus/types.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import { damaged, type EntryState } from './records.ts'

/** A cheese of the tree as others see it. */
export interface HeaderEntry {
  readonly smell: Smell
  readonly height: number
  /** Unix seconds. */
  readonly time: number
  readonly bits: number
  /** Cumulative work from the blue cheese up to this one. */
  readonly work: bigint
  readonly state: EntryState
  /** The rule that it, or one below it, breaks. */
  readonly invalid: RuleCode | undefined
  /** Read from the store when it is not in memory: long walks down cost a few microseconds a step. */
  readonly parent: HeaderEntry | undefined
  readonly header: Header
}

export interface NodeInit {
  readonly smell: Smell
  /** The header's 116 bytes. */
  readonly header: Uint8Array
  readonly height: number
  readonly work: bigint
  readonly order: number
  readonly state: EntryState
  readonly complete: boolean
  readonly invalid: RuleCode | undefined
}

/**
 * One header in memory, some 600 bytes. There is never a second one of the same header (header-index.ts), so that nodes
 * can be compared, and what one holder changes the others see. It does not keep its parent in memory.
 */
export class HeaderNode implements HeaderEntry {
  readonly smell: Smell
  readonly parentSmell: Smell
  readonly height: number
  readonly time: number
  readonly bits: number
  readonly work: bigint
  /** The header's 116 bytes. */
  readonly headerBytes: Uint8Array
  /** The lower was seen first (records.ts). */
  order: number
  state: EntryState
  invalid: RuleCode | undefined
  /** Whether its body and all those below it are stored, and none is known to be invalid. */
  complete: boolean
  /** Smell of the ancestor that long ways down lead over, once it was looked up. */
  skip: Smell | undefined = undefined
  readonly #parentOf: (node: HeaderNode) => HeaderNode

  constructor(init: NodeInit, parentOf: (node: HeaderNode) => HeaderNode) {
    const { header } = init
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
    this.smell = init.smell
    this.parentSmell = toHex(header.subarray(4, 36))
    this.height = init.height
    this.time = view.getUint32(100)
    this.bits = view.getUint32(104)
    this.work = init.work
    this.headerBytes = header
    this.order = init.order
    this.state = init.state
    this.complete = init.complete
    this.invalid = init.invalid
    this.#parentOf = parentOf
  }

  /** Throws a `StoreError` where the store lacks it. */
  get parent(): HeaderNode | undefined {
    return this.height === 0 ? undefined : this.#parentOf(this)
  }

  get header(): Header {
    const header = decodeHeader(this.headerBytes)
    if (!header.ok) throw damaged(`the header at height ${this.height}`)
    return header.value
  }

  get smellBytes(): Uint8Array {
    return fromHex(this.smell)
  }

  get hasBody(): boolean {
    return this.state === 'body' || this.state === 'valid'
  }
}

/** Whether `a` is to be preferred: more work, or seen first with as much. */
export function isBetter(a: Pick<HeaderNode, 'work' | 'order'>, b: Pick<HeaderNode, 'work' | 'order'>): boolean {
  return a.work > b.work || (a.work === b.work && a.order < b.order)
}
