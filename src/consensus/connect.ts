/** The rules of a body, and what connecting it makes of the accounts. Nothing here stores anything. */
import { equalBytes, toHex } from '../util/bytes.ts'
import { err, ok, type Result } from '../util/result.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'
import { AccountsOverlay, applyTransfer, credit } from './accounts.ts'
import { decodeBodySteps } from './codec.ts'
import { type RuleError, ruleError } from './errors.ts'
import { signingHash } from './hash.ts'
import { checkLimitsSteps } from './limits.ts'
import { bodyRootSteps } from './merkle.ts'
import type { Account, AccountChanges, AccountsReader, AddressHex, Body, Header, Params, SignatureJob, Transfer } from './types.ts'

export { AccountsOverlay, applyTransfer, NEW_ACCOUNT_MINIMUM } from './accounts.ts'
export { checkTransferShape } from './limits.ts'

/**
 * Everything about a body that needs no accounts, in this order: size, shape, body root (the sender's fault so far),
 * then limits of fields (the cheese's).
 * @param height the cheese's own
 * @param _params so far these rules are the same on every network
 */
export function checkBody(bytes: Uint8Array, header: Pick<Header, 'bodyRoot'>, height: number, _params?: Params): Result<Body, RuleError> {
  return allAtOnce(checkBodySteps(bytes, header, height))
}

/** `checkBody` in steps. */
export function* checkBodySteps(bytes: Uint8Array, header: Pick<Header, 'bodyRoot'>, height: number): Steps<Result<Body, RuleError>> {
  const decoded = yield* decodeBodySteps(bytes)
  if (!decoded.ok) return decoded
  const root = yield* bodyRootSteps(decoded.value)
  if (!equalBytes(root, header.bodyRoot)) {
    return err(ruleError('body-root', `the body's root is ${toHex(root)}, and its header says ${toHex(header.bodyRoot)}`))
  }
  const broken = yield* checkLimitsSteps(decoded.value, height)
  return broken ? err(broken) : decoded
}

export interface ApplyInput {
  /** A body that passed `checkBody`. */
  readonly body: Body
  /** Its cheese's height. */
  readonly height: number
  /** The accounts as the cheese below leaves them. */
  readonly accounts: AccountsReader
  /** The reward that ripens now (`ripeningHeight`): whom it pays, and its subsidy and fees; undefined when there is none. */
  readonly ripe: { readonly to: Uint8Array; readonly amount: bigint } | undefined
}

export interface Applied {
  /** What differs afterwards. */
  readonly changes: AccountChanges
  /** The same addresses as they were before: what takes the cheese off again. */
  readonly undo: AccountChanges
  /** Crumbs of all fees; the reward is these and the subsidy. */
  readonly fees: bigint
}

/** What is to be verified of a transfer. A cheese's signatures come after its transfers have been applied, and before its accounts root. */
export function signatureJob(transfer: Transfer, params: Pick<Params, 'blueSmell'>): SignatureJob {
  return { publicKey: transfer.from, message: signingHash(transfer, params), signature: transfer.signature }
}

/** Credits the reward that ripens, then applies the transfers in order; the first rule that one breaks is returned with its index. */
export function applyBody(input: ApplyInput): Result<Applied, RuleError> {
  return allAtOnce(applyBodySteps(input))
}

/** `applyBody` in steps; `accounts` must stay as they are meanwhile. */
export function* applyBodySteps({ body, height, accounts, ripe }: ApplyInput): Steps<Result<Applied, RuleError>> {
  const before = new Map<AddressHex, Account | undefined>()
  const overlay = new AccountsOverlay({
    get(address) {
      const key = toHex(address)
      const known = before.get(key)
      if (known !== undefined || before.has(key)) return known
      const account = accounts.get(address)
      before.set(key, account)
      return account
    },
  })
  if (ripe) credit(overlay, ripe.to, ripe.amount)
  let fees = 0n
  for (const [index, transfer] of body.transfers.entries()) {
    const broken = applyTransfer(overlay, transfer, height)
    if (broken) return err({ ...broken, transfer: index })
    fees += transfer.fee
    yield
  }
  const changes = new Map<AddressHex, Account | undefined>()
  const undo = new Map<AddressHex, Account | undefined>()
  for (const [key, account] of overlay.changes()) {
    const old = before.get(key)
    if (old?.balance === account?.balance && old?.sequence === account?.sequence) continue
    changes.set(key, account)
    undo.set(key, old)
    yield
  }
  return ok({ changes, undo, fees })
}
