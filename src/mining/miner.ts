import type { Cheese, Params, Smell } from '../consensus/types.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import { Emitter } from '../util/events.ts'
import { type Clock, type Logger, type Random, silent } from '../util/ports.ts'
import { SerialQueue } from '../util/queue.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { ChartPoint } from './chart.ts'
import { Crew } from './crew.ts'
import { Figures } from './figures.ts'
import { generateCheeses } from './generate.ts'
import { Jobs } from './jobs.ts'
import type { Luck } from './luck.ts'
import { TemplateMaker } from './maker.ts'
import type { KernelChoice, SearchEvents, SearchPool } from './pool.ts'
import type { MiningPorts } from './ports.ts'
import { type Found, type MinerEvents, type MinerStatus, type MiningError, NO_ADDRESS, type Resting } from './status.ts'
import { Submitter } from './submitter.ts'
import { finish, retime, type Template } from './template.ts'

export interface MinerOptions {
  readonly params: Pick<Params, 'network'>
  readonly ports: MiningPorts
  readonly pool: SearchPool
  readonly clock: Clock
  readonly random: Random
  readonly log?: Logger
  /** All cores but one (at least one) when left out. */
  readonly threads?: number
  /** What was counted in earlier runs. */
  readonly luck?: Luck
  /** Regtest only: mining makes at most one cheese in so many seconds. `generate` does not wait. */
  readonly paceSeconds?: number
}

/** How old the time in the header gets. */
const RETIME_MS = 10_000
/** The mempool brings a new template at most so often, and at most a twentieth of the time is spent on them. */
const REFRESH_MS = 2_000
const REFRESH_SHARE = 20
/** A template that takes longer is not waited for at a new tip. */
const QUICK_MS = 8
/** Rest after a cheese of ours was refused, so that a fault does not repeat itself at full speed. */
const RETRY_MS = 5_000

/** Finds cheeses: keeps the search threads on the best template for the tip, and puts what they find onto the stack. */
export class Miner {
  readonly events: Emitter<MinerEvents>
  readonly #options: MinerOptions
  readonly #ports: MiningPorts
  readonly #pool: SearchPool
  readonly #clock: Clock
  readonly #log: Logger
  readonly #figures: Figures
  readonly #paceMs: number
  readonly #maker: TemplateMaker
  readonly #submitter: Submitter
  readonly #generating = new SerialQueue()
  readonly #jobs: Jobs
  readonly #crew: Crew
  #current: Template | undefined
  /** Whether that one holds the best of what waits; if not, one that does is to take its place. */
  #full = false
  #on = false
  #rest: Resting | null = null
  #generators = 0
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
    this.#figures = new Figures(clock, options.luck)
    this.#paceMs = params.network === 'regtest' ? 1000 * (options.paceSeconds ?? 0) : 0
    this.#maker = new TemplateMaker(ports, clock, random.bytes(8), log)
    this.#jobs = new Jobs(pool, clock)
    this.#crew = new Crew(pool, options.threads ?? pool.maxThreads - 1)
    this.events = new Emitter((error) => log.error('a handler of a mining event failed', { error: String(error) }))
    this.#submitter = new Submitter({ network: params.network, ports, figures: this.#figures, events: this.events, log })
    pool.events.on('hit', (hit) => this.#handleHit(hit))
    pool.events.on('tried', (tried) => {
      this.#figures.tried(tried.job, tried.count, this.#jobs.wasted(tried))
      this.events.emit('tried', { count: tried.count })
    })
    pool.events.on('kernel', () => this.#changed())
    pool.events.on('failed', ({ message }) => this.#report(`A mining thread failed and was started again: ${message}`))
  }

  status(): MinerStatus {
    const address = this.#ports.address()
    return {
      ...this.#figures.now(this.#current?.header.bits ?? this.#ports.next().bits),
      on: this.#on,
      threads: this.#crew.wanted,
      working: this.#crew.working,
      maxThreads: this.#pool.maxThreads,
      resting: !this.#on ? null : address ? this.#rest : 'no-wallet',
      kernel: this.#pool.kernel,
      kernels: this.#pool.kernels(),
      address,
    }
  }

  /** The hash rate of the last hour, mining or not. */
  chart(): ChartPoint[] {
    return this.#figures.chart()
  }

  /** What this member's search found in all its runs, and should have found. */
  get luck(): Luck {
    return this.#figures.luck
  }

  /** Begins to mine, or goes on mining. */
  start(): Result<void, MiningError> {
    if (!this.#ports.address()) return err(NO_ADDRESS)
    if (this.#on) return ok(undefined)
    this.#on = true
    this.#figures.start()
    this.#crew.switch(true)
    this.#renew()
    this.#changed()
    return ok(undefined)
  }

  stop(): void {
    if (!this.#on) return
    this.#on = false
    this.#figures.stop()
    this.#renew()
    this.#crew.switch(false)
    this.#changed()
  }

  /** How many threads search, from now on. */
  setThreads(count: number): void {
    if (this.#crew.want(count)) this.#changed()
  }

  /** At most so many of them do, until another limit is set. */
  setLimit(threads: number): void {
    if (this.#crew.limit(threads)) this.#changed()
  }

  /** Percent of the time that threads work, 1 to 100. */
  setIntensity(percent: number): void {
    this.#pool.setIntensity(percent)
  }

  /** Which kernel searches. */
  setKernel(choice: KernelChoice): void {
    this.#pool.setKernel(choice)
  }

  /** Nothing is searched though mining is on, for the reason given, until that is null. */
  setResting(reason: Resting | null): void {
    if (reason === this.#rest) return
    const rested = this.#rest !== null
    this.#rest = reason
    if (rested !== (reason !== null)) this.#renew()
    this.#changed()
  }

  /**
   * To be called at once whenever the tip has moved: the threads turn to the new one. What waits may still be being held
   * against it: then they get a template without transfers first, and `handleSettled` is to be called afterwards.
   */
  handleTip(): void {
    this.#jobs.forget()
    this.#renew()
  }

  /** To be called when the mempool is ready for the tip. */
  handleSettled(): void {
    if (!this.#full && !this.#maker.busy) this.#renew()
  }

  /** To be called whenever the mempool's best have changed. */
  handleBest(): void {
    if (this.#maker.busy) {
      this.#bestChanged = true
      return
    }
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
          submit: (cheese) => this.#submitter.submit(cheese),
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
    this.#jobs.forget()
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
    this.#full = false
    this.#bestChanged = false
    const wait = this.#notBefore - this.#clock.now()
    const address = this.#payee()
    if (address && wait <= 0) this.#make(address)
    else this.#jobs.rest()
    if (address && wait > 0) this.#cancelTimer = this.#clock.after(wait, () => this.#renew())
    // Mostly `handleSettled` comes before that; but a stack that moved and came back tells nothing.
    if (this.#on && !this.#ports.ready()) this.#cancelRefresh = this.#clock.after(REFRESH_MS, () => this.#renew())
  }

  /**
   * The best template takes a while when much waits: until then the threads go on with one of this tip, or get one without transfers;
   * before anything else where the last one took long.
   */
  #make(address: Uint8Array): void {
    if (this.#maker.buildMs > QUICK_MS) this.#makeEmpty(address)
    if (this.#ports.ready()) {
      this.#maker.make(address, (template) => {
        this.#full = true
        this.#search(template)
        if (this.#bestChanged) this.handleBest()
      })
    }
    if (!this.#full) this.#makeEmpty(address)
  }

  /** Unless the threads are on a template of this tip already. */
  #makeEmpty(address: Uint8Array): void {
    if (this.#jobs.busy) return
    const template = this.#maker.makeEmpty(address)
    if (template) this.#search(template)
    else this.#jobs.rest()
  }

  /** What a cheese would pay to, when there is reason to search for one. */
  #payee(): Uint8Array | undefined {
    if (!this.#on || this.#rest !== null || this.#generators > 0) return undefined
    if (this.#submitting !== undefined && this.#submitting === toHex(this.#ports.next().parent)) return undefined
    return this.#ports.address()
  }

  #search(template: Template): void {
    this.#cancelTimer()
    this.#current = template
    this.#figures.begun(this.#jobs.assign(template), template.header.bits)
    this.#cancelTimer = this.#clock.after(RETIME_MS, () => this.#search(retime(template, this.#seconds())))
  }

  #changed(): void {
    this.events.emit('changed', { on: this.#on })
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000)
  }

  #handleHit({ job, nonce }: SearchEvents['hit']): void {
    this.#figures.hit()
    const template = this.#jobs.get(job)
    if (!template) {
      this.#figures.wasted()
      return
    }
    this.#jobs.forget()
    this.#notBefore = this.#clock.now() + this.#paceMs
    this.#submitting = toHex(template.header.parent)
    this.#renew()
    void this.#submitFound(finish(template, nonce))
  }

  async #submitFound(cheese: Cheese): Promise<void> {
    const submitted = await this.#submitter.submit(cheese)
    this.#submitting = undefined
    if (submitted.outcome === 'refused') {
      this.#notBefore = this.#clock.now() + RETRY_MS
      this.#report(submitted.message)
    }
    // When it was connected, `handleTip` has come already.
    if (!this.#current && !this.#maker.busy) this.#renew()
  }

  #report(message: string): void {
    this.#log.warn(message)
    this.events.emit('problem', { message })
  }
}
