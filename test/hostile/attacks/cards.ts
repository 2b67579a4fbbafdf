import { params } from '../../../src/consensus/params.ts'
import { type Card, makeCard } from '../../../src/net/card.ts'
import { createIdentity, type Identity } from '../../../src/net/identity.ts'
import type { Attack } from '../support/attack.ts'
import { crowd, until } from '../support/until.ts'
import { Villain } from '../support/villain.ts'

const { blueSmell } = params('regtest')

/** A good card of a member that takes no connections. */
export function memberCard(identity: Identity, nickname: string): Card {
  return makeCard({ blueSmell, nickname, endpoints: [], software: 'villain', time: Math.floor(Date.now() / 1000) }, identity)
}

/** A good card of somebody new. */
async function strangersCard(nickname: string, port = 0, time = Math.floor(Date.now() / 1000)): Promise<Card> {
  const endpoints = port > 0 ? [{ ip: Uint8Array.of(8, 8, 8, 8), port }] : []
  return makeCard({ blueSmell, nickname, endpoints, software: 'villain', time }, await createIdentity())
}

export const forgedCards: Attack = {
  name: 'forged cards',
  does: 'passes on cards with another name or address than their member signed',
  sender: 'banned',
  async run({ at }) {
    let villain: Villain | undefined
    const { bytes } = await strangersCard('abcdef', 2000)
    for (const at_ of [0x61, 8]) {
      const forged = bytes.slice()
      forged[forged.lastIndexOf(at_)] = 0x62
      villain = await Villain.meet(at, undefined, villain?.identity)
      villain.send({ type: 'cards', cards: [forged] })
      await villain.heard()
      villain.leave()
    }
    return villain ? [villain] : []
  },
}

export const cardFlood: Attack = {
  name: 'a flood of cards',
  does: 'makes up members by the hundred and passes on their cards, all of them good',
  sender: 'scored',
  async run({ at, victim }) {
    const villain = await Villain.meet(at)
    const cards = await crowd(448, 8, (i) => strangersCard(`n${i}`, 2000 + i))
    for (let i = 0; i < cards.length; i += 64) villain.send({ type: 'cards', cards: cards.slice(i, i + 64).map(({ bytes }) => bytes) })
    await until('it is noticed', async () =>
      (await victim.client.peers.list()).some(({ memberId, reputation }) => memberId === villain.memberId && reputation < 100),
    )
    villain.leave()
    return [villain]
  },
}
