import { sha256 } from '../consensus/hash.ts'
import { cardGoodUntil, checkCard, networkKeyOn } from '../net/card.ts'
import { memberIdOf, type NetworkVerifier } from '../net/identity.ts'
import { equalBytes, fromHex, toHex } from '../util/bytes.ts'
import { ok, type Result } from '../util/result.ts'
import { ANNOUNCE_SECONDS, Announce, announceBytes, fromBase64, normalizeHost, SessionAnnounce, toBase64, verifyAnnounce } from './protocol.ts'
import { refuse } from './registry.ts'
import { SESSION_BYTES, sessionMac } from './session.ts'
import type { SessionHost } from './session-host.ts'
import type { Arrival, Entry, MemberTable, Refusal } from './table.ts'

/** Whether an announce is good: everything that must hold before the table is touched, cheapest first. */

/** An announce that is good, as far as can be said without the table. */
export interface GoodAnnounce extends Omit<Arrival, 'ip' | 'keepMs'> {
  readonly want: number | undefined
  /** Its member has heard of others before. */
  readonly inSession: boolean
  /** Of a session that it opens. */
  readonly opens?: { readonly id: string; readonly key: string }
}

export interface AnnounceCheckOptions {
  readonly table: Pick<MemberTable, 'find'>
  readonly sessions: SessionHost
  readonly verifier?: NetworkVerifier | undefined
  /** The `HOST:PORT`s by which this tracker is known; left out: whatever the request's `Host` says. */
  readonly hosts?: ReadonlySet<string> | undefined
}

type CardFields = Pick<Entry, 'memberId' | 'network' | 'card' | 'cardHash' | 'cardTime' | 'cardUntil' | 'version'>

/**
 * Checks an announce. What its member sent the last time and sends again, the same card, is not checked again.
 * @param json anything
 * @param host the request's `Host`
 * @param now Unix seconds
 */
export async function checkAnnounce(json: unknown, host: string, now: number, options: AnnounceCheckOptions): Promise<Result<GoodAnnounce, Refusal>> {
  const inSession = typeof json === 'object' && json !== null && Object.hasOwn(json, 'session')
  const parsed = inSession ? SessionAnnounce.safeParse(json) : Announce.safeParse(json)
  if (!parsed.success) return refuse('bad-request', 'This is not an announce: see docs/protocol-tracker.md for its fields.')
  const announce = parsed.data
  if (!isHere(announce.host, host, options.hosts)) return refuse('wrong-host', 'This announce was made for another tracker.')
  if (Math.abs(announce.time - now) > ANNOUNCE_SECONDS)
    return refuse('wrong-time', `The announce is more than ${ANNOUNCE_SECONDS} seconds off the tracker’s clock.`)
  const { event, time, port, height, want } = announce
  const fields = { event, time, host: announce.host, port, height, want, inSession: 'session' in announce }
  if ('session' in announce) {
    const card = await inItsSession(announce, now, options)
    return card.ok ? ok({ ...fields, ...card.value }) : card
  }
  const card = await cardOf(announce.card, now, options)
  if (!card.ok) return card
  const key = networkKeyOn(fromBase64(card.value.card) ?? new Uint8Array())
  if (!verifyAnnounce(announce, key, fromHex(card.value.cardHash), options.verifier))
    return refuse('bad-signature', 'The announce is not signed by its member.')
  const secret = announce.open === true && event !== 'stopped' ? options.sessions.keyFor(key) : undefined
  if (!secret) return ok({ ...fields, ...card.value })
  const opens = { id: sessionId(card.value), key: toBase64(options.sessions.point) }
  return ok({ ...fields, ...card.value, session: toBase64(secret), opens })
}

/** What a member calls its session by: not a secret, and the same for every instance of a tracker. */
function sessionId({ network, memberId }: Pick<Entry, 'network' | 'memberId'>): string {
  return `${network}${memberId}`
}

async function inItsSession(announce: SessionAnnounce, now: number, options: AnnounceCheckOptions): Promise<Result<CardFields, Refusal>> {
  const entry = announce.session.length === 128 ? await options.table.find(announce.session.slice(0, 64), announce.session.slice(64)) : undefined
  const key = entry?.session ? fromBase64(entry.session) : undefined
  if (!entry || !key) return refuse('no-session', 'This session is not known: send a signed announce.')
  const bytes = announce.card === undefined || announce.card === entry.card ? undefined : fromBase64(announce.card)
  if (announce.card !== undefined && announce.card !== entry.card && !bytes) return refuse('bad-card', 'The card is not good: it is not base64.')
  const hash = bytes ? sha256(bytes) : fromHex(entry.cardHash)
  const mac = fromBase64(announce.mac)
  if (mac?.length !== SESSION_BYTES || !equalBytes(mac, sessionMac(key, announceBytes(announce, hash))))
    return refuse('no-session', 'This is not an announce of the session: send a signed one.')
  const card = await cardOf(announce.card ?? entry.card, now, options, entry)
  if (card.ok && (card.value.memberId !== entry.memberId || card.value.network !== entry.network))
    return refuse('bad-card', 'The card is not good: it is not that of the session’s member.')
  return card
}

/** What the table needs of a card: as it has it when it is the one that is listed, else read and checked. */
async function cardOf(text: string, now: number, options: AnnounceCheckOptions, listed?: Entry): Promise<Result<CardFields, Refusal>> {
  if (listed?.card === text && now <= listed.cardUntil) return ok(cardFields(listed))
  const bytes = fromBase64(text)
  if (!bytes) return refuse('bad-card', 'The card is not good: it is not base64.')
  const known = listed ?? (await listedFor(bytes, options.table))
  if (known?.card === text && now <= known.cardUntil) return ok(cardFields(known))
  const { verifier } = options
  const card = checkCard(bytes, { now, ...(verifier ? { verifier } : {}) })
  if (!card.ok) return refuse('bad-card', `The card is not good: ${card.error.message}.`)
  const { memberId, hash: cardHash, time: cardTime, software: version, blueSmell } = card.value
  return ok({ memberId, network: toHex(blueSmell), card: text, cardHash, cardTime, cardUntil: cardGoodUntil(card.value), version })
}

/** These fields alone: an entry has others, of which the announce says its own. */
function cardFields({ memberId, network, card, cardHash, cardTime, cardUntil, version }: Entry): CardFields {
  return { memberId, network, card, cardHash, cardTime, cardUntil, version }
}

/** The entry of the member whose card these bytes may be: a stranger's, so nothing is believed of it but where to look. */
function listedFor(bytes: Uint8Array, table: Pick<MemberTable, 'find'>): Entry | undefined | Promise<Entry | undefined> {
  if (bytes.length < 35) return undefined
  return table.find(toHex(bytes.subarray(1, 33)), memberIdOf(networkKeyOn(bytes)))
}

function isHere(announced: string, host: string, hosts: ReadonlySet<string> | undefined): boolean {
  return announced === normalizeHost(announced) && (hosts ? hosts.has(announced) : announced === normalizeHost(host))
}
