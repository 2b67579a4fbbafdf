/** Values of the chain's store ↔ bytes (keys.ts has the table). Decoders throw a `StoreError` on what we cannot have written. */
import { HEADER_BYTES } from '../consensus/codec.ts'
import type { RuleCode } from '../consensus/errors.ts'
import type { Account, AccountChanges, Smell } from '../consensus/types.ts'
import { bigIntToBytes, bytesToBigInt, concatBytes, fromHex, toHex } from '../util/bytes.ts'
import type { Steps } from '../util/steps.ts'
import { StoreError } from '../util/store-error.ts'

/**
 * What is known of a cheese. `header`: its header alone. `body`: its body is stored and fits the header. `valid`: it has
 * been connected once, so every rule held. `invalid`: it, or one below it, breaks a rule for good; no body is kept.
 */
export type EntryState = 'header' | 'body' | 'valid' | 'invalid'
const STATES: readonly EntryState[] = ['header', 'body', 'valid', 'invalid']

/** Of the body, so that lists need not decode it; zeros until there is one. */
export interface BodyFacts {
  /** Encoded body, bytes. */
  readonly size: number
  readonly transfers: number
  /** Address that its reward goes to, 20 bytes. */
  readonly rewardTo: Uint8Array
  /** Subsidy + fees, in crumbs; zero until it has been connected once. */
  readonly rewardAmount: bigint
}

export interface HeaderRecord {
  /** The header's 116 bytes. */
  readonly header: Uint8Array
  /** Cumulative work from the blue cheese up. */
  readonly work: bigint
  /** When it was first seen, as a running number: the lower wins a tie. Set anew when its body, and all below it, are there. */
  readonly order: number
  readonly state: EntryState
  /** Whether its body and all those below it are stored, and none is known to be invalid; so of every valid one. */
  readonly complete: boolean
  readonly facts: BodyFacts
  /** Broken rule of an invalid one. */
  readonly code: RuleCode | undefined
}

export const NO_FACTS: BodyFacts = { size: 0, transfers: 0, rewardTo: new Uint8Array(20), rewardAmount: 0n }

/** header 116 · work 32 · order 8 · state 1 (and `READY`) · size 4 · transfers 4 · reward's address 20 · reward's amount 8 · rule code, ASCII */
const FIXED = HEADER_BYTES + 77
/** Added to the state of a body that is complete and was never connected. */
const READY = 0x80
const ACCOUNT_BYTES = 12
const UNDO_BYTES = 20 + ACCOUNT_BYTES

/** The error for a store that holds `what` as we cannot have written it. */
export function damaged(what: string): StoreError {
  return new StoreError('damaged', `The stored stack is damaged (${what}). It can be set aside and rebuilt; the wallet is kept elsewhere.`)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function encodeRecord(record: HeaderRecord): Uint8Array {
  const code = record.code ?? ''
  const out = new Uint8Array(FIXED + code.length)
  const view = viewOf(out)
  out.set(record.header)
  out.set(bigIntToBytes(record.work, 32), 116)
  view.setBigUint64(148, BigInt(record.order))
  view.setUint8(156, STATES.indexOf(record.state) | (record.complete && record.state === 'body' ? READY : 0))
  view.setUint32(157, record.facts.size)
  view.setUint32(161, record.facts.transfers)
  out.set(record.facts.rewardTo, 165)
  view.setBigUint64(185, record.facts.rewardAmount)
  for (let i = 0; i < code.length; i++) out[FIXED + i] = code.charCodeAt(i)
  return out
}

export function decodeRecord(bytes: Uint8Array): HeaderRecord {
  const view = viewOf(bytes)
  const flags = bytes.length < FIXED ? 0xff : view.getUint8(156)
  const state = STATES[flags & ~READY]
  if (state === undefined) throw damaged('a header record')
  const code = String.fromCharCode(...bytes.subarray(FIXED))
  return {
    header: bytes.slice(0, HEADER_BYTES),
    work: bytesToBigInt(bytes.subarray(116, 148)),
    order: Number(view.getBigUint64(148)),
    state,
    complete: state === 'valid' || (state === 'body' && (flags & READY) !== 0),
    facts: {
      size: view.getUint32(157),
      transfers: view.getUint32(161),
      rewardTo: bytes.slice(165, 185),
      rewardAmount: view.getBigUint64(185),
    },
    code: code === '' ? undefined : (code as RuleCode),
  }
}

/** What is kept of the choice between branches, so that nobody has to look through all headers for it. */
export interface TreeRecord {
  /** Smell of the header with the most work that is not invalid. */
  readonly best: Smell
  /** Smell of the best cheese whose body, and all those below, are there. */
  readonly bestComplete: Smell
  readonly nextOrder: number
}

export function encodeTree({ best, bestComplete, nextOrder }: TreeRecord): Uint8Array {
  return concatBytes(fromHex(best), fromHex(bestComplete), bigIntToBytes(BigInt(nextOrder), 8))
}

export function decodeTree(bytes: Uint8Array | undefined): TreeRecord {
  if (bytes?.length !== 72) throw damaged('which branch is best')
  return { best: toHex(bytes.subarray(0, 32)), bestComplete: toHex(bytes.subarray(32, 64)), nextOrder: Number(bytesToBigInt(bytes.subarray(64))) }
}

export function encodeAccount(account: Account): Uint8Array {
  const out = new Uint8Array(ACCOUNT_BYTES)
  const view = viewOf(out)
  view.setBigUint64(0, account.balance)
  view.setUint32(8, account.sequence)
  return out
}

export function decodeAccount(bytes: Uint8Array): Account {
  if (bytes.length !== ACCOUNT_BYTES) throw damaged('an account')
  const view = viewOf(bytes)
  return { balance: view.getBigUint64(0), sequence: view.getUint32(8) }
}

const NO_ACCOUNT: Account = { balance: 0n, sequence: 0 }

/** The accounts of `changes`, sorted by address; one that is not stored as zeros. */
export function* encodeUndoSteps(changes: AccountChanges): Steps<Uint8Array> {
  const addresses = [...changes.keys()].sort()
  const out = new Uint8Array(addresses.length * UNDO_BYTES)
  const view = viewOf(out)
  let at = 0
  for (const address of addresses) {
    const { balance, sequence } = changes.get(address) ?? NO_ACCOUNT
    out.set(fromHex(address), at)
    view.setBigUint64(at + 20, balance)
    view.setUint32(at + 28, sequence)
    at += UNDO_BYTES
    yield
  }
  return out
}

export function* decodeUndoSteps(bytes: Uint8Array): Steps<AccountChanges> {
  if (bytes.length % UNDO_BYTES !== 0) throw damaged('the undo of a cheese')
  const changes = new Map<string, Account | undefined>()
  for (let at = 0; at < bytes.length; at += UNDO_BYTES) {
    const account = decodeAccount(bytes.subarray(at + 20, at + UNDO_BYTES))
    changes.set(toHex(bytes.subarray(at, at + 20)), account.balance === 0n && account.sequence === 0 ? undefined : account)
    yield
  }
  return changes
}

/** `first` u32 · `second` u32: the place of a transfer. */
export function encodePair(first: number, second: number): Uint8Array {
  const out = new Uint8Array(8)
  viewOf(out).setUint32(0, first)
  viewOf(out).setUint32(4, second)
  return out
}

export function decodePair(bytes: Uint8Array): readonly [number, number] {
  if (bytes.length !== 8) throw damaged('the place of a transfer')
  return [viewOf(bytes).getUint32(0), viewOf(bytes).getUint32(4)]
}

export function encodeU32(value: number): Uint8Array {
  const out = new Uint8Array(4)
  viewOf(out).setUint32(0, value)
  return out
}

export function decodeU32(bytes: Uint8Array): number {
  if (bytes.length !== 4) throw damaged('a count')
  return viewOf(bytes).getUint32(0)
}
