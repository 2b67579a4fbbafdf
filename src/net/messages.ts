import { err, ok, type Result } from '../util/result.ts'
import { WireReader, WireWriter } from '../util/wire.ts'
import { MAX_APPENDED_BYTES, MESSAGE_LIMITS, type MessageLimit } from './limits.ts'
import { CHEESE_CODECS, type CheeseMessage } from './messages-cheeses.ts'
import type { Codec, Codecs } from './messages-codec.ts'
import { COMPACT_CODECS, type CompactFamily } from './messages-compact.ts'
import { GREETING_CODECS, type GreetingMessage } from './messages-greeting.ts'
import { MEMBER_CODECS, type MemberMessage } from './messages-members.ts'
import { TRANSFER_CODECS, type TransferMessage } from './messages-transfers.ts'

/**
 * The messages of members, as docs/protocol-network.md writes them down: types and codecs by family in messages-*.ts, numbers
 * and sizes in limits.ts. A new message is a type and a codec in a family and a row in the limits.
 */

export * from './limits.ts'
export { FEATURE, GOODBYES, type GoodbyeCode, type Hello } from './messages-greeting.ts'

export const PROTOCOL_VERSION = 2
/** The oldest version that we still speak. */
export const LOWEST_PROTOCOL_VERSION = 1

export type Message = GreetingMessage | CheeseMessage | CompactFamily | TransferMessage | MemberMessage
export type MessageType = Message['type']

const CODECS: Codecs<Message> = { ...GREETING_CODECS, ...CHEESE_CODECS, ...COMPACT_CODECS, ...TRANSFER_CODECS, ...MEMBER_CODECS }
const LIMITS: Readonly<Record<MessageType, MessageLimit>> = MESSAGE_LIMITS
const BY_NUMBER = new Map<number, MessageType>((Object.keys(LIMITS) as MessageType[]).map((type) => [LIMITS[type].number, type]))

/** What two members have agreed on, and how new the other one is. */
export interface Dialect {
  /** The protocol version that both speak. */
  readonly spoken: number
  /** The newest one that the far end knows: above ours, it may append fields that we do not know. */
  readonly theirs: number
}

/** What is spoken with somebody who is as old as we are. */
export const OWN_DIALECT: Dialect = { spoken: PROTOCOL_VERSION, theirs: PROTOCOL_VERSION }

/** The protocol version that brought a message: it is not sent to those with whom an older one is spoken. */
export function sinceVersion(type: MessageType): number {
  return LIMITS[type].since
}

/** What a message of this type counts toward (limits.ts). */
export function shareOf(type: MessageType): MessageLimit['share'] {
  return LIMITS[type].share
}

/** Longest payload of a type number, or undefined for a type that is not known in this dialect. */
export function payloadLimit(number: number, dialect: Dialect = OWN_DIALECT): number | undefined {
  const type = typeOf(number, dialect)
  if (!type) return undefined
  const { bytes, toEnd } = LIMITS[type]
  return dialect.theirs > PROTOCOL_VERSION && !toEnd ? bytes + MAX_APPENDED_BYTES : bytes
}

/** The type number and payload of a message. Throws on one that breaks its own limits: a bug of ours. */
export function encodeMessage(message: Message): { readonly type: number; readonly payload: Uint8Array } {
  const out = new WireWriter()
  codecOf(message.type).write(out, message)
  const payload = out.done()
  const { number, bytes } = LIMITS[message.type]
  if (payload.length > bytes) throw new Error(`bug: a ${message.type} message of ${payload.length} bytes`)
  return { type: number, payload }
}

/**
 * The message in `payload`; undefined for a type that is not known in this dialect; the error is a sentence for the log. It must be consumed exactly,
 * but for `hello` and for what a peer sends whose version is above ours: later versions may append fields.
 */
export function decodeMessage(number: number, payload: Uint8Array, dialect: Dialect = OWN_DIALECT): Result<Message | undefined, string> {
  const type = typeOf(number, dialect)
  if (!type) return ok(undefined)
  if (payload.length > (payloadLimit(number, dialect) ?? 0)) return err(`a ${type} message of ${payload.length} bytes`)
  const input = new WireReader(payload)
  const message = codecOf(type).read(input, payload.length)
  if (input.failed) return err(`a ${type} message that cannot be read`)
  if (type !== 'hello' && dialect.theirs <= PROTOCOL_VERSION && !input.done) return err(`a ${type} message with bytes left over`)
  return ok(message)
}

function typeOf(number: number, { spoken }: Dialect): MessageType | undefined {
  const type = BY_NUMBER.get(number)
  return type !== undefined && LIMITS[type].since <= spoken ? type : undefined
}

/** One codec, for the message of whichever type it is: the table has the right one for each. */
function codecOf(type: MessageType): Codec<Message> {
  return CODECS[type] as Codec<Message>
}
