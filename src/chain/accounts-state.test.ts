import { describe, expect, it } from 'vitest'
import { sha256 } from '../consensus/hash.ts'
import { accountsRootOf } from '../consensus/tree.ts'
import type { Account, AccountChanges, AddressHex } from '../consensus/types.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import { allAtOnce } from '../util/steps.ts'
import { AccountsState } from './accounts-state.ts'

function addressNumber(i: number): AddressHex {
  return toHex(sha256(Uint8Array.of(i >> 16, i >> 8, i)).subarray(0, 20))
}

/** Accounts `from` to before `to`, with balances that tell the round. */
function some(from: number, to: number, round: number): AccountChanges {
  const changes = new Map<AddressHex, Account | undefined>()
  for (let i = from; i < to; i++) changes.set(addressNumber(i), (i + round) % 7 === 0 ? undefined : { balance: BigInt(1 + i + 1000 * round), sequence: round })
  return changes
}

function take(state: AccountsState, changes: AccountChanges): Uint8Array {
  const update = allAtOnce(state.updateSteps(changes))
  state.take({ changes, update })
  return update.root
}

describe('accounts over a store', () => {
  it('are right within any limit, and within the limit', async () => {
    for (const cacheBytes of [0, 20_000, 300_000]) {
      const store = openMemoryStore()
      const state = new AccountsState(store, cacheBytes)
      const wanted = new Map<AddressHex, Account>()
      for (let round = 0; round < 12; round++) {
        const changes = some(round * 90, round * 90 + 300, round)
        for (const [key, account] of changes) {
          if (account) wanted.set(key, account)
          else wanted.delete(key)
        }
        expect(toHex(take(state, changes))).toBe(toHex(accountsRootOf(wanted)))
        // Written now and then, and once in vain.
        if (round % 3 !== 2) continue
        const ops = [...state.ops()]
        if (round === 5) state.written(false)
        else {
          await store.batch(ops)
          state.written(true)
          expect(state.bytes.taken).toBe(0)
        }
        for (let i = 0; i < 1_500; i++) expect(state.get(fromHex(addressNumber(i)))).toEqual(wanted.get(addressNumber(i)))
        expect(state.bytes.cached).toBeLessThanOrEqual(cacheBytes + 4_000)
      }
      const again = new AccountsState(store, cacheBytes)
      expect(toHex(again.root())).toBe(toHex(accountsRootOf(wanted)))
      for (let i = 0; i < 1_500; i++) expect(again.get(fromHex(addressNumber(i)))).toEqual(wanted.get(addressNumber(i)))
    }
  })

  it('that change while others are being written are written next', async () => {
    const store = openMemoryStore()
    const state = new AccountsState(store)
    take(state, some(0, 100, 1))
    const ops = state.ops()
    const root = take(state, some(50, 150, 2))
    await store.batch(ops)
    state.written(true)
    expect(toHex(new AccountsState(store).root())).not.toBe(toHex(root))
    expect(toHex(state.root())).toBe(toHex(root))
    await store.batch(state.ops())
    state.written(true)
    expect(toHex(new AccountsState(store).root())).toBe(toHex(root))
  })
})
