/** Messages about headers and whole bodies. */
import { fromHex, toHex } from '../util/bytes.ts'
import { HEADER_LENGTH, MAX_BODIES, MAX_HEADERS, MAX_INVENTORY, MAX_LOCATOR } from './limits.ts'
import { atMost, type Codecs, many, readIds, writeIds } from './messages-codec.ts'

export type CheeseMessage =
  /** Answered with `headers` of the same request. The locator's smells go from the tip down. */
  | { readonly type: 'getHeaders'; readonly request: number; readonly locator: readonly string[] }
  /** Consecutive headers, each 116 bytes. Request 0: not asked for, the sender's tip moved. */
  | { readonly type: 'headers'; readonly request: number; readonly headers: readonly Uint8Array[] }
  | { readonly type: 'getBodies'; readonly smells: readonly string[] }
  | { readonly type: 'body'; readonly smell: string; readonly body: Uint8Array }
  | { readonly type: 'notFound'; readonly what: 'body' | 'transfer'; readonly ids: readonly string[] }

export const CHEESE_CODECS: Codecs<CheeseMessage> = {
  getHeaders: {
    write(out, m) {
      out.u32(m.request).u8(m.locator.length)
      for (const smell of m.locator) out.bytes(fromHex(smell), 32)
    },
    read: (input) => ({ type: 'getHeaders', request: input.u32(), locator: readIds(input, atMost(input, input.u8(), MAX_LOCATOR)) }),
  },
  headers: {
    write(out, m) {
      out.u32(m.request).u16(m.headers.length)
      for (const header of m.headers) out.bytes(header, HEADER_LENGTH)
    },
    read: (input) => ({
      type: 'headers',
      request: input.u32(),
      headers: many(atMost(input, input.u16(), MAX_HEADERS), () => input.bytes(HEADER_LENGTH), input),
    }),
  },
  getBodies: {
    write(out, m) {
      out.u8(m.smells.length)
      for (const smell of m.smells) out.bytes(fromHex(smell), 32)
    },
    read: (input) => ({ type: 'getBodies', smells: readIds(input, atMost(input, input.u8(), MAX_BODIES)) }),
  },
  body: {
    write: (out, m) => void out.bytes(fromHex(m.smell), 32).bytes(m.body),
    read: (input, length) => ({ type: 'body', smell: toHex(input.bytes(32)), body: input.bytes(Math.max(0, length - 32)) }),
  },
  notFound: {
    write(out, m) {
      out.u8(m.what === 'body' ? 1 : 2)
      writeIds(out, m.ids)
    },
    read(input) {
      const what = input.u8()
      if (what !== 1 && what !== 2) input.fail()
      return { type: 'notFound', what: what === 1 ? 'body' : 'transfer', ids: readIds(input, atMost(input, input.u16(), MAX_INVENTORY)) }
    },
  },
}
