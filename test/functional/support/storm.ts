/**
 * Run on a host of a `Lab`: `node storm.ts HOST PORT`. Comes to a member of the network `test` under new names as often as it gets in, opens
 * connections that say nothing, and goes on until it is ended. Tells what it has, once a round, as lines of JSON.
 */
import { crowd } from '../../hostile/support/until.ts'
import { helloOf, rawSocket, Villain } from '../../hostile/support/villain.ts'

export interface StormRound {
  /** Connections of all rounds on which the member said hello, that it has not ended. */
  readonly held: number
  readonly tried: number
}

const [host = '', port = ''] = process.argv.slice(2)
const at = { host, port: Number(port) }
const got: Villain[] = []
for (let tried = 0; ; ) {
  const round = await crowd(40, 20, async () => {
    const villain = await Villain.dial(at)
    villain?.send(helloOf({ listenPort: 9875 }, 'test'))
    return villain
  })
  got.push(...round.filter((villain) => villain !== undefined))
  await crowd(60, 30, () => rawSocket(at))
  tried += 100
  // The pause in which the member ends those that it does not want.
  await new Promise((resolve) => setTimeout(resolve, 200))
  const said: StormRound = { held: got.filter((villain) => !villain.gone && villain.of('hello').length > 0).length, tried }
  process.stdout.write(`${JSON.stringify(said)}\n`)
}
