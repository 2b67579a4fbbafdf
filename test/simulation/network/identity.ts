import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '../../../src/consensus/hash.ts'
import { type Identity, memberIdOf, type NetworkVerifier } from '../../../src/net/identity.ts'
import { nodeVerifier } from '../../../src/platform/network-verify.ts'
import { concatBytes, fromHex } from '../../../src/util/bytes.ts'
import { encodeUtf8 } from '../../../src/util/utf8.ts'

/** DER before the point of a P-256 key, RFC 5480. */
const SPKI_PREFIX = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200')

/** A network key that is the same for the same name. Nobody shows its certificate in memory, so there is none. */
export function identityOf(name: string): Identity {
  const secret = sha256(encodeUtf8(`simulated ${name}`))
  const spki = concatBytes(SPKI_PREFIX, p256.getPublicKey(secret, false))
  return {
    memberId: memberIdOf(spki),
    spki,
    keyPem: '',
    certificatePem: '',
    sign: (message) => p256.sign(message, secret, { prehash: true, lowS: true }),
    agree: (point) => p256.getSharedSecret(secret, point, true).slice(1),
  }
}

/** All members' check of network signatures: each is really checked once in the process. */
export function sharedNetworkVerifier(): NetworkVerifier {
  const known = new Map<string, boolean>()
  return (point, message, signature) => {
    const key = Buffer.concat([signature, sha256(message), point]).toString('latin1')
    const verdict = known.get(key) ?? nodeVerifier(point, message, signature)
    if (known.size > 100_000) known.clear()
    known.set(key, verdict)
    return verdict
  }
}
