import type { Steps } from '../util/steps.ts'

/** The longest that work goes on without letting everything else have a turn, milliseconds. */
const TURN_MS = 8

/** Steps between two looks at the clock, which costs as much as a small step; a step takes some microseconds. */
const LOOK = 16

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
    for (let count = 1; ; count++) {
      const { done, value } = steps.next()
      if (done) return value
      if (count % LOOK === 0 && this.isLate) await this.pause()
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

/**
 * Runs `steps` with pauses, as much of it at once as there is time for, and then calls `done`.
 * @param options.standing asked before each further turn whether what is read still stands; if not, that was all
 * @param options.failed told what a further turn threw; what the first one throws is thrown
 * @returns calls it off
 */
export function runInTurns<T>(
  steps: Steps<T>,
  done: (value: T) => void,
  options: { readonly standing: () => boolean; readonly failed: (error: unknown) => void },
): () => void {
  let calledOff = false
  const turn = () => {
    const since = performance.now()
    do {
      const next = steps.next()
      if (next.done) return done(next.value)
    } while (performance.now() - since <= TURN_MS)
    setImmediate(() => {
      if (calledOff) return
      try {
        if (options.standing()) turn()
      } catch (error) {
        options.failed(error)
      }
    })
  }
  turn()
  return () => {
    calledOff = true
  }
}
