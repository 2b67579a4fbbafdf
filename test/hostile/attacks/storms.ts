import { FEATURE } from '../../../src/net/messages.ts'
import type { Attack } from '../support/attack.ts'
import { crowd, until } from '../support/until.ts'
import { helloOf, rawSocket, Villain } from '../support/villain.ts'

export const reconnects: Attack = {
  name: 'a reconnect storm',
  does: 'comes under one name again and again, each time as if it had been restarted',
  sender: 'unhurt',
  async run({ at }) {
    const first = await Villain.meet(at)
    await crowd(150, 4, async () => {
      const again = await Villain.dial(at, first.identity)
      again?.send(helloOf())
      await again?.flushed()
    })
    return [first]
  },
}

export const strangers: Attack = {
  name: 'a storm of strangers',
  does: 'comes under a new name each time, says hello and leaves',
  sender: 'unhurt',
  async run({ at }) {
    await crowd(200, 8, async () => {
      const villain = await Villain.dial(at)
      villain?.send(helloOf({ agent: 'x'.repeat(64), height: 4_000_000_000, work: 1n << 250n }))
      await until('it is answered', () => !villain || villain.gone || villain.received.length > 0)
      villain?.leave()
    })
    return []
  },
}

export const probes: Attack = {
  name: 'a storm of probes',
  does: 'looks who is here as trackers do, and does not leave',
  sender: 'unhurt',
  async run({ at }) {
    const all = await crowd(100, 8, async () => {
      const villain = await Villain.dial(at)
      villain?.send(helloOf({ features: FEATURE.probe }))
      return villain
    })
    await until('all are sent away', () => all.every((villain) => !villain || villain.gone))
    return []
  },
}

export const halfOpen: Attack = {
  name: 'half-open connections',
  does: 'opens as many TCP connections as it gets and says nothing, and on others shows who it is and then says nothing',
  sender: 'unhurt',
  async run({ at }) {
    const [sockets, silent] = await Promise.all([crowd(300, 50, () => rawSocket(at)), crowd(60, 12, () => Villain.dial(at))])
    await until('all are hung up on', () => sockets.every((socket) => socket.destroyed) && silent.every((villain) => !villain || villain.gone), 25)
    return []
  },
}
