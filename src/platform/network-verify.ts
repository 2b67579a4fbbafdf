import { createPublicKey, verify } from 'node:crypto'
import type { NetworkVerifier } from '../net/identity.ts'
import { concatBytes, fromHex } from '../util/bytes.ts'

/** DER before the 65-byte point of a P-256 key, RFC 5480. */
const SPKI_PREFIX = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200')

/** ECDSA P-256 by the host's OpenSSL or BoringSSL: some tens of times faster than plain JavaScript. What it is not sure of throws, which counts as false. */
export const nodeVerifier: NetworkVerifier = (point, message, signature) => {
  const key = createPublicKey({ key: Buffer.from(concatBytes(SPKI_PREFIX, point)), format: 'der', type: 'spki' })
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature)
}
