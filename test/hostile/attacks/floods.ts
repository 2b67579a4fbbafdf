import { sha256 } from '../../../src/consensus/hash.ts'
import type { Message } from '../../../src/net/messages.ts'
import { bigIntToBytes, toHex } from '../../../src/util/bytes.ts'
import type { Attack, Stage, Verdict } from '../support/attack.ts'
import { until } from '../support/until.ts'
import { Villain } from '../support/villain.ts'

function invented(count: number, salt: number): string[] {
  return Array.from({ length: count }, (_, i) => toHex(sha256(bigIntToBytes(BigInt(salt) * 1_000_000n + BigInt(i), 16))))
}

/** Sends messages as fast as they go, until it is sent away or has said all. */
async function flood({ at, victim }: Stage, count: number, make: (index: number) => Message): Promise<Villain> {
  const villain = await Villain.meet(at)
  for (let i = 0; i < count && !villain.gone; i++) {
    villain.send(make(i))
    if (i % 100 === 0) await villain.flushed()
  }
  villain.send({ type: 'ping', nonce: 77n })
  // A ping that is dropped with the rest has no answer: then it was noticed.
  const isNoticed = async () => (await victim.client.peers.list()).some(({ memberId, reputation }) => memberId === villain.memberId && reputation < 100)
  await until('all is read, or noticed', async () => villain.gone || villain.of('pong').some(({ nonce }) => nonce === 77n) || isNoticed())
  villain.leave()
  return villain
}

function floodOf(name: string, does: string, sender: Verdict, count: number, make: (index: number) => Message): Attack {
  return { name, does, sender, run: async (stage) => [await flood(stage, count, make)] }
}

export const inventorySpam = floodOf('inventory spam', 'announces a hundred thousand transfers that do not exist', 'scored', 100, (i) => ({
  type: 'inv',
  ids: invented(1000, i),
}))

export const inventoryAsking = floodOf('asking for what nobody has', 'asks for two hundred thousand transfers that do not exist', 'scored', 200, (i) => ({
  type: 'getTransfers',
  ids: invented(1000, 1000 + i),
}))

export const headersAsking: Attack = {
  name: 'asking for headers',
  does: 'asks for all headers again and again, for a few bytes each',
  sender: 'banned',
  run: async (stage) => [await flood(stage, 400, (i) => ({ type: 'getHeaders', request: 1 + i, locator: [stage.ground.maker.blue.smell] }))],
}

export const pings = floodOf('pings', 'sends pings without end', 'scored', 20_000, (i) => ({ type: 'ping', nonce: BigInt(i) }))

export const goodbyes: Attack = {
  name: 'goodbyes',
  does: 'says goodbye a thousand times over, with reasons that would draw over a terminal',
  sender: 'unhurt',
  async run({ at }) {
    const villain = await Villain.meet(at)
    for (let i = 0; i < 1000; i++) villain.send({ type: 'goodbye', code: 'other', reason: `\u001b[2J\n2026-11-22 error forged ${i}` })
    await until('it is over', () => villain.gone)
    return [villain]
  },
}

export const bodiesAsking = floodOf('asking for bodies that nobody has', 'asks for thousands of bodies under invented smells', 'scored', 3_000, (i) => ({
  type: 'getBodies',
  smells: invented(16, 5000 + i),
}))

export const unasked: Attack = {
  name: 'unasked data',
  does: 'gives bodies, headers and transfers that nobody asked for',
  sender: 'banned',
  run: async (stage) => {
    const { ground } = stage
    const smell = ground.large[0] ?? ''
    const body = ground.cheeses.find((cheese) => cheese.smell === smell)?.bodyBytes ?? new Uint8Array()
    const headers = ground.cheeses.slice(1).map(({ headerBytes }) => headerBytes)
    return [await flood(stage, 60, (i) => (i % 2 === 0 ? { type: 'body', smell, body } : { type: 'headers', request: 4711, headers }))]
  },
}
