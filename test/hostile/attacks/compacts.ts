import { randomBytes } from 'node:crypto'
import { keyOf, type Made } from '../../../src/chain/testing/maker.ts'
import { encodeReward, encodeTransfer } from '../../../src/consensus/codec.ts'
import { encodeFrame } from '../../../src/net/frame.ts'
import { MAX_BODY_TRANSFERS, SHORT_ID_LENGTH } from '../../../src/net/limits.ts'
import { encodeMessage } from '../../../src/net/messages.ts'
import type { CompactMessage } from '../../../src/net/messages-compact.ts'
import type { Attack, Stage } from '../support/attack.ts'
import { pay } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { Villain } from '../support/villain.ts'

/** A cheese of the villain's, as short ids of its choice. */
function compactOf(cheese: Made, shortIds: Uint8Array): CompactMessage {
  return { type: 'compact', header: cheese.headerBytes, nonce: 1n, reward: encodeReward(cheese.body.reward), shortIds, prefilled: [] }
}

/** Announces cheese after cheese, and answers with these short ids and these transfers, until it is sent away. */
async function invent({ at, ground }: Stage, shortIds: () => Uint8Array, transfers: (count: number) => readonly Uint8Array[]): Promise<Villain> {
  const villain = await Villain.meet(at)
  const cheeses = new Map<string, Made>()
  villain.react = (message) => {
    const cheese = message.type === 'getCompact' ? cheeses.get(message.smell) : undefined
    if (cheese) villain.send(compactOf(cheese, shortIds()))
    if (message.type === 'getMissing') villain.send({ type: 'missing', smell: message.smell, transfers: transfers(message.indexes.length) })
    // It has no more to give than that.
    if (message.type === 'getBodies') villain.send({ type: 'notFound', what: 'body', ids: message.smells })
  }
  for (let round = 0; round < 6 && !villain.gone; round++) {
    const cheese = ground.maker.make(ground.tip, { extra: `invented ${round}` })
    cheeses.set(cheese.smell, cheese)
    const asked = () => villain.of('getCompact').length + villain.of('getBodies').length
    const before = asked()
    villain.send({ type: 'headers', request: 0, headers: [cheese.headerBytes] })
    await until('it is asked for it', () => villain.gone || asked() > before)
    await villain.heard()
  }
  villain.leave()
  return villain
}

export const inventedIds: Attack = {
  name: 'invented short ids',
  does: 'describes its cheeses by thousands of short ids of nothing, and gives other transfers when it is asked for those',
  sender: 'banned',
  async run(stage) {
    const bytes = encodeTransfer(pay(stage.ground, stage.ground.rich[15] ?? keyOf(1)))
    const ids = () => new Uint8Array(randomBytes(MAX_BODY_TRANSFERS * SHORT_ID_LENGTH))
    return [await invent(stage, ids, (count) => Array.from({ length: count }, () => bytes))]
  },
}

export const sameIds: Attack = {
  name: 'short ids that are all the same',
  does: 'describes its cheeses by one short id, thousands of times over',
  // Nobody asks it for short ids any more.
  sender: 'scored',
  run: async (stage) => [
    await invent(
      stage,
      () => new Uint8Array(MAX_BODY_TRANSFERS * SHORT_ID_LENGTH).fill(9),
      () => [],
    ),
  ],
}

export const pushedCompacts: Attack = {
  name: 'compact cheeses that nobody asked for',
  does: 'pushes cheeses as short ids though nobody wanted it to',
  sender: 'banned',
  async run({ at, ground }) {
    const villain = await Villain.meet(at)
    const cheese = ground.maker.make(ground.tip, { extra: 'pushed' })
    for (let i = 0; i < 50 && !villain.gone; i++) villain.send(compactOf(cheese, new Uint8Array(randomBytes(6000))))
    await until('it is sent away', () => villain.goodbye === 'banned')
    return [villain]
  },
}

export const silentCompacts: Attack = {
  name: 'compact cheeses without their transfers',
  does: 'on many connections describes a cheese by short ids, and never gives a transfer of it',
  sender: 'unhurt',
  async run({ at, ground }) {
    const villains = await Promise.all(
      Array.from({ length: 16 }, async (_, i) => {
        const cheese = ground.maker.make(ground.tip, { extra: `silent ${i}` })
        const villain = await Villain.meet(at)
        villain.react = (message) => {
          if (message.type === 'getCompact') villain.send(compactOf(cheese, new Uint8Array(randomBytes(MAX_BODY_TRANSFERS * SHORT_ID_LENGTH))))
        }
        villain.send({ type: 'headers', request: 0, headers: [cheese.headerBytes] })
        await villain.heard()
        return villain
      }),
    )
    await until('somebody is asked for what is missing', () => villains.some((villain) => villain.of('getMissing').length > 0))
    for (const villain of villains) villain.leave()
    return villains.slice(0, 2)
  },
}

export const partsAsking: Attack = {
  name: 'asking for parts of a large cheese',
  does: 'asks for one transfer of a large cheese, thousands of times over',
  sender: 'scored',
  async run({ at, ground, victim }) {
    const villain = await Villain.meet(at)
    const smell = ground.large.at(-1) ?? ''
    // Many in one piece: they come in one turn of the victim's loop.
    const { type, payload } = encodeMessage({ type: 'getMissing', smell, indexes: [0] })
    const frame = encodeFrame(type, payload)
    const piece = new Uint8Array(1_500 * frame.length)
    for (let i = 0; i < 1_500; i++) piece.set(frame, i * frame.length)
    for (let i = 0; i < 16 && !villain.gone; i++) villain.bytes(piece)
    await until('it is noticed', async () => {
      const peers = await victim.client.peers.list()
      return villain.gone || peers.some(({ memberId, reputation }) => memberId === villain.memberId && reputation < 100)
    })
    villain.leave()
    return [villain]
  },
}
