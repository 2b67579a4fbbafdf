import { sha256, taggedHash } from '../consensus/hash.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import { type Endpoint, formatEndpoint, isMapped } from '../util/ip.ts'
import { MAX_NICKNAME_BYTES } from '../util/nickname.ts'
import { err, ok, type Result } from '../util/result.ts'
import { WireReader, WireWriter } from '../util/wire.ts'
import { CERTIFICATE_SECONDS, type Certificate, encodeCertificate, isNickname, readCertificate, verifyCertificate } from './certificate.ts'
import { type Identity, isNetworkKey, memberIdOf, NETWORK_SIGNATURE_BYTES, type NetworkVerifier, SPKI_BYTES, verifyNetworkSignature } from './identity.ts'

/** How long a card is good, seconds: 24 hours. */
export const CARD_SECONDS = 24 * 3600
/** How far ahead of our clock the time of a card or certificate may lie, seconds. */
export const CARD_AHEAD_SECONDS = 600
/** Most addresses on a card. */
export const MAX_ENDPOINTS = 8
/** Most bytes of the software's name and version. */
export const MAX_SOFTWARE = 32
/** No card is longer: what the fields come to at their greatest. */
export const MAX_CARD_BYTES = 644
const VERSION = 1
const NO_HEIGHT = 0xffffffff

/** What a member shows of itself: signed by its network key, so nobody else can make or change one. */
export interface Card {
  /** The bytes that were signed, with the signature: pass these on as they are. */
  readonly bytes: Uint8Array
  /** Hex of the SHA-256 of `bytes`. */
  readonly hash: string
  /** Hex of the SHA-256 of `spki`. */
  readonly memberId: string
  readonly spki: Uint8Array
  /** Smell of the blue cheese of its network, 32 bytes. */
  readonly blueSmell: Uint8Array
  readonly nickname: string
  /** Where it is paid (x-only key), proved by `certificate`; undefined for a member that lists no payment address. */
  readonly paymentKey: Uint8Array | undefined
  readonly certificate: Certificate | undefined
  /** Where it says it can be dialled: its word alone. */
  readonly endpoints: readonly Endpoint[]
  /** Its height when the card was made: its word alone. */
  readonly height: number | undefined
  /** Name and version of its software, printable ASCII. */
  readonly software: string
  /** Unix seconds at which it was made; only a greater time replaces a card. */
  readonly time: number
}

export interface CardFields {
  readonly blueSmell: Uint8Array
  /** Its nickname is the card's. Must be that of the identity which signs. */
  readonly certificate?: Certificate | undefined
  /** Used where there is no certificate. */
  readonly nickname: string
  readonly endpoints: readonly Endpoint[]
  readonly height?: number | undefined
  readonly software: string
  readonly time: number
}

export type CardErrorCode =
  /** Not the bytes of a card. */
  | 'malformed'
  /** Its nickname breaks the rules, as this program's version of Unicode has them. */
  | 'nickname'
  /** A version that we do not know. */
  | 'version'
  /** Of another network than asked for. */
  | 'other-network'
  /** Older than 24 hours. */
  | 'expired'
  /** Made more than ten minutes after now. */
  | 'future'
  /** Not signed by its network key. */
  | 'signature'
  /** The certificate is another member's, not signed by its payment key, older than 90 days or from the future. */
  | 'certificate'

export interface CardError {
  readonly code: CardErrorCode
  readonly message: string
}

export interface CardContext {
  /** Unix seconds. */
  readonly now: number
  /** Where given, a card of another network is refused. */
  readonly params?: { readonly blueSmell: Uint8Array }
  readonly verifier?: NetworkVerifier
}

/** A card of `identity`, signed. Throws when a field is not what it must be (unchecked nickname, too many addresses …). */
export function makeCard(fields: CardFields, identity: Identity): Card {
  const writer = new WireWriter().u8(VERSION).bytes(fields.blueSmell, 32)
  if (fields.certificate) writer.u8(1).bytes(encodeCertificate(fields.certificate))
  else writer.u8(0).text8(fields.nickname)
  writer.bytes(identity.spki, SPKI_BYTES).u8(fields.endpoints.length)
  for (const { ip, port } of fields.endpoints)
    writer
      .u8(ip.length === 4 ? 4 : 6)
      .bytes(ip)
      .u16(port)
  writer
    .u32(fields.height ?? NO_HEIGHT)
    .text8(fields.software)
    .u32(fields.time)
  const signed = writer.done()
  const bytes = new WireWriter()
    .bytes(signed)
    .bytes(identity.sign(cardHash(signed)), NETWORK_SIGNATURE_BYTES)
    .done()
  const card = checkCard(bytes, { now: fields.time })
  if (!card.ok) throw new Error(`bug: made a bad card: ${card.error.message}`)
  return card.value
}

/** What the network key signs: tagged hash `Cheese/card` of all bytes but the signature. */
function cardHash(signed: Uint8Array): Uint8Array {
  return taggedHash('Cheese/card', signed)
}

/** The card that these bytes of a stranger are, if every one of them is as it must be. Never throws. */
export function checkCard(bytes: Uint8Array, context: CardContext): Result<Card, CardError> {
  const parsed = parseCard(bytes)
  if (!parsed.ok) return parsed
  const card = parsed.value
  if (context.params && !equalBytes(card.blueSmell, context.params.blueSmell)) return refuse('other-network', 'the card is of another network')
  if (card.time > context.now + CARD_AHEAD_SECONDS) return refuse('future', 'the card was made in the future: check the clock')
  if (context.now - card.time > CARD_SECONDS) return refuse('expired', 'the card is more than 24 hours old')
  const { certificate } = card
  if (certificate) {
    if (toHex(certificate.memberId) !== card.memberId) return refuse('certificate', 'the certificate is another member’s')
    if (certificate.time > context.now + CARD_AHEAD_SECONDS) return refuse('certificate', 'the certificate was made in the future')
    if (context.now - certificate.time > CERTIFICATE_SECONDS) return refuse('certificate', 'the certificate is more than 90 days old')
  }
  const split = bytes.length - NETWORK_SIGNATURE_BYTES
  if (!verifyNetworkSignature(card.spki, cardHash(bytes.subarray(0, split)), bytes.subarray(split), context.verifier)) {
    return refuse('signature', 'the card is not signed by its network key')
  }
  if (certificate && !verifyCertificate(certificate, card.blueSmell)) return refuse('certificate', 'the certificate is not signed by its payment key')
  return parsed
}

/** Whether a card that was good is still good at `now` (Unix seconds): it and its certificate age. */
export function isCardFresh(card: Card, now: number): boolean {
  return now <= cardGoodUntil(card)
}

/** Whether `next` replaces `current` (undefined = none yet): same member and network, greater time. */
export function replacesCard(next: Card, current: Card | undefined): boolean {
  return !current || (next.memberId === current.memberId && equalBytes(next.blueSmell, current.blueSmell) && next.time > current.time)
}

/** The last second at which a card that was good still is (Unix): it and its certificate age. */
export function cardGoodUntil(card: Card): number {
  return Math.min(card.time + CARD_SECONDS, card.certificate ? card.certificate.time + CERTIFICATE_SECONDS : Number.POSITIVE_INFINITY)
}

/** The fields of a card that was checked before: nothing about it is verified again. undefined when these are not the bytes of a card. */
export function readCheckedCard(bytes: Uint8Array): Card | undefined {
  const parsed = parseCard(bytes)
  return parsed.ok ? parsed.value : undefined
}

/** The network key (91 bytes) on a card that was checked before, without reading the rest. */
export function networkKeyOn(bytes: Uint8Array): Uint8Array {
  // version 1 · blue smell 32 · kind 1 · u8 length ‖ nickname, and in a certificate payment key 32 · member id 32 · time 4 · signature 64.
  const at = 35 + (bytes[34] as number) + (bytes[33] === 1 ? 132 : 0)
  return bytes.subarray(at, at + SPKI_BYTES)
}

/** The card's addresses as text. */
export function endpointTexts(card: Pick<Card, 'endpoints'>): string[] {
  return card.endpoints.map(formatEndpoint)
}

function parseCard(bytes: Uint8Array): Result<Card, CardError> {
  if (bytes.length > MAX_CARD_BYTES) return refuse('malformed', `a card has at most ${MAX_CARD_BYTES} bytes`)
  if (bytes.length > 0 && bytes[0] !== VERSION) return refuse('version', `cards of version ${bytes[0]} are not known here`)
  const reader = new WireReader(bytes)
  reader.u8()
  const blueSmell = reader.bytes(32)
  const kind = reader.u8()
  if (kind > 1) reader.fail()
  const certificate = kind === 1 ? readCertificate(reader) : undefined
  const nickname = certificate ? certificate.nickname : reader.text8(MAX_NICKNAME_BYTES)
  const spki = reader.bytes(SPKI_BYTES)
  if (!isNetworkKey(spki)) reader.fail()
  const endpoints = readEndpoints(reader)
  const height = reader.u32()
  const software = reader.text8(MAX_SOFTWARE)
  if (!/^[\x20-\x7e]*$/.test(software)) reader.fail()
  const time = reader.u32()
  reader.bytes(NETWORK_SIGNATURE_BYTES)
  if (!reader.done) return refuse('malformed', 'these are not the bytes of a card')
  if (!isNickname(nickname)) return refuse('nickname', 'its nickname is not one that is shown here')
  return ok({
    bytes: bytes.slice(),
    hash: toHex(sha256(bytes)),
    memberId: memberIdOf(spki),
    spki,
    blueSmell,
    nickname,
    paymentKey: certificate?.paymentKey,
    certificate,
    endpoints,
    height: height === NO_HEIGHT ? undefined : height,
    software,
    time,
  })
}

function readEndpoints(reader: WireReader): Endpoint[] {
  const count = reader.u8()
  if (count > MAX_ENDPOINTS) reader.fail()
  const endpoints: Endpoint[] = []
  const seen = new Set<string>()
  for (let i = 0; i < count && !reader.failed; i++) {
    const family = reader.u8()
    if (family !== 4 && family !== 6) reader.fail()
    const endpoint = { ip: reader.bytes(family === 4 ? 4 : 16), port: reader.u16() }
    const text = formatEndpoint(endpoint)
    // One form only: no mapped IPv4, no port 0, none twice.
    if (endpoint.port === 0 || isMapped(endpoint.ip) || seen.has(text)) reader.fail()
    seen.add(text)
    endpoints.push(endpoint)
  }
  return endpoints
}

function refuse(code: CardErrorCode, message: string): { readonly ok: false; readonly error: CardError } {
  return err({ code, message })
}
