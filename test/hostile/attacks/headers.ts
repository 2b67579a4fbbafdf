import type { Made } from '../../../src/chain/testing/maker.ts'
import type { Attack } from '../support/attack.ts'
import { until } from '../support/until.ts'
import { helloOf, Villain } from '../support/villain.ts'

export const cheapHeaders: Attack = {
  name: 'cheap header stacks',
  does: 'claims the most work of all, and shows a long branch from the bottom that has too little of it, over and over',
  sender: 'unhurt',
  async run({ at, ground }) {
    // Thirty cheeses from the blue one are below the line: ours is 180 high, and 144 are forgiven.
    const branch: Made[] = []
    for (let i = 0; i < 30; i++) branch.push(ground.maker.make(branch.at(-1) ?? ground.maker.blue, { extra: `cheap ${i}` }))
    const headers = branch.map(({ headerBytes }) => headerBytes)
    const villain = await Villain.meet(at, helloOf({ work: 1n << 200n, height: 900_000, tip: 'ee'.repeat(32) }))
    let asked = 0
    villain.react = (message) => {
      if (message.type !== 'getHeaders') return
      asked++
      villain.send({ type: 'headers', request: message.request, headers })
    }
    await until('it was asked', () => asked > 0)
    for (let i = 0; i < 100; i++) villain.send({ type: 'headers', request: 0, headers: headers.slice(0, 16) })
    await villain.heard()
    villain.leave()
    return [villain]
  },
}

export const orphanHeaders: Attack = {
  name: 'headers of nowhere',
  does: 'announces headers whose parents nobody knows, and answers nothing when asked for what is between',
  sender: 'scored',
  async run({ at, ground }) {
    const villain = await Villain.meet(at)
    const [first, second] = ground.maker.makeMany(ground.tip, 2, { extra: 'nowhere' })
    if (!first || !second) throw new Error('no cheeses')
    villain.react = (message) => {
      // An answer that continues nothing.
      if (message.type === 'getHeaders') villain.send({ type: 'headers', request: message.request, headers: [second.headerBytes] })
    }
    for (let i = 0; i < 20; i++) villain.send({ type: 'headers', request: 0, headers: [second.headerBytes] })
    await until('it was asked', () => villain.gone || villain.of('getHeaders').length > 0)
    await villain.heard()
    villain.leave()
    return [villain]
  },
}
