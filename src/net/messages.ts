import { bigIntToBytes, bytesToBigInt, fromHex, toHex } from '../util/bytes.ts'
import { err, ok, type Result } from '../util/result.ts'
import { WireReader, WireWriter } from '../util/wire.ts'

/**
 * The messages of members, as docs/protocol-network.md writes them down. A payload that a newer version made longer is
 * accepted for `hello` alone; everything else must be consumed exactly.
 */

export const PROTOCOL_VERSION = 1
/** The oldest version that we still speak. */
export const LOWEST_PROTOCOL_VERSION = 1

export const MAX_LOCATOR = 64
export const MAX_HEADERS = 2000
export const HEADER_LENGTH = 116
export const MAX_BODIES = 16
export const MAX_BODY_LENGTH = 1_000_000
export const MAX_INVENTORY = 1000
/** 1 + 32 + 4 + 4 + 8 + 1 + 255 · 28 + 1 + 80 + 64: the longest transfer there can be. */
export const MAX_TRANSFER_LENGTH = 7335
export const MAX_CARDS = 64
export const MAX_CARD_LENGTH = 1024
export const MAX_AGENT_LENGTH = 64
export const MAX_REASON_LENGTH = 200

/** Bits of `hello.features`. */
export const FEATURE = {
  /** The sender only looks who answers, and leaves again: it is not to be counted as a peer. */
  probe: 1,
} as const

export interface Hello {
  readonly type: 'hello'
  readonly version: number
  readonly lowestVersion: number
  /** `main`, `test`, `regtest`: for the message to the person; the blue smell decides. */
  readonly network: string
  readonly blueSmell: Uint8Array
  /** Random, one for each run of a program: tells a restarted member from one that dials twice. */
  readonly instance: bigint
  /** Random, one for each connection: breaks ties between connections of one pair of members. */
  readonly nonce: bigint
  readonly features: number
  /** Where the sender takes connections; 0 = nowhere. */
  readonly listenPort: number
  readonly height: number
  /** Cumulative work of the tip. */
  readonly work: bigint
  readonly tip: string
  readonly agent: string
  /** The sender's card, or empty. */
  readonly card: Uint8Array
}

/** Why somebody hangs up. Unknown numbers are read as `other`. */
export const GOODBYES = [
  'other',
  'closing',
  'other-network',
  'version',
  'self',
  'duplicate',
  'full',
  'banned',
  'misbehaved',
  'timeout',
  'probe',
  'asked',
] as const
export type GoodbyeCode = (typeof GOODBYES)[number]

export type Message =
  | Hello
  | { readonly type: 'goodbye'; readonly code: GoodbyeCode; readonly reason: string }
  | { readonly type: 'ping' | 'pong'; readonly nonce: bigint }
  /** Answered with `headers` of the same request. The locator's smells go from the tip down. */
  | { readonly type: 'getHeaders'; readonly request: number; readonly locator: readonly string[] }
  /** Consecutive headers, each 116 bytes. Request 0: not asked for, the sender's tip moved. */
  | { readonly type: 'headers'; readonly request: number; readonly headers: readonly Uint8Array[] }
  | { readonly type: 'getBodies'; readonly smells: readonly string[] }
  | { readonly type: 'body'; readonly smell: string; readonly body: Uint8Array }
  | { readonly type: 'notFound'; readonly what: 'body' | 'transfer'; readonly ids: readonly string[] }
  | { readonly type: 'getInventory' }
  | { readonly type: 'inv' | 'getTransfers'; readonly ids: readonly string[] }
  | { readonly type: 'transfer'; readonly bytes: Uint8Array }
  | { readonly type: 'getCards' }
  | { readonly type: 'cards'; readonly cards: readonly Uint8Array[] }

export type MessageType = Message['type']

interface Kind {
  readonly number: number
  /** Longest payload in bytes. */
  readonly limit: number
}

const KINDS: Readonly<Record<MessageType, Kind>> = {
  hello: { number: 1, limit: 8192 },
  goodbye: { number: 2, limit: 1 + 1 + MAX_REASON_LENGTH },
  ping: { number: 3, limit: 8 },
  pong: { number: 4, limit: 8 },
  getHeaders: { number: 16, limit: 4 + 1 + 32 * MAX_LOCATOR },
  headers: { number: 17, limit: 4 + 2 + HEADER_LENGTH * MAX_HEADERS },
  getBodies: { number: 18, limit: 1 + 32 * MAX_BODIES },
  body: { number: 19, limit: 32 + MAX_BODY_LENGTH },
  notFound: { number: 20, limit: 1 + 2 + 32 * MAX_INVENTORY },
  getInventory: { number: 32, limit: 0 },
  inv: { number: 33, limit: 2 + 32 * MAX_INVENTORY },
  getTransfers: { number: 34, limit: 2 + 32 * MAX_INVENTORY },
  transfer: { number: 35, limit: MAX_TRANSFER_LENGTH },
  getCards: { number: 48, limit: 0 },
  cards: { number: 49, limit: 1 + MAX_CARDS * (2 + MAX_CARD_LENGTH) },
}

const BY_NUMBER = new Map<number, MessageType>((Object.keys(KINDS) as MessageType[]).map((type) => [KINDS[type].number, type]))

/** Longest payload of a type number, or undefined for a type that this version does not know. */
export function payloadLimit(number: number): number | undefined {
  const type = BY_NUMBER.get(number)
  return type && KINDS[type].limit
}

/** The type number and payload of a message. Throws on one that breaks its own limits: a bug of ours. */
export function encodeMessage(message: Message): { readonly type: number; readonly payload: Uint8Array } {
  const out = new WireWriter()
  write(out, message)
  const payload = out.done()
  const { number, limit } = KINDS[message.type]
  if (payload.length > limit) throw new Error(`bug: a ${message.type} message of ${payload.length} bytes`)
  return { type: number, payload }
}

function write(out: WireWriter, m: Message): void {
  switch (m.type) {
    case 'hello':
      out.u16(m.version).u16(m.lowestVersion).bytes(m.blueSmell, 32).text8(m.network)
      out.bytes(bigIntToBytes(m.instance, 8)).bytes(bigIntToBytes(m.nonce, 8))
      out.u32(m.features).u16(m.listenPort).u32(m.height).bytes(bigIntToBytes(m.work, 32)).bytes(fromHex(m.tip), 32)
      out.text8(m.agent).u16(m.card.length).bytes(m.card)
      return
    case 'goodbye':
      out.u8(GOODBYES.indexOf(m.code)).text8(shorten(m.reason))
      return
    case 'ping':
    case 'pong':
      out.bytes(bigIntToBytes(m.nonce, 8))
      return
    case 'getHeaders':
      out.u32(m.request).u8(m.locator.length)
      for (const smell of m.locator) out.bytes(fromHex(smell), 32)
      return
    case 'headers':
      out.u32(m.request).u16(m.headers.length)
      for (const header of m.headers) out.bytes(header, HEADER_LENGTH)
      return
    case 'getBodies':
      out.u8(m.smells.length)
      for (const smell of m.smells) out.bytes(fromHex(smell), 32)
      return
    case 'body':
      out.bytes(fromHex(m.smell), 32).bytes(m.body)
      return
    case 'notFound':
      out.u8(m.what === 'body' ? 1 : 2)
      writeIds(out, m.ids)
      return
    case 'inv':
    case 'getTransfers':
      writeIds(out, m.ids)
      return
    case 'transfer':
      out.bytes(m.bytes)
      return
    case 'cards':
      out.u8(m.cards.length)
      for (const card of m.cards) out.u16(card.length).bytes(card)
      return
    case 'getInventory':
    case 'getCards':
      return
  }
}

function writeIds(out: WireWriter, ids: readonly string[]): void {
  out.u16(ids.length)
  for (const id of ids) out.bytes(fromHex(id), 32)
}

/** As much of `text` as a goodbye may carry. */
function shorten(text: string): string {
  let out = text.slice(0, MAX_REASON_LENGTH)
  while (new TextEncoder().encode(out).length > MAX_REASON_LENGTH) out = out.slice(0, -1)
  return out
}

/** The message in `payload`; undefined for a type that is not known; the error is a sentence for the log. */
export function decodeMessage(number: number, payload: Uint8Array): Result<Message | undefined, string> {
  const type = BY_NUMBER.get(number)
  if (!type) return ok(undefined)
  if (payload.length > KINDS[type].limit) return err(`a ${type} message of ${payload.length} bytes`)
  const input = new WireReader(payload)
  const message = read(type, input, payload)
  if (input.failed) return err(`a ${type} message that cannot be read`)
  if (type !== 'hello' && !input.done) return err(`a ${type} message with bytes left over`)
  return ok(message)
}

function read(type: MessageType, input: WireReader, payload: Uint8Array): Message {
  switch (type) {
    case 'hello':
      return {
        type,
        version: input.u16(),
        lowestVersion: input.u16(),
        blueSmell: input.bytes(32),
        network: input.text8(32),
        instance: bytesToBigInt(input.bytes(8)),
        nonce: bytesToBigInt(input.bytes(8)),
        features: input.u32(),
        listenPort: input.u16(),
        height: input.u32(),
        work: bytesToBigInt(input.bytes(32)),
        tip: toHex(input.bytes(32)),
        agent: input.text8(MAX_AGENT_LENGTH),
        card: input.bytes(atMost(input, input.u16(), MAX_CARD_LENGTH)),
      }
    case 'goodbye':
      return { type, code: GOODBYES[input.u8()] ?? 'other', reason: input.text8(MAX_REASON_LENGTH) }
    case 'ping':
    case 'pong':
      return { type, nonce: bytesToBigInt(input.bytes(8)) }
    case 'getHeaders':
      return { type, request: input.u32(), locator: readIds(input, atMost(input, input.u8(), MAX_LOCATOR)) }
    case 'headers':
      return { type, request: input.u32(), headers: many(atMost(input, input.u16(), MAX_HEADERS), () => input.bytes(HEADER_LENGTH), input) }
    case 'getBodies':
      return { type, smells: readIds(input, atMost(input, input.u8(), MAX_BODIES)) }
    case 'body':
      return { type, smell: toHex(input.bytes(32)), body: input.bytes(Math.max(0, payload.length - 32)) }
    case 'notFound': {
      const what = input.u8()
      if (what !== 1 && what !== 2) input.fail()
      return { type, what: what === 1 ? 'body' : 'transfer', ids: readIds(input, atMost(input, input.u16(), MAX_INVENTORY)) }
    }
    case 'inv':
    case 'getTransfers':
      return { type, ids: readIds(input, atMost(input, input.u16(), MAX_INVENTORY)) }
    case 'transfer':
      return { type, bytes: input.bytes(payload.length) }
    case 'cards':
      return { type, cards: many(atMost(input, input.u8(), MAX_CARDS), () => input.bytes(atMost(input, input.u16(), MAX_CARD_LENGTH)), input) }
    case 'getInventory':
    case 'getCards':
      return { type }
  }
}

/** `value`, or 0 and a failed read when it is above `max`. */
function atMost(input: WireReader, value: number, max: number): number {
  if (value <= max) return value
  input.fail()
  return 0
}

function many<T>(count: number, one: () => T, input: WireReader): T[] {
  const out: T[] = []
  for (let i = 0; i < count && !input.failed; i++) out.push(one())
  return out
}

function readIds(input: WireReader, count: number): string[] {
  return many(count, () => toHex(input.bytes(32)), input)
}
