import { verifySchnorr } from 'tiny-secp256k1'
import { verifySignature } from '../consensus/signature.ts'
import type { SignatureJob } from '../consensus/types.ts'

/** What this verifier is called in a status. */
export const TINY = 'tiny-secp256k1'

/** public key 32 · message 32 · signature 64 */
export const JOB_BYTES = 128

/**
 * Whether a signature is good, by libsecp256k1 in WASM. It throws on keys and signatures that are out of range (and on
 * n ≤ r < p, which BIP 340 allows): what it throws on, noble decides.
 */
export function verifyWithTiny(job: SignatureJob): boolean {
  try {
    return verifySchnorr(job.message, job.publicKey, job.signature)
  } catch {
    return verifySignature(job)
  }
}

/** Whether each field has the length that its type promises; others are bad signatures and are never packed. */
export function isWellFormed(job: SignatureJob): boolean {
  return job.publicKey.length === 32 && job.message.length === 32 && job.signature.length === 64
}

/** One byte a packed job: 1 = good. */
export function verifyPacked(packed: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(packed.length / JOB_BYTES)
  for (let i = 0; i < out.length; i++) {
    const job = packed.subarray(i * JOB_BYTES, (i + 1) * JOB_BYTES)
    out[i] = verifyWithTiny({ publicKey: job.subarray(0, 32), message: job.subarray(32, 64), signature: job.subarray(64) }) ? 1 : 0
  }
  return out
}
