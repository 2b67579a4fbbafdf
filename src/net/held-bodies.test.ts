import { expect, it } from 'vitest'
import { toHex } from '../util/bytes.ts'
import { silent } from '../util/ports.ts'
import { ok } from '../util/result.ts'
import type { NetContext } from './context.ts'
import { HeldBodies } from './held-bodies.ts'
import type { Peer } from './peer.ts'
import { FakeClock, settle } from './testing/world.ts'

const smell = (number: number) => number.toString(16).padStart(64, '0')
const bytesOf = (number: number) =>
  new Uint8Array(32)
    .fill(0)
    .with(31, number & 0xff)
    .with(30, number >> 8)
const somebody = { gave: { cheese: 0, transfer: 0 } } as Peer
const quiet = { progress: () => undefined, done: () => undefined }

it('holds no more than its limit of bodies that wait for those below, whatever strangers send', () => {
  const parent = new Uint8Array(32).fill(1)
  const chain = { entry: () => ({ header: { parent } }), hasBody: () => false }
  const held = new HeldBodies({ chain, log: silent, punish: () => undefined } as unknown as NetContext, quiet)
  const body = new Uint8Array(1_000_000)
  for (let i = 0; i < 512; i++) held.add(i.toString(16).padStart(64, '0'), body, somebody)
  expect(held.bytes).toBeGreaterThan(64_000_000)
  expect(held.bytes).toBeLessThan(140_000_000)
})

/** A stack of numbered cheeses, 0 being there, that notes what it is shown and given, and gives way when told to. */
function numbered() {
  const [shown, given]: [number[], number[]] = [[], []]
  const stored = new Set([smell(0)])
  const waiting: (() => void)[] = []
  const chain = {
    entry: (of: string) => ({ header: { parent: bytesOf(Number.parseInt(of, 16) - 1) } }),
    hasBody: (of: string) => stored.has(of),
    prefetch: (of: string) => shown.push(Number.parseInt(of, 16)) > 0,
    async addBody(of: string) {
      given.push(Number.parseInt(of, 16))
      await new Promise<void>((resolve) => waiting.push(resolve))
      stored.add(of)
      return ok(undefined)
    },
  }
  const held = new HeldBodies({ chain, log: silent, punish: () => undefined, clock: new FakeClock() } as unknown as NetContext, quiet)
  const connect = async () => {
    waiting.shift()?.()
    await settle()
  }
  return { held, shown, given, connect }
}

it('shows the stack what comes next before its turn: in order, and not more than is good', async () => {
  const { held, shown, given, connect } = numbered()
  expect(toHex(bytesOf(300))).toBe(smell(300))
  const body = new Uint8Array(500_000)
  for (const number of [3, 2, 6, 5, 4]) held.add(smell(number), body, somebody)
  // Nothing stands on what is there yet.
  expect(shown).toEqual([])
  held.add(smell(1), body, somebody)
  await settle()
  expect(shown).toEqual([1, 2, 3, 4])
  expect(given).toEqual([1])
  await connect()
  expect(shown).toEqual([1, 2, 3, 4, 5])
  expect(given).toEqual([1, 2])
  for (let i = 0; i < 5; i++) await connect()
  expect(shown).toEqual([1, 2, 3, 4, 5, 6])
  expect(given).toEqual([1, 2, 3, 4, 5, 6])
  expect([held.bytes, held.count]).toEqual([0, 0])
})

it('shows one body in any case, however large', async () => {
  const { held, shown } = numbered()
  held.add(smell(1), new Uint8Array(3_000_000), somebody)
  held.add(smell(2), new Uint8Array(10), somebody)
  await settle()
  expect(shown).toEqual([1])
})
