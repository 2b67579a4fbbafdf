import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryEntry } from '../api/schemas.ts'
import type { Transfer } from '../consensus/types.ts'
import type { FakeChain } from './testing/fake-chain.ts'
import { PASSPHRASE, person, Rig } from './testing/rig.ts'

const bob = person(2)
const CHEESE = 100_000_000n

/** Gives Bob an account with money. */
function feedBob(rig: Rig): void {
  rig.chain.mine({ to: bob.address })
  rig.chain.mine({ count: rig.params.ripening })
}

type Step =
  | { readonly do: 'send'; readonly amount: number; readonly expires: number }
  | { readonly do: 'self' }
  | { readonly do: 'cancel' }
  | { readonly do: 'raise' }
  | { readonly do: 'receive' }
  | { readonly do: 'drop' }
  | { readonly do: 'restart' }
  | { readonly do: 'mine'; readonly empty: boolean; readonly mine: boolean; readonly count: number }
  | { readonly do: 'reorg'; readonly depth: number; readonly forget: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), amount: fc.integer({ min: 1, max: 20 }), expires: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ do: 'self' }, { do: 'cancel' }, { do: 'raise' }, { do: 'receive' }, { do: 'drop' }, { do: 'restart' }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('mine' as const), empty: fc.boolean(), mine: fc.boolean(), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reorg' as const), depth: fc.integer({ min: 1, max: 4 }), forget: fc.boolean() }) },
)

/** Sends that were taken, by id: whatever happens, each must be in the history once. */
async function act(rig: Rig, taken: Set<string>, all: Transfer[], one: Step): Promise<void> {
  const attempt = async (make: () => Promise<{ id: string }>) => {
    try {
      taken.add((await make()).id)
    } catch (error) {
      expect(error).toMatchObject({ name: 'Failure' })
    }
  }
  const waiting = async () => (await rig.wallet.history({ limit: 500 })).entries.find(({ kind, state }) => kind === 'sent' && state === 'waiting')
  const { height } = rig.chain.tip()
  if (one.do === 'send')
    await attempt(() => rig.wallet.send({ to: bob.text, amount: String(BigInt(one.amount) * CHEESE), expires: one.expires && height + one.expires }))
  else if (one.do === 'self') await attempt(() => rig.wallet.send({ to: rig.addressText, amount: String(CHEESE) }))
  else if (one.do === 'cancel' || one.do === 'raise') {
    const entry = await waiting()
    if (entry?.id === undefined) return
    const { id, fee } = entry
    await attempt(() => (one.do === 'cancel' ? rig.wallet.cancel(id) : rig.wallet.replace(id, BigInt(fee) + 1000n)))
  } else if (one.do === 'receive') {
    const sequence = rig.chain.account(bob.address)?.sequence ?? 0
    const transfer = rig.transferFrom(bob.secretKey, { sequence, to: rig.address, amount: CHEESE, fee: 1000n + BigInt(all.length) })
    all.push(transfer)
    await rig.chain.submit(transfer)
  } else if (one.do === 'drop') rig.chain.drop()
  else if (one.do === 'restart') {
    await rig.restart()
    await rig.wallet.keepUnlocked(PASSPHRASE)
  } else if (one.do === 'mine') rig.chain.mine({ empty: one.empty, count: one.count, ...(one.mine ? { to: rig.address } : {}) })
  else rig.chain.disconnect(Math.min(one.depth, height - 5), { forget: one.forget })
}

/** What the stack itself says: one entry for each transfer of it that touches us, and each reward. */
async function inStack(chain: FakeChain, address: Uint8Array): Promise<number> {
  return (await chain.activity(address, { offset: 0, limit: 0 })).total
}

describe('whatever connects and disconnects', () => {
  it('the history has every entry once, in any paging, and the balance is never more than there is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.integer({ min: 1, max: 9 }), async (steps, limit) => {
        const rig = await Rig.rich()
        feedBob(rig)
        const taken = new Set<string>()
        const received: Transfer[] = []
        for (const one of steps) {
          await act(rig, taken, received, one)
          const { total, entries } = await rig.wallet.history({ limit: 500 })
          expect(entries).toHaveLength(total)
          const names = entries.map(({ kind, id, smell }) => `${kind} ${id ?? smell}`)
          expect(new Set(names).size).toBe(total)
          const ids = new Set(entries.map(({ id }) => id))
          for (const id of taken) expect(ids).toContain(id)
          const stacked = entries.filter(({ height }) => height !== null)
          expect(stacked).toHaveLength(await inStack(rig.chain, rig.address))
          for (const { state, confirmations } of stacked) {
            expect(['confirmed', 'ripening']).toContain(state)
            expect(confirmations).toBeGreaterThan(0)
          }
          expect(entries.filter(({ height }) => height === null).every(({ state }) => state !== 'confirmed')).toBe(true)
          expect(stacked.map(({ height }) => height)).toEqual(stacked.map(({ height }) => height).sort((a, b) => (b ?? 0) - (a ?? 0)))
          const paged: HistoryEntry[] = []
          for (let offset = 0; offset < total; offset += limit) paged.push(...(await rig.wallet.history({ offset, limit })).entries)
          expect(paged).toEqual(entries)
          const balance = await rig.wallet.balance()
          expect(BigInt(balance.spendable)).toBeLessThanOrEqual(rig.chain.account(rig.address)?.balance ?? 0n)
        }
        await rig.wallet.close()
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
