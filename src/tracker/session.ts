import { sha256, taggedHash } from '../consensus/hash.ts'

/** Sessions: after one signed announce, a member's later ones are proved by a MAC that costs a tracker next to nothing (docs/protocol-tracker.md, section 5). */

/** Bytes of a session's key and of a MAC. */
export const SESSION_BYTES = 32
const BLOCK_BYTES = 64

/**
 * The key that the member and the tracker share, and nobody who listens: from their Diffie–Hellman on P-256.
 * @param shared x-coordinate, 32 bytes
 * @param spki the member's network key, 91 bytes
 * @param point the tracker's session key, 65 bytes
 */
export function sessionKey(shared: Uint8Array, spki: Uint8Array, point: Uint8Array): Uint8Array {
  return taggedHash('Cheese/session', shared, spki, point)
}

/** HMAC-SHA-256 (RFC 2104) with a key of at most 64 bytes. */
export function sessionMac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return sha256(padded(key, 0x5c), sha256(padded(key, 0x36), message))
}

function padded(key: Uint8Array, byte: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(byte)
  for (let i = 0; i < key.length; i++) block[i] = (key[i] as number) ^ byte
  return block
}
