import { Worker } from 'node:worker_threads'
import { SerialQueue } from '../util/queue.ts'
import type { VaultCipher } from '../wallet/ports.ts'
import type { VaultJob } from './workers/vault.ts'

export interface VaultCipherOptions {
  /** Where the built workers/vault.ts is: each host knows its own. */
  readonly workerUrl: URL
  /** scrypt's work factor, log2, for what is sealed; age's own when left out. */
  readonly workFactor?: number
}

/**
 * The vault's cipher in a worker thread: one thread a job, one job at a time (each takes 256 MiB and about a second). A
 * thread that dies fails its own job alone.
 */
export function openVaultCipher({ workerUrl, workFactor }: VaultCipherOptions): VaultCipher {
  const queue = new SerialQueue()
  const running = new Set<Worker>()
  let closed = false

  const run = (kind: VaultJob['kind'], bytes: Uint8Array, passphrase: string): Promise<unknown> =>
    queue.run(
      () =>
        new Promise<unknown>((resolve, reject) => {
          if (closed) throw new Error('the vault cipher is closed')
          const job: VaultJob = { kind, bytes, passphrase, workFactor }
          const worker = new Worker(workerUrl, { workerData: job, name: 'vault' })
          running.add(worker)
          worker.once('message', resolve)
          worker.once('error', reject)
          worker.once('exit', (code) => {
            running.delete(worker)
            // After an answer or an error this does nothing: the promise is settled.
            reject(new Error(`the vault's worker ended early (code ${code})`))
          })
        }),
    )

  return {
    seal: async (plain, passphrase) => (await run('seal', plain, passphrase)) as Awaited<ReturnType<VaultCipher['seal']>>,
    open: async (sealed, passphrase) => (await run('open', sealed, passphrase)) as Awaited<ReturnType<VaultCipher['open']>>,
    async close() {
      closed = true
      await Promise.all([...running].map((worker) => worker.terminate()))
    },
  }
}
