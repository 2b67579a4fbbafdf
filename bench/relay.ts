/**
 * How a new cheese of 1 MB whose transfers wait at everybody travels from one member to nine others: real TLS over TCP on
 * loopback, all ten in this process.
 *   npm run bench -- relay       BENCH_RUNS=5
 * Three ways in turn, in one run: pushed as short ids (compact, high bandwidth), announced and asked for as short ids (compact, low bandwidth), announced
 * and asked for whole (as members of protocol version 1 do). It has travelled when the last of the nine has its body to connect.
 */
import { CheeseStack } from '../src/chain/stack.ts'
import { type Key, keyOf, type Made, Maker } from '../src/chain/testing/maker.ts'
import { encodeTransfer } from '../src/consensus/codec.ts'
import { sha256 } from '../src/consensus/hash.ts'
import { params as paramsOf } from '../src/consensus/params.ts'
import type { Transfer } from '../src/consensus/types.ts'
import { chainPort } from '../src/net/adapters.ts'
import { createIdentity, type Identity } from '../src/net/identity.ts'
import { Network } from '../src/net/network.ts'
import type { ChainPort, MempoolPort } from '../src/net/ports.ts'
import { memoryFiles } from '../src/net/testing/world.ts'
import { systemClock } from '../src/platform/clock.ts'
import { systemRandom } from '../src/platform/random.ts'
import { openMemoryStore } from '../src/platform/store-memory.ts'
import { tlsTransport } from '../src/platform/tls-transport.ts'
import { toHex } from '../src/util/bytes.ts'
import { silent } from '../src/util/ports.ts'
import { Report, setting } from './lib/report.ts'

const PEERS = 9
const RUNS = setting('BENCH_RUNS', 5)
/** 143 bytes each: with reward and count 999,6xx bytes. */
const TRANSFERS = 6_990
const SENDERS = 280
const SETTLE_MS = 400
const WAIT_MS = 60_000

const params = paramsOf('regtest')
/** Signatures are no part of this: everybody has verified these transfers before. */
const maker = new Maker(params, { sign: () => new Uint8Array(64) })
const verifier = { verify: async (jobs: readonly unknown[]) => jobs.map(() => true), close: async () => undefined }
const senders: readonly Key[] = Array.from({ length: SENDERS }, (_, i) => keyOf(1_000 + i))
const miner = keyOf(1)
const sequences = new Map<Key, number>()

function pay(from: Key, to: Uint8Array, amount: bigint, fee = 0n): Transfer {
  const sequence = sequences.get(from) ?? 0
  sequences.set(from, sequence + 1)
  return maker.transfer({ from, sequence, payments: [{ to, amount }], fee })
}

/** Cheeses that give every sender enough. */
function fund(): Made[] {
  const cheeses = maker.makeMany(maker.blue, 8, { to: miner.address })
  const payments = senders.map(({ address }) => ({ to: address, amount: 100_000_000n }))
  const transfers = [payments.slice(0, 255), payments.slice(255)].map((some, sequence) => maker.transfer({ from: miner, sequence, payments: some }))
  return [...cheeses, maker.make(cheeses.at(-1) as Made, { transfers })]
}

function transfersOfOneCheese(): Transfer[] {
  return Array.from({ length: TRANSFERS }, (_, i) => pay(senders[i % SENDERS] as Key, miner.address, 1_000n))
}

/** What waits at everybody: one table for all ten. */
const waiting = new Map<string, Uint8Array>()
const mempool: MempoolPort = {
  has: (id) => waiting.has(id),
  get: (id) => waiting.get(id),
  ids: () => waiting.keys(),
  kept: (id) => waiting.get(id),
  inventory: () => [],
  add: async () => 'known',
  onAdded: () => () => undefined,
}

interface Member {
  readonly stack: CheeseStack
  readonly identity: Identity
  /** Told when it is given a body to connect, which it does when that resolves. */
  onBody: (smell: string) => Promise<void>
  network: Network | undefined
}

async function join(base: readonly Made[]): Promise<Member> {
  const stack = await CheeseStack.open({ store: openMemoryStore(), params, clock: systemClock, log: silent, verifier })
  for (const { headerBytes, bodyBytes } of base) await stack.addCheese(headerBytes, bodyBytes)
  return { stack, identity: await createIdentity(), onBody: async () => undefined, network: undefined }
}

async function open(member: Member, protocolVersion: number, peers: readonly Member[]): Promise<void> {
  const real = chainPort(member.stack)
  const chain: ChainPort = Object.create(real, {
    addBody: {
      value: async (smell: string, body: Uint8Array) => {
        await member.onBody(smell)
        return real.addBody(smell, body)
      },
    },
    // What is checked ahead would be checked on other machines too.
    prefetch: { value: () => false },
  })
  const opened = await Network.open({
    params,
    transport: tlsTransport(member.identity),
    listen: { host: '127.0.0.1', port: 0 },
    chain,
    mempool,
    clock: systemClock,
    random: systemRandom,
    log: silent,
    files: memoryFiles(),
    folder: 'net',
    agent: 'bench',
    protocolVersion,
  })
  if (!opened.ok) throw new Error(opened.error.message)
  member.network = opened.value
  for (const peer of peers) {
    const at = peer.network?.listenAddress
    const dialled = at && (await opened.value.connect(at))
    if (!dialled?.ok) throw new Error('could not connect')
  }
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = performance.now() + WAIT_MS; !condition(); await new Promise((resolve) => setTimeout(resolve, 5)))
    if (performance.now() > end) throw new Error(`never came true: ${what}`)
}

const rest = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS))

/** All that has gone over the first member's connections, both ways. */
function traffic(member: Member): number {
  return (member.network?.peers() ?? []).reduce((sum, { bytesIn, bytesOut }) => sum + bytesIn + bytesOut, 0)
}

interface Travel {
  readonly ms: number
  readonly cpuMs: number
  readonly bytes: number
}

/** Has the first member find `cheese`, and sees it come to the others. */
async function travel(members: readonly Member[], cheese: Made): Promise<Travel> {
  const [first, ...others] = members as [Member, ...Member[]]
  await rest()
  const before = traffic(first)
  let start = 0
  let cpu = process.cpuUsage()
  const has = new Set<Member>()
  // Its rules would be checked on nine machines, so not here before it has travelled.
  const travelled: Promise<{ ms: number; cpuMs: number }> = new Promise<{ ms: number; cpuMs: number }>((resolve) => {
    for (const member of others) {
      member.onBody = async (smell) => {
        if (smell === cheese.smell && has.add(member).size === PEERS) {
          const { user, system } = process.cpuUsage(cpu)
          resolve({ ms: performance.now() - start, cpuMs: (user + system) / 1000 })
        }
        await travelled
      }
    }
  })
  const off = first.stack.events.on('tip', () => {
    off()
    start = performance.now()
    cpu = process.cpuUsage()
  })
  await first.stack.addCheese(cheese.headerBytes, cheese.bodyBytes)
  const { ms, cpuMs } = await travelled
  await until('everybody has it', () => members.every(({ stack }) => stack.tip.smell === cheese.smell))
  await rest()
  return { ms, cpuMs, bytes: traffic(first) - before }
}

const report = new Report('relay', `A cheese of 1 MB goes from one member to ${PEERS} over TLS on loopback, all its transfers known`)
let tip = maker.blue
const grow = (transfers: readonly Transfer[]) => {
  tip = maker.make(tip, { transfers })
  return tip
}
const base = fund()
tip = base.at(-1) as Made
for (let i = 0; i < 2; i++) base.push(grow([]))
const members = await Promise.all(Array.from({ length: PEERS + 1 }, () => join(base)))
const [first, ...others] = members as [Member, ...Member[]]

const WAYS = ['pushed as short ids', 'asked for as short ids', 'asked for whole'] as const
const travels = new Map<string, Travel[]>(WAYS.map((way) => [way, []]))
for (let run = 0; run <= RUNS; run++) {
  for (const way of WAYS) {
    // Handlers of an earlier network must not see this one's cheeses first.
    await open(first, 2, [])
    for (const other of others) await open(other, way === 'asked for whole' ? 1 : 2, [first])
    await until('all are synced', () => members.every(({ network }) => network?.sync().stage === 'synced'))
    if (way === 'pushed as short ids') await travel(members, grow([]))
    const transfers = transfersOfOneCheese()
    for (const transfer of transfers) {
      const bytes = encodeTransfer(transfer)
      waiting.set(toHex(sha256(bytes)), bytes)
    }
    const cheese = grow(transfers)
    const one = await travel(members, cheese)
    // The first round warms the code up.
    if (run > 0) travels.get(way)?.push(one)
    waiting.clear()
    for (const member of members) await member.network?.close()
  }
}
for (const member of members) await member.stack.close()

const medians = new Map<string, { ms: number; bytes: number }>()
for (const way of WAYS) {
  const all = travels.get(way) ?? []
  report.heading(way)
  const ms = report.row(
    `until the last of ${PEERS} has it: ${way}`,
    all.map((one) => one.ms),
    'ms',
  )
  const bytes = report.row(
    `bytes both ways, a peer: ${way}`,
    all.map((one) => one.bytes / PEERS),
    'bytes',
  )
  report.row(
    `processor time of all ten together: ${way}`,
    all.map((one) => one.cpuMs),
    'ms',
  )
  medians.set(way, { ms: ms.median, bytes: bytes.median })
}
const [pushed, asked, whole] = WAYS.map((way) => medians.get(way) as { ms: number; bytes: number })
if (pushed && asked && whole) {
  report.heading('Against sending it whole, in this run')
  report.ratio('bytes: pushed as short ids ÷ whole', pushed.bytes / whole.bytes, { atMost: 0.1 })
  report.ratio('bytes: asked for as short ids ÷ whole', asked.bytes / whole.bytes, { atMost: 0.1 })
  report.ratio('milliseconds on loopback: pushed as short ids ÷ whole', pushed.ms / whole.ms)
  report.ratio('milliseconds on loopback: asked for as short ids ÷ whole', asked.ms / whole.ms)
  // Reckoned, not measured: the sender's line is what a home has least of, and nine peers share it.
  const upload = (bytes: number) => (bytes * PEERS * 8) / 10_000_000
  report.note(
    `At home, with 10 Mbit/s upwards, those bytes alone take ${upload(whole.bytes).toFixed(1)} s whole and ${upload(pushed.bytes).toFixed(2)} s as short ids (reckoned from the bytes above).`,
  )
}
report.note(
  'All ten members share one thread here, so the milliseconds are the processor time of ten machines one after the other; loopback carries 1 MB in no time.',
)
report.write()
