/** Messages by which members meet, stay in touch and part. */
import { bigIntToBytes, bytesToBigInt, fromHex, toHex } from '../util/bytes.ts'
import { MAX_AGENT_LENGTH, MAX_CARD_LENGTH, MAX_REASON_LENGTH } from './limits.ts'
import { atMost, type Codec, type Codecs } from './messages-codec.ts'

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

export type GreetingMessage =
  | Hello
  | { readonly type: 'goodbye'; readonly code: GoodbyeCode; readonly reason: string }
  | { readonly type: 'ping'; readonly nonce: bigint }
  | { readonly type: 'pong'; readonly nonce: bigint }

const hello: Codec<Hello> = {
  write(out, m) {
    out.u16(m.version).u16(m.lowestVersion).bytes(m.blueSmell, 32).text8(m.network)
    out.bytes(bigIntToBytes(m.instance, 8)).bytes(bigIntToBytes(m.nonce, 8))
    out.u32(m.features).u16(m.listenPort).u32(m.height).bytes(bigIntToBytes(m.work, 32)).bytes(fromHex(m.tip), 32)
    out.text8(m.agent).u16(m.card.length).bytes(m.card)
  },
  read: (input) => ({
    type: 'hello',
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
  }),
}

export const GREETING_CODECS: Codecs<GreetingMessage> = {
  hello,
  goodbye: {
    write: (out, m) => void out.u8(GOODBYES.indexOf(m.code)).text8(shorten(m.reason)),
    read: (input) => ({ type: 'goodbye', code: GOODBYES[input.u8()] ?? 'other', reason: input.text8(MAX_REASON_LENGTH) }),
  },
  ping: {
    write: (out, m) => void out.bytes(bigIntToBytes(m.nonce, 8)),
    read: (input) => ({ type: 'ping', nonce: bytesToBigInt(input.bytes(8)) }),
  },
  pong: {
    write: (out, m) => void out.bytes(bigIntToBytes(m.nonce, 8)),
    read: (input) => ({ type: 'pong', nonce: bytesToBigInt(input.bytes(8)) }),
  },
}

/** As much of `text` as a goodbye may carry. */
function shorten(text: string): string {
  let out = text.slice(0, MAX_REASON_LENGTH)
  while (new TextEncoder().encode(out).length > MAX_REASON_LENGTH) out = out.slice(0, -1)
  return out
}
