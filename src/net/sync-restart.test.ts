import { afterEach, describe, expect, it } from 'vitest'
import type { Made } from '../chain/testing/maker.ts'
import { keyOf } from '../chain/testing/maker.ts'
import type { Verifier } from '../chain/verifier.ts'
import { openMemoryStore } from '../platform/store-memory.ts'
import { openInlineVerifier } from '../platform/verify-inline.ts'
import type { Store } from '../util/store.ts'
import type { Puppet } from './testing/puppet.ts'
import { serve } from './testing/serving.ts'
import { type MemberOptions, PORT, type TestMember, World } from './testing/world.ts'

let world: World
afterEach(async () => world.close())

const HOST = '198.51.100.7'
const smellOf = (cheeses: readonly Made[]) => cheeses.at(-1)?.smell ?? ''

/** What the disk holds at this moment: a member whose plug is pulled now finds this. */
async function pullPlug(store: Store): Promise<Store> {
  const copy = openMemoryStore()
  for await (const [key, value] of store.entries({})) await copy.batch([{ type: 'put', key, value }])
  return copy
}

/** Smells of the bodies that were asked of somebody. */
const asked = (puppets: readonly Puppet[]) => puppets.flatMap((puppet) => puppet.of('getBodies').flatMap(({ smells }) => smells))

/** A member on `store` that dials somebody who serves `cheeses`. */
async function begin(name: string, options: MemberOptions = {}): Promise<TestMember> {
  const member = await world.member(name, options)
  const connected = await world.run(member.network.connect({ host: HOST, port: PORT }))
  if (!connected.ok) throw new Error(connected.error.message)
  return member
}

/** Somebody starts on what another one's disk held, comes to the height of all, and asks for no body that was there. */
async function goesOn(store: Store, cheeses: readonly Made[], puppets: readonly Puppet[]): Promise<void> {
  const before = puppets.length
  const again = await world.member('again', { store })
  const had = new Set(cheeses.filter(({ smell }) => again.stack.hasBody(smell)).map(({ smell }) => smell))
  await world.run(again.network.connect({ host: HOST, port: PORT }))
  await world.agree(smellOf(cheeses), [again])
  const wanted = asked(puppets.slice(before))
  expect(wanted.filter((smell) => had.has(smell))).toEqual([])
  expect(wanted).toHaveLength(cheeses.length - had.size)
}

/** `count` cheeses with a transfer each. */
function withTransfers(count: number): Made[] {
  const { maker } = world
  const funder = keyOf(1)
  const made = maker.makeMany(maker.blue, 3, { to: funder.address })
  for (let sequence = 0; sequence < count; sequence++) {
    const transfers = [maker.transfer({ from: funder, sequence, payments: [{ to: keyOf(2).address, amount: 100_000n }] })]
    made.push(maker.make(made.at(-1) as Made, { transfers }))
  }
  return made
}

describe('a member whose plug is pulled goes on from there', () => {
  it('while it fetches headers', { timeout: 30_000 }, async () => {
    world = new World({ latencyMs: () => 400 })
    const cheeses = world.maker.makeMany(world.maker.blue, 2_100)
    const puppets = await serve(world, HOST, cheeses)
    const first = await begin('first')
    await world.clock.until(() => first.stack.bestHeader.height === 2_000, 'the first headers are there')
    const store = await pullPlug(first.store)
    await first.network.close()
    const requests = puppets.flatMap((puppet) => puppet.of('getHeaders')).length
    const again = await world.member('again', { store })
    expect(again.stack.bestHeader.height).toBe(2_000)
    await world.run(again.network.connect({ host: HOST, port: PORT }))
    await world.agree(smellOf(cheeses), [again])
    const later = puppets.flatMap((puppet) => puppet.of('getHeaders')).slice(requests)
    expect(later[0]?.locator[0]).toBe(cheeses[1_999]?.smell)
  })

  it('while it fetches bodies', async () => {
    world = new World({ latencyMs: () => 100 })
    const cheeses = world.maker.makeMany(world.maker.blue, 300)
    const puppets = await serve(world, HOST, cheeses)
    const first = await begin('first')
    await world.clock.until(() => first.stack.tip.height >= 40, 'part of the way')
    expect(first.stack.tip.height).toBeLessThan(300)
    const store = await pullPlug(first.store)
    await first.network.close()
    await goesOn(store, cheeses, puppets)
  })

  it('while signatures are verified', async () => {
    world = new World({ latencyMs: () => 10 })
    const cheeses = withTransfers(60)
    const puppets = await serve(world, HOST, cheeses)
    const plain = openInlineVerifier()
    let open = 20
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const signatures: Verifier = {
      async verify(jobs) {
        if (--open < 0) await released
        return plain.verify(jobs)
      },
      close: () => plain.close(),
    }
    const first = await begin('first', { signatures })
    await world.clock.until(() => open < 0, 'a signature is waited for')
    await world.clock.advance(1_000)
    const { height } = first.stack.tip
    expect(height).toBeGreaterThan(3)
    expect(height).toBeLessThan(60)
    const store = await pullPlug(first.store)
    release()
    await first.network.close()
    await goesOn(store, cheeses, puppets)
  })

  it('between two commits', async () => {
    world = new World({ latencyMs: () => 10 })
    const cheeses = withTransfers(40)
    const puppets = await serve(world, HOST, cheeses)
    const store = openMemoryStore()
    const states: Store[] = []
    const watched: Store = {
      ...store,
      async batch(ops, options) {
        await store.batch(ops, options)
        states.push(await pullPlug(store))
      },
    }
    const first = await begin('first', { store: watched })
    await world.agree(smellOf(cheeses), [first])
    await first.network.close()
    const opened = new Set<number>()
    for (const state of states.filter((_, i) => i % 7 === 3)) {
      const again = await world.member(`again ${opened.size}`, { store: await pullPlug(state) })
      opened.add(again.stack.tip.height)
      const found = await again.stack.verify()
      expect(found.ok).toBe(true)
      await again.network.close()
      world.members.splice(world.members.indexOf(again), 1)
    }
    expect(opened.size).toBeGreaterThan(3)
    await goesOn(states[Math.floor(states.length / 2)] as Store, cheeses, puppets)
  })
})

describe('what was fetched is kept', () => {
  it('while the store fails', async () => {
    world = new World({ latencyMs: () => 10 })
    const cheeses = world.maker.makeMany(world.maker.blue, 80)
    const puppets = await serve(world, HOST, cheeses)
    const store = openMemoryStore()
    let broken = false
    const failing: Store = {
      ...store,
      async batch(ops, options) {
        if (broken) throw new Error('the disk is full')
        await store.batch(ops, options)
      },
    }
    const member = await begin('member', { store: failing })
    await world.clock.until(() => member.stack.tip.height >= 10, 'part of the way')
    broken = true
    await world.clock.advance(60_000)
    const { height } = member.stack.tip
    expect(height).toBeLessThan(80)
    broken = false
    await world.agree(smellOf(cheeses), [member])
    expect(asked(puppets)).toHaveLength(80)
    expect(member.network.peers()[0]?.reputation).toBe(100)
  })

  it('when one of those who serve gives a bad body in the middle: that costs only that one', async () => {
    world = new World({ latencyMs: () => 50 })
    const cheeses = withTransfers(200)
    const bad = new Set<string>()
    const liars = await serve(world, '198.51.100.8', cheeses, (puppet, message) => {
      if (message.type !== 'getBodies') return false
      for (const smell of message.smells) {
        const at = cheeses.findIndex((one) => one.smell === smell)
        const honest = cheeses[at] as Made
        // One body that is another cheese's, in the middle of what it was asked for.
        const isBad = bad.size === 0 && at > 60
        if (isBad) bad.add(smell)
        puppet.send({ type: 'body', smell, body: isBad ? (cheeses[at - 1] as Made).bodyBytes : honest.bodyBytes })
      }
      return true
    })
    const honest = await serve(world, HOST, cheeses)
    const member = await begin('member')
    await world.run(member.network.connect({ host: '198.51.100.8', port: PORT }))
    await world.agree(smellOf(cheeses), [member])
    expect(bad.size).toBe(1)
    const [liar, good] = [liars[0], honest[0]].map((puppet) => puppet?.goodbye)
    expect(liar).toBe('banned')
    expect(good).toBeUndefined()
    expect(member.network.peers().map(({ reputation }) => reputation)).toEqual([100])
    // Whatever arrived is not fetched again, from whomever: only what the liar still owed, and its bad one.
    const arrived = new Set(asked(honest))
    expect(asked(honest)).toHaveLength(arrived.size)
    const twice = asked(liars).filter((smell) => arrived.has(smell))
    expect(twice).toContain([...bad][0])
    expect(twice.length).toBeLessThan(70)
  })
})
