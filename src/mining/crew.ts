import type { SearchPool } from './pool.ts'

const MAX_THREADS = 256

/** How many threads the person wants, and how many work. */
export class Crew {
  readonly #pool: Pick<SearchPool, 'setThreads'>
  #wanted: number
  #limit = Number.POSITIVE_INFINITY
  #on = false

  constructor(pool: Pick<SearchPool, 'setThreads'>, wanted: number) {
    this.#pool = pool
    this.#wanted = clampThreads(wanted)
  }

  get wanted(): number {
    return this.#wanted
  }

  /** How many there are just now. */
  get working(): number {
    return this.#on ? Math.min(this.#wanted, this.#limit) : 0
  }

  /** Returns whether that is another number than before. */
  want(count: number): boolean {
    const before = this.#wanted
    this.#wanted = clampThreads(count)
    if (before === this.#wanted) return false
    this.#apply()
    return true
  }

  /** At most so many of them work, at least one. Returns whether that changes how many do. */
  limit(count: number): boolean {
    const before = this.working
    this.#limit = Math.max(1, count)
    if (this.working === before) return false
    this.#apply()
    return true
  }

  switch(on: boolean): void {
    this.#on = on
    this.#pool.setThreads(this.working)
  }

  #apply(): void {
    if (this.#on) this.#pool.setThreads(this.working)
  }
}

function clampThreads(count: number): number {
  return Math.max(1, Math.min(MAX_THREADS, Math.floor(count)))
}
