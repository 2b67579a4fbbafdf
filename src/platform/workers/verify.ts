/** A thread of the signature pool (verify-pool.ts): packed jobs in, one byte a job out. The main loop goes before it. */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { openNativeVerifier } from '../native-verify.ts'
import { verifyPacked as verifyByTiny } from '../tiny-verify.ts'

export interface VerifyWorkerData {
  /** The addon that is to verify; tiny-secp256k1 does when there is none. */
  readonly nativeAddon: string | undefined
}

export interface FromVerifyingThread {
  /** 1 = good */
  readonly good: Uint8Array<ArrayBuffer>
  /** How long it took. */
  readonly ms: number
}

const port = parentPort
if (!port) throw new Error('bug: this file runs as a worker thread')

const verifyPacked = openNativeVerifier((workerData as VerifyWorkerData | null)?.nativeAddon)?.verifyPacked ?? verifyByTiny

// Linux alone counts priority by thread; elsewhere it would slow the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(5)
  } catch {
    // Then it verifies as it is.
  }
}

port.on('message', (packed: Uint8Array) => {
  const started = performance.now()
  const good = verifyPacked(packed)
  const answer: FromVerifyingThread = { good, ms: performance.now() - started }
  port.postMessage(answer, [good.buffer])
})
