/**
 * Every limit of what comes from a peer in one place: size and share of each type of message, what may be under way, what is kept of a
 * peer and how long it is waited for. A length above its type's is a fault before a byte of it has come.
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

/**
 * Shares of a peer: what it may do at once, and how much of that comes back a second. Above it, messages are dropped, which costs points at
 * most once a second (`complaint`).
 */
export const SHARES = {
  /** Messages that are no answers and have no share of their own, unknown ones among them. */
  other: { burst: 2_000, perSecond: 200 },
  getHeaders: { burst: 60, perSecond: 20 },
  /** Headers that it is served, and smells of its locators tenfold: what is above waits instead of being dropped. */
  served: { burst: 200_000, perSecond: 10_000 },
  /** Bodies asked for, whole or as short ids. */
  bodies: { burst: 20_000, perSecond: 5_000 },
  /** Headers or compact cheeses that nobody asked for. */
  announce: { burst: 200, perSecond: 20 },
  inventory: { burst: 3, perSecond: 1 / 20 },
  /** Relay ids announced. */
  ids: { burst: 50_000, perSecond: 1_000 },
  /** Transfers asked for. */
  transfers: { burst: 50_000, perSecond: 1_000 },
  getCards: { burst: 5, perSecond: 1 / 10 },
  /** Cards that nobody asked for. */
  cards: { burst: 256, perSecond: 2 },
  complaint: { burst: 1, perSecond: 1 },
} as const satisfies Readonly<Record<string, { readonly burst: number; readonly perSecond: number }>>
export type ShareName = keyof typeof SHARES

/** What is kept of one peer, and how long it is waited for. */
export const PEER_LIMITS = {
  /** Relay ids that it showed, and as many that it was told. */
  remembered: 8_192,
  /** Cheeses that it has. */
  cheeses: 64,
  /** Answers that wait for their turn. */
  queue: 2_048,
  /** With more than this waiting to be sent to it, nothing unasked is added. */
  congestedBytes: 4_194_304,
  /** And with that for so long, it reads nothing and is let go. */
  congestedMs: 120_000,
  /** Answers of so many bytes, then others have their turn: a fast line takes all that was asked for at once. */
  turnBytes: 262_144,
  pingEveryMs: 30_000,
  /** Nothing heard for so long, though it was asked to answer: it is gone. */
  silentMs: 90_000,
  /** One that may be gone has so long to show that it is still there. */
  doubtMs: 10_000,
  /** A message must come to its end within this time: one that trickles in for ever would hold its memory for ever. */
  wholeMs: 300_000,
  handshakeMs: 10_000,
  /** A probe has this long to say goodbye. */
  probeMs: 5_000,
} as const

/** What may be under way between two members at most. */
export const OUTSTANDING = {
  /** Bodies asked of a peer and not answered yet, late ones among them; as many may be asked of us. */
  bodies: 64,
  /** Transfers asked of one peer, and of all. */
  transfers: 1_000,
  allTransfers: 10_000,
  /** Relay ids that one announced and that wait to be asked for. */
  backlog: 5_000,
  /** Relay ids that wait to be announced to one. */
  announcements: 20_000,
  /** Cheeses being put together from short ids: of one peer, at one cheese, in all. */
  compacts: { perPeer: 2, perCheese: 3, inAll: 8 },
  /** Compact cheeses whose parent is not known yet. */
  orphans: { most: 8, perPeer: 2, ttlMs: 30_000 },
} as const

export interface MessageLimit {
  /** The type on the wire. */
  readonly number: number
  /** It is sent to, and taken from, peers with which this version or a later one is spoken. */
  readonly since: number
  /** Longest payload. */
  readonly bytes: number
  /** Which share each of them counts toward. `answer`: to what we asked; whether we did is judged by who asked. `items`: its items count, each. */
  readonly share: ShareName | 'answer' | 'items'
  /** Its last field goes to the end of the payload, so that no later version can append to it. */
  readonly toEnd?: true
}

export const MESSAGE_LIMITS = {
  hello: { number: 1, since: 1, bytes: 8192, share: 'other' },
  goodbye: { number: 2, since: 1, bytes: 1 + 1 + MAX_REASON_LENGTH, share: 'other' },
  ping: { number: 3, since: 1, bytes: 8, share: 'other' },
  pong: { number: 4, since: 1, bytes: 8, share: 'other' },
  getHeaders: { number: 16, since: 1, bytes: 4 + 1 + 32 * MAX_LOCATOR, share: 'other' },
  headers: { number: 17, since: 1, bytes: 4 + 2 + HEADER_LENGTH * MAX_HEADERS, share: 'answer' },
  getBodies: { number: 18, since: 1, bytes: 1 + 32 * MAX_BODIES, share: 'items' },
  body: { number: 19, since: 1, bytes: 32 + MAX_BODY_LENGTH, toEnd: true, share: 'answer' },
  notFound: { number: 20, since: 1, bytes: 1 + 2 + 32 * MAX_INVENTORY, share: 'other' },
  sendCompact: { number: 21, since: 2, bytes: 1, share: 'other' },
  compact: {
    number: 22,
    since: 2,
    bytes: HEADER_LENGTH + 8 + MAX_REWARD_LENGTH + 2 + SHORT_ID_LENGTH * MAX_BODY_TRANSFERS + 2 + MAX_PREFILLED_BYTES,
    share: 'announce',
  },
  getMissing: { number: 23, since: 2, bytes: 32 + 2 + 2 * MAX_BODY_TRANSFERS, share: 'items' },
  missing: { number: 24, since: 2, bytes: 32 + 2 + 2 * MAX_BODY_TRANSFERS + MAX_BODY_LENGTH, share: 'answer' },
  getCompact: { number: 25, since: 2, bytes: 32, share: 'items' },
  getInventory: { number: 32, since: 1, bytes: 0, share: 'other' },
  inv: { number: 33, since: 1, bytes: 2 + 32 * MAX_INVENTORY, share: 'other' },
  getTransfers: { number: 34, since: 1, bytes: 2 + 32 * MAX_INVENTORY, share: 'other' },
  transfer: { number: 35, since: 1, bytes: MAX_TRANSFER_LENGTH, toEnd: true, share: 'answer' },
  getCards: { number: 48, since: 1, bytes: 0, share: 'other' },
  cards: { number: 49, since: 1, bytes: 1 + MAX_CARDS * (2 + MAX_CARD_LENGTH), share: 'other' },
  checkPort: { number: 50, since: 2, bytes: 4 + 2 + 1, share: 'other' },
  portChecked: { number: 51, since: 2, bytes: 4 + 1 + 1 + 16, share: 'other' },
} as const satisfies Readonly<Record<string, MessageLimit>>
