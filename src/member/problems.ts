import type { Problem } from '../api/schemas.ts'

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

  /** Errors first, else in the order in which they were raised. */
  list(): Problem[] {
    const rank = { error: 0, warning: 1, notice: 2 }
    return [...this.#open.values()].sort((a, b) => rank[a.severity] - rank[b.severity])
  }
}
