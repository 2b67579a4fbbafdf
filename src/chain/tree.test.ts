import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../platform/store-memory.ts'
import type { CheeseStack } from './stack.ts'
import { collectGarbage } from './testing/gc.ts'
import { type Made, Maker } from './testing/maker.ts'
import { TreeModel } from './testing/model.ts'
import { openStack, regtest } from './testing/stack.ts'

const BAD = { header: { accountsRoot: new Uint8Array(32).fill(1) } }

function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Everything that can be seen of the tree is as the model has it. */
function expectSame(stack: CheeseStack, model: TreeModel): void {
  expect(stack.tip.smell).toBe(model.tip.smell)
  expect(stack.bestHeader.smell).toBe(model.best.smell)
  const missing = model.missing()
  for (const limit of [1, 3, 1000]) expect(stack.missingBodies(limit)).toEqual(missing.slice(0, limit))
  const main = model.branch(model.tip)
  expect(main.map((_, height) => stack.smellAt(height))).toEqual(main.map(({ smell }) => smell))
  expect(stack.smellAt(main.length)).toBeUndefined()
  for (const node of model.nodes.values()) {
    const entry = stack.entry(node.smell)
    expect([entry?.state, entry?.height, entry?.parent?.smell, entry?.header]).toEqual([node.state, node.height, node.parent?.smell, node.made.header])
    expect(stack.isMain(node.smell)).toBe(main.includes(node))
  }
  const best = model.branch(model.best)
  expect(best.map((_, height) => stack.ancestor(model.best.smell, height)?.smell)).toEqual(best.map(({ smell }) => smell))
  expect(stack.ancestor(model.best.smell, best.length)).toBeUndefined()
}

describe('a tree of which little is in memory', () => {
  it.each([2, 4, 9, 8192])('chooses as one that is all in memory does: %i headers', async (headersInMemory) => {
    for (let round = 0; round < 6; round++) {
      const random = generator(1000 * headersInMemory + round)
      const maker = new Maker(regtest)
      const model = new TreeModel(maker.blue)
      const store = openMemoryStore()
      let { stack } = await openStack(store, { headersInMemory })
      const made: Made[] = [maker.blue]
      const bad = new Set<string>()
      const waiting: Made[] = []
      for (let step = 0; step < 120; step++) {
        const what = random(20)
        if (what < 6) {
          // A branch from anywhere, mostly from near the top.
          const parent = made[random(3) === 0 ? random(made.length) : Math.max(0, made.length - 1 - random(4))] as Made
          const branch: Made[] = []
          for (let n = 1 + random(5); n > 0; n--) {
            const isBad = random(15) === 0
            const next = maker.make(branch.at(-1) ?? parent, isBad ? BAD : {})
            if (isBad) bad.add(next.smell)
            branch.push(next)
          }
          await stack.addHeaders(branch.map(({ header }) => header))
          for (const each of branch) model.addHeader(each, bad.has(each.smell))
          const taken = branch.filter(({ smell }) => model.nodes.has(smell))
          made.push(...taken)
          waiting.push(...taken)
        } else if (what < 18) {
          const [next] = waiting.splice(random(2) === 0 ? 0 : random(waiting.length), 1)
          if (!next) continue
          await stack.addBody(next.smell, next.bodyBytes)
          model.addBody(next.smell)
        } else if (what < 19) ({ stack } = await openStack(store, { headersInMemory }))
        else await collectGarbage()
        if (step % 10 === 9) expectSame(stack, model)
      }
      expectSame(stack, model)
      expectSame((await openStack(store, { headersInMemory })).stack, model)
    }
  })

  it('has one node of a header at a time, as long as somebody holds it', async () => {
    const maker = new Maker(regtest)
    const cheeses = maker.makeMany(maker.blue, 30)
    const { stack } = await openStack(openMemoryStore(), { headersInMemory: 4 })
    await stack.addHeaders(cheeses.map(({ header }) => header))
    const [low, top] = [cheeses[2], cheeses[29]]
    const held = stack.entry(low?.smell ?? '')
    expect(held?.state).toBe('header')
    for (const { smell, bodyBytes } of cheeses) await stack.addBody(smell, bodyBytes)
    await collectGarbage()
    expect(stack.tip.smell).toBe(top?.smell)
    expect(held?.state).toBe('valid')
    expect(stack.entryAt(3)).toBe(held)
  })

  it('moves to a branch that leaves far below all that is in memory', async () => {
    const maker = new Maker(regtest)
    const [left, right] = [maker.makeMany(maker.blue, 150), maker.makeMany(maker.blue, 151)]
    const { stack, changes } = await openStack(openMemoryStore(), { headersInMemory: 8 })
    for (const { headerBytes, bodyBytes } of left) await stack.addCheese(headerBytes, bodyBytes)
    await stack.addHeaders(right.map(({ header }) => header))
    expect(stack.missingBodies(2)).toEqual(right.slice(0, 2).map(({ smell }) => smell))
    changes.length = 0
    for (const { smell, bodyBytes } of [...right].reverse()) {
      expect(stack.tip.height).toBe(150)
      await stack.addBody(smell, bodyBytes)
    }
    expect(stack.tip.smell).toBe(right[150]?.smell)
    expect(changes.map(({ disconnected, connected }) => [disconnected.length, connected.length])).toEqual([[150, 151]])
    expect(await stack.verify()).toMatchObject({ ok: true, value: { height: 151 } })
  })
})
