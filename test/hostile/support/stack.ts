/** The stack that everybody in the kit has: long enough for a branch to be too low, with a large cheese to ask for. */
import { signSchnorr } from 'tiny-secp256k1'
import { CheeseStack } from '../../../src/chain/stack.ts'
import { type Key, keyOf, type Made, Maker } from '../../../src/chain/testing/maker.ts'
import { params as paramsOf } from '../../../src/consensus/params.ts'
import type { Transfer } from '../../../src/consensus/types.ts'
import { claimDataFolder } from '../../../src/member/data-folder.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { systemFiles } from '../../../src/platform/files.ts'
import { openClassicStore } from '../../../src/platform/store-classic.ts'
import { openInlineVerifier } from '../../../src/platform/verify-inline.ts'
import { silent } from '../../../src/util/ports.ts'

const LENGTH = 180
const RICH = 40
const LARGE = 80
const SMALL = 3_500

export interface Ground {
  readonly maker: Maker
  /** By height; the blue cheese first. */
  readonly cheeses: readonly Made[]
  readonly tip: Made
  /** Smells of cheeses of half a megabyte: one deep down, and the tip. */
  readonly large: readonly string[]
  /** Keys with money, each of sequence 0. */
  readonly rich: readonly Key[]
}

/** Makes the stack in memory. */
export function makeGround(): Ground {
  const maker = new Maker(paramsOf('regtest'), { sign: (message, secret) => signSchnorr(message, secret) })
  const cheeses: Made[] = [maker.blue]
  const top = (): Made => cheeses.at(-1) ?? maker.blue
  const funder = keyOf(1)
  const rich = Array.from({ length: RICH }, (_, i) => keyOf(100 + i))
  for (let i = 0; i < 6; i++) cheeses.push(maker.make(top(), { to: funder.address, after: 10 }))
  const payments = rich.map(({ address }) => ({ to: address, amount: 100_000_000n }))
  cheeses.push(maker.make(top(), { transfers: [maker.transfer({ from: funder, sequence: 0, payments })], after: 10 }))
  // Payments to one address over and over: many bytes, few accounts.
  const many = Array.from({ length: 250 }, () => ({ to: keyOf(2).address, amount: 100_000n }))
  const large: string[] = []
  let sequence = 1
  const addLarge = (count: number, payments: typeof many): void => {
    const transfers = Array.from({ length: count }, () => maker.transfer({ from: funder, sequence: sequence++, payments }))
    cheeses.push(maker.make(top(), { transfers, after: 10 }))
    large.push(top().smell)
  }
  addLarge(LARGE, many)
  while (cheeses.length < LENGTH) cheeses.push(maker.make(top(), { after: 10 }))
  // One that is young enough to be asked for in parts, of which there are many.
  addLarge(SMALL, many.slice(0, 1))
  return { maker, cheeses, tip: top(), large, rich }
}

/** Lays the stack into a fresh data folder. */
export async function layStack(dataDir: string, { cheeses }: Ground): Promise<void> {
  const { chain } = await claimDataFolder(dataDir, 'regtest', systemFiles)
  const store = await openClassicStore(chain)
  const params = paramsOf('regtest')
  const stack = await CheeseStack.open({ store, params, clock: systemClock, log: silent, verifier: openInlineVerifier(), isVerified: () => true })
  for (const { headerBytes, bodyBytes } of cheeses.slice(1)) {
    const added = await stack.addCheese(headerBytes, bodyBytes, { sync: false })
    if (!added.ok) throw new Error(added.error.message)
  }
  await stack.close()
}

/** A transfer of one of the rich, signed. */
export function pay({ maker }: Ground, from: Key, fields: { readonly fee?: bigint; readonly sequence?: number; readonly memo?: string } = {}): Transfer {
  return maker.transfer({
    from,
    sequence: fields.sequence ?? 0,
    payments: [{ to: keyOf(3).address, amount: 100_000n }],
    fee: fields.fee ?? 10_000n,
    memo: fields.memo ?? '',
  })
}
