/**
 * Cheese dumps: the main stack from height 0 up in one file, each cheese as u32 length ‖ header 116 ‖ body, where the
 * length counts what follows it.
 */
import { encodeBody, encodeHeader, HEADER_BYTES, MAX_BODY_BYTES } from '../consensus/codec.ts'
import type { RuleCode, RuleError } from '../consensus/errors.ts'
import { params as paramsOf } from '../consensus/params.ts'
import type { Params, Smell } from '../consensus/types.ts'
import { concatBytes, equalBytes, toHex } from '../util/bytes.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { StackReader } from './reader.ts'
import { damaged, decodeU32, encodeU32 } from './records.ts'

export interface Dumped {
  /** Of the topmost cheese written. */
  readonly height: number
  readonly tip: Smell
  /** Length of the file. */
  readonly bytes: number
}

export interface Loaded {
  /** Of our main stack afterwards. */
  readonly height: number
  readonly tip: Smell
  /** Cheeses in the file. */
  readonly cheeses: number
}

export interface LoadFailure {
  /** Height of the first bad cheese. */
  readonly height: number
  /** The rule that it breaks; `foreign` = the file is of another network, or no cheese dump at all. */
  readonly code: RuleCode | 'foreign'
  readonly message: string
}

/** What a dump is read into: a `CheeseStack`. */
interface LoadTarget extends StackReader {
  addCheese(header: Uint8Array, body: Uint8Array, options: { readonly sync: boolean }): Promise<Result<unknown, RuleError>>
  flush(): Promise<void>
}

/** Writes the main stack as it is when called; what is reorganised meanwhile is written as it was. */
export async function dumpStack(stack: StackReader, write: (bytes: Uint8Array) => Promise<void> | void): Promise<Dumped> {
  const { tip } = stack
  const smells: Smell[] = []
  for (let height = 0; height <= tip.height; height++) smells.push(stack.smellAt(height) as Smell)
  let bytes = 0
  for (const [height, smell] of smells.entries()) {
    const header = stack.header(smell)
    const body = stack.body(smell)
    if (!header || !body) throw damaged(`the body at height ${height}`)
    const cheese = concatBytes(encodeU32(HEADER_BYTES + body.length), encodeHeader(header), body)
    await write(cheese)
    bytes += cheese.length
  }
  return { height: tip.height, tip: tip.smell, bytes }
}

/** Gives `length` bytes at a time of a stream of chunks. */
class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #held: Uint8Array = new Uint8Array()

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next `length` bytes, or what is left when the stream ends before. */
  async take(length: number): Promise<Uint8Array> {
    const parts = [this.#held]
    for (let have = this.#held.length; have < length; ) {
      const next = await this.#chunks.next()
      if (next.done) break
      parts.push(next.value)
      have += next.value.length
    }
    const all = parts.length === 1 ? this.#held : concatBytes(...parts)
    this.#held = all.subarray(length)
    return all.slice(0, length)
  }

  async end(): Promise<void> {
    await this.#chunks.return?.()
  }
}

const SHORTEST = HEADER_BYTES + 29
const LONGEST = HEADER_BYTES + MAX_BODY_BYTES

/** Reads a dump into `stack`, checking everything; stops at the first bad cheese and keeps what was good. */
export async function loadDump(
  stack: LoadTarget,
  chunks: AsyncIterable<Uint8Array>,
  progress?: (height: number) => void,
): Promise<Result<Loaded, LoadFailure>> {
  const reader = new ChunkReader(chunks)
  try {
    const blue = await readBlue(reader, stack.params)
    if (!blue.ok) return blue
    for (let height = 1; ; height++) {
      const next = await readCheese(reader, height)
      if (!next.ok) return next
      if (!next.value) return ok({ height: stack.tip.height, tip: stack.tip.smell, cheeses: height })
      const { header, body } = next.value
      const added = await stack.addCheese(header, body, { sync: false })
      if (!added.ok) return err({ height, code: added.error.code, message: added.error.message })
      progress?.(height)
    }
  } finally {
    await stack.flush()
    await reader.end()
  }
}

interface RawCheese {
  readonly header: Uint8Array
  readonly body: Uint8Array
}

/** The next cheese of the file, or undefined at its end. */
async function readCheese(reader: ChunkReader, height: number): Promise<Result<RawCheese | undefined, LoadFailure>> {
  const prefix = await reader.take(4)
  if (prefix.length === 0) return ok(undefined)
  const short = (code: RuleCode) => err({ height, code, message: `the file ends within the cheese at height ${height}` })
  if (prefix.length < 4) return short('header-length')
  const length = decodeU32(prefix)
  if (length < SHORTEST)
    return err({ height, code: length < HEADER_BYTES ? 'header-length' : 'body-shape', message: `a cheese of ${length} bytes is too short` })
  if (length > LONGEST) return err({ height, code: 'body-size', message: `a cheese of ${length} bytes is too long` })
  const bytes = await reader.take(length)
  if (bytes.length < HEADER_BYTES) return short('header-length')
  if (bytes.length < length) return short('body-shape')
  return ok({ header: bytes.subarray(0, HEADER_BYTES), body: bytes.subarray(HEADER_BYTES) })
}

/** The first cheese must be our blue one; another network's is named. */
async function readBlue(reader: ChunkReader, params: Params): Promise<Result<RawCheese, LoadFailure>> {
  const foreign = (message: string) => err({ height: 0, code: 'foreign', message } as const)
  const first = await readCheese(reader, 0)
  if (!first.ok || !first.value) return foreign('this file is not a cheese dump.')
  const { header, body } = first.value
  const isBlueOf = ({ blue }: Params) => equalBytes(header, encodeHeader(blue.header)) && equalBytes(body, encodeBody(blue.body))
  if (isBlueOf(params)) return ok(first.value)
  const other = (['main', 'test', 'regtest'] as const).find((name) => isBlueOf(paramsOf(name)))
  if (other) return foreign(`this dump is of the network ${other}, not of ${params.network}.`)
  return foreign(`this file does not begin with the blue cheese of ${params.network} (${toHex(params.blueSmell)}).`)
}
