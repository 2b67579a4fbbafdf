import { z } from 'zod'
import { sha256, taggedHash } from '../consensus/hash.ts'
import { type Card, MAX_CARD_BYTES } from '../net/card.ts'
import { type Identity, NETWORK_SIGNATURE_BYTES, type NetworkVerifier, verifyNetworkSignature } from '../net/identity.ts'
import { WireWriter } from '../util/wire.ts'
import { sessionMac } from './session.ts'

/** What members and trackers say to each other over HTTP, as docs/protocol-tracker.md writes it down. */

export const DEFAULT_TRACKER_PORT = 9876
/** How far an announce's time may be from the tracker's clock, seconds. */
export const ANNOUNCE_SECONDS = 120
/** Most bytes of an announce. */
export const MAX_ANNOUNCE_BYTES = 4096
/** Most bytes of an answer. */
export const MAX_ANSWER_BYTES = 512 * 1024
/** Most members in an answer. */
export const MAX_SAMPLE = 100
const MAX_HOST = 255

const EVENTS = { started: 1, update: 2, stopped: 3 } as const
export type AnnounceEvent = keyof typeof EVENTS

const U32 = z.number().int().min(0).max(0xffffffff)
const Base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/)

/** Body of `POST /v1/announce`. */
export const Announce = z.object({
  /** The tracker as the member dials it: what stands in `Host`, lower case. */
  host: z
    .string()
    .min(1)
    .max(MAX_HOST)
    .regex(/^[\x21-\x7e]+$/),
  event: z.enum(['started', 'update', 'stopped']),
  /** Unix seconds, greater than in this member's last announce. */
  time: U32,
  /** Where the member takes connections; 0 = nowhere. */
  port: z.number().int().min(0).max(65535),
  height: U32,
  card: Base64.max(Math.ceil(MAX_CARD_BYTES / 3) * 4),
  signature: Base64.length(88),
  /** How many members it would like to hear of. */
  want: z.number().int().min(0).max(1000).optional(),
  /** It would like a session: later announces with a MAC in place of a signature. */
  open: z.boolean().optional(),
})
export type Announce = z.infer<typeof Announce>

const SessionId = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/)

/** Body of `POST /v1/announce` in a session. */
export const SessionAnnounce = Announce.omit({ signature: true, open: true, card: true }).extend({
  event: z.enum(['update', 'stopped']),
  /** As the tracker gave it. */
  session: SessionId,
  /** HMAC-SHA-256, 32 bytes. */
  mac: Base64.length(44),
  /** Where it is another than the tracker has. */
  card: Announce.shape.card.optional(),
})
export type SessionAnnounce = z.infer<typeof SessionAnnounce>

/** One member in an answer. Everything beside the card is the tracker's word. */
export const ListedMember = z.object({
  card: Base64.max(Math.ceil(MAX_CARD_BYTES / 3) * 4),
  /** `IP:PORT` or `[IPV6]:PORT` as the tracker observed it; the port is the one announced. */
  endpoint: z.string().max(64),
  /** It runs on the tracker's own machine: its address is that at which the tracker is reached. */
  atTracker: z.boolean(),
  /** Whether the tracker could dial it; null while not known. */
  reachable: z.boolean().nullable(),
  height: U32,
  /** Unix seconds, the tracker's clock. */
  lastSeen: U32,
})
export type ListedMember = z.infer<typeof ListedMember>

/** Answer to an announce. */
export const AnnounceAnswer = z.object({
  /** The tracker's clock, Unix seconds. */
  now: U32,
  /** Seconds until the next announce is expected. */
  interval: z.number().min(0).max(86_400),
  /** The address that the announce came from. */
  observed: z.string().max(64),
  reachable: z.boolean().nullable(),
  /** How many others of this network the tracker knows. */
  others: z.number().int().min(0),
  members: z.array(ListedMember).max(MAX_SAMPLE),
  /** To an announce that asked for a session: its name, and the tracker's half of its key, a point of P-256 (65 bytes). */
  session: z.object({ id: SessionId, key: Base64.length(88) }).optional(),
})
export type AnnounceAnswer = z.infer<typeof AnnounceAnswer>

/** Answer to `GET /v1/members`. */
export const MembersAnswer = AnnounceAnswer.pick({ now: true, members: true }).extend({ total: z.number().int().min(0) })
export type MembersAnswer = z.infer<typeof MembersAnswer>

export const trackerErrorCodes = [
  'bad-request',
  'bad-card',
  'bad-signature',
  'wrong-host',
  'wrong-time',
  'replayed',
  'old-card',
  'no-session',
  'not-admitted',
  'too-large',
  'too-many',
  'full',
  'not-found',
  'not-allowed',
  'failed',
] as const
export type TrackerErrorCode = (typeof trackerErrorCodes)[number]

/** Any answer whose status is not 200. */
export const ErrorAnswer = z.object({
  error: z.object({ code: z.string().max(40), message: z.string().max(400) }),
  now: U32.optional(),
})
export type ErrorAnswer = z.infer<typeof ErrorAnswer>

/** The tracker at `host` as both sides write it: lower case, as it stands in a `Host` header. */
export function normalizeHost(host: string): string {
  return host.trim().toLowerCase()
}

/** What an announce says, as it is signed: u8 length ‖ host · event u8 · time u32 · port u16 · height u32 · card hash 32. */
export function announceBytes(announce: Pick<Announce, 'host' | 'event' | 'time' | 'port' | 'height'>, cardHash: Uint8Array): Uint8Array {
  return new WireWriter().text8(announce.host).u8(EVENTS[announce.event]).u32(announce.time).u16(announce.port).u32(announce.height).bytes(cardHash, 32).done()
}

/** What the network key signs: tagged hash `Cheese/announce` of `announceBytes`. */
export function announceHash(announce: Pick<Announce, 'host' | 'event' | 'time' | 'port' | 'height'>, card: Uint8Array): Uint8Array {
  return taggedHash('Cheese/announce', announceBytes(announce, sha256(card)))
}

/** An announce with `card`, signed by its member. */
export function makeAnnounce(fields: Omit<Announce, 'card' | 'signature'>, card: Card, identity: Identity): Announce {
  return { ...fields, card: toBase64(card.bytes), signature: toBase64(identity.sign(announceHash(fields, card.bytes))) }
}

/** Whether the member with this network key signed this announce. */
export function verifyAnnounce(announce: Announce, spki: Uint8Array, cardHash: Uint8Array, verifier?: NetworkVerifier): boolean {
  const signature = fromBase64(announce.signature)
  if (signature?.length !== NETWORK_SIGNATURE_BYTES) return false
  return verifyNetworkSignature(spki, taggedHash('Cheese/announce', announceBytes(announce, cardHash)), signature, verifier)
}

/** The same announce in a session: proved by a MAC with the session's key. */
export function makeSessionAnnounce(fields: Omit<SessionAnnounce, 'mac'>, cardHash: Uint8Array, key: Uint8Array): SessionAnnounce {
  return { ...fields, mac: toBase64(sessionMac(key, announceBytes(fields, cardHash))) }
}

/** Padded base64. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

/** The bytes of padded base64 in its one form, or undefined. */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    const binary = atob(text)
    // atob forgives white space, missing padding and stray bits; a card should have one text alone.
    if (btoa(binary) !== text) return undefined
    const bytes = new Uint8Array(binary.length)
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
    return bytes
  } catch {
    return undefined
  }
}
