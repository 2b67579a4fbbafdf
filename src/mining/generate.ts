import { pause } from '../chain/pause.ts'
import type { Cheese } from '../consensus/types.ts'
import { err, ok, type Result } from '../util/result.ts'
import { searchNonces } from './search.ts'
import { type Found, type MiningError, NO_ADDRESS } from './status.ts'
import type { Submitted } from './submitter.ts'
import { finish, searchBytes, type Template } from './template.ts'

/** Nonces tried at once on the calling thread: far more than regtest's target takes, and about 30 ms. */
const TRIES = 1 << 16
/** Cheeses that may come to nothing, because others are first, before it is given up. */
const MAX_LATE = 100

/** Finds `count` cheeses on the calling thread, one after the other: for regtest, whose target takes some 256 tries. */
export async function generateCheeses(
  count: number,
  miner: { readonly template: () => Promise<Template | undefined>; readonly submit: (cheese: Cheese) => Promise<Submitted> },
): Promise<Result<readonly Found[], MiningError>> {
  const made: Found[] = []
  let late = 0
  while (made.length < count) {
    const template = await miner.template()
    if (!template) return err(NO_ADDRESS)
    const nonce = searchNonces(searchBytes(template), 0n, TRIES, template.target)
    // Not among these: the next template has another header.
    if (nonce !== undefined) {
      const submitted = await miner.submit(finish(template, nonce))
      if (submitted.outcome === 'refused') return err({ kind: 'mining', code: 'refused', message: submitted.message })
      if (submitted.outcome === 'found') made.push(submitted.found)
      else if (++late > MAX_LATE) return err({ kind: 'mining', code: 'refused', message: 'Other members were first each time. Try again.' })
    }
    await pause()
  }
  return ok(made)
}
