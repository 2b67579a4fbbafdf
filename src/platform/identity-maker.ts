import { Worker } from 'node:worker_threads'
import { type Identity, readIdentity } from '../net/identity.ts'
import type { MadeIdentity } from './workers/identity.ts'

/**
 * Makes a network identity in a worker thread, so that nothing else waits for it.
 * @param workerUrl where the built workers/identity.ts is: each host knows its own
 */
export async function makeIdentity(workerUrl: URL): Promise<Identity> {
  const made = await new Promise<MadeIdentity>((resolve, reject) => {
    const worker = new Worker(workerUrl, { name: 'identity' })
    worker.once('message', resolve)
    worker.once('error', reject)
    // After an answer or an error this does nothing: the promise is settled.
    worker.once('exit', (code) => reject(new Error(`the identity's worker ended early (code ${code})`)))
  })
  const identity = readIdentity(made.keyPem, made.certificatePem)
  if (!identity.ok) throw new Error(`bug: the identity that was made is none: ${identity.error}`)
  return identity.value
}
