/**
 * The short ids of compact cheeses: the first 48 bits of SHA-256 over a salt, drawn anew for each cheese, and the relay id; so nobody can
 * make two transfers collide for everybody. Why not SipHash as BIP 152: docs/adr/compact-cheeses.md.
 */
import { sha256 } from '../consensus/hash.ts'
import { bigIntToBytes } from '../util/bytes.ts'
import { SHORT_ID_LENGTH } from './limits.ts'

const SALT_LENGTH = 16
const LOW_WORD = 2 ** 32

/** The salt of a cheese: the first 16 bytes of SHA-256(header ‖ nonce as u64). */
export function saltOf(header: Uint8Array, nonce: bigint): Uint8Array {
  return sha256(header, bigIntToBytes(nonce, 8)).subarray(0, SALT_LENGTH)
}

/** The short id of a relay id of 32 bytes, as a number below 2^48. Salt and id fit one block of SHA-256. */
export function shortId(salt: Uint8Array, relayId: Uint8Array): number {
  return shortIdAt(sha256(salt, relayId), 0)
}

/** The short id that stands at `index` in a list of them. */
export function shortIdAt(list: Uint8Array, index: number): number {
  const at = index * SHORT_ID_LENGTH
  const byte = (i: number) => list[at + i] as number
  return ((byte(0) << 8) | byte(1)) * LOW_WORD + (((byte(2) << 24) | (byte(3) << 16) | (byte(4) << 8) | byte(5)) >>> 0)
}

/** Writes a short id as the one at `index` of a list. */
export function putShortId(list: Uint8Array, index: number, id: number): void {
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength)
  view.setUint16(index * SHORT_ID_LENGTH, Math.floor(id / LOW_WORD))
  view.setUint32(index * SHORT_ID_LENGTH + 2, id % LOW_WORD)
}
