/** BIP 340 Schnorr signatures over secp256k1, by noble: the oracle, and the fallback where no faster verifier runs. */
import { schnorr } from '@noble/curves/secp256k1.js'
import type { SignatureJob } from './types.ts'

const NO_AUX = new Uint8Array(32)

/** The x-only public key of a secret key (32 bytes, 1 … n−1; throws on another). */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return schnorr.getPublicKey(secretKey)
}

/**
 * Signs a 32-byte message. `aux` is 32 bytes of fresh randomness where there is some: BIP 340 is safe without, and with
 * it harder to attack by listening in. Throws on a secret key that is none.
 */
export function sign(message: Uint8Array, secretKey: Uint8Array, aux: Uint8Array = NO_AUX): Uint8Array {
  return schnorr.sign(message, secretKey, aux)
}

/** Whether a signature is good. Never throws, whatever the bytes. */
export function verifySignature(job: SignatureJob): boolean {
  try {
    return schnorr.verify(job.signature, job.message, job.publicKey)
  } catch {
    return false
  }
}
