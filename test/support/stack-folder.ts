/** A data folder with a stack in it, made in this process: for members that are to serve one. */
import { signSchnorr } from 'tiny-secp256k1'
import { CheeseStack } from '../../src/chain/stack.ts'
import { keyOf, type Made, Maker } from '../../src/chain/testing/maker.ts'
import { params as paramsOf } from '../../src/consensus/params.ts'
import type { Transfer } from '../../src/consensus/types.ts'
import { claimDataFolder } from '../../src/member/data-folder.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { systemFiles } from '../../src/platform/files.ts'
import { openClassicStore } from '../../src/platform/store-classic.ts'
import { openInlineVerifier } from '../../src/platform/verify-inline.ts'
import { silent } from '../../src/util/ports.ts'

const PER_FUNDING = 250

export interface StackFolder {
  readonly height: number
  readonly tip: string
  /** Bytes of all bodies. */
  readonly bytes: number
}

/** Makes `cheeses` of `perCheese` transfers each, on top of those that pay the senders, on regtest. */
export async function makeStackFolder(dataDir: string, cheeses: number, perCheese: number): Promise<StackFolder> {
  const params = paramsOf('regtest')
  const { chain } = await claimDataFolder(dataDir, 'regtest', systemFiles)
  const store = await openClassicStore(chain)
  const stack = await CheeseStack.open({ store, params, clock: systemClock, log: silent, verifier: openInlineVerifier(), isVerified: () => true })
  const maker = new Maker(params, { sign: (message, secret) => signSchnorr(message, secret) })
  let [parent, bytes] = [maker.blue, 0]
  const add = async (made: Made): Promise<void> => {
    const added = await stack.addCheese(made.headerBytes, made.bodyBytes, { sync: false })
    if (!added.ok) throw new Error(added.error.message)
    parent = made
    bytes += made.bodyBytes.length
  }
  const funder = keyOf(1)
  const senders = Array.from({ length: perCheese }, (_, i) => keyOf(1000 + i))
  for (let i = 0; i < 6; i++) await add(maker.make(parent, { to: funder.address }))
  const funding: Transfer[] = []
  for (let at = 0; at < senders.length; at += PER_FUNDING) {
    const payments = senders.slice(at, at + PER_FUNDING).map(({ address }) => ({ to: address, amount: 50_000_000n }))
    funding.push(maker.transfer({ from: funder, sequence: funding.length, payments }))
  }
  await add(maker.make(parent, { transfers: funding }))
  for (let sequence = 0; sequence < cheeses; sequence++) {
    const transfers = senders.map((from, i) =>
      maker.transfer({ from, sequence, payments: [{ to: (senders[(i + 1) % senders.length] ?? funder).address, amount: 100_000n }], fee: 1000n }),
    )
    await add(maker.make(parent, { transfers }))
  }
  const { height, smell } = stack.tip
  await stack.close()
  return { height, tip: smell, bytes }
}
