import type { MachinePort } from '../util/machine.ts'
import type { Clock, Logger } from '../util/ports.ts'
import type { Result } from '../util/result.ts'
import type { Miner } from './miner.ts'
import type { MiningError, Resting } from './status.ts'
import { type Yield, Yielding, type YieldingChoices } from './yielding.ts'

export interface YielderOptions {
  readonly miner: Pick<Miner, 'start' | 'setResting' | 'setLimit' | 'events'>
  readonly machine: MachinePort
  readonly clock: Clock
  readonly log: Logger
  readonly choices: () => YieldingChoices
}

/** How the stack stands to those of others. */
export type SyncStage = 'alone' | 'headers' | 'bodies' | 'synced'

/** The machine is looked at so often while mining is on. */
const LOOK_MS = 1_000
/** Mining that begins by itself waits so long for other members before it begins alone. */
export const ALONE_MS = 20_000

/** Lets the miner rest while the stack is behind, while it is to wait after launch, and whenever the machine is wanted for something else. */
export class Yielder {
  readonly #options: YielderOptions
  readonly #yielding = new Yielding()
  #stage: SyncStage = 'alone'
  #wasOn = false
  #waiting = false
  #yield: Yield = { resting: null, limit: Number.POSITIVE_INFINITY }
  #watts: number | undefined
  #cancelLook = () => {}
  #cancelWait = () => {}
  #endWatch: (() => void) | undefined
  #looking: Promise<void> | undefined

  constructor(options: YielderOptions) {
    this.#options = options
    options.miner.events.on('changed', ({ on }) => {
      if (on && !this.#endWatch) void this.look()
      else if (!on && this.#wasOn) this.#rest()
      this.#wasOn = on
    })
  }

  /** Whether the machine can tell that nobody uses it. */
  get knowsIdle(): boolean {
    return this.#options.machine.knowsIdle
  }

  /** What the processor draws as a whole while mining is on, watts, where it tells. */
  get watts(): number | undefined {
    return this.#watts
  }

  /** Begins to mine because somebody wants that now: what the machine wants is looked at first. */
  async start(): Promise<Result<void, MiningError>> {
    this.#endWait()
    await this.look()
    return this.#started()
  }

  /** Begins to mine by itself after launch: once the stack is in step with others, or after a while without any. */
  async startWhenReady(): Promise<Result<void, MiningError>> {
    if (this.#stage !== 'synced') {
      this.#waiting = true
      this.#cancelWait = this.#options.clock.after(ALONE_MS, () => this.#waited())
    }
    await this.look()
    return this.#started()
  }

  /** To be called whenever the stage has changed. */
  handleSync(stage: SyncStage): void {
    this.#stage = stage
    if (stage === 'synced') this.#endWait()
    this.#apply()
  }

  /** Looks at the machine now; to be called when a choice has changed. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  close(): void {
    this.#rest()
  }

  async #look(): Promise<void> {
    const { machine, clock, log, choices } = this.#options
    this.#cancelLook()
    this.#endWatch ??= machine.watch(() => void this.look())
    try {
      const facts = await machine.facts()
      this.#watts = facts.watts
      this.#yield = this.#yielding.look(facts, choices(), clock.now())
    } catch (error) {
      log.warn('the machine does not tell how it is', { error: String(error) })
    }
    if (!this.#endWatch) return
    this.#cancelLook = clock.after(LOOK_MS, () => void this.look())
    this.#apply()
  }

  #started(): Result<void, MiningError> {
    this.#apply()
    const started = this.#options.miner.start()
    if (!started.ok) this.#rest()
    return started
  }

  #waited(): void {
    // Where there are others, it goes on when the stack is in step with theirs.
    if (this.#stage === 'alone') this.#endWait()
    else this.#cancelWait = this.#options.clock.after(ALONE_MS, () => this.#waited())
    this.#apply()
  }

  #apply(): void {
    const { miner } = this.#options
    miner.setLimit(this.#yield.limit)
    miner.setResting(this.#reason())
  }

  #reason(): Resting | null {
    if (this.#stage === 'headers' || this.#stage === 'bodies') return 'sync'
    return this.#waiting ? 'starting' : this.#yield.resting
  }

  #endWait(): void {
    this.#waiting = false
    this.#cancelWait()
  }

  #rest(): void {
    this.#endWait()
    this.#cancelLook()
    this.#endWatch?.()
    this.#endWatch = undefined
    this.#watts = undefined
  }
}
