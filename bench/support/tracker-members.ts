/** Members for bench/tracker.ts: real keys, real cards, real signatures, made by the system's crypto, so that a hundred thousand take no hour. */
import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { sha256, taggedHash } from '../../src/consensus/hash.ts'
import { params } from '../../src/consensus/params.ts'
import { type Announce, announceBytes, makeSessionAnnounce, toBase64 } from '../../src/tracker/protocol.ts'
import { sessionKey } from '../../src/tracker/session.ts'
import { bigIntToBytes, bytesToBigInt, concatBytes } from '../../src/util/bytes.ts'
import { WireWriter } from '../../src/util/wire.ts'

/** Order of P-256, SEC 2. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

export interface BenchMember {
  readonly index: number
  readonly key: KeyObject
  readonly spki: Uint8Array
  readonly card: Uint8Array
  readonly cardText: string
  readonly cardHash: Uint8Array
  /** Of its session, once there is one. */
  session?: { readonly id: string; readonly key: Uint8Array }
}

/** A network signature: ECDSA over `message` with s in the lower half. */
function networkSign(key: KeyObject, message: Uint8Array): Uint8Array {
  const signature = new Uint8Array(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }))
  const s = bytesToBigInt(signature.subarray(32))
  return s > ORDER / 2n ? concatBytes(signature.subarray(0, 32), bigIntToBytes(ORDER - s, 32)) : signature
}

/** The address that a member announces from: four in a /24, as in the world more or less. */
export function addressOf(index: number): string {
  return `${11 + (index >> 18)}.${(index >> 10) & 255}.${(index >> 2) & 255}.${1 + (index & 3)}`
}

/**
 * A member whose card has 382 bytes or a few less: as one with a certificate and two addresses. It has eight IPv6 addresses in its place,
 * since a hundred thousand BIP 340 signatures would take the bench longer than all the rest, and a tracker looks at them once in a card's life.
 */
export function benchMember(index: number, time: number): BenchMember {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  const writer = new WireWriter().u8(1).bytes(params('main').blueSmell, 32).u8(0).text8(`Member ${index}`).bytes(spki, 91).u8(8)
  for (let i = 0; i < 8; i++)
    writer
      .u8(6)
      .bytes(concatBytes(new Uint8Array([0x2a, i]), bigIntToBytes(BigInt(index), 14)))
      .u16(9875)
  const signed = writer.u32(144_000).text8('cheese-stack 0.1.0').u32(time).done()
  const card = concatBytes(signed, networkSign(privateKey, taggedHash('Cheese/card', signed)))
  return { index, key: privateKey, spki, card, cardText: toBase64(card), cardHash: sha256(card) }
}

type Fields = Pick<Announce, 'host' | 'time' | 'event'>

const PLACE = { port: 9875, height: 144_001 }

/** The body of a signed announce that asks for a session. */
export function signedBody(member: BenchMember, fields: Fields): string {
  const announce = { ...fields, ...PLACE }
  const signature = networkSign(member.key, taggedHash('Cheese/announce', announceBytes(announce, member.cardHash)))
  return JSON.stringify({ ...announce, card: member.cardText, signature: toBase64(signature), ...(fields.event === 'started' ? { open: true } : {}) })
}

const points = new Map<string, KeyObject>()

/** Takes what the tracker offered for a session. @param point base64, 65 bytes */
export function takeSession(member: BenchMember, id: string, point: string): void {
  const bytes = new Uint8Array(Buffer.from(point, 'base64'))
  const publicKey = points.get(point) ?? createPublicKey({ key: Buffer.concat([member.spki.subarray(0, 26), bytes]), format: 'der', type: 'spki' })
  points.set(point, publicKey)
  member.session = { id, key: sessionKey(new Uint8Array(diffieHellman({ privateKey: member.key, publicKey })), member.spki, bytes) }
}

/** The body of an announce in the member's session. */
export function sessionBody(member: BenchMember, fields: Pick<Announce, 'host' | 'time'> & { readonly want?: number }): string {
  if (!member.session) throw new Error('this member has no session')
  return JSON.stringify(makeSessionAnnounce({ ...fields, ...PLACE, event: 'update', session: member.session.id }, member.cardHash, member.session.key))
}

/** What a member is called at bittorrent-tracker, 20 characters. */
export function peerIdOf(index: number): string {
  return `-CS0100-${index.toString(16).padStart(12, '0')}`
}

/** The same announce for bittorrent-tracker: one swarm, compact answers, as many peers asked for as ours gives. */
export function theirRequest(member: BenchMember, event: 'started' | 'stopped' | ''): string {
  const hash = 'cheese-stack-main-net'.slice(0, 20)
  const id = peerIdOf(member.index)
  return `/announce?info_hash=${hash}&peer_id=${id}&port=9875&uploaded=0&downloaded=0&left=0&compact=1&numwant=50${event ? `&event=${event}` : ''}`
}
