import { describe, expect, it } from 'vitest'
import { BodySource } from './body-source.ts'
import type { Peer } from './peer.ts'
import { FakeClock } from './testing/world.ts'

const BODY = 30_000

function open() {
  const clock = new FakeClock()
  const connection = { bytesIn: 0 }
  const source = new BodySource({ channel: { connection } } as unknown as Peer, clock)
  let next = 0
  /** Asks for as much as it may have, and gets all of it, one body every `ms`. */
  const round = async (ms: number) => {
    const smells = Array.from({ length: source.share(BODY) - source.asked.size }, () => `body ${next++}`)
    source.ask(smells)
    for (const smell of smells) {
      await clock.advance(ms)
      connection.bytesIn += BODY
      expect(source.gave(smell, BODY)).toBe(true)
    }
  }
  return { clock, connection, source, round }
}

describe('what is asked of a peer', () => {
  it('is little at first, more of a fast one, less of a slow one', async () => {
    const [fast, slow] = [open(), open()]
    expect(fast.source.share(BODY)).toBe(16)
    for (let i = 0; i < 5; i++) await Promise.all([fast.round(20), slow.round(400)])
    expect(fast.source.share(BODY)).toBe(48)
    expect(slow.source.share(BODY)).toBe(5)
    expect(fast.source.speed ?? 0).toBeGreaterThan(15 * (slow.source.speed ?? 0))
    // Large bodies are fewer.
    expect(fast.source.share(1_000_000)).toBe(4)
  })

  it('never comes to more than others allow to be owed, late answers included', async () => {
    const { clock, source } = open()
    for (let i = 0; i < 20; i++) {
      source.ask(Array.from({ length: source.share(BODY) - source.asked.size }, (_, j) => `${i} ${j}`))
      await clock.advance(15_000)
      expect(source.hasStalled()).toBe(source.asked.size > 0)
      source.rest()
      await clock.advance(25_000)
    }
    expect(source.share(BODY)).toBe(0)
    for (let i = 0; i < 16; i++) expect(source.gave(`0 ${i}`, BODY)).toBe(true)
    expect(source.gave('0 3', BODY)).toBe(false)
    // It was slow.
    expect(source.share(BODY)).toBe(4)
  })

  it('stops when it gives nothing for too long, but not while bytes come', async () => {
    const { clock, connection, source } = open()
    source.ask(['a'])
    for (let i = 0; i < 30; i++) {
      await clock.advance(1_000)
      connection.bytesIn += 20_000
      expect(source.hasStalled()).toBe(false)
    }
    for (let i = 0; i < 9; i++) await clock.advance(1_000)
    expect(source.hasStalled()).toBe(false)
    await clock.advance(2_000)
    expect(source.hasStalled()).toBe(true)
  })
})
