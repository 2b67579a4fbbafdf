import type { Steps } from '../util/steps.ts'

/** The longest that work goes on without letting everything else have a turn, milliseconds. */
const TURN_MS = 8

/** Lets everything else that waits in the event loop run once: between cheeses, so that nobody waits for more than one. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Runs the steps of one job, with a pause whenever it has taken too long. */
export class Pacer {
  #since = performance.now()

  async run<T>(steps: Steps<T>): Promise<T> {
    for (;;) {
      const { done, value } = steps.next()
      if (done) return value
      if (this.isLate) await this.pause()
    }
  }

  /** Whether a pause is due. */
  get isLate(): boolean {
    return performance.now() - this.#since > TURN_MS
  }

  async pause(): Promise<void> {
    await pause()
    this.#since = performance.now()
  }
}
