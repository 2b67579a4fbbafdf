import { createHash } from 'node:crypto'
import type { Kernel } from '../kernel.ts'

/** One search, as a kernel is asked for it. */
export interface Search {
  /** 116 bytes. */
  readonly header: Uint8Array
  readonly start: bigint
  readonly count: number
  /** 32 bytes, big-endian. */
  readonly target: Uint8Array
}

/** The smell of `header` with this nonce, by node:crypto. */
export function smellAt(header: Uint8Array, nonce: bigint): Buffer {
  const bytes = Buffer.from(header)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, nonce), 108)
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest()
}

/** By node:crypto: every nonce of the range whose smell is at most the target, in order. */
export function hitsByOracle({ header, start, count, target }: Search): bigint[] {
  const limit = Buffer.from(target)
  const hits: bigint[] = []
  for (let i = 0n; i < BigInt(count); i++) {
    const nonce = BigInt.asUintN(64, start + i)
    if (smellAt(header, nonce).compare(limit) <= 0) hits.push(nonce)
  }
  return hits
}

/** By a kernel: what it finds when each search begins behind the last hit. */
export function hitsByKernel(kernel: Kernel, { header, start, count, target }: Search): bigint[] {
  const hits: bigint[] = []
  for (let at = 0; at < count; ) {
    const hit = kernel.search(header, BigInt.asUintN(64, start + BigInt(at)), count - at, target)
    if (hit === undefined) break
    hits.push(hit)
    const next = Number(BigInt.asUintN(64, hit - start)) + 1
    // One that goes backwards would never end.
    if (next <= at || next > count) throw new Error(`${kernel.name} found ${hit}, which it was not asked for`)
    at = next
  }
  return hits
}

/** A target whose first byte is `first`, and all others `rest`. */
export function easyTarget(first: number, rest = 0xff): Uint8Array {
  const target = new Uint8Array(32).fill(rest)
  target[0] = first
  return target
}
