import { MAX_HEADERS, MAX_LOCATOR } from './messages.ts'
import type { ChainEntry, ChainPort } from './ports.ts'

/** Steps of one that a locator begins with, before they double. */
const SINGLE_STEPS = 10

/** Smells from `top` down to the blue cheese, ever further apart: whoever reads it finds where the two branches part. */
export function locatorFrom(chain: ChainPort, top: ChainEntry): string[] {
  const out: string[] = []
  let step = 1
  for (let at: ChainEntry | undefined = top; at && at.height > 0 && out.length < MAX_LOCATOR - 1; ) {
    out.push(at.smell)
    if (out.length >= SINGLE_STEPS) step *= 2
    at = chain.ancestor(at, Math.max(0, at.height - step))
  }
  const blue = chain.entryAt(0)
  if (blue) out.push(blue.smell)
  return out
}

/** The answer to a locator: the connected headers above the first smell that we have connected, at most 2000, lowest first. */
export async function headersAfter(chain: ChainPort, locator: readonly string[]): Promise<readonly Uint8Array[]> {
  for (const smell of locator) {
    const entry = chain.entry(smell)
    if (entry && chain.entryAt(entry.height)?.smell === smell) return chain.headersFrom(entry.height + 1, MAX_HEADERS)
  }
  // Nothing in common, not even the blue cheese: nothing to say.
  return []
}
