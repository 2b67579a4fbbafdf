import { describe, expect, it } from 'vitest'
import type { Transfer } from '../consensus/types.ts'
import { silent } from '../util/ports.ts'
import { Keyring } from './keyring.ts'
import { Ledger } from './ledger.ts'
import { SentStore } from './sent.ts'
import { DIR, PASSPHRASE, person, Rig } from './testing/rig.ts'

const bob = person(2)
const CHEESE = 100_000_000n

/** A wallet with `count` waiting sends, and a ledger of its own over the same store. */
async function withSends(count: number) {
  const rig = await Rig.rich()
  const transfers: Transfer[] = []
  rig.chain.beforeSubmit = (transfer) => transfers.push(transfer)
  const ids: string[] = []
  for (let i = 0; i < count; i++) ids.push((await rig.wallet.send({ to: bob.text, amount: String(CHEESE) })).id)
  await rig.wallet.close()
  const keyring = await Keyring.open({ ...rig, dir: DIR, certify: () => new Uint8Array(), log: silent }, () => {})
  const profile = keyring.profile
  if (!profile) throw new Error('the rig has a wallet')
  const store = new SentStore(rig.store, profile.address, rig.params, silent)
  const ledger = await Ledger.open(rig.chain, rig.params, store, profile)
  const states = () => {
    const own = ledger.own()
    return own.map((one) => ledger.stateOf(one, own))
  }
  return { rig, ledger, ids, transfers, states, keyring }
}

describe('the ledger', () => {
  it('looks up what may have moved and nothing else', async () => {
    const { rig, ledger, transfers, states } = await withSends(6)
    for (const transfer of transfers) rig.chain.mine({ transfers: [transfer] })
    let lookUps = 0
    const findTransfer = rig.chain.findTransfer.bind(rig.chain)
    rig.chain.findTransfer = async (id) => {
      lookUps++
      return findTransfer(id)
    }
    await ledger.refresh()
    expect(states()).toEqual(Array(6).fill('confirmed'))
    expect(lookUps).toBe(6)
    await ledger.refresh()
    rig.chain.mine({ count: 3 })
    await ledger.refresh()
    expect(lookUps).toBe(6)
    rig.chain.disconnect(5)
    await ledger.refresh()
    expect(states()).toEqual(['confirmed', 'confirmed', 'confirmed', 'confirmed', 'waiting', 'waiting'])
    rig.chain.mine()
    await ledger.refresh()
    expect(states()).toEqual(Array(6).fill('confirmed'))
    expect(lookUps).toBe(8)
  })

  it('looks again when the stack moved meanwhile', async () => {
    const { rig, ledger, transfers, ids, states } = await withSends(2)
    rig.chain.mine({ transfers })
    const findTransfer = rig.chain.findTransfer.bind(rig.chain)
    let moved = false
    rig.chain.findTransfer = async (id) => {
      const found = await findTransfer(id)
      if (!moved) {
        moved = true
        rig.chain.disconnect(1)
        rig.chain.mine({ transfers, count: 2 })
      }
      return found
    }
    await Promise.all([ledger.refresh(), ledger.refresh()])
    expect(ledger.isFresh).toBe(true)
    expect(states()).toEqual(['confirmed', 'confirmed'])
    for (const [sequence, id] of ids.entries()) {
      const { height } = rig.chain.tip()
      expect(ledger.stacked(id, sequence)).toMatchObject({ height: height - 1, smell: rig.chain.smellAt(height - 1) })
    }
  })

  it('is not fresh before the end of a look-up', async () => {
    const { rig, ledger, transfers } = await withSends(2)
    rig.chain.mine({ transfers })
    const seen: boolean[] = []
    const findTransfer = rig.chain.findTransfer.bind(rig.chain)
    rig.chain.findTransfer = async (id) => {
      seen.push(ledger.isFresh)
      return findTransfer(id)
    }
    await ledger.refresh()
    expect(seen).toEqual([false, false])
    expect(ledger.isFresh).toBe(true)
  })

  it('skips records that cannot be read, and keeps them', async () => {
    const { rig, ledger } = await withSends(2)
    const before = rig.store.size
    const key = Uint8Array.of(0x73, ...rig.address, 0, 0, 0, 9, ...new Uint8Array(32))
    for (const text of ['', '{"version":2}', '{"version":1,"transfer":"00","createdAt":1,"createdHeight":1}']) {
      await rig.store.batch([{ type: 'put', key, value: new TextEncoder().encode(text) }])
      const store = new SentStore(rig.store, rig.address, rig.params, silent)
      expect(await store.load()).toHaveLength(2)
      expect((await Ledger.open(rig.chain, rig.params, store, ledger.profile)).own()).toHaveLength(2)
      expect(rig.store.size).toBe(before + 1)
    }
  })
})

describe('the secret key', () => {
  it('is wiped after each use and at the lock', async () => {
    const { keyring } = await withSends(0)
    const seen: Uint8Array[] = []
    await keyring.unlock(PASSPHRASE)
    await keyring.withSecret(undefined, 'look', async ({ secretKey }) => seen.push(secretKey))
    await keyring.withSecret(PASSPHRASE, 'look', async ({ secretKey }) => {
      expect(secretKey.some((byte) => byte !== 0)).toBe(true)
      seen.push(secretKey)
    })
    await expect(
      keyring.withSecret(undefined, 'fail', async ({ secretKey }) => {
        seen.push(secretKey)
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(seen).toHaveLength(3)
    for (const key of seen) expect(key).toEqual(new Uint8Array(32))
  })
})
