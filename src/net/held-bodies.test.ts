import { expect, it } from 'vitest'
import { silent } from '../util/ports.ts'
import type { NetContext } from './context.ts'
import { HeldBodies } from './held-bodies.ts'
import type { Peer } from './peer.ts'

it('holds no more than its limit of bodies that wait for those below, whatever strangers send', () => {
  const parent = new Uint8Array(32).fill(1)
  const chain = { entry: () => ({ header: { parent } }), hasBody: () => false }
  const held = new HeldBodies({ chain, log: silent, punish: () => undefined } as unknown as NetContext, { progress: () => undefined, done: () => undefined })
  const body = new Uint8Array(1_000_000)
  for (let i = 0; i < 512; i++) held.add(i.toString(16).padStart(64, '0'), body, {} as Peer)
  expect(held.bytes).toBeGreaterThan(64_000_000)
  expect(held.bytes).toBeLessThan(140_000_000)
})
