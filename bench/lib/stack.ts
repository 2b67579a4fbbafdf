/**
 * The stack that benches verify, connect and sync: made once, kept in .cache/ under a name with its numbers, and used
 * again by every later run. Signing is most of the making, and is done on all cores.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { SCHEMA } from '../../src/chain/keys.ts'
import { CheeseStack } from '../../src/chain/stack.ts'
import { keyOf, Maker } from '../../src/chain/testing/maker.ts'
import { decodeTransfer, encodeBody, encodeHeader } from '../../src/consensus/codec.ts'
import { smellOf } from '../../src/consensus/hash.ts'
import { meetsTarget } from '../../src/consensus/header.ts'
import { bodyRoot } from '../../src/consensus/merkle.ts'
import { params as paramsOf } from '../../src/consensus/params.ts'
import type { Body, Header, Transfer } from '../../src/consensus/types.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openClassicStore } from '../../src/platform/store-classic.ts'
import { openInlineVerifier } from '../../src/platform/verify-inline.ts'
import { silent } from '../../src/util/ports.ts'
import type { Order, Plan } from './plan.ts'
import { setting } from './report.ts'

/** Raised when the plan makes another stack of the same numbers. */
const VERSION = 1
const TRANSFER_BYTES = 143
const PER_FUNDING = 255
/** Funding transfers in one cheese: 7,255 bytes each. */
const FUNDING_TRANSFERS = 130
/** Cheeses whose transfers are asked of a thread at once, and how many such orders are out. */
const ORDER = 4
const params = paramsOf('regtest')

export interface BenchStack {
  /** A folder with a LevelDB store of the stack, closed: to be opened for reading alone, or copied. */
  readonly folder: string
  readonly plan: Plan
  /** Of the tip; the cheeses that pay the senders are below the plan's. */
  readonly height: number
  /** Smell of the tip. */
  readonly tip: string
  /** All that are in it, those that pay the senders among them. */
  readonly transfers: number
}

/** The plan that the environment asks for: BENCH_CHEESES, BENCH_TRANSFERS and BENCH_ACCOUNTS, by default what the issue names. */
export function planned(): Plan {
  return { cheeses: setting('BENCH_CHEESES', 2_000), perCheese: setting('BENCH_TRANSFERS', 200), accounts: setting('BENCH_ACCOUNTS', 50_000) }
}

/** Where things that benches keep are. */
export function cacheFolder(): string {
  const folder = fileURLToPath(new URL('../../.cache/bench/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The stack of a plan, made now when no run before has. */
export async function benchStack(plan: Plan = planned()): Promise<BenchStack> {
  const name = `stack-v${VERSION}.${SCHEMA}-${plan.cheeses}x${plan.perCheese}-${plan.accounts}`
  const folder = join(cacheFolder(), name)
  const facts = join(folder, 'facts.json')
  if (!existsSync(facts)) {
    const partial = `${folder}.${process.pid}.part`
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(partial)
    try {
      const made = await make(plan, join(partial, 'chain'))
      writeFileSync(join(partial, 'facts.json'), JSON.stringify(made))
      rmSync(folder, { recursive: true, force: true })
      renameSync(partial, folder)
    } finally {
      rmSync(partial, { recursive: true, force: true })
    }
  }
  const { height, tip, transfers } = JSON.parse(readFileSync(facts, 'utf8')) as Pick<BenchStack, 'height' | 'tip' | 'transfers'>
  return { folder: join(folder, 'chain'), plan, height, tip, transfers }
}

/** Threads that make what is asked, each order by the one that is free next. */
function openSigners(plan: Plan): { make(order: Order): Promise<Uint8Array>; close(): Promise<void> } {
  const url = new URL('./sign-worker.ts', import.meta.url)
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(url, { workerData: { plan } }))
  const answers = new Map<number, { resolve: (bytes: Uint8Array) => void; reject: (error: Error) => void }>()
  for (const worker of workers) {
    worker.on('message', ({ from, bytes }: { from: number; bytes: Uint8Array }) => {
      answers.get(from)?.resolve(bytes)
      answers.delete(from)
    })
    worker.on('error', (error) => {
      for (const { reject } of answers.values()) reject(error)
    })
  }
  let next = 0
  return {
    make: (order) =>
      new Promise((resolve, reject) => {
        answers.set(order.from, { resolve, reject })
        workers[next++ % workers.length]?.postMessage(order)
      }),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

async function make(plan: Plan, folder: string): Promise<Pick<BenchStack, 'height' | 'tip' | 'transfers'>> {
  console.log(`making a stack of ${plan.cheeses} cheeses × ${plan.perCheese} transfers from ${plan.accounts} accounts: once, it is kept in .cache/`)
  const signers = openSigners(plan)
  const stack = await CheeseStack.open({
    store: await openClassicStore(folder),
    params,
    clock: systemClock,
    log: silent,
    verifier: openInlineVerifier(),
    isVerified: () => true,
  })
  let transfers = 0
  const add = async (some: readonly Transfer[], to: Uint8Array): Promise<void> => {
    const { headerBytes, bodyBytes } = makeCheese(stack, some, to)
    const added = await stack.addCheese(headerBytes, bodyBytes, { sync: false })
    if (!added.ok) throw new Error(added.error.message)
    transfers += some.length
  }
  try {
    await fund(plan, signers, add)
    await addPlanned(plan, signers, add)
    await stack.flush()
    return { height: stack.tip.height, tip: stack.tip.smell, transfers }
  } finally {
    await stack.close()
    await signers.close()
  }
}

type Add = (transfers: readonly Transfer[], to: Uint8Array) => Promise<void>
type Signers = ReturnType<typeof openSigners>

/** Every sender gets what its transfers will take. */
async function fund(plan: Plan, signers: Signers, add: Add): Promise<void> {
  const maker = new Maker(params)
  const funder = keyOf(1)
  const each = 101_000n * BigInt(1 + Math.ceil((plan.cheeses * plan.perCheese) / plan.accounts))
  const rewards = Number((each * BigInt(plan.accounts)) / 5_000_000_000n) + 1
  for (let i = 0; i < rewards; i++) await add([], funder.address)
  for (let i = 0; i < params.ripening; i++) await add([], new Uint8Array(20))
  const addresses: Uint8Array[] = []
  for (const bytes of await Promise.all(ranges(plan.accounts, 1_000).map(({ from, to }) => signers.make({ kind: 'addresses', from, to })))) {
    for (let at = 0; at < bytes.length; at += 20) addresses.push(bytes.slice(at, at + 20))
  }
  const funding = ranges(plan.accounts, PER_FUNDING).map(({ from, to }, sequence) =>
    maker.transfer({ from: funder, sequence, payments: addresses.slice(from, to).map((address) => ({ to: address, amount: each })) }),
  )
  for (const { from, to } of ranges(funding.length, FUNDING_TRANSFERS)) await add(funding.slice(from, to), new Uint8Array(20))
}

async function addPlanned(plan: Plan, signers: Signers, add: Add): Promise<void> {
  const orders = ranges(plan.cheeses * plan.perCheese, ORDER * plan.perCheese)
  const ahead: Promise<Uint8Array>[] = []
  const order = () => {
    const next = orders.shift()
    if (next) ahead.push(signers.make({ kind: 'transfers', ...next }))
  }
  for (let i = 0; i < 8; i++) order()
  for (let next = ahead.shift(); next; next = ahead.shift()) {
    const bytes = await next
    order()
    const some: Transfer[] = []
    for (let at = 0; at < bytes.length; at += TRANSFER_BYTES) {
      const decoded = decodeTransfer(bytes.subarray(at, at + TRANSFER_BYTES))
      if (!decoded.ok) throw new Error(decoded.error.message)
      some.push(decoded.value)
    }
    for (const { from, to } of ranges(some.length, plan.perCheese)) await add(some.slice(from, to), new Uint8Array(20).fill(0xee))
  }
}

/** A cheese on top of the tip, a second after it. */
export function makeCheese(
  stack: CheeseStack,
  transfers: readonly Transfer[],
  to: Uint8Array = new Uint8Array(20),
): { readonly headerBytes: Uint8Array; readonly bodyBytes: Uint8Array } {
  const preview = stack.previewRoot({ transfers })
  if (!preview.ok) throw new Error(preview.error.message)
  const { parent, height, accountsRoot } = preview.value
  const body: Body = { reward: { height, to, extra: new Uint8Array() }, transfers }
  const header: Header = {
    version: 1,
    parent: smellOf(parent.header),
    accountsRoot,
    bodyRoot: bodyRoot(body),
    time: parent.time + 1,
    bits: stack.requiredBits(),
    nonce: 0n,
  }
  for (let nonce = 0n; ; nonce++) {
    const tried = { ...header, nonce }
    if (meetsTarget(smellOf(tried), params.easiestTarget)) return { headerBytes: encodeHeader(tried), bodyBytes: encodeBody(body) }
  }
}

function ranges(count: number, size: number): { readonly from: number; readonly to: number }[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => ({ from: i * size, to: Math.min(count, (i + 1) * size) }))
}
