import { parentPort } from 'node:worker_threads'
import { createIdentity } from '../../net/identity.ts'

/** Makes one network identity, in a thread that ends with it: the tools for its certificate take long to load. */

export interface MadeIdentity {
  readonly keyPem: string
  readonly certificatePem: string
}

const { keyPem, certificatePem } = await createIdentity()
parentPort?.postMessage({ keyPem, certificatePem } satisfies MadeIdentity)
