import { fromHex, toHex } from '../util/bytes.ts'
import type { WireReader, WireWriter } from '../util/wire.ts'

/** How one type of message is written and read. Families of them are in messages-*.ts. */
export interface Codec<M> {
  /** Throws on what does not fit its field: a bug of ours. */
  write(out: WireWriter, message: M): void
  /** @param length of the whole payload, for a last field that goes to the end */
  read(input: WireReader, length: number): M
}

/** A codec for each type of a family. */
export type Codecs<M extends { readonly type: string }> = { readonly [T in M['type']]: Codec<Extract<M, { readonly type: T }>> }

/** `value`, or 0 and a failed read when it is above `max`. */
export function atMost(input: WireReader, value: number, max: number): number {
  if (value <= max) return value
  input.fail()
  return 0
}

/** `count` of what `one` reads, as long as there is something to read. */
export function many<T>(count: number, one: () => T, input: WireReader): T[] {
  const out: T[] = []
  for (let i = 0; i < count && !input.failed; i++) out.push(one())
  return out
}

export function readIds(input: WireReader, count: number): string[] {
  return many(count, () => toHex(input.bytes(32)), input)
}

/** u16 count and as many ids. */
export function writeIds(out: WireWriter, ids: readonly string[]): void {
  out.u16(ids.length)
  for (const id of ids) out.bytes(fromHex(id), 32)
}
