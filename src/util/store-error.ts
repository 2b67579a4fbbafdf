/**
 * Why a store (or any file of ours) cannot be used.
 * `in-use`: another process has it open. `damaged`: what is there is not what was written. `disk-full`, `read-only`: the
 * disk does not take what is written. `other-network`, `newer-schema`: it holds something that this program must not touch.
 * `failed`: anything else that the system said.
 */
export type StoreErrorCode = 'in-use' | 'damaged' | 'disk-full' | 'read-only' | 'other-network' | 'newer-schema' | 'failed'

/** Thrown by stores and by what is built on them. The message is for people: what happened and what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StoreError'
    this.code = code
  }
}
