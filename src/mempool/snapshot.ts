/**
 * The mempool's file (mempool.dat): "CHEESEMP" · u32 version = 1 · blue cheese smell 32, then records, each
 * "\xf0\x9f\xa7\x80" · u32 length · u64 added at (ms) · u8 flags (1 = local) · transfer · first 4 bytes of the SHA-256 of
 * all of the record before them. Big-endian. A damaged record costs itself alone: reading goes on at the next mark.
 */
import { decodeTransfer, encodeTransfer } from '../consensus/codec.ts'
import { sha256 } from '../consensus/hash.ts'
import type { Params, Transfer } from '../consensus/types.ts'
import { equalBytes } from '../util/bytes.ts'
import { err, ok, type Result } from '../util/result.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'

const MAGIC = new TextEncoder().encode('CHEESEMP')
const VERSION = 1
const HEAD_BYTES = MAGIC.length + 4 + 32
const MARK = Uint8Array.of(0xf0, 0x9f, 0xa7, 0x80)
/** mark 4 · length 4 · time 8 · flags 1 */
const RECORD_HEAD_BYTES = 17
const CHECK_BYTES = 4
/** More than any transfer that may wait. */
const LONGEST = 8_192
const LOCAL = 1

export interface SnapshotEntry {
  readonly transfer: Transfer
  /** Milliseconds since 1970. */
  readonly addedAt: number
  readonly local: boolean
}

/** Why a snapshot cannot be read at all. */
export interface SnapshotError {
  readonly kind: 'snapshot'
  readonly code: 'not-a-snapshot' | 'version' | 'other-network'
  readonly message: string
}

/** What a file holds. */
export interface Snapshot {
  readonly entries: readonly SnapshotEntry[]
  /** Stretches of it that could not be read and were passed over. */
  readonly damaged: number
}

/** The file's bytes. */
export function encodeSnapshot(entries: Iterable<SnapshotEntry>, params: Pick<Params, 'blueSmell'>): Uint8Array {
  return allAtOnce(encodeSnapshotSteps(entries, params))
}

/** `encodeSnapshot` in steps. */
export function* encodeSnapshotSteps(entries: Iterable<SnapshotEntry>, params: Pick<Params, 'blueSmell'>): Steps<Uint8Array> {
  const version = new Uint8Array(4)
  new DataView(version.buffer).setUint32(0, VERSION)
  const parts = [MAGIC, version, params.blueSmell]
  for (const { transfer, addedAt, local } of entries) {
    const bytes = encodeTransfer(transfer)
    const head = new Uint8Array(RECORD_HEAD_BYTES)
    const view = new DataView(head.buffer)
    head.set(MARK)
    view.setUint32(4, bytes.length)
    view.setBigUint64(8, BigInt(Math.max(0, Math.floor(addedAt))))
    view.setUint8(16, local ? LOCAL : 0)
    parts.push(head, bytes, sha256(head, bytes).subarray(0, CHECK_BYTES))
    yield
  }
  return joined(parts)
}

/** As `concatBytes`, for more parts than a call can have arguments. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** What a file holds. */
export function decodeSnapshot(bytes: Uint8Array, params: Pick<Params, 'blueSmell'>): Result<Snapshot, SnapshotError> {
  return allAtOnce(decodeSnapshotSteps(bytes, params))
}

/** `decodeSnapshot` in steps. */
export function* decodeSnapshotSteps(bytes: Uint8Array, params: Pick<Params, 'blueSmell'>): Steps<Result<Snapshot, SnapshotError>> {
  if (bytes.length < HEAD_BYTES || !equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) {
    return err({
      kind: 'snapshot',
      code: 'not-a-snapshot',
      message: 'The file of waiting transfers is damaged. It is left out; transfers of yours are shared again by themselves.',
    })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const version = view.getUint32(MAGIC.length)
  if (version !== VERSION) {
    return err({
      kind: 'snapshot',
      code: 'version',
      message: `The file of waiting transfers has version ${version}; this app reads version ${VERSION}. It is left out.`,
    })
  }
  if (!equalBytes(bytes.subarray(MAGIC.length + 4, HEAD_BYTES), params.blueSmell)) {
    return err({ kind: 'snapshot', code: 'other-network', message: 'The file of waiting transfers belongs to another network. It is left out.' })
  }
  const entries: SnapshotEntry[] = []
  let damaged = 0
  for (let at = HEAD_BYTES; at < bytes.length; ) {
    const record = readRecord(bytes, view, at)
    if (record) {
      entries.push(record.entry)
      at = record.end
    } else {
      damaged += 1
      at = nextMark(bytes, at + 1)
    }
    yield
  }
  return ok({ entries, damaged })
}

function readRecord(bytes: Uint8Array, view: DataView, at: number): { readonly entry: SnapshotEntry; readonly end: number } | undefined {
  const bodyAt = at + RECORD_HEAD_BYTES
  if (bodyAt + CHECK_BYTES > bytes.length || !equalBytes(bytes.subarray(at, at + MARK.length), MARK)) return undefined
  const length = view.getUint32(at + 4)
  const checkAt = bodyAt + length
  // Lengths that no transfer has are not hashed: a file of nothing but marks would take for ever.
  if (length > LONGEST || checkAt + CHECK_BYTES > bytes.length) return undefined
  if (!equalBytes(sha256(bytes.subarray(at, checkAt)).subarray(0, CHECK_BYTES), bytes.subarray(checkAt, checkAt + CHECK_BYTES))) return undefined
  const transfer = decodeTransfer(bytes.subarray(bodyAt, checkAt))
  if (!transfer.ok) return undefined
  const entry = { transfer: transfer.value, addedAt: Number(view.getBigUint64(at + 8)), local: (view.getUint8(at + 16) & LOCAL) !== 0 }
  return { entry, end: checkAt + CHECK_BYTES }
}

/** Where the next mark begins, or the end. */
function nextMark(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(MARK[0] as number, from); at >= 0; at = bytes.indexOf(MARK[0] as number, at + 1)) {
    if (equalBytes(bytes.subarray(at, at + MARK.length), MARK)) return at
  }
  return bytes.length
}
