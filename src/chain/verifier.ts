import type { SignatureJob } from '../consensus/types.ts'

/** Verifies BIP 340 signatures away from the event loop. Adapters are in platform/. */
export interface Verifier {
  /** One answer a job, in order. Never rejects for a bad signature, whatever its bytes. */
  verify(jobs: readonly SignatureJob[]): Promise<readonly boolean[]>
  close(): Promise<void>
}
