/**
 * Which transfers go first. A sender's transfers stand in line by sequence, so one that pays much may wait behind one
 * that pays little: the line is cut into chunks, each of which pays more a byte than what follows it, and all chunks of
 * all senders are taken by fee rate. For lines this is the best order there is.
 */
import type { AddressHex } from '../consensus/types.ts'
import type { Waiting } from './waiting.ts'

/** Transfers of one sender that follow each other and are best taken together. */
export interface Chunk {
  readonly sender: AddressHex
  readonly items: readonly Waiting[]
  readonly size: number
  readonly fee: bigint
  /** Crumbs a byte of all of them together. */
  readonly rate: number
  /** When the youngest of them and of those before it in the line came: who came first wins a tie. */
  readonly since: number
}

/** Cuts a sender's line into chunks; their rates never rise from one to the next. */
export function chunksOf(items: readonly Waiting[]): readonly Chunk[] {
  const chunks: Chunk[] = []
  let since = 0
  for (const item of items) {
    since = Math.max(since, item.addedAt)
    let chunk: Chunk = { sender: item.sender, items: [item], size: item.size, fee: item.transfer.fee, rate: item.rate, since }
    for (let last = chunks.at(-1); last && chunk.rate > last.rate; last = chunks.at(-1)) {
      const size = last.size + chunk.size
      const fee = last.fee + chunk.fee
      chunk = { sender: item.sender, items: [...last.items, ...chunk.items], size, fee, rate: Number(fee) / size, since }
      chunks.pop()
    }
    chunks.push(chunk)
  }
  return chunks
}

/** Best first; total, the same for the same transfers, and never against a sender's sequence. */
export function compareChunks(a: Chunk, b: Chunk): number {
  if (a.rate !== b.rate) return b.rate - a.rate
  if (a.since !== b.since) return a.since - b.since
  if (a.sender !== b.sender) return a.sender < b.sender ? -1 : 1
  return firstSequence(a) - firstSequence(b)
}

function firstSequence(chunk: Chunk): number {
  return chunk.items[0]?.transfer.sequence ?? 0
}

/** No transfer is smaller: less room than this is none. */
const SMALLEST = 143

/**
 * Transfers for a cheese with room for `maxBytes` of them, in an order in which they are valid one after the other.
 * A chunk that no longer fits gives as many of its first as do, and ends its sender's turn.
 * @param chunks best first
 */
export function selectFrom(chunks: readonly Chunk[], maxBytes: number): Waiting[] {
  const chosen: Waiting[] = []
  const ended = new Set<AddressHex>()
  let left = maxBytes
  for (const chunk of chunks) {
    if (left < SMALLEST) break
    if (ended.has(chunk.sender)) continue
    for (const item of chunk.items) {
      if (item.size > left) {
        ended.add(chunk.sender)
        break
      }
      chosen.push(item)
      left -= item.size
    }
  }
  return chosen
}

/** The rate of what lies `bytes` deep among `chunks` (best first), crumbs a byte; 0 when there is less. */
export function rateAtDepth(chunks: readonly Chunk[], bytes: number): number {
  let depth = 0
  for (const chunk of chunks) {
    depth += chunk.size
    if (depth > bytes) return chunk.rate
  }
  return 0
}
