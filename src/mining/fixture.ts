/** For the miner's tests: a pool that does nothing by itself, and a stack of headers alone. */
import { decodeHeader } from '../consensus/codec.ts'
import { ruleError } from '../consensus/errors.ts'
import { smellOf } from '../consensus/hash.ts'
import { meetsTarget } from '../consensus/header.ts'
import { bodyRoot } from '../consensus/merkle.ts'
import { params } from '../consensus/params.ts'
import { bitsToTarget } from '../consensus/target.ts'
import type { Cheese, Header, Transfer } from '../consensus/types.ts'
import { FakeClock, person } from '../mempool/fixture.ts'
import { toHex } from '../util/bytes.ts'
import { Emitter } from '../util/events.ts'
import { err, ok } from '../util/result.ts'
import { Miner } from './miner.ts'
import type { KernelChoice, KernelStatus, SearchEvents, SearchJob, SearchPool } from './pool.ts'
import type { MiningPorts, SubmitOutcome } from './ports.ts'
import { searchNonces } from './search.ts'

/** A pool that does nothing by itself. */
export class FakePool implements SearchPool {
  readonly events = new Emitter<SearchEvents>()
  readonly kernel = 'typescript'
  readonly maxThreads = 4
  threads = 0
  intensity = 100
  choice: KernelChoice = 'auto'
  measured: readonly KernelStatus[] = [{ name: 'typescript', hashRate: null, chosen: true }]
  job: SearchJob | undefined
  searched = 0
  closed = false

  setThreads(count: number): void {
    this.threads = count
  }

  setIntensity(percent: number): void {
    this.intensity = percent
  }

  kernels(): readonly KernelStatus[] {
    return this.measured
  }

  setKernel(choice: KernelChoice): void {
    this.choice = choice
  }

  search(job: SearchJob | undefined): void {
    this.job = job
    if (job) this.searched += 1
  }

  async close(): Promise<void> {
    this.closed = true
  }

  header(): Header {
    const header = this.job && decodeHeader(this.job.header)
    if (!header?.ok) throw new Error('nothing is searched')
    return header.value
  }

  /** Finds what is to be found on the present job, or on an earlier one. */
  hit(job = this.job): void {
    if (!job) throw new Error('nothing is searched')
    const nonce = searchNonces(job.header, 0n, 1 << 20, job.target)
    if (nonce === undefined) throw new Error('nothing found')
    this.events.emit('hit', { job: job.id, nonce })
  }
}

/** A stack of headers alone, whose tip anybody can move. */
export function world(options: Partial<ConstructorParameters<typeof Miner>[0]> & { readonly silent?: boolean } = {}) {
  const clock = new FakeClock()
  const pool = new FakePool()
  const cheeses: Cheese[] = []
  const state = {
    parent: new Uint8Array(32).fill(1) as Uint8Array,
    height: 10,
    waiting: [] as Transfer[],
    address: person(1).address as Uint8Array | undefined,
    outcome: undefined as SubmitOutcome | 'refused' | 'disk' | undefined,
    gate: undefined as Promise<void> | undefined,
    previews: [] as number[],
    bad: undefined as Transfer | undefined,
    room: 0,
    previewSteps: 0,
    /** What a preview with transfers takes by the clock. */
    previewMs: 0,
    ready: true,
    broken: false,
  }
  const ports: MiningPorts = {
    next: () => ({ parent: state.parent, height: state.height + 1, bits: 0x20010000, minTime: 1_800_000_000 - 50 }),
    ready: () => state.ready,
    *preview(transfers) {
      if (state.broken) throw new Error('the stack moves')
      if (transfers.length > 0) for (let i = 0; i < state.previewSteps; i++) yield
      if (transfers.length > 0) clock.time += state.previewMs
      state.previews.push(transfers.length)
      const at = state.bad ? transfers.indexOf(state.bad) : -1
      return at < 0 ? ok({ accountsRoot: new Uint8Array(32).fill(transfers.length) }) : err(ruleError('transfer-balance', 'too little', at))
    },
    select(maxBytes) {
      state.room = maxBytes
      return state.waiting
    },
    address: () => state.address,
    async submit(cheese) {
      await state.gate
      if (state.outcome === 'refused') return err(ruleError('accounts-root', 'another root'))
      if (state.outcome === 'disk') throw new Error('the disk is full')
      if (state.outcome) return ok(state.outcome)
      if (!meetsTarget(smellOf(cheese.header), bitsToTarget(cheese.header.bits) ?? 0n)) throw new Error('a cheese without its work')
      if (toHex(cheese.header.parent) !== toHex(state.parent)) throw new Error('a cheese on an old tip')
      if (toHex(bodyRoot(cheese.body)) !== toHex(cheese.header.bodyRoot)) throw new Error('a body that is not the one the header means')
      cheeses.push(cheese)
      moveTip(smellOf(cheese.header))
      return ok('connected')
    },
  }
  const miner = new Miner({ params: params('regtest'), ports, pool, clock, random: { bytes: (n) => new Uint8Array(n).fill(9), fraction: () => 0 }, ...options })
  const problems: string[] = []
  miner.events.on('problem', ({ message }) => problems.push(message))
  function moveTip(smell: Uint8Array): void {
    state.parent = smell
    state.height += 1
    if (!options.silent) miner.handleTip()
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  return { clock, pool, cheeses, state, miner, moveTip, problems, turn }
}
