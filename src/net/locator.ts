import { encodeHeader } from '../consensus/codec.ts'
import { MAX_HEADERS, MAX_LOCATOR } from './messages.ts'
import type { ChainEntry, ChainPort } from './ports.ts'

/** Steps of one that a locator begins with, before they double. */
const SINGLE_STEPS = 10
/** A header branch longer than this above the stack is not walked down. */
const MAX_WALK = 4_000

/** Smells from `top` down to the blue cheese, ever further apart: whoever reads it finds where the two branches part. */
export function locatorFrom(chain: ChainPort, top: ChainEntry): string[] {
  const out: string[] = []
  let step = 1
  let at: ChainEntry | undefined = top
  for (let walked = 0; at && chain.entryAt(at.height)?.smell !== at.smell; walked++) {
    if (walked === MAX_WALK) {
      at = chain.tip
      break
    }
    if (out.length < SINGLE_STEPS || walked % step === 0) out.push(at.smell)
    if (out.length >= SINGLE_STEPS && walked % step === 0) step *= 2
    at = at.parent
  }
  for (let height = at?.height ?? 0; out.length < MAX_LOCATOR - 1; ) {
    const entry = chain.entryAt(height)
    if (entry) out.push(entry.smell)
    if (height === 0) return out
    if (out.length >= SINGLE_STEPS) step *= 2
    height = Math.max(0, height - step)
  }
  const blue = chain.entryAt(0)
  if (blue) out.push(blue.smell)
  return out
}

/** The answer to a locator: the connected headers above the first smell that we have connected, at most 2000, lowest first. */
export function headersAfter(chain: ChainPort, locator: readonly string[]): Uint8Array[] {
  let from = -1
  for (const smell of locator) {
    const entry = chain.entry(smell)
    if (!entry || chain.entryAt(entry.height)?.smell !== smell) continue
    from = entry.height
    break
  }
  const out: Uint8Array[] = []
  // Nothing in common, not even the blue cheese: nothing to say.
  if (from < 0) return out
  for (let height = from + 1; out.length < MAX_HEADERS; height++) {
    const entry = chain.entryAt(height)
    if (!entry) break
    out.push(encodeHeader(entry.header))
  }
  return out
}
