import { keyOf } from '../../../src/chain/testing/maker.ts'
import { encodeTransfer } from '../../../src/consensus/codec.ts'
import { sha256 } from '../../../src/consensus/hash.ts'
import type { Transfer } from '../../../src/consensus/types.ts'
import { toHex } from '../../../src/util/bytes.ts'
import type { Attack, Stage } from '../support/attack.ts'
import { pay } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { Villain } from '../support/villain.ts'

/** Announces transfers and gives every one that it is asked for. Resolves when it was asked for all of those that are wanted, or is gone. */
async function tell({ at }: Stage, transfers: readonly Transfer[], wanted: number): Promise<Villain> {
  const villain = await Villain.meet(at)
  const known = new Map(transfers.map((transfer) => [toHex(sha256(encodeTransfer(transfer))), encodeTransfer(transfer)]))
  let asked = 0
  villain.react = (message) => {
    if (message.type !== 'getTransfers') return
    for (const id of message.ids) {
      const bytes = known.get(id)
      if (!bytes) continue
      asked++
      villain.send({ type: 'transfer', bytes })
    }
  }
  const ids = [...known.keys()]
  for (let i = 0; i < ids.length; i += 1000) villain.send({ type: 'inv', ids: ids.slice(i, i + 1000) })
  await until('all are asked for', () => asked >= wanted || villain.gone)
  await villain.heard()
  return villain
}

export const badSignatures: Attack = {
  name: 'bad signatures',
  does: 'gives transfers that their senders did not sign',
  sender: 'banned',
  async run(stage) {
    const { ground } = stage
    const forged = Array.from({ length: 200 }, (_, i) => {
      const good = pay(ground, ground.rich[20] ?? keyOf(1), { fee: BigInt(10_000 + i) })
      return { ...good, signature: good.signature.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) }
    })
    const villain = await tell(stage, forged, forged.length)
    await until('it is sent away', () => villain.goodbye === 'banned')
    return [villain]
  },
}

export const conflicting: Attack = {
  name: 'conflicting transfers',
  does: 'signs hundreds of transfers that want the place of one that waits, and of each other, for no better fee',
  sender: 'unhurt',
  async run(stage) {
    const { ground } = stage
    const waiting = ground.rich.slice(0, 3)
    const rivals = Array.from({ length: 600 }, (_, i) => pay(ground, waiting[i % 3] ?? keyOf(1), { memo: `rival ${i}` }))
    return [await tell(stage, rivals, rivals.length)]
  },
}

export const penniless: Attack = {
  name: 'transfers of nobody',
  does: 'signs transfers of accounts that have nothing, and of those that have something with sequences far ahead',
  sender: 'unhurt',
  async run(stage) {
    const { ground } = stage
    const poor = Array.from({ length: 300 }, (_, i) => pay(ground, keyOf(5000 + i)))
    const ahead = Array.from({ length: 300 }, (_, i) => pay(ground, ground.rich[30] ?? keyOf(1), { sequence: 1000 + i }))
    return [await tell(stage, [...poor, ...ahead], 600)]
  },
}

export const duplicates: Attack = {
  name: 'duplicate transfers',
  does: 'gives a transfer that waits already, over and over, without being asked',
  sender: 'banned',
  async run({ at, ground }) {
    const villain = await Villain.meet(at)
    const bytes = encodeTransfer(pay(ground, ground.rich[0] ?? keyOf(1)))
    for (let i = 0; i < 2_000 && !villain.gone; i++) villain.send({ type: 'transfer', bytes })
    await until('it is sent away', () => villain.goodbye === 'banned')
    return [villain]
  },
}
