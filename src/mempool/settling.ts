import { runInTurns } from '../chain/pause.ts'
import type { Logger } from '../util/ports.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'
import type { StackChange } from './ports.ts'
import type { Waitlist } from './waitlist.ts'

/** Puts the lines right after moves of the tip: at once as far as there is time, the rest in later turns of the event loop. */
export class Settling {
  readonly #list: Waitlist
  readonly #log: Logger
  readonly #onDone: () => void
  readonly #waiting: (() => void)[] = []
  #steps: Steps<void> | undefined
  #callOff = () => {}

  /** @param onDone called whenever every line is right again */
  constructor(list: Waitlist, log: Logger, onDone: () => void) {
    this.#list = list
    this.#log = log
    this.#onDone = onDone
  }

  /** Whether lines are left that were not held against the tip yet. */
  get busy(): boolean {
    return this.#steps !== undefined
  }

  /** The tip has moved; or, with an empty change, time has passed. */
  move(change: StackChange): void {
    this.#list.moved(change)
    const steps = this.#steps ?? this.#list.settleSteps()
    this.#steps = steps
    this.#callOff()
    try {
      // The stack may move on meanwhile: then this was for nothing, and word of it comes next.
      this.#callOff = runInTurns(steps, () => this.#done(), { standing: () => true, failed: (error) => this.#failed(error) })
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Does at once what is left, for those who cannot do with less. */
  finish(): void {
    if (!this.#steps) return
    this.#callOff()
    allAtOnce(this.#steps)
    this.#done()
  }

  /** Calls `job` as soon as nothing is left: at once, unless much has just moved. */
  whenDone(job: () => void): void {
    if (this.#steps) this.#waiting.push(job)
    else job()
  }

  #done(): void {
    this.#steps = undefined
    this.#onDone()
    for (const job of this.#waiting.splice(0)) job()
  }

  /** What is left is done at the next move. */
  #failed(error: unknown): void {
    this.#log.error('waiting transfers could not be held against the new tip', { error: String(error) })
    this.#done()
  }
}
