import { decodeHeader } from '../consensus/codec.ts'
import { toHex } from '../util/bytes.ts'
import type { Store } from '../util/store.ts'
import { bodyKey, headerRange, placeInKey } from './keys.ts'
import { decodeRecord } from './records.ts'
import type { CheeseStack } from './stack.ts'

export interface Salvaged {
  /** Of the new main stack. */
  readonly height: number
  /** Headers and bodies that were taken over. */
  readonly headers: number
  readonly bodies: number
}

/** What can still be read in a key range; stops where the store does not read on. */
async function readable(store: Store, from: number, to: number): Promise<(readonly [Uint8Array, Uint8Array])[]> {
  const found: (readonly [Uint8Array, Uint8Array])[] = []
  try {
    for await (const entry of store.entries(headerRange(from, to))) found.push(entry)
  } catch {
    // Whatever could be read before is kept.
  }
  return found
}

function tryGet(store: Store, key: Uint8Array): Uint8Array | undefined {
  try {
    return store.get(key)
  } catch {
    return undefined
  }
}

/**
 * Feeds what is still readable in a damaged store, height by height, to a fresh stack, which checks everything; ends at
 * the first height whose headers are all lost. Bodies that are lost are left to peers.
 */
export async function salvage(old: Store, into: CheeseStack, progress?: (height: number) => void): Promise<Salvaged> {
  let headers = 0
  let bodies = 0
  for (let height = 1; ; height++) {
    const before = headers
    for (const [key, value] of await readable(old, height, height + 1)) {
      const header = tryRecord(value)
      if (!header) continue
      const added = await into.addHeaders([header])
      if (!added.ok || added.value.early) continue
      headers++
      const { smell } = placeInKey(key)
      const body = tryGet(old, bodyKey(smell))
      if (body && (await into.addBody(toHex(smell), body, { sync: false })).ok) bodies++
    }
    if (headers === before) break
    progress?.(height)
  }
  await into.flush()
  return { height: into.tip.height, headers, bodies }
}

function tryRecord(value: Uint8Array) {
  try {
    const header = decodeHeader(decodeRecord(value).header)
    return header.ok ? header.value : undefined
  } catch {
    return undefined
  }
}
