import { encodeFrame } from '../../../src/net/frame.ts'
import type { Attack } from '../support/attack.ts'
import { crowd, until } from '../support/until.ts'
import { helloOf, Villain } from '../support/villain.ts'

/** The first bytes of a frame that says how long it will be. */
function opening(type: number, length: number): Uint8Array {
  const out = new Uint8Array(6)
  new DataView(out.buffer).setUint32(0, length)
  new DataView(out.buffer).setUint16(4, type)
  return out
}

export const oversized: Attack = {
  name: 'oversized frames',
  does: 'claims four gigabytes, in a message of a known type and in one of an unknown type',
  sender: 'banned',
  async run({ at }) {
    const first = await Villain.meet(at)
    first.bytes(opening(19, 0xffff_ffff))
    await until('it is sent away', () => first.gone)
    const second = await Villain.meet(at, helloOf(), first.identity)
    second.bytes(opening(4711, 0xffff_ffff))
    await until('it is sent away again', () => second.gone)
    return [second]
  },
}

export const truncated: Attack = {
  name: 'truncated frames',
  does: 'promises a body of a megabyte, sends most of it, and hangs up in the middle, over and over',
  sender: 'unhurt',
  async run({ at }) {
    const part = new Uint8Array(700_000)
    const all = await crowd(24, 8, async () => {
      const villain = await Villain.meet(at)
      villain.bytes(opening(19, 1_000_032))
      villain.bytes(part)
      await villain.flushed()
      villain.leave()
      return villain
    })
    return all.slice(0, 2)
  },
}

export const slowWriting: Attack = {
  name: 'slow writing',
  does: 'on many connections sends messages of a megabyte a byte at a time',
  sender: 'unhurt',
  async run({ at }) {
    const all = await crowd(24, 8, () => Villain.meet(at))
    for (const villain of all) villain.bytes(opening(19, 1_000_032))
    for (let i = 0; i < 400; i++) {
      for (const villain of all) villain.bytes(Uint8Array.of(i))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(all.map((villain) => villain.flushed()))
    for (const villain of all) villain.leave()
    return all.slice(0, 2)
  },
}

export const slowReading: Attack = {
  name: 'slow reading',
  does: 'on many connections asks for bodies of half a megabyte, as many as it may, and takes none of them',
  // A slow line is no fault; what is not taken holds up nothing but itself.
  sender: 'unhurt',
  async run({ at, ground, victim }) {
    const all = await crowd(24, 8, () => Villain.meet(at))
    const smell = ground.large[0] ?? ''
    for (const villain of all) {
      villain.connection.pause()
      for (let i = 0; i < 4; i++) villain.send({ type: 'getBodies', smells: Array.from({ length: 16 }, () => smell) })
      for (let i = 0; i < 50; i++) villain.send({ type: 'ping', nonce: BigInt(i) })
    }
    await until('as much is sent to each as it is let wait', async () => {
      const peers = await victim.client.peers.list()
      return all.every(({ memberId }) => (peers.find((peer) => peer.memberId === memberId)?.bytesOut ?? 0) > 1_000_000)
    })
    for (const villain of all) villain.leave()
    return all.slice(0, 2)
  },
}

export const unreadable: Attack = {
  name: 'unreadable messages',
  does: 'sends frames of known types that hold no such message',
  sender: 'banned',
  async run({ at }) {
    let villain: Villain | undefined
    for (const type of [17, 49]) {
      villain = await Villain.meet(at, helloOf(), villain?.identity)
      villain.bytes(encodeFrame(type, Uint8Array.of(0, 0, 0, 0, 255, 255, 1, 2, 3)))
      const { gone } = villain
      await until('it is sent away', () => gone || villain?.gone === true)
    }
    return villain ? [villain] : []
  },
}

export const unknownTypes: Attack = {
  name: 'messages of unknown types',
  does: 'sends a megabyte at a time under types that nobody knows, and empty ones by the thousand',
  sender: 'scored',
  async run({ at }) {
    const villain = await Villain.meet(at)
    const large = encodeFrame(999, new Uint8Array(1_048_576))
    for (let i = 0; i < 40 && !villain.gone; i++) {
      villain.bytes(large)
      await villain.flushed()
    }
    const empty = new Uint8Array(6 * 10_000)
    for (let i = 0; i < 10_000; i++) empty.set(opening(1000, 0), 6 * i)
    villain.bytes(empty)
    villain.send({ type: 'ping', nonce: 5n })
    await villain.flushed()
    await until('all is read', () => villain.gone || villain.of('pong').length > 0 || villain.connection.buffered === 0)
    villain.leave()
    return [villain]
  },
}
