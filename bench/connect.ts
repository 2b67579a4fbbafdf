/**
 * How long it takes to connect a cheese whose transfers the mempool already knew, from its bytes to a stack that would
 * still have it after a power failure, beside verifying its signatures on one thread.
 *   npm run bench -- connect            BENCH_RUNS (3) processes each; BENCH_ACCOUNTS (50,000) accounts send
 * Each run is a process of its own, with a LevelDB store of its own. Cheese by cheese the two are measured one after the other.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { verifySchnorr } from 'tiny-secp256k1'
import { CheeseStack } from '../src/chain/stack.ts'
import { addressOf } from '../src/consensus/address.ts'
import { decodeBody, encodeHeader } from '../src/consensus/codec.ts'
import { signatureJob } from '../src/consensus/connect.ts'
import { relayId } from '../src/consensus/hash.ts'
import { params as paramsOf } from '../src/consensus/params.ts'
import type { SignatureJob } from '../src/consensus/types.ts'
import { systemClock } from '../src/platform/clock.ts'
import { openNativeVerifier } from '../src/platform/native-verify.ts'
import { openClassicStore } from '../src/platform/store-classic.ts'
import { openInlineVerifier } from '../src/platform/verify-inline.ts'
import { concatBytes, toHex } from '../src/util/bytes.ts'
import { silent } from '../src/util/ports.ts'
import { verifying } from './lib/member.ts'
import { median, Report, setting } from './lib/report.ts'
import { benchStack } from './lib/stack.ts'

const params = paramsOf('regtest')
/** Transfers of a cheese, how many such cheeses there are, and how many of the first of them only warm things up. */
const sizes = [
  { transfers: 200, cheeses: 150, warm: 60 },
  { transfers: 5_000, cheeses: 9, warm: 3 },
] as const
type Size = (typeof sizes)[number]

/** Milliseconds a cheese: medians of one run. */
interface Answer {
  readonly connect: number
  readonly tiny: number
  readonly native: number | null
  /** Bytes on the disk before it is called connected; the rest follows with that of others. */
  readonly megabytes: number
}

const planOf = ({ transfers, cheeses }: Size) => ({ cheeses, perCheese: transfers, accounts: setting('BENCH_ACCOUNTS', 50_000) })
const open = async (folder: string, known: ReadonlySet<string>): Promise<CheeseStack> =>
  CheeseStack.open({
    store: await openClassicStore(folder),
    params,
    clock: systemClock,
    log: silent,
    verifier: openInlineVerifier(),
    isVerified: (id) => known.has(id),
  })

function milliseconds(work: () => void): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

async function measure(size: Size, folder: string): Promise<Answer> {
  const made = await benchStack(planOf(size))
  const source = await open(made.folder, new Set())
  const known = new Set<string>()
  const stack = await open(folder, known)
  const native = openNativeVerifier(verifying.nativeAddon)
  const times = { connect: [] as number[], tiny: [] as number[], native: [] as number[] }
  for (let height = 1; height <= made.height; height++) {
    const smell = source.smellAt(height) ?? ''
    const header = source.header(smell)
    const stored = source.body(smell)
    if (!header || !stored) throw new Error('the stack is not whole')
    const [headerBytes, body] = [encodeHeader(header), stored.slice()]
    const decoded = decodeBody(body)
    if (!decoded.ok) throw new Error(decoded.error.message)
    // What the mempool would have done when they came: signatures verified, senders and payees looked up.
    const jobs: SignatureJob[] = []
    for (const transfer of decoded.value.transfers) {
      known.add(toHex(relayId(transfer)))
      stack.account(addressOf(transfer.from))
      for (const { to } of transfer.payments) stack.account(to)
      jobs.push(signatureJob(transfer, params))
    }
    const measured = jobs.length === size.transfers && height > made.height - size.cheeses + size.warm
    if (measured) {
      times.tiny.push(
        milliseconds(() => {
          for (const { message, publicKey, signature } of jobs) if (!verifySchnorr(message, publicKey, signature)) throw new Error('a signature is bad')
        }),
      )
      const packed = concatBytes(...jobs.flatMap(({ publicKey, message, signature }) => [publicKey, message, signature]))
      if (native) times.native.push(milliseconds(() => native.verifyPacked(packed)))
    }
    const started = performance.now()
    const added = await stack.addCheese(headerBytes, body)
    const connect = performance.now() - started
    if (!added.ok || added.value.outcome !== 'connected') throw new Error(added.ok ? added.value.outcome : added.error.message)
    if (measured) times.connect.push(connect)
    known.clear()
    // As it is between two cheeses: what follows from one is written while nothing else happens.
    if (height % 4 === 0) await stack.flush()
  }
  if (stack.tip.smell !== made.tip) throw new Error('the stack has another tip')
  await stack.close()
  await source.close()
  return {
    connect: median(times.connect),
    tiny: median(times.tiny),
    native: times.native.length > 0 ? median(times.native) : null,
    megabytes: process.resourceUsage().maxRSS / 1024,
  }
}

async function main(): Promise<void> {
  const runs = setting('BENCH_RUNS', 3)
  const report = new Report('connect', 'Connecting a cheese of transfers that the mempool knew: from bytes to committed, on LevelDB, flushed to the disk')
  const base = mkdtempSync(join(tmpdir(), 'cheese-bench-'))
  try {
    for (const [number, size] of sizes.entries()) {
      await benchStack(planOf(size))
      const answers: Answer[] = []
      for (let run = 0; run < runs; run++) {
        const args = [fileURLToPath(import.meta.url), '--child', `${number}`, join(base, `${number}-${run}`)]
        const { status, stdout } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26 })
        if (status !== 0) throw new Error('a run failed')
        answers.push(JSON.parse(String(stdout).trim().split('\n').at(-1) ?? '') as Answer)
      }
      const name = size.transfers.toLocaleString('en-US')
      report.heading(`A cheese of ${name} transfers, in a stack of ${planOf(size).accounts.toLocaleString('en-US')} accounts`)
      report.row(
        `${name}: connecting it`,
        answers.map(({ connect }) => connect),
        'ms',
      )
      report.row(
        `${name}: verifying its signatures, tiny-secp256k1, one thread`,
        answers.map(({ tiny }) => tiny),
        'ms',
      )
      const natives = answers.flatMap(({ native }) => native ?? [])
      if (natives.length > 0) report.row(`${name}: the same, libsecp256k1 of the native addon`, natives, 'ms')
      report.row(
        `${name}: connecting, per transfer`,
        answers.map(({ connect }) => (1000 * connect) / size.transfers),
        'µs',
      )
      report.row(
        `${name}: peak memory`,
        answers.map(({ megabytes }) => megabytes),
        'MB',
      )
      report.ratio(`${name}: connecting ÷ verifying on one thread`, median(answers.map(({ connect, tiny }) => connect / tiny)), { atMost: 0.25 })
    }
    report.note(
      'Known signatures are looked up by relay id, as the mempool does it; it has read senders and payees before, too. Committed: body and header record flushed to the disk; what follows from',
    )
    report.note('them is written with that of later cheeses, and made again from them after a crash.')
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
  report.write()
}

const [mode, number, folder = ''] = process.argv.slice(2)
if (mode === '--child') console.log(JSON.stringify(await measure(sizes[Number(number)] as Size, folder)))
else await main()
