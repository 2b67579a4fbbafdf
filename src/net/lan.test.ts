import { afterEach, describe, expect, it } from 'vitest'
import { Lan, type LanMessage, type OpenLanWire } from './lan.ts'
import { FakeClock, idOf, seeded } from './testing/world.ts'

/** A local network in memory: everybody hears everybody, not themselves. */
class Cable {
  readonly #ends = new Map<string, (message: LanMessage, from: string) => void>()
  readonly heard: { readonly from: string; readonly message: LanMessage }[] = []

  at(host: string): OpenLanWire {
    return (onMessage) => {
      this.#ends.set(host, onMessage)
      return { send: (message) => this.say(host, message), close: async () => void this.#ends.delete(host) }
    }
  }

  say(from: string, message: LanMessage): void {
    this.heard.push({ from, message })
    for (const [host, end] of [...this.#ends]) if (host !== from) end(message, from)
  }

  said(from: string, kind: LanMessage['kind']): number {
    return this.heard.filter((one) => one.from === from && one.message.kind === kind).length
  }
}

const clock = new FakeClock()
const BLUE = 'ab'.repeat(32)
const lans: Lan[] = []
afterEach(async () => {
  for (const lan of lans.splice(0)) await lan.stop()
})

function lan(cable: Cable, name: string, host: string, options: { readonly port?: number | null; readonly blue?: string } = {}) {
  const found: string[] = []
  const one = new Lan({
    open: cable.at(host),
    memberId: idOf(name),
    blueSmellHex: options.blue ?? BLUE,
    port: () => (options.port === null ? undefined : (options.port ?? 9875)),
    clock,
    random: seeded(name.length),
    relaxed: false,
    onFound: ({ memberId, host: at, port }) => void found.push(`${memberId.slice(0, 4)} ${at}:${port}`),
  })
  lans.push(one)
  one.start()
  return { lan: one, found }
}

const here = (name: string, some: Partial<Extract<LanMessage, { kind: 'here' | 'gone' }>> = {}): LanMessage => ({
  kind: 'here',
  memberId: idOf(name),
  blue: BLUE.slice(0, 16),
  port: 9875,
  ...some,
})
const short = (name: string) => idOf(name).slice(0, 4)

describe('members in one local network', () => {
  it('find each other, whoever came first, and notice who leaves', async () => {
    const cable = new Cable()
    const a = lan(cable, 'a', '192.168.1.2')
    await clock.advance(5_000)
    const b = lan(cable, 'b', '192.168.1.3', { port: 20_000 })
    await clock.advance(5_000)
    expect(a.found).toContain(`${short('b')} 192.168.1.3:20000`)
    expect(b.found).toContain(`${short('a')} 192.168.1.2:9875`)
    expect([a.lan.found, b.lan.found]).toEqual([1, 1])
    await b.lan.stop()
    expect(a.lan.found).toBe(0)
    expect(b.lan.on).toBe(false)
  })

  it('are of one network, and one that takes no connections looks without being seen', async () => {
    const cable = new Cable()
    const a = lan(cable, 'a', '192.168.1.2')
    const other = lan(cable, 'other', '192.168.1.4', { blue: 'cd'.repeat(32) })
    const mute = lan(cable, 'mute', '192.168.1.5', { port: null })
    await clock.advance(5_000)
    expect(a.found).toEqual([])
    expect(other.found).toEqual([])
    expect(mute.found).toContain(`${short('a')} 192.168.1.2:9875`)
  })

  it('are asked again from time to time, and at once after sleep', async () => {
    const cable = new Cable()
    const { lan: one } = lan(cable, 'a', '192.168.1.2')
    await clock.advance(10_000)
    const before = cable.said('192.168.1.2', 'question')
    await clock.advance(6 * 60_000)
    expect(cable.said('192.168.1.2', 'question')).toBeGreaterThan(before)
    const now = cable.said('192.168.1.2', 'here')
    one.again()
    expect(cable.said('192.168.1.2', 'here')).toBe(now + 1)
  })
})

describe('a neighbour who lies', () => {
  it('names no place but its own, and none in the internet', async () => {
    const cable = new Cable()
    const a = lan(cable, 'a', '192.168.1.2')
    cable.say('8.8.8.8', here('x'))
    cable.say('127.0.0.1', here('x'))
    cable.say('192.168.1.66', here('x', { port: 22 }))
    cable.say('192.168.1.66', here('x', { memberId: 'no id' }))
    cable.say('192.168.1.66', here('x', { blue: '' }))
    cable.say('192.168.1.66', here('a'))
    await clock.advance(1_000)
    expect(a.found).toEqual([])
    cable.say('192.168.1.66', here('x'))
    expect(a.found).toEqual([`${short('x')} 192.168.1.66:9875`])
    // Nor does it say goodbye for others.
    cable.say('192.168.1.67', here('x', { kind: 'gone' }))
    expect(a.lan.found).toBe(1)
  })

  it('fills no more than its room, and makes nobody shout', async () => {
    const cable = new Cable()
    const a = lan(cable, 'a', '192.168.1.2')
    await clock.advance(60_000)
    for (let i = 0; i < 1_000; i++) cable.say('192.168.1.66', here(`x${i}`))
    expect(a.found.length).toBeLessThanOrEqual(64)
    await clock.advance(60_000)
    const before = cable.said('192.168.1.2', 'here')
    for (let i = 0; i < 1_000; i++) cable.say('192.168.1.66', { kind: 'question' })
    await clock.advance(900)
    expect(cable.said('192.168.1.2', 'here')).toBe(before + 1)
  })
})
