/**
 * Every limit of a message in one place: its number, the protocol version that brought it, and the longest payload.
 * What cannot be longer than it is makes a hostile length a fault before a byte of it has come.
 */

export const MAX_LOCATOR = 64
export const MAX_HEADERS = 2000
export const HEADER_LENGTH = 116
export const MAX_BODIES = 16
export const MAX_BODY_LENGTH = 1_000_000
/** More do not fit a body: a transfer has 143 bytes or more, reward and count 29. */
export const MAX_BODY_TRANSFERS = 6_992
/** 4 + 20 + 1 + 32: the longest reward. */
export const MAX_REWARD_LENGTH = 57
/** Bytes of a short id. */
export const SHORT_ID_LENGTH = 6
/** Bytes of all transfers that may stand in a `compact`, each with its index and length. */
export const MAX_PREFILLED_BYTES = 131_072
export const MAX_INVENTORY = 1000
/** 1 + 32 + 4 + 4 + 8 + 1 + 255 · 28 + 1 + 80 + 64: the longest transfer there can be. */
export const MAX_TRANSFER_LENGTH = 7335
export const MAX_CARDS = 64
export const MAX_CARD_LENGTH = 1024
export const MAX_AGENT_LENGTH = 64
export const MAX_REASON_LENGTH = 200

/** A message of a peer whose version is above ours may be so much longer than we know it. */
export const MAX_APPENDED_BYTES = 1_024

export interface MessageLimit {
  /** The type on the wire. */
  readonly number: number
  /** It is sent to, and taken from, peers with which this version or a later one is spoken. */
  readonly since: number
  /** Longest payload. */
  readonly bytes: number
  /** Its last field goes to the end of the payload, so that no later version can append to it. */
  readonly toEnd?: true
}

export const MESSAGE_LIMITS = {
  hello: { number: 1, since: 1, bytes: 8192 },
  goodbye: { number: 2, since: 1, bytes: 1 + 1 + MAX_REASON_LENGTH },
  ping: { number: 3, since: 1, bytes: 8 },
  pong: { number: 4, since: 1, bytes: 8 },
  getHeaders: { number: 16, since: 1, bytes: 4 + 1 + 32 * MAX_LOCATOR },
  headers: { number: 17, since: 1, bytes: 4 + 2 + HEADER_LENGTH * MAX_HEADERS },
  getBodies: { number: 18, since: 1, bytes: 1 + 32 * MAX_BODIES },
  body: { number: 19, since: 1, bytes: 32 + MAX_BODY_LENGTH, toEnd: true },
  notFound: { number: 20, since: 1, bytes: 1 + 2 + 32 * MAX_INVENTORY },
  sendCompact: { number: 21, since: 2, bytes: 1 },
  compact: {
    number: 22,
    since: 2,
    bytes: HEADER_LENGTH + 8 + MAX_REWARD_LENGTH + 2 + SHORT_ID_LENGTH * MAX_BODY_TRANSFERS + 2 + MAX_PREFILLED_BYTES,
  },
  getMissing: { number: 23, since: 2, bytes: 32 + 2 + 2 * MAX_BODY_TRANSFERS },
  missing: { number: 24, since: 2, bytes: 32 + 2 + 2 * MAX_BODY_TRANSFERS + MAX_BODY_LENGTH },
  getCompact: { number: 25, since: 2, bytes: 32 },
  getInventory: { number: 32, since: 1, bytes: 0 },
  inv: { number: 33, since: 1, bytes: 2 + 32 * MAX_INVENTORY },
  getTransfers: { number: 34, since: 1, bytes: 2 + 32 * MAX_INVENTORY },
  transfer: { number: 35, since: 1, bytes: MAX_TRANSFER_LENGTH, toEnd: true },
  getCards: { number: 48, since: 1, bytes: 0 },
  cards: { number: 49, since: 1, bytes: 1 + MAX_CARDS * (2 + MAX_CARD_LENGTH) },
  checkPort: { number: 50, since: 2, bytes: 4 + 2 + 1 },
  portChecked: { number: 51, since: 2, bytes: 4 + 1 + 1 + 16 },
} as const satisfies Readonly<Record<string, MessageLimit>>
