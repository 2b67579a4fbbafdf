/** A thread of the signature pool (verify-pool.ts): packed jobs in, one byte a job out. */
import { parentPort } from 'node:worker_threads'
import { verifyPacked } from '../tiny-verify.ts'

const port = parentPort
if (!port) throw new Error('bug: this file runs as a worker thread')

port.on('message', (packed: Uint8Array) => {
  const good = verifyPacked(packed)
  port.postMessage(good, [good.buffer])
})
