import { describe, expect, it } from 'vitest'
import { transferId } from '../consensus/hash.ts'
import type { Transfer } from '../consensus/types.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { toHex } from '../util/bytes.ts'
import { type Clock, silent } from '../util/ports.ts'
import { TIP_KEY } from './keys.ts'
import { openCore } from './open.ts'
import { keyOf, type Made, Maker } from './testing/maker.ts'
import { addAll, derived, failing, openStack, plainVerifier, regtest } from './testing/stack.ts'

const ann = keyOf(1)
const bob = keyOf(2)
const CHEESE = 100_000_000n

/** `count` cheeses mined by Ann, each with transfers of hers to ever new addresses once she has something. */
function busyBranch(maker: Maker, parent: Made, count: number, salt: number): Made[] {
  const made: Made[] = []
  for (let i = 0; i < count; i++) {
    const top = made.at(-1) ?? parent
    const account = top.accounts.get(toHex(ann.address))
    const transfers: Transfer[] = []
    for (let n = 0; account && account.balance > 10n * CHEESE && n < 2; n++) {
      const to = new Uint8Array(20).fill(salt).fill((i * 2 + n) & 0xff, 10)
      const payments = [
        { to, amount: CHEESE + BigInt(i) },
        { to: bob.address, amount: CHEESE },
      ]
      transfers.push(maker.transfer({ from: ann, sequence: account.sequence + n, payments, fee: BigInt(i) }))
    }
    made.push(maker.make(top, { transfers, to: i % 3 === 2 ? bob.address : ann.address }))
  }
  return made
}

/** What a stack that only ever saw `cheeses` has stored beside the tree. */
async function derivedOf(cheeses: readonly Made[]): Promise<string[]> {
  const store = openMemoryStore()
  const { stack } = await openStack(store)
  await addAll(stack, cheeses)
  return derived(store, stack)
}

describe('a reorg', () => {
  it('of any depth leaves nothing of the other branch behind', async () => {
    const maker = new Maker(regtest)
    const trunk = busyBranch(maker, maker.blue, 4, 0x10)
    const top = trunk.at(-1) ?? maker.blue
    const left = busyBranch(maker, top, 50, 0x20)
    const right = busyBranch(maker, top, 51, 0x30)
    for (const depth of [1, 2, 3, 7, 20, 50]) {
      const store = openMemoryStore()
      const { stack, changes } = await openStack(store)
      await addAll(stack, [...trunk, ...left.slice(0, depth)])
      changes.length = 0
      await addAll(stack, right.slice(0, depth + 1))
      const tip = right[depth]
      expect(stack.tip.smell).toBe(tip?.smell)
      expect(toHex(stack.tip.header.accountsRoot)).toBe(toHex(tip?.header.accountsRoot ?? new Uint8Array()))
      expect(changes).toHaveLength(1)
      expect(changes[0]?.disconnected.map(({ entry }) => entry.smell)).toEqual(
        left
          .slice(0, depth)
          .map(({ smell }) => smell)
          .reverse(),
      )
      expect(changes[0]?.connected.map(({ entry }) => entry.smell)).toEqual(right.slice(0, depth + 1).map(({ smell }) => smell))
      expect(await derived(store, stack)).toEqual(await derivedOf([...trunk, ...right.slice(0, depth + 1)]))
    }
  })

  it('there and back gives the same accounts, without verifying anything twice', async () => {
    const maker = new Maker(regtest)
    const trunk = busyBranch(maker, maker.blue, 4, 0x10)
    const top = trunk.at(-1) ?? maker.blue
    const left = busyBranch(maker, top, 8, 0x20)
    const right = busyBranch(maker, top, 6, 0x30)
    const store = openMemoryStore()
    const verifier = plainVerifier()
    const { stack } = await openStack(store, { verifier })
    await addAll(stack, [...trunk, ...left.slice(0, 5), ...right])
    expect(stack.tip.smell).toBe(right[5]?.smell)
    await addAll(stack, left.slice(5))
    expect(stack.tip.smell).toBe(left[7]?.smell)
    expect(await derived(store, stack)).toEqual(await derivedOf([...trunk, ...left]))
    expect(verifier.asked).toHaveLength([...trunk, ...left, ...right].reduce((n, { body }) => n + body.transfers.length, 0))
  })

  it('tells of the transfers that it takes off, so that they can wait again', async () => {
    const maker = new Maker(regtest)
    const trunk = maker.makeMany(maker.blue, 3, { to: ann.address })
    const top = trunk.at(-1) ?? maker.blue
    const pay = maker.transfer({ from: ann, sequence: 0, payments: [{ to: bob.address, amount: CHEESE }] })
    const left = maker.make(top, { transfers: [pay] })
    const { stack, changes } = await openStack(openMemoryStore())
    await addAll(stack, [...trunk, left])
    expect(stack.findTransfer(toHex(transferId(pay, regtest)))?.smell).toBe(left.smell)
    await addAll(stack, maker.makeMany(top, 2))
    const change = changes.at(-1)
    expect(change?.disconnected.flatMap(({ body }) => body.transfers)).toEqual([pay])
    expect(change?.disconnected[0]?.ids).toEqual([toHex(transferId(pay, regtest))])
    expect(stack.findTransfer(toHex(transferId(pay, regtest)))).toBeUndefined()
    expect(stack.account(bob.address)).toBeUndefined()
  })

  it('does not happen at a tie, not after a restart either', async () => {
    const maker = new Maker(regtest)
    const [first, second] = [maker.makeMany(maker.blue, 2), maker.makeMany(maker.blue, 3)]
    const store = openMemoryStore()
    let { stack } = await openStack(store)
    await addAll(stack, [...first, ...second.slice(0, 2)])
    expect(stack.tip.smell).toBe(first[1]?.smell)
    ;({ stack } = await openStack(store))
    expect(stack.tip.smell).toBe(first[1]?.smell)
    expect(stack.bestHeader.smell).toBe(first[1]?.smell)
    await addAll(stack, second.slice(2))
    expect(stack.tip.smell).toBe(second[2]?.smell)
  })

  it('goes by whose body came first, not whose header', async () => {
    const maker = new Maker(regtest)
    const [first, second] = [maker.make(maker.blue), maker.make(maker.blue)]
    const store = openMemoryStore()
    let { stack } = await openStack(store)
    await stack.addHeaders([first.header, second.header])
    await stack.addBody(second.smell, second.bodyBytes)
    await stack.addBody(first.smell, first.bodyBytes)
    expect(stack.tip.smell).toBe(second.smell)
    ;({ stack } = await openStack(store))
    expect(stack.tip.smell).toBe(second.smell)
    expect(stack.missingBodies(5)).toEqual([])
  })

  it('waits for the bodies in between, whatever the order they come in', async () => {
    const maker = new Maker(regtest)
    const left = busyBranch(maker, maker.blue, 5, 0x20)
    const right = busyBranch(maker, maker.blue, 9, 0x30)
    const store = openMemoryStore()
    let { stack, changes } = await openStack(store)
    await addAll(stack, left)
    await stack.addHeaders(right.map(({ header }) => header))
    for (const i of [8, 3, 1, 2, 7, 5]) {
      const { smell, bodyBytes } = right[i] as Made
      expect(await stack.addBody(smell, bodyBytes)).toMatchObject({ ok: true, value: { outcome: 'stored' } })
    }
    expect(stack.missingBodies(9)).toEqual([0, 4, 6].map((i) => right[i]?.smell))
    ;({ stack, changes } = await openStack(store))
    expect(stack.tip.smell).toBe(left[4]?.smell)
    const put = async (i: number) => stack.addBody(right[i]?.smell ?? '', right[i]?.bodyBytes ?? new Uint8Array())
    await put(0)
    expect(stack.tip.smell).toBe(left[4]?.smell)
    expect(changes).toEqual([])
    await put(4)
    expect(stack.tip.smell).toBe(right[5]?.smell)
    await put(6)
    expect(stack.tip.smell).toBe(right[8]?.smell)
    expect(changes.map(({ disconnected, connected }) => [disconnected.length, connected.length])).toEqual([
      [5, 6],
      [0, 3],
    ])
    expect(await derived(store, stack)).toEqual(await derivedOf(right))
  })
})

describe('a branch that turns out invalid', () => {
  it('is marked with all above it, and the old one stays', async () => {
    const maker = new Maker(regtest)
    const trunk = busyBranch(maker, maker.blue, 4, 0x10)
    const top = trunk.at(-1) ?? maker.blue
    const left = busyBranch(maker, top, 3, 0x20)
    const good = busyBranch(maker, top, 2, 0x30)
    const bad = maker.make(good[1] as Made, { header: { accountsRoot: new Uint8Array(32).fill(1) } })
    const above = maker.makeMany(bad, 3)
    const store = openMemoryStore()
    const { stack, changes } = await openStack(store)
    await addAll(stack, [...trunk, ...left])
    const before = await derived(store, stack)
    changes.length = 0
    await stack.addHeaders([...good, bad, ...above].map(({ header }) => header))
    expect(stack.bestHeader.smell).toBe(above[2]?.smell)
    for (const { smell, bodyBytes } of [...above.slice(1), ...good, above[0] as Made]) expect((await stack.addBody(smell, bodyBytes)).ok).toBe(true)
    expect(await stack.addBody(bad.smell, bad.bodyBytes)).toMatchObject({ ok: false, error: { code: 'accounts-root', fault: 'cheese' } })

    expect(stack.tip.smell).toBe(left[2]?.smell)
    expect(stack.bestHeader.smell).toBe(left[2]?.smell)
    expect(changes).toEqual([])
    expect(await derived(store, stack)).toEqual(before)
    for (const again of [stack, (await openStack(store)).stack]) {
      for (const { smell } of [bad, ...above]) expect(again.entry(smell)).toMatchObject({ state: 'invalid', invalid: 'accounts-root' })
      expect(again.entry(good[1]?.smell ?? '')?.state).toBe('valid')
      expect(again.body(above[1]?.smell ?? '')).toBeUndefined()
      expect(again.tip.smell).toBe(left[2]?.smell)
      expect(await again.addBody(bad.smell, bad.bodyBytes)).toMatchObject({ ok: false, error: { code: 'accounts-root' } })
      expect(await again.addHeaders([bad.header])).toMatchObject({ ok: false, error: { code: 'accounts-root' } })
      const onTop = maker.make(above[2] as Made)
      expect(await again.addHeaders([onTop.header])).toMatchObject({ ok: false, error: { code: 'accounts-root' } })
      expect(again.missingBodies(9)).toEqual([])
    }
  })

  it('gives way to the next best', async () => {
    const maker = new Maker(regtest)
    const left = maker.makeMany(maker.blue, 3)
    const middle = maker.makeMany(maker.blue, 4)
    const good = maker.makeMany(maker.blue, 2)
    const bad = maker.makeMany(maker.make(good[1] as Made, { header: { accountsRoot: new Uint8Array(32).fill(1) } }), 2)
    const culprit = bad[0]?.parent as Made
    const { stack, changes } = await openStack(openMemoryStore())
    await addAll(stack, left)
    await stack.addHeaders([...good, culprit, ...bad, ...middle].map(({ header }) => header))
    for (const { smell, bodyBytes } of [...middle.slice(1), ...good.slice(1), culprit, ...bad]) await stack.addBody(smell, bodyBytes)
    await addAll(stack, good.slice(0, 1))
    expect(stack.entry(culprit.smell)?.state).toBe('invalid')
    expect(stack.tip.smell).toBe(left[2]?.smell)
    await addAll(stack, middle.slice(0, 1))
    expect(stack.tip.smell).toBe(middle[3]?.smell)
    expect(changes.slice(-1).map(({ disconnected, connected }) => [disconnected.length, connected.length])).toEqual([[3, 4]])
  })

  it('is refused for a bad signature and for a broken rule of a transfer', async () => {
    const maker = new Maker(regtest)
    const trunk = maker.makeMany(maker.blue, 3, { to: ann.address })
    const top = trunk.at(-1) as Made
    const { stack } = await openStack(openMemoryStore())
    await addAll(stack, trunk)
    const pay = maker.transfer({ from: ann, sequence: 0, payments: [{ to: bob.address, amount: CHEESE }] })
    const cases = [
      [[pay, { ...maker.transfer({ from: ann, sequence: 1, payments: pay.payments }), signature: pay.signature }], 'signature', 1],
      [[{ ...pay, version: 2 }], 'transfer-version', 0],
      [[pay, pay], 'transfer-sequence', 1],
    ] as const
    for (const [transfers, code, transfer] of cases) {
      const made = maker.make(top, { transfers, unruly: true })
      expect(await stack.addCheese(made.headerBytes, made.bodyBytes)).toMatchObject({ ok: false, error: { code, transfer, fault: 'cheese' } })
      expect(stack.entry(made.smell)).toMatchObject({ state: 'invalid', invalid: code })
      expect(stack.tip.smell).toBe(top.smell)
      expect(stack.bestHeader.smell).toBe(top.smell)
    }
  })
})

describe('any order', () => {
  it('ends on the branch with the most work, as if there had been no other', async () => {
    let seed = 12345
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >> 8) % below
    }
    for (let round = 0; round < 15; round++) {
      const maker = new Maker(regtest)
      const made: Made[] = busyBranch(maker, maker.blue, 3, 1)
      while (made.length < 30) {
        const parent = made[Math.max(0, made.length - 1 - random(6))] as Made
        made.push(...busyBranch(maker, parent, 1 + random(3), 2 + random(200)))
      }
      const store = openMemoryStore()
      let { stack } = await openStack(store)
      await stack.addHeaders(made.map(({ header }) => header))
      const waiting = [...made]
      while (waiting.length > 0) {
        const [next] = waiting.splice(random(waiting.length), 1)
        if (next) expect(await stack.addBody(next.smell, next.bodyBytes)).toMatchObject({ ok: true })
        if (random(10) === 0) ({ stack } = await openStack(store))
      }
      expect(stack.tip.height).toBe(Math.max(...made.map(({ height }) => height)))
      const branch: Made[] = []
      for (let at = made.find(({ smell }) => smell === stack.tip.smell); at?.parent; at = at.parent) branch.unshift(at)
      expect(await derived(store, stack)).toEqual(await derivedOf(branch))
    }
  })
})

describe('a store that fails', () => {
  it('changes nothing, and goes on when it works again', async () => {
    const maker = new Maker(regtest)
    const trunk = busyBranch(maker, maker.blue, 5, 0x10)
    const left = busyBranch(maker, trunk[4] as Made, 3, 0x20)
    const right = busyBranch(maker, trunk[4] as Made, 5, 0x30)
    for (let batch = 1; batch <= 6; batch++) {
      const store = failing(openMemoryStore())
      const { stack } = await openStack(store)
      await addAll(stack, [...trunk, ...left])
      await stack.addHeaders(right.map(({ header }) => header))
      for (const { smell, bodyBytes } of right.slice(1)) await stack.addBody(smell, bodyBytes)
      const { smell, bodyBytes } = right[0] as Made
      store.failAt(batch)
      await expect(stack.addBody(smell, bodyBytes)).rejects.toMatchObject({ code: 'disk-full' })
      const tip = [...trunk, ...left, ...right].find((made) => made.smell === stack.tip.smell)
      for (const [address, account] of tip?.accounts ?? []) expect(stack.account(Buffer.from(address, 'hex'))).toEqual(account)
      const next = maker.make(right[4] as Made)
      if (!stack.hasBody(smell)) await stack.addBody(smell, bodyBytes)
      await addAll(stack, [next])
      expect(stack.tip.smell).toBe(next.smell)
      expect(await derived(store, stack)).toEqual(await derivedOf([...trunk, ...right, next]))
    }
  })

  it('loses nothing of what was to be written later', async () => {
    const maker = new Maker(regtest)
    const trunk = busyBranch(maker, maker.blue, 6, 0x10)
    const store = failing(openMemoryStore())
    const { stack } = await openStack(store)
    await addAll(stack, trunk.slice(0, 5))
    store.failAt(1)
    await expect(stack.flush()).rejects.toMatchObject({ code: 'disk-full' })
    expect(stack.tip.smell).toBe(trunk[4]?.smell)
    for (const [address, account] of trunk[4]?.accounts ?? []) expect(stack.account(Buffer.from(address, 'hex'))).toEqual(account)
    await addAll(stack, trunk.slice(5))
    expect(await derived(store, stack)).toEqual(await derivedOf(trunk))
    expect((await stack.verify()).ok).toBe(true)
  })
})

describe('a crash', () => {
  it('takes nothing but time: what was connected is connected again, and no signature is verified again', async () => {
    const maker = new Maker(regtest)
    const trunk = busyBranch(maker, maker.blue, 6, 0x10)
    const left = busyBranch(maker, trunk[5] as Made, 2, 0x20)
    const right = busyBranch(maker, trunk[5] as Made, 4, 0x30)
    const store = openMemoryStore()
    const first = await openStack(store)
    await addAll(first.stack, [...trunk, ...left])
    await first.stack.flush()
    await addAll(first.stack, right)
    expect(first.stack.tip.smell).toBe(right[3]?.smell)
    // Nothing was written of the way from the left branch to the right one but headers and bodies.
    expect(toHex(store.get(TIP_KEY) ?? new Uint8Array())).toBe(left[1]?.smell)
    const verifier = plainVerifier()
    const { stack } = await openStack(store, { verifier })
    expect(stack.tip.smell).toBe(right[3]?.smell)
    expect(verifier.asked).toHaveLength(0)
    for (const [address, account] of right[3]?.accounts ?? []) expect(stack.account(Buffer.from(address, 'hex'))).toEqual(account)
    expect(await derived(store, stack)).toEqual(await derivedOf([...trunk, ...right]))
    expect((await stack.verify()).ok).toBe(true)
  })

  it('is not waited for: what follows from a cheese is written when nothing has changed for a moment', async () => {
    const maker = new Maker(regtest)
    const later: (() => void)[] = []
    const clock: Clock = {
      now: () => 2e12,
      after(_ms, fn) {
        later.push(fn)
        return () => undefined
      },
    }
    const store = openMemoryStore()
    const { stack } = await openStack(store, { clock })
    const made = maker.makeMany(maker.blue, 2)
    await addAll(stack, made)
    const stored = () => toHex(store.get(TIP_KEY) ?? new Uint8Array())
    expect(stored()).toBe(maker.blue.smell)
    later.at(-1)?.()
    await stack.addHeaders([])
    expect(stored()).toBe(made[1]?.smell)
  })

  it('leaves a stack that was closed as it was', async () => {
    const maker = new Maker(regtest)
    const store = openMemoryStore()
    const { stack } = await openStack(store)
    const made = maker.makeMany(maker.blue, 3)
    await addAll(stack, made)
    await stack.close()
    expect(toHex(store.get(TIP_KEY) ?? new Uint8Array())).toBe(made[2]?.smell)
  })

  it('leaves a store alone that was closed while a cheese was being added', async () => {
    const later = new Set<() => void>()
    const clock: Clock = {
      now: () => 2e12,
      after(_ms, fn) {
        later.add(fn)
        return () => later.delete(fn)
      },
    }
    const maker = new Maker(regtest)
    const { stack } = await openStack(openMemoryStore(), { clock })
    await Promise.all([addAll(stack, maker.makeMany(maker.blue, 1)), stack.close()])
    expect(later.size).toBe(0)
  })

  it('is behind until what is being written is there', async () => {
    const maker = new Maker(regtest)
    const store = openMemoryStore()
    const seen: boolean[] = []
    const watched = {
      ...store,
      async batch(...args: Parameters<typeof store.batch>) {
        seen.push(core.isBehind)
        await store.batch(...args)
      },
    }
    const { stack } = await openStack(store)
    await addAll(stack, maker.makeMany(maker.blue, 1))
    const core = await openCore({ store: watched, params: regtest, log: silent, badSignature: async () => undefined })
    expect(core.isBehind).toBe(false)
    await core.flush(false)
    expect([seen, core.isBehind]).toEqual([[true], false])
  })

  it('goes on with a move that the store cut short, whatever comes next', async () => {
    const maker = new Maker(regtest)
    const store = failing(openMemoryStore())
    const { stack } = await openStack(store)
    const ours = maker.makeMany(maker.blue, 2)
    const theirs = maker.makeMany(maker.blue, 3)
    const last = theirs[2] as Made
    await addAll(stack, [...ours, ...theirs.slice(0, 2)])
    await stack.addHeaders([last.header])
    // The body is stored, and the first cheese connected; not the second.
    store.failAt(3)
    await expect(stack.addBody(last.smell, last.bodyBytes)).rejects.toMatchObject({ code: 'disk-full' })
    expect(stack.tip.smell).toBe(theirs[0]?.smell)
    expect(await stack.addBody(last.smell, last.bodyBytes)).toMatchObject({ ok: true, value: { outcome: 'known' } })
    expect(stack.tip.smell).toBe(last.smell)
  })
})
