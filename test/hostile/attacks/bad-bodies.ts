import { keyOf, type Made } from '../../../src/chain/testing/maker.ts'
import type { Attack, Stage } from '../support/attack.ts'
import { pay } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { helloOf, Villain } from '../support/villain.ts'

/** Announces a cheese and gives a body for it when it is asked; `blamed` says when it is known what is wrong with it. */
async function offer(
  stage: Stage,
  cheese: Made,
  body = cheese.bodyBytes,
  blamed: (villain: Villain, stage: Stage) => boolean | Promise<boolean> = wasSentAway,
): Promise<Villain> {
  const { at } = stage
  // Of version 1, which knows no compact cheeses.
  const villain = await Villain.meet(at, helloOf({ version: 1 }))
  villain.react = (message) => {
    if (message.type === 'getBodies') villain.send({ type: 'body', smell: cheese.smell, body })
  }
  villain.send({ type: 'headers', request: 0, headers: [cheese.headerBytes] })
  await until('it is blamed', () => blamed(villain, stage))
  return villain
}

function wasSentAway(villain: Villain): boolean {
  return villain.goodbye === 'banned'
}

/** What is wrong by our accounts alone may be our own fault: it costs a part of the name. */
async function lostSomething({ identity }: Villain, { victim }: Stage): Promise<boolean> {
  const peers = await victim.client.peers.list()
  return peers.some(({ memberId, reputation }) => memberId === identity.memberId && reputation < 100)
}

export const badAccountsRoot: Attack = {
  name: 'bad accounts root',
  does: 'mines a cheese whose header commits to accounts that its body does not lead to',
  sender: 'scored',
  async run(stage) {
    const cheese = stage.ground.maker.make(stage.ground.tip, { header: { accountsRoot: new Uint8Array(32).fill(7) } })
    return [await offer(stage, cheese, cheese.bodyBytes, lostSomething)]
  },
}

export const badCheeseSignature: Attack = {
  name: 'bad signatures in a cheese',
  does: 'mines a cheese with a transfer that its sender did not sign',
  sender: 'banned',
  async run(stage) {
    const { ground } = stage
    const good = pay(ground, ground.rich[10] ?? keyOf(1))
    const forged = { ...good, signature: good.signature.map((byte, i) => (i === 5 ? byte ^ 1 : byte)) }
    return [await offer(stage, ground.maker.make(ground.tip, { transfers: [forged] }))]
  },
}

export const otherBody: Attack = {
  name: 'another body than the header’s',
  does: 'gives a body of a megabyte that has nothing to do with the header',
  sender: 'banned',
  run: async (stage) => [await offer(stage, stage.ground.maker.make(stage.ground.tip), new Uint8Array(1_000_000).fill(1))],
}

export const doubleSpend: Attack = {
  name: 'a cheese that spends twice',
  does: 'mines a cheese with the same transfer twice',
  sender: 'scored',
  async run(stage) {
    const { ground } = stage
    const transfer = pay(ground, ground.rich[11] ?? keyOf(1))
    const cheese = ground.maker.make(ground.tip, { transfers: [transfer, transfer], unruly: true })
    return [await offer(stage, cheese, cheese.bodyBytes, lostSomething)]
  },
}
