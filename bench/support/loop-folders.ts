/** Data folders for bench/loop.ts: what the member under test is to take over. */
import { signSchnorr } from 'tiny-secp256k1'
import { CheeseStack } from '../../src/chain/stack.ts'
import { type Key, keyOf, type Made, Maker } from '../../src/chain/testing/maker.ts'
import { params as paramsOf } from '../../src/consensus/params.ts'
import type { Payment, Transfer } from '../../src/consensus/types.ts'
import { claimDataFolder } from '../../src/member/data-folder.ts'
import { encodeSnapshot } from '../../src/mempool/snapshot.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { systemFiles } from '../../src/platform/files.ts'
import { openClassicStore } from '../../src/platform/store-classic.ts'
import { openInlineVerifier } from '../../src/platform/verify-inline.ts'
import { silent } from '../../src/util/ports.ts'

const params = paramsOf('regtest')
/** Plain transfers of 143 bytes that fit a body of 1,000,000 bytes. */
const FULL = 6_990
/** Payments of 28 bytes that fit as well, 255 to a transfer: what somebody would mine to be a nuisance. */
const WIDE = 137
const FUNDERS = 10
const EACH = 5_000_000n

interface Plan {
  readonly name: string
  readonly senders: number
  /** Height of the tip, funding included. */
  readonly height: number
  /** Whether the member has all of it already, and meets nobody. */
  readonly alone: boolean
  /** Whether all cores search nonces meanwhile. */
  readonly mined: boolean
  /** Transfers that wait. */
  readonly waiting: number
  readonly cheeses: (kitchen: Kitchen) => readonly (readonly Transfer[])[]
}

/** Where transfers are made. */
interface Kitchen {
  pay(sender: number): Transfer
  payMany(sender: number, payees: number, amount: bigint): Transfer
}

const list = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i))
/** Cheeses before the first that does something: rewards to ripen, and one that shares them out. */
const SETUP = FUNDERS + 4

/** What a busy network would do. */
const usual = {
  senders: 1_000,
  height: SETUP + 150,
  alone: false,
  waiting: 0,
  cheeses: ({ pay }: Kitchen) => list(150, (h) => list(200, (i) => pay((200 * h + i) % 1_000))),
} as const

export const scenarios = {
  mined: { ...usual, name: '150 cheeses of 200 transfers, while all cores mine', mined: true },
  full: {
    name: '3 cheeses of 6,990 transfers',
    senders: FULL,
    height: SETUP + 3,
    alone: false,
    mined: false,
    waiting: 0,
    cheeses: ({ pay }) => list(3, () => list(FULL, pay)),
  },
  wide: {
    name: '2 cheeses of 34,935 payments',
    senders: WIDE,
    height: SETUP + 2,
    alone: false,
    mined: false,
    waiting: 0,
    cheeses: ({ payMany }) => list(2, () => list(WIDE, (i) => payMany(i, 255, 100_000n))),
  },
  sync: { ...usual, name: '150 cheeses of 200 transfers', mined: false },
  headers: {
    name: '5,000 cheeses without transfers',
    senders: 1,
    height: SETUP + 5_000,
    alone: false,
    mined: false,
    waiting: 0,
    cheeses: () => list(5_000, () => []),
  },
  relay: { name: '5,000 waiting transfers', senders: 5_000, height: SETUP, alone: false, mined: false, waiting: 5_000, cheeses: () => [] },
  waiting: { name: '7,000 waiting transfers', senders: 7_000, height: SETUP, alone: true, mined: false, waiting: 7_000, cheeses: () => [] },
} as const satisfies Record<string, Plan>

export type Scenario = keyof typeof scenarios

/** Makes in `folder` the data folder of a member that has all of a scenario. */
export async function makeFolder(scenario: Scenario, folder: string): Promise<void> {
  const plan: Plan = scenarios[scenario]
  const { chain, mempool } = await claimDataFolder(folder, 'regtest', systemFiles)
  const maker = new Maker(params, { sign: (message, secret) => signSchnorr(message, secret) })
  const stack = await CheeseStack.open({
    store: await openClassicStore(chain),
    params,
    clock: systemClock,
    log: silent,
    verifier: openInlineVerifier(),
    isVerified: () => true,
  })
  let parent = maker.blue
  const add = async (made: Made): Promise<void> => {
    const added = await stack.addCheese(made.headerBytes, made.bodyBytes, { sync: false })
    if (!added.ok) throw new Error(added.error.message)
    parent = made
  }
  // Late enough that the cheeses do not come from the past, and none from our future.
  const funders = list(FUNDERS, (i) => keyOf(1 + i))
  for (const funder of funders) await add(maker.make(parent, { to: funder.address }))
  for (let i = 0; i < 3; i++) await add(maker.make(parent))
  const { kitchen, senders } = openKitchen(maker, plan.senders)
  await add(maker.make(parent, { transfers: funding(maker, funders, senders, plan.senders === WIDE ? 60_000_000n : EACH) }))
  for (const transfers of plan.cheeses(kitchen)) await add(maker.make(parent, { transfers }))
  if (stack.tip.height !== plan.height) throw new Error(`height ${stack.tip.height} where ${plan.height} was meant`)
  await stack.close()
  const addedAt = Date.now()
  const waiting = list(plan.waiting, (i) => ({ transfer: kitchen.pay(i % plan.senders), addedAt, local: false }))
  if (waiting.length > 0) await systemFiles.write(mempool, encodeSnapshot(waiting, params))
}

function openKitchen(maker: Maker, count: number): { kitchen: Kitchen; senders: readonly Key[] } {
  const senders = list(count, (i) => keyOf(1_000 + i))
  const sequences = new Array<number>(count).fill(0)
  let payees = 0
  const fresh = (): Uint8Array => {
    const to = new Uint8Array(20).fill(0x77)
    new DataView(to.buffer).setUint32(0, Math.imul(++payees, 2_654_435_761))
    return to
  }
  const send = (sender: number, payments: readonly Payment[]) => {
    const sequence = sequences[sender] as number
    sequences[sender] = sequence + 1
    return maker.transfer({ from: senders[sender] as Key, sequence, payments, fee: 36_000n - BigInt(sender % 7_000) })
  }
  return {
    senders,
    kitchen: {
      pay: (sender) => send(sender, [{ to: fresh(), amount: 100_000n }]),
      payMany: (sender, count, amount) =>
        send(
          sender,
          list(count, () => ({ to: fresh(), amount })),
        ),
    },
  }
}

/** Transfers in which the funders give every sender `each` crumbs. */
function funding(maker: Maker, funders: readonly Key[], senders: readonly Key[], each: bigint): Transfer[] {
  const transfers: Transfer[] = []
  const share = Math.ceil(senders.length / funders.length)
  for (const [number, from] of funders.entries()) {
    const own = senders.slice(number * share, (number + 1) * share)
    for (let at = 0, sequence = 0; at < own.length; at += 255, sequence++) {
      transfers.push(maker.transfer({ from, sequence, payments: own.slice(at, at + 255).map(({ address }) => ({ to: address, amount: each })) }))
    }
  }
  return transfers
}
