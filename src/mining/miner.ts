import { smellHex } from '../consensus/hash.ts'
import { workOf } from '../consensus/target.ts'
import type { Cheese, Params, Smell } from '../consensus/types.ts'
import { BoundedMap } from '../util/bounded.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import { Emitter } from '../util/events.ts'
import { type Clock, type Logger, type Random, silent } from '../util/ports.ts'
import { SerialQueue } from '../util/queue.ts'
import { err, ok, type Result } from '../util/result.ts'
import { generateCheeses, type Submitted } from './generate.ts'
import { TemplateMaker } from './maker.ts'
import { RateMeter } from './meter.ts'
import type { SearchEvents, SearchPool } from './pool.ts'
import type { MiningPorts } from './ports.ts'
import { type Found, type MinerEvents, type MinerStatus, type MiningError, NO_ADDRESS } from './status.ts'
import { finish, retime, searchBytes, type Template } from './template.ts'

export interface MinerOptions {
  readonly params: Pick<Params, 'network'>
  readonly ports: MiningPorts
  readonly pool: SearchPool
  readonly clock: Clock
  readonly random: Random
  readonly log?: Logger
  /** All cores but one (at least one) when left out. */
  readonly threads?: number
  /** Regtest only: mining makes at most one cheese in so many seconds. `generate` does not wait. */
  readonly paceSeconds?: number
}

const RATE_WINDOW_MS = 10_000
/** How old the time in the header gets. */
const RETIME_MS = 10_000
/** The mempool brings a new template at most so often, and at most a twentieth of the time is spent on them. */
const REFRESH_MS = 2_000
const REFRESH_SHARE = 20
/** Rest after a cheese of ours was refused, so that a fault does not repeat itself at full speed. */
const RETRY_MS = 5_000
const MAX_THREADS = 256
/** Templates of one tip that a hit is taken for: threads answer within milliseconds. */
const MAX_JOBS = 8

/** Finds cheeses: keeps the search threads on the best template for the tip, and puts what they find onto the stack. */
export class Miner {
  readonly events: Emitter<MinerEvents>
  readonly #options: MinerOptions
  readonly #ports: MiningPorts
  readonly #pool: SearchPool
  readonly #clock: Clock
  readonly #log: Logger
  readonly #meter: RateMeter
  readonly #paceMs: number
  readonly #maker: TemplateMaker
  readonly #generating = new SerialQueue()
  /** Templates of the present tip that were searched, by job: a hit on any of them is good. */
  readonly #jobs = new BoundedMap<number, Template>(MAX_JOBS)
  #current: Template | undefined
  #lastJob = 0
  #on = false
  #held = false
  #generators = 0
  #threads: number
  #found = 0
  #stale = 0
  /** Parent of the cheese that is being submitted: nothing more is to be found on it. */
  #submitting: Smell | undefined
  #notBefore = 0
  #cancelTimer = () => {}
  #cancelRefresh: (() => void) | undefined
  /** Whether the mempool's best have changed since the template that is being made was begun. */
  #bestChanged = false

  constructor(options: MinerOptions) {
    const { params, ports, pool, clock, random, log = silent } = options
    this.#options = options
    this.#ports = ports
    this.#pool = pool
    this.#clock = clock
    this.#log = log
    this.#meter = new RateMeter(clock, RATE_WINDOW_MS)
    this.#paceMs = params.network === 'regtest' ? 1000 * (options.paceSeconds ?? 0) : 0
    this.#maker = new TemplateMaker(ports, clock, random.bytes(8), log)
    this.#threads = clampThreads(options.threads ?? pool.maxThreads - 1)
    this.events = new Emitter((error) => log.error('a handler of a mining event failed', { error: String(error) }))
    pool.events.on('hit', (hit) => this.#handleHit(hit))
    pool.events.on('tried', ({ count }) => this.#meter.add(count))
    pool.events.on('failed', ({ message }) => this.#report(`A mining thread failed and was started again: ${message}`))
  }

  status(): MinerStatus {
    const hashRate = this.#meter.rate()
    const bits = this.#current?.header.bits ?? this.#ports.next().bits
    return {
      on: this.#on,
      threads: this.#threads,
      maxThreads: this.#pool.maxThreads,
      hashRate,
      found: this.#found,
      stale: this.#stale,
      expectedSeconds: hashRate > 0 ? Number(workOf(bits)) / hashRate : null,
      kernel: this.#pool.kernel,
      address: this.#ports.address(),
    }
  }

  /** Begins to mine, or goes on mining. */
  start(): Result<void, MiningError> {
    if (!this.#ports.address()) return err(NO_ADDRESS)
    if (this.#on) return ok(undefined)
    this.#on = true
    this.#meter.start()
    this.#pool.setThreads(this.#threads)
    this.#renew()
    this.events.emit('changed', { on: true })
    return ok(undefined)
  }

  stop(): void {
    if (!this.#on) return
    this.#on = false
    this.#meter.stop()
    this.#renew()
    this.#pool.setThreads(0)
    this.events.emit('changed', { on: false })
  }

  /** How many threads search, from now on. */
  setThreads(count: number): void {
    const threads = clampThreads(count)
    if (threads === this.#threads) return
    this.#threads = threads
    if (this.#on) this.#pool.setThreads(threads)
    this.events.emit('changed', { on: this.#on })
  }

  /** While held, nothing is searched though mining is on: for a member that is behind the network. */
  setHeld(held: boolean): void {
    if (held === this.#held) return
    this.#held = held
    this.#renew()
  }

  /** To be called whenever the tip has moved, as soon as the mempool is `ready` for it. */
  handleTip(): void {
    this.#jobs.clear()
    this.#renew()
  }

  /** To be called whenever the mempool's best have changed. */
  handleBest(): void {
    if (this.#maker.busy) this.#bestChanged = true
    if (!this.#current || this.#cancelRefresh) return
    // The tip has moved, and `handleTip` is about to be called.
    if (!equalBytes(this.#current.header.parent, this.#ports.next().parent)) return
    const due = this.#maker.builtAt + Math.max(REFRESH_MS, REFRESH_SHARE * this.#maker.buildMs)
    const wait = due - this.#clock.now()
    if (wait <= 0) this.#renew()
    else this.#cancelRefresh = this.#clock.after(wait, () => this.#renew())
  }

  /** To be called when the address that is mined to has changed. Without one nothing is searched. */
  handleAddress(): void {
    this.#renew()
  }

  /** Regtest only: finds `count` cheeses now, one after the other, whether mining is on or not. */
  async generate(count: number): Promise<Result<readonly Found[], MiningError>> {
    if (this.#options.params.network !== 'regtest') {
      return err({ kind: 'mining', code: 'not-regtest', message: 'Cheeses can be made on demand on regtest only. Mine instead.' })
    }
    this.#generators += 1
    this.#renew()
    try {
      return await this.#generating.run(() =>
        generateCheeses(count, {
          template: async () => {
            const address = this.#ports.address()
            return address && this.#maker.makeNow(address)
          },
          submit: (cheese) => this.#submit(cheese),
        }),
      )
    } finally {
      this.#generators -= 1
      this.#renew()
    }
  }

  /** Stops, and ends all threads for good. */
  async close(): Promise<void> {
    this.stop()
    this.#jobs.clear()
    await this.#pool.close()
  }

  /** Puts the threads on a new template for the tip, or to rest when there is nothing to search. */
  #renew(): void {
    this.#cancelTimer()
    this.#cancelTimer = () => {}
    this.#cancelRefresh?.()
    this.#cancelRefresh = undefined
    this.#maker.cancel()
    this.#current = undefined
    this.#bestChanged = false
    const wait = this.#notBefore - this.#clock.now()
    const address = this.#payee()
    if (address && wait <= 0) {
      this.#maker.make(address, (template) => {
        this.#search(template)
        if (this.#bestChanged) this.handleBest()
      })
    }
    // While a template is made, the threads go on with those of this tip, if there are any.
    if (!this.#current && (!this.#maker.busy || this.#jobs.size === 0)) this.#pool.search(undefined)
    if (address && wait > 0) this.#cancelTimer = this.#clock.after(wait, () => this.#renew())
    // Mostly `handleTip` comes before that; but a stack that moved and came back tells nothing.
    if (this.#on && !this.#ports.ready()) this.#cancelTimer = this.#clock.after(REFRESH_MS, () => this.#renew())
  }

  /** What a cheese would pay to, when there is reason to search for one. */
  #payee(): Uint8Array | undefined {
    if (!this.#on || this.#held || this.#generators > 0 || !this.#ports.ready()) return undefined
    if (this.#submitting !== undefined && this.#submitting === toHex(this.#ports.next().parent)) return undefined
    return this.#ports.address()
  }

  #search(template: Template): void {
    this.#current = template
    const id = ++this.#lastJob
    this.#jobs.set(id, template)
    this.#pool.search({ id, header: searchBytes(template), target: template.target })
    this.#cancelTimer = this.#clock.after(RETIME_MS, () => this.#search(retime(template, this.#seconds())))
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000)
  }

  #handleHit({ job, nonce }: SearchEvents['hit']): void {
    const template = this.#jobs.get(job)
    if (!template) {
      this.#stale += 1
      return
    }
    this.#jobs.clear()
    this.#notBefore = this.#clock.now() + this.#paceMs
    this.#submitting = toHex(template.header.parent)
    this.#renew()
    void this.#submitFound(finish(template, nonce))
  }

  async #submitFound(cheese: Cheese): Promise<void> {
    const submitted = await this.#submit(cheese)
    this.#submitting = undefined
    if (submitted.outcome === 'refused') {
      this.#notBefore = this.#clock.now() + RETRY_MS
      this.#report(submitted.message)
    }
    // When it was connected, `handleTip` has come already.
    if (!this.#current && !this.#maker.busy) this.#renew()
  }

  async #submit(cheese: Cheese): Promise<Submitted> {
    const smell = smellHex(cheese.header)
    const { height } = cheese.body.reward
    try {
      const result = await this.#ports.submit(cheese)
      if (!result.ok) return { outcome: 'refused', message: `The cheese found at height ${height} was refused (${result.error.code}): ${result.error.message}` }
      if (result.value !== 'connected') {
        this.#stale += 1
        this.#log.info('found a cheese, but another was first', { height, smell })
        return { outcome: 'late' }
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return { outcome: 'refused', message: `The cheese found at height ${height} could not be stored: ${why}` }
    }
    this.#found += 1
    // On regtest they come by the hundred.
    const level = this.#options.params.network === 'regtest' ? 'debug' : 'info'
    this.#log[level]('found a cheese', { height, smell, transfers: cheese.body.transfers.length })
    this.events.emit('found', { height, smell })
    return { outcome: 'found', found: { height, smell } }
  }

  #report(message: string): void {
    this.#log.warn(message)
    this.events.emit('problem', { message })
  }
}

function clampThreads(count: number): number {
  return Math.max(1, Math.min(MAX_THREADS, Math.floor(count)))
}
