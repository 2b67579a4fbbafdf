import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { LanMessage } from '../net/lan.ts'
import { silent } from '../util/ports.ts'
import { answerOf, lanWire, readAnswer } from './lan.ts'

const message: Extract<LanMessage, { kind: 'here' | 'gone' }> = { kind: 'here', memberId: 'ab'.repeat(32), blue: 'cd'.repeat(8), port: 9875 }
type Records = Parameters<typeof readAnswer>[0]
const records = (packet: ReturnType<typeof answerOf>) => ('answers' in packet ? ((packet.answers ?? []) as Records) : [])

describe('an announcement', () => {
  it('comes back as it was sent', () => {
    for (const kind of ['here', 'gone'] as const) expect(readAnswer(records(answerOf({ ...message, kind })))).toEqual({ ...message, kind })
  })

  it('of anybody’s making is read or skipped, never thrown at', () => {
    const [pointer, server, text] = records(answerOf(message))
    const odd: unknown[] = [undefined, null, 7, 'x', [], {}, [null, 7, new Uint8Array([0xff])], { port: '9875' }, { port: Number.NaN }]
    for (const data of odd) {
      expect(readAnswer([pointer ?? {}, { ...server, data }, text ?? {}]) === undefined || typeof data === 'object').toBe(true)
      expect(readAnswer([pointer ?? {}, server ?? {}, { ...text, data }])).toBeUndefined()
      expect(readAnswer([{ name: data, type: data, data }])).toBeUndefined()
    }
    expect(readAnswer([...Array.from({ length: 100 }, () => ({ name: 'x' })), ...records(answerOf(message))])).toBeUndefined()
  })
})

/** Whether this machine lets programs hear each other by multicast on loopback. */
async function hasLoopbackMulticast(): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    socket.bind(0)
    await once(socket, 'listening')
    socket.addMembership('224.0.0.251', '127.0.0.1')
    socket.setMulticastInterface('127.0.0.1')
    const heard = once(socket, 'message', { signal: AbortSignal.timeout(1_000) })
    socket.send('hello', socket.address().port, '224.0.0.251')
    await heard
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

describe.skipIf(!(await hasLoopbackMulticast()))('mDNS on loopback', () => {
  it('carries questions and announcements between two programs', async () => {
    const port = await freePort()
    // On this machine alone: its own interface, a port that nobody else listens to, and no router passes it on.
    const open = lanWire(silent, { port, interface: '127.0.0.1', ttl: 0 })
    let ask = () => {}
    const asked = new Promise<void>((resolve) => {
      ask = resolve
    })
    const a = open((heard) => {
      if (heard.kind === 'question') ask()
    })
    let take: (heard: LanMessage) => void = () => {}
    const answered = new Promise<LanMessage>((resolve) => {
      take = resolve
    })
    const b = open((heard) => {
      if (heard.kind === 'here') take(heard)
    })
    // Who asks before the other listens asks again.
    const again = setInterval(() => b.send({ kind: 'question' }), 50)
    await asked
    clearInterval(again)
    const call = setInterval(() => a.send(message), 50)
    expect(await answered).toEqual(message)
    clearInterval(call)
    await Promise.all([a.close(), b.close()])
  })
})
