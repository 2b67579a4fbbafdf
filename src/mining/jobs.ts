import { BoundedMap } from '../util/bounded.ts'
import type { Clock } from '../util/ports.ts'
import type { SearchEvents, SearchJob, SearchPool } from './pool.ts'
import { searchBytes, type Template } from './template.ts'

/** Templates of one tip that a hit is taken for: threads answer within milliseconds. */
const MAX_JOBS = 8

/** What the threads are on, and what they were on for the same tip: a hit on any of it is good. */
export class Jobs {
  readonly #pool: Pick<SearchPool, 'search'>
  readonly #clock: Clock
  readonly #good = new BoundedMap<number, Template>(MAX_JOBS)
  #assigned: number | undefined
  #last = 0
  /** When those before the present ones ceased to be good. */
  #forgotAt = Number.NEGATIVE_INFINITY

  constructor(pool: Pick<SearchPool, 'search'>, clock: Clock) {
    this.#pool = pool
    this.#clock = clock
  }

  /** Puts the threads on `template`; returns the job's number. */
  assign(template: Template): number {
    const id = ++this.#last
    this.#good.set(id, template)
    this.#search({ id, header: searchBytes(template), target: template.target })
    return id
  }

  /** Lets the threads rest. */
  rest(): void {
    this.#search(undefined)
  }

  /** Whether the threads are on something that is good. */
  get busy(): boolean {
    return this.#assigned !== undefined && this.#good.has(this.#assigned)
  }

  /** The template of a job, if a hit on it is good. */
  get(job: number): Template | undefined {
    return this.#good.get(job)
  }

  /** From now on no hit on what there was is taken. */
  forget(): void {
    this.#good.clear()
    this.#forgotAt = this.#clock.now()
  }

  /** How many of these tries were made when a hit would no longer have been taken: they come evenly over their time. */
  wasted({ job, count, ms }: SearchEvents['tried']): number {
    if (this.#good.has(job)) return 0
    const since = Math.max(0, this.#clock.now() - this.#forgotAt)
    return since < ms ? Math.round((count * since) / ms) : count
  }

  #search(job: SearchJob | undefined): void {
    this.#assigned = job?.id
    this.#pool.search(job)
  }
}
