import { StoreError, type StoreErrorCode } from '../util/store-error.ts'

const FULL = /\bENOSPC\b|\bEDQUOT\b|no space left|disk quota exceeded|not enough space/i
const READ_ONLY = /\bEROFS\b|\bEACCES\b|\bEPERM\b|read-only file system|permission denied|access is denied/i

/** The messages of `error` and of what caused it, with their codes, for matching. */
function textOf(error: unknown): string {
  const parts: string[] = []
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = 'code' in at ? String(at.code) : ''
    parts.push(`${code} ${at.message}`)
  }
  return parts.join(' | ') || String(error)
}

const ADVICE: Readonly<Record<StoreErrorCode, (place: string) => string>> = {
  'in-use': (place) => `${place} is in use by another Cheese Stack. Quit that one, or choose another data folder.`,
  damaged: (place) => `${place} is damaged. It can be set aside and rebuilt from the network; the wallet is kept elsewhere.`,
  'disk-full': (place) => `The disk is full: ${place} could not be written. Free some space and try again; nothing was lost.`,
  'read-only': (place) =>
    `${place} cannot be written: the disk or the folder is read-only for this user. Change its permissions or choose another data folder.`,
  'other-network': (place) => `${place} belongs to another network. Choose another data folder.`,
  'newer-schema': (place) => `${place} was written by a newer Cheese Stack. Update this one, or choose another data folder.`,
  failed: (place) => `${place} could not be read or written.`,
}

/** A `StoreError` about `place` for what the system or LevelDB threw; one that is a `StoreError` already stays as it is. */
export function toStoreError(error: unknown, place: string): StoreError {
  if (error instanceof StoreError) return error
  const text = textOf(error)
  const code: StoreErrorCode = /LEVEL_LOCKED/.test(text)
    ? 'in-use'
    : FULL.test(text)
      ? 'disk-full'
      : READ_ONLY.test(text)
        ? 'read-only'
        : /LEVEL_CORRUPTION|corruption/i.test(text) || (/LEVEL_IO_ERROR|LEVEL_DATABASE_NOT_OPEN/.test(text) && /No such file/i.test(text))
          ? 'damaged'
          : 'failed'
  const tail = code === 'failed' ? ` The system said: ${error instanceof Error ? error.message : String(error)}` : ''
  return new StoreError(code, ADVICE[code](place) + tail, error)
}

/** A `StoreError` of `code` about `place`, with the usual advice. */
export function storeError(code: StoreErrorCode, place: string): StoreError {
  return new StoreError(code, ADVICE[code](place))
}
