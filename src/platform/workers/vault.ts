import { parentPort, workerData } from 'node:worker_threads'
import { openAge, sealAge } from '../../wallet/age.ts'

/** One job of the vault's cipher, in a thread that ends with it: scrypt's 256 MiB and the passphrase go when it goes. */

export interface VaultJob {
  readonly kind: 'seal' | 'open'
  readonly bytes: Uint8Array
  readonly passphrase: string
  readonly workFactor: number | undefined
}

async function run({ kind, bytes, passphrase, workFactor }: VaultJob): Promise<void> {
  const result = kind === 'seal' ? await sealAge(bytes, passphrase, workFactor) : await openAge(bytes, passphrase)
  bytes.fill(0)
  parentPort?.postMessage(result)
}

await run(workerData as VaultJob)
