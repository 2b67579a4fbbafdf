import { Failure } from '../api/errors.ts'
import type { Problem } from '../api/schemas.ts'
import { diskFailure } from './disk-failure.ts'

/** What the person should know and can act on, each under a name of its own until it is over. */
export class Problems {
  readonly #changed: () => void
  readonly #open = new Map<string, Problem>()

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Raises a problem, or says anew what it is. */
  raise(id: string, severity: Problem['severity'], message: string): void {
    const before = this.#open.get(id)
    if (before?.severity === severity && before.message === message) return
    this.#open.set(id, { id, severity, message })
    this.#changed()
  }

  /** It is over. */
  clear(id: string): void {
    if (this.#open.delete(id)) this.#changed()
  }

  /** Runs what writes to the stack's store: trouble with the disk is raised as a problem, and thrown as it came. */
  async watchDisk<T>(job: () => Promise<T>): Promise<T> {
    try {
      const done = await job()
      this.clear('disk')
      return done
    } catch (error) {
      const failure = diskFailure(error)
      // LevelDB takes nothing more after a write that failed, until it is opened anew.
      if (failure instanceof Failure) this.raise('disk', 'error', `${failure.message} The stack stands still until then; start Cheese Stack again afterwards.`)
      throw error
    }
  }

  /** Errors first, else in the order in which they were raised. */
  list(): Problem[] {
    const rank = { error: 0, warning: 1, notice: 2 }
    return [...this.#open.values()].sort((a, b) => rank[a.severity] - rank[b.severity])
  }
}
