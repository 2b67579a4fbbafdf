/** A thread of bench/verify.ts: verifies packed signatures again and again for a while, and tells how many a second. */
import { parentPort, workerData } from 'node:worker_threads'
import { verifySignature } from '../../src/consensus/signature.ts'
import { openNativeVerifier } from '../../src/platform/native-verify.ts'
import { JOB_BYTES, verifyPacked as verifyByTiny } from '../../src/platform/tiny-verify.ts'

export interface BareData {
  readonly by: 'tiny' | 'native' | 'noble'
  readonly nativeAddon: string | undefined
  readonly packed: Uint8Array
  readonly milliseconds: number
}

const { by, nativeAddon, packed, milliseconds } = workerData as BareData
/** Signatures in one call: as many as a message of the pool may hold. */
const PART = by === 'noble' ? 4 : 64

function verifyByNoble(some: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: some.length / JOB_BYTES }, (_, i) => {
    const job = some.subarray(i * JOB_BYTES, (i + 1) * JOB_BYTES)
    return verifySignature({ publicKey: job.subarray(0, 32), message: job.subarray(32, 64), signature: job.subarray(64) }) ? 1 : 0
  })
}

const verify = by === 'tiny' ? verifyByTiny : by === 'noble' ? verifyByNoble : openNativeVerifier(nativeAddon)?.verifyPacked
let at = 0

/** Verifies for so long; how many a second. */
function run(ms: number): number {
  if (!verify) throw new Error('there is no such verifier here')
  const started = performance.now()
  let count = 0
  while (performance.now() - started < ms) {
    const some = packed.subarray(at, at + PART * JOB_BYTES)
    at = at + 2 * some.length > packed.length ? 0 : at + some.length
    if (verify(some).includes(0)) throw new Error('a signature is bad')
    count += some.length / JOB_BYTES
  }
  return (1000 * count) / (performance.now() - started)
}

// Warm, and only then all at once.
run(milliseconds / 4)
parentPort?.postMessage('ready')
parentPort?.once('message', () => parentPort?.postMessage(run(milliseconds)))
