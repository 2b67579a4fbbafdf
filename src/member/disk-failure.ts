import { Failure, type FailureCode } from '../api/errors.ts'
import { StoreError, type StoreErrorCode } from '../util/store-error.ts'

const CODES: Readonly<Record<Exclude<StoreErrorCode, 'failed'>, FailureCode>> = {
  'in-use': 'DATA_IN_USE',
  damaged: 'STORE_DAMAGED',
  'disk-full': 'DISK_FULL',
  'read-only': 'DISK_READ_ONLY',
  'other-network': 'DATA_OTHER_NETWORK',
  'newer-schema': 'DATA_NEWER',
}

/** What a store or file said went wrong, as a `Failure` for people; any other error comes back as it was. */
export function diskFailure(error: unknown): unknown {
  if (!(error instanceof StoreError) || error.code === 'failed') return error
  return new Failure(CODES[error.code], error.message)
}

/** Runs `job`; what disks and stores throw becomes a `Failure`, everything else passes. */
export async function onDisk<T>(job: () => Promise<T>): Promise<T> {
  try {
    return await job()
  } catch (error) {
    throw diskFailure(error)
  }
}
