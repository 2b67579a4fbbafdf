/** A stack open over a store in memory, with what tests look at. */
import { params as paramsOf } from '../../consensus/params.ts'
import { verifySignature } from '../../consensus/signature.ts'
import type { Params, SignatureJob } from '../../consensus/types.ts'
import { toHex } from '../../util/bytes.ts'
import { type Clock, silent } from '../../util/ports.ts'
import type { Store } from '../../util/store.ts'
import { StoreError } from '../../util/store-error.ts'
import { CheeseStack, type StackOptions, type TipChange } from '../stack.ts'
import type { Verifier } from '../verifier.ts'
import type { Made } from './maker.ts'

/** The rules' own verifier, which counts what it is asked. */
export function plainVerifier(): Verifier & { readonly asked: SignatureJob[] } {
  const asked: SignatureJob[] = []
  return {
    asked,
    async verify(jobs) {
      asked.push(...jobs)
      return jobs.map(verifySignature)
    },
    async close() {},
  }
}

/** A clock that stands still until it is set. */
export function standingClock(ms: number): Clock & { set(ms: number): void } {
  let now = ms
  return {
    now: () => now,
    after: () => () => undefined,
    set(to) {
      now = to
    },
  }
}

export const regtest: Params = paramsOf('regtest')

export async function openStack(store: Store, options: Partial<StackOptions> = {}): Promise<{ stack: CheeseStack; changes: TipChange[] }> {
  const stack = await CheeseStack.open({ store, params: regtest, clock: standingClock(2e12), log: silent, verifier: plainVerifier(), ...options })
  const changes: TipChange[] = []
  stack.events.on('tip', (change) => changes.push(change))
  return { stack, changes }
}

/** Adds cheeses that must all be taken. */
export async function addAll(stack: CheeseStack, cheeses: readonly Made[]): Promise<void> {
  for (const { headerBytes, bodyBytes, height } of cheeses) {
    const added = await stack.addCheese(headerBytes, bodyBytes)
    if (!added.ok) throw new Error(`height ${height}: ${added.error.code}: ${added.error.message}`)
  }
}

/** Everything in `stack`'s store that follows from the main stack: all but the header tree, which branches are best, the bodies and the format. */
export async function derived(store: Store, stack: CheeseStack): Promise<string[]> {
  await stack.flush()
  const lines: string[] = []
  for await (const [key, value] of store.entries({})) {
    if (!'hbfqsw'.includes(String.fromCharCode(key[0] ?? 0))) lines.push(`${toHex(key)}=${toHex(value)}`)
  }
  return lines
}

/** A store that refuses the batch with that number, once. */
export function failing(store: Store): Store & { failAt(batch: number): void } {
  let left = Number.POSITIVE_INFINITY
  return {
    ...store,
    failAt(batch) {
      left = batch
    },
    async batch(ops, options) {
      if (--left === 0) throw new StoreError('disk-full', 'The disk is full.')
      await store.batch(ops, options)
    },
  }
}
