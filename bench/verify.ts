/**
 * How fast a whole stack is verified, beside the bare rate of signature verifications of the same machine in the same
 * run; how many cheeses are connected per second on classic-level; and how much memory either takes.
 *   node bench/verify.ts            BENCH_CHEESES=60 BENCH_TRANSFERS=200 BENCH_RUNS=5 are the defaults
 * Each run is a process of its own, so that its peak memory is its own.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { signSchnorr, verifySchnorr } from 'tiny-secp256k1'
import { CheeseStack } from '../src/chain/stack.ts'
import { type Key, keyOf, type Made, Maker } from '../src/chain/testing/maker.ts'
import type { Verifier } from '../src/chain/verifier.ts'
import { signingHash } from '../src/consensus/hash.ts'
import { params as paramsOf } from '../src/consensus/params.ts'
import type { SignatureJob, Transfer } from '../src/consensus/types.ts'
import { systemClock } from '../src/platform/clock.ts'
import { openClassicStore } from '../src/platform/store-classic.ts'
import { openInlineVerifier } from '../src/platform/verify-inline.ts'
import { openVerifyPool } from '../src/platform/verify-pool.ts'
import { concatBytes } from '../src/util/bytes.ts'
import { silent } from '../src/util/ports.ts'

const params = paramsOf('regtest')
const SENDERS = 1000
/** Worker threads of the connecting run that has some. */
const THREADS = 2

/** What a child process answers. */
type Answer = Readonly<Record<'count' | 'transfers' | 'seconds' | 'bare' | 'share' | 'megabytes', number>>

function setting(name: string, fallback: number): number {
  const value = Number(process.env[name] ?? fallback)
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be a whole number above zero`)
  return value
}

/** `count` cheeses of `perCheese` plain transfers from a thousand accounts, half of them to new addresses. */
function makeCheeses(count: number, perCheese: number): Made[] {
  const maker = new Maker(params, { sign: (message, secret) => signSchnorr(message, secret) })
  const funder = keyOf(1)
  const senders: Key[] = Array.from({ length: SENDERS }, (_, i) => keyOf(1000 + i))
  const made = maker.makeMany(maker.blue, 6, { to: funder.address })
  const funding: Transfer[] = []
  for (let at = 0; at < SENDERS; at += 250) {
    const payments = senders.slice(at, at + 250).map(({ address }) => ({ to: address, amount: 15_000_000n }))
    funding.push(maker.transfer({ from: funder, sequence: funding.length, payments }))
  }
  made.push(maker.make(made.at(-1) as Made, { transfers: funding }))
  let n = 0
  for (let i = 0; i < count; i++) {
    const transfers = Array.from({ length: perCheese }, () => {
      const number = n++
      const sender = senders[number % SENDERS] as Key
      const fresh = new Uint8Array(20)
      new DataView(fresh.buffer).setUint32(0, number + 1)
      const to = number % 2 === 0 ? fresh : (senders[(number * 7 + 1) % SENDERS] as Key).address
      return maker.transfer({ from: sender, sequence: Math.floor(number / SENDERS), payments: [{ to, amount: 100_000n }], fee: 1000n })
    })
    made.push(maker.make(made.at(-1) as Made, { transfers }))
  }
  return made
}

function* cheesesOf(file: string): Iterable<readonly [header: Uint8Array, body: Uint8Array]> {
  const bytes = new Uint8Array(readFileSync(file))
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint32(at)
    yield [bytes.subarray(at + 4, at + 120), bytes.subarray(at + 120, end)]
    at = end
  }
}

const open = async (folder: string, verifier: Verifier, isVerified?: () => boolean): Promise<CheeseStack> =>
  CheeseStack.open({ store: await openClassicStore(folder), params, clock: systemClock, log: silent, verifier, ...(isVerified ? { isVerified } : {}) })

const megabytes = (): number => process.resourceUsage().maxRSS / 1024

/** Seconds of processor time that this process, with all its threads, has used: what others do on the machine does not count. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** The whole stack in `folder` verified on this thread, and after that its signatures alone. */
async function verifyAll(folder: string): Promise<Answer> {
  const stack = await open(folder, openInlineVerifier())
  const cpuAtStart = cpuSeconds()
  const verified = await stack.verify()
  const cpuOfVerify = cpuSeconds() - cpuAtStart
  if (!verified.ok) throw new Error(verified.error.message)
  const { cheeses: count, transfers, seconds } = verified.value
  const peak = megabytes()
  const jobs: SignatureJob[] = []
  for (let height = 1; height <= stack.tip.height; height++) {
    for (const transfer of stack.cheese(stack.smellAt(height) ?? '')?.body.transfers ?? []) {
      jobs.push({ publicKey: transfer.from, message: signingHash(transfer, params), signature: transfer.signature })
    }
  }
  const cpuBefore = cpuSeconds()
  const started = performance.now()
  for (const { message, publicKey, signature } of jobs) if (!verifySchnorr(message, publicKey, signature)) throw new Error('a signature is bad')
  const bare = (jobs.length * 1000) / (performance.now() - started)
  const share = (cpuSeconds() - cpuBefore) / cpuOfVerify
  await stack.close()
  return { count, transfers, seconds, bare, share, megabytes: peak }
}

/** Every cheese of `file` connected on an empty store in `folder`, each flushed to the disk. */
async function connectAll(folder: string, file: string, kind: string): Promise<Answer> {
  const workerUrl = new URL('../src/platform/workers/verify.ts', import.meta.url)
  const verifier = kind === 'pool' ? openVerifyPool({ workerUrl, threads: THREADS }) : openInlineVerifier()
  const stack = await open(folder, verifier, kind === 'known' ? () => true : undefined)
  let [count, transfers, seconds] = [0, 0, 0]
  for (const [header, body] of cheesesOf(file)) {
    const started = performance.now()
    const added = await stack.addCheese(header, body)
    if (!added.ok) throw new Error(added.error.message)
    const many = stack.facts(stack.tip.smell)?.transfers ?? 0
    // The cheeses that only pay the funder would flatter the rate.
    if (many < 10) continue
    seconds += (performance.now() - started) / 1000
    count++
    transfers += many
  }
  await stack.close()
  await verifier.close()
  return { count, transfers, seconds, bare: 0, share: 0, megabytes: megabytes() }
}

function child(...args: string[]): Answer {
  const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--child', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error(`bench/verify.ts ${args[0]} failed`)
  return JSON.parse(String(stdout)) as Answer
}

function row(name: string, values: readonly number[], unit: string, digits = 0): void {
  const sorted = [...values].sort((a, b) => a - b)
  const [middle, least, most] = [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)].map((value) => (value ?? 0).toFixed(digits))
  console.log(`${name.padEnd(58)} ${middle?.padStart(8)} ${unit.padEnd(12)} (${least} … ${most})`)
}

function main(): void {
  const [cheeses, perCheese, runs] = [setting('BENCH_CHEESES', 60), setting('BENCH_TRANSFERS', 200), setting('BENCH_RUNS', 5)]
  const folder = mkdtempSync(join(tmpdir(), 'cheese-bench-'))
  try {
    const file = join(folder, 'cheeses')
    const parts = makeCheeses(cheeses, perCheese).flatMap(({ headerBytes, bodyBytes }) => {
      const length = new Uint8Array(4)
      new DataView(length.buffer).setUint32(0, 116 + bodyBytes.length)
      return [length, headerBytes, bodyBytes]
    })
    writeFileSync(file, concatBytes(...parts))
    const kinds = ['inline', 'pool', 'known'] as const
    const connected: Record<(typeof kinds)[number], Answer[]> = { inline: [], pool: [], known: [] }
    const verified: Answer[] = []
    for (let run = 0; run < runs; run++) {
      for (const kind of kinds) connected[kind].push(child('connect', join(folder, `${kind}-${run}`), file, kind))
      verified.push(child('verify', join(folder, `inline-${run}`)))
    }
    const perSecond = ({ count, seconds }: Answer) => count / seconds
    console.log(`${cheeses} cheeses × ${perCheese} transfers on classic-level; medians of ${runs} runs (least … most)\n`)
    row(
      'bare tiny-secp256k1, one thread',
      verified.map(({ bare }) => bare),
      'signatures/s',
    )
    row(
      'full verification, one thread',
      verified.map(({ transfers, seconds }) => transfers / seconds),
      'transfers/s',
    )
    row(
      '  as a part of the bare rate',
      verified.map(({ transfers, seconds, bare }) => (100 * transfers) / seconds / bare),
      '%',
      1,
    )
    row(
      '  the same by processor time',
      verified.map(({ share }) => 100 * share),
      '%',
      1,
    )
    row(
      '  peak memory',
      verified.map((answer) => answer.megabytes),
      'MB',
    )
    row('connecting, one thread', connected.inline.map(perSecond), 'cheeses/s', 1)
    row(`connecting, signatures in ${THREADS} threads`, connected.pool.map(perSecond), 'cheeses/s', 1)
    row('connecting, signatures verified before (mempool)', connected.known.map(perSecond), 'cheeses/s', 1)
    row(
      '  peak memory',
      connected.inline.map((answer) => answer.megabytes),
      'MB',
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const [mode, job, folder = '', file = '', kind = ''] = process.argv.slice(2)
if (mode === '--child') console.log(JSON.stringify(job === 'verify' ? await verifyAll(folder) : await connectAll(folder, file, kind)))
else main()
