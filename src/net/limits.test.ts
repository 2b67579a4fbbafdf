import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { Emitter } from '../util/events.ts'
import { silent } from '../util/ports.ts'
import { chainPort } from './adapters.ts'
import type { Channel } from './channel.ts'
import { CheeseRelay } from './cheese-relay.ts'
import type { CompactOutbox } from './compact-outbox.ts'
import type { NetContext } from './context.ts'
import { encodeFrame } from './frame.ts'
import { MESSAGE_LIMITS, PEER_LIMITS, SHARES } from './limits.ts'
import { encodeMessage, type Message } from './messages.ts'
import { Peer } from './peer.ts'
import type { ChainEntry, ChainPort } from './ports.ts'
import { helloOf, Puppet } from './testing/puppet.ts'
import { at, FakeClock, idOf, World } from './testing/world.ts'
import type { Connection } from './transport.ts'

let world: World
afterEach(async () => world?.close())

/** A peer at the end of a line that the test holds. */
function lonePeer(clock: FakeClock) {
  const sent: Message[] = []
  const connection = {
    bytesIn: 0,
    bytesOut: 0,
    buffered: 0,
    remoteId: idOf('p'),
    direction: 'in',
    remote: { host: '8.8.8.8', port: 1 },
    events: new Emitter(),
    pause() {},
    resume() {},
  }
  const channel = { connection, ended: false, progress: { whole: 0, isInside: false }, goodbyes: [] as string[] } as unknown as Channel & { goodbyes: string[] }
  Object.assign(channel, {
    send: (message: Message) => sent.push(message) > 0,
    goodbye: (code: string) => void channel.goodbyes.push(code),
  })
  world ??= new World()
  const hello = helloOf(world, {})
  const peer = new Peer({ channel, hello, version: 2, clock, random64: () => 1n, endpoint: undefined, manual: false, dialNonce: 1n })
  return { peer, sent, connection: connection as { bytesIn: number; buffered: number }, goodbyes: channel.goodbyes }
}

describe('the table of limits', () => {
  it('has a number of its own for every type, and a share that exists', () => {
    const rows = Object.values(MESSAGE_LIMITS)
    expect(new Set(rows.map(({ number }) => number)).size).toBe(rows.length)
    for (const { share } of rows) expect(['answer', 'items', ...Object.keys(SHARES)]).toContain(share)
    // Nothing that one peer sends takes more room than a body.
    expect(Math.max(...rows.map(({ bytes }) => bytes))).toBeLessThan(1_048_576)
  })
})

describe('who asks for headers', () => {
  it('again and again gets them ever later, not at our cost, and loses nothing by it', async () => {
    const clock = new FakeClock()
    const punished: string[] = []
    const entry = { height: 0, smell: 'aa'.repeat(32) } as ChainEntry
    const page = Array.from({ length: 2_000 }, () => new Uint8Array(116))
    const chain = { onTip: () => () => undefined, entry: () => entry, entryAt: () => entry, headersFrom: async () => page }
    const context = { chain, clock, log: silent, punish: (_peer: Peer, fault: string) => void punished.push(fault) } as unknown as NetContext
    const relay = new CheeseRelay(context, {} as CompactOutbox)
    const { peer, sent } = lonePeer(clock)
    for (let i = 1; i <= 60 * 20; i++) {
      relay.onGetHeaders(peer, i, ['aa'.repeat(32)])
      await clock.advance(50)
    }
    // A burst of a hundred answers, then five a second.
    expect(sent.length).toBeGreaterThan(370)
    expect(sent.length).toBeLessThan(410)
    expect(punished).toEqual([])
    expect(sent.map((message) => message.type === 'headers' && message.request)).toEqual(sent.map((_, i) => i + 1))
    // Everybody else has a share of their own.
    const other = lonePeer(clock)
    relay.onGetHeaders(other.peer, 1, ['aa'.repeat(32)])
    await clock.advance(1)
    expect(other.sent).toHaveLength(1)
  })
})

describe('who reads nothing', () => {
  it('is sent nothing that it did not ask for, and let go after two minutes', async () => {
    const clock = new FakeClock()
    const { peer, connection, goodbyes } = lonePeer(clock)
    const pass = async (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        connection.bytesIn++
        await clock.advance(1_000)
        peer.tick()
      }
    }
    connection.buffered = PEER_LIMITS.congestedBytes + 1
    expect(peer.congested).toBe(true)
    await pass(100)
    connection.buffered = 0
    await pass(60)
    connection.buffered = PEER_LIMITS.congestedBytes + 1
    await pass(120)
    expect(goodbyes).toEqual([])
    await pass(1)
    expect(goodbyes).toEqual(['timeout'])
  })
})

/** Bytes in use once nothing is left to be collected. */
function memory(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describe('what one peer can make us keep', () => {
  it('is a few megabytes, whatever it sends and does not read', async () => {
    world = new World()
    const member = await world.member('victim')
    const PUPPETS = 8
    const connections: Connection[] = []
    for (let i = 0; i < PUPPETS; i++) {
      const connected = await world.run(world.stranger(`greedy${i}`).connect(at(member), { timeoutMs: 1_000 }))
      if (!connected.ok) throw new Error(connected.error.message)
      connections.push(connected.value)
      connected.value.resume()
      connected.value.send(frame(helloOf(world, { instance: BigInt(i) })))
    }
    await world.clock.until(() => member.network.peers().length === PUPPETS && member.network.sync().stage === 'synced', 'connected')
    const before = memory()
    for (const [i, connection] of connections.entries()) {
      connection.pause()
      const id = (n: number) => (i * 1_000_000 + n).toString(16).padStart(64, '0')
      for (let round = 0; round < 20; round++) {
        // Known to nobody: they are noted, asked for, and wait to be asked for.
        connection.send(frame({ type: 'inv', ids: Array.from({ length: 1_000 }, (_, n) => id(round * 1_000 + n)) }))
        connection.send(frame({ type: 'getTransfers', ids: Array.from({ length: 100 }, (_, n) => id(round * 100 + n)) }))
        connection.send(frame({ type: 'getBodies', smells: [id(round), id(round + 500)] }))
      }
      connection.send(frame({ type: 'sendCompact', mode: 'high' }))
      // All but the end of the longest message there is.
      const longest = encodeFrame(MESSAGE_LIMITS.missing.number, new Uint8Array(MESSAGE_LIMITS.missing.bytes))
      for (let at = 0; at < longest.length - 1; at += 60_000) connection.send(longest.subarray(at, Math.min(at + 60_000, longest.length - 1)))
      await world.clock.advance(100)
    }
    await world.clock.advance(5_000)
    const each = (memory() - before) / PUPPETS
    expect(member.network.peers()).toHaveLength(PUPPETS)
    // Some of it is the puppet's own, in this same process.
    expect(each).toBeGreaterThan(1_000_000)
    expect(each).toBeLessThan(10_000_000)
  }, 30_000)

  const frame = (message: Message) => {
    const { type, payload } = encodeMessage(message)
    return encodeFrame(type, payload)
  }
})

describe('a store that is damaged', () => {
  it('ends no connection and no process when peers come, go and announce', async () => {
    world = new World()
    const keeper = await world.member('keeper')
    await keeper.give(world.maker.makeMany(world.maker.blue, 5))
    const real = chainPort(keeper.stack)
    let isDamaged = false
    let tell: ((connected: readonly ChainEntry[]) => void) | undefined
    const fails = (name: keyof ChainPort) => ({
      value: (...args: never[]) => {
        if (isDamaged) throw new Error('the store is damaged')
        return (real[name] as (...args: never[]) => unknown)(...args)
      },
    })
    const chain: ChainPort = Object.create(real, {
      missingBodies: fails('missingBodies'),
      entry: fails('entry'),
      ancestor: fails('ancestor'),
      hasBody: fails('hasBody'),
      onTip: {
        value: (handler: (connected: readonly ChainEntry[]) => void) => {
          tell = handler
          return real.onTip(handler)
        },
      },
    })
    const member = await world.member('m', { chain })
    const first = await Puppet.dial(world, world.stranger('first'), at(member))
    isDamaged = true
    const second = await Puppet.dial(world, world.stranger('second'), at(member), { work: 1n << 100n })
    first.connection.close('bye')
    const lost = Object.defineProperty({ ...keeper.stack.tip }, 'header', {
      get() {
        throw new Error('the store is damaged')
      },
    }) as ChainEntry
    expect(() => tell?.([lost])).not.toThrow()
    await world.clock.advance(15_000)
    expect(second.closed).toBeUndefined()
    expect(member.network.peers().map(({ memberId }) => memberId)).toEqual([idOf('second')])
    isDamaged = false
    await Puppet.dial(world, world.stranger('third'), at(member))
    await world.clock.until(() => member.network.peers().length === 2, 'goes on')
  })
})
