/** What can go wrong for a face of a member. Each message says what happened and what to do. */
export type FailureCode =
  | 'BAD_INPUT'
  | 'BAD_ADDRESS'
  | 'OTHER_NETWORK'
  | 'BAD_AMOUNT'
  | 'BAD_WORDS'
  | 'WEAK_PASSPHRASE'
  | 'WRONG_PASSPHRASE'
  | 'WRONG_ANSWERS'
  | 'WALLET_MISSING'
  | 'WALLET_EXISTS'
  | 'WALLET_LOCKED'
  | 'UNKNOWN_RECIPIENT'
  | 'AMBIGUOUS_RECIPIENT'
  | 'KEY_CHANGED'
  | 'INSUFFICIENT_FUNDS'
  | 'FEE_TOO_LOW'
  | 'REJECTED'
  | 'NOT_FOUND'
  | 'NOT_REGTEST'
  | 'CONSENT_NEEDED'
  | 'PORT_IN_USE'
  | 'TRACKER_UNREACHABLE'
  | 'PEER_UNREACHABLE'
  | 'DATA_OTHER_NETWORK'
  | 'DATA_IN_USE'
  | 'DATA_NEWER'
  | 'STORE_DAMAGED'
  | 'DISK_FULL'
  | 'DISK_READ_ONLY'
  | 'BUSY'

/** A failure that is the answer to a call, not a bug. Crosses every carrier with its code, message and data. */
export class Failure extends Error {
  readonly code: FailureCode
  readonly data: Readonly<Record<string, unknown>> | undefined

  constructor(code: FailureCode, message: string, data?: Readonly<Record<string, unknown>>) {
    super(message)
    this.name = 'Failure'
    this.code = code
    this.data = data
  }
}
