import type { Clock } from '../../../src/util/ports.ts'

/** Turns that are asked of Node at once: one trip around its event loop then serves them all. */
const BURST = 64

interface Timer {
  readonly at: number
  /** Timers of one moment run in the order in which they were set. */
  readonly order: number
  fn: (() => void) | undefined
}

/**
 * Time that passes only when nothing is left to do. Everything that the members' code waits for is a timer of this clock, a
 * promise, or a turn of the event loop; the first are kept in a heap, promises run out by themselves after each turn, and
 * `setImmediate` and `performance.now` are this clock's own while it runs. So nothing depends on how fast the machine is.
 */
export class VirtualClock implements Clock {
  #now: number
  #order = 0
  #turns = 0
  readonly #heap: Timer[] = []
  readonly #immediates: (() => void)[] = []
  #nextImmediate = 0

  /** @param start milliseconds since 1970 */
  constructor(start: number) {
    this.#now = start
  }

  /** Whole milliseconds, as a machine's clock tells them. */
  now(): number {
    return Math.floor(this.#now)
  }

  /** Milliseconds with their fraction: for measuring. */
  get exact(): number {
    return this.#now
  }

  /** Turns run so far: what a run costs, independent of the machine. */
  get turns(): number {
    return this.#turns
  }

  after(ms: number, fn: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fn }
    this.#push(timer)
    return () => {
      timer.fn = undefined
    }
  }

  /** Resolves when so much time has passed. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve))
  }

  /** Lets time pass until `end` (milliseconds since 1970), or until `promise` has settled, whichever is first. */
  async run(end: number, promise?: Promise<unknown>): Promise<void> {
    let settled = false
    const settle = () => {
      settled = true
    }
    promise?.then(settle, settle)
    const host = takeOver(this)
    try {
      await new Promise<void>((resolve, reject) => {
        let done = false
        let asked = 0
        const turn = () => {
          asked--
          if (done) return
          try {
            if (settled || !this.#turn(end)) {
              done = true
              resolve()
              return
            }
          } catch (error) {
            done = true
            reject(error)
            return
          }
          if (asked > 0) return
          for (; asked < BURST; asked++) host.setImmediate(turn)
        }
        asked++
        host.setImmediate(turn)
      })
    } finally {
      host.giveBack()
    }
    if (!settled) this.#now = Math.max(this.#now, end)
  }

  /** Lets time pass until `promise` has settled, and gives what it came to. Throws when it does not within `ms`. */
  async settle<T>(promise: Promise<T>, what: string, ms = 3_600_000): Promise<T> {
    let settled = false
    const settle = () => {
      settled = true
    }
    promise.then(settle, settle)
    await this.run(this.#now + ms, promise)
    if (!settled) throw new Error(`never came about: ${what}`)
    return promise
  }

  immediate(fn: () => void): void {
    this.#immediates.push(fn)
  }

  /** One turn; false when nothing is left that is due by `end`. */
  #turn(end: number): boolean {
    const immediate = this.#immediates[this.#nextImmediate]
    if (immediate) {
      this.#nextImmediate++
      if (this.#nextImmediate === this.#immediates.length) {
        this.#immediates.length = 0
        this.#nextImmediate = 0
      }
      this.#turns++
      immediate()
      return true
    }
    for (let first = this.#heap[0]; first; first = this.#heap[0]) {
      if (first.fn && first.at > end) return false
      this.#pop()
      if (!first.fn) continue
      this.#now = Math.max(this.#now, first.at)
      this.#turns++
      first.fn()
      return true
    }
    return false
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(timer)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Timer
      if (!isBefore(timer, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = timer
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Timer
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++
      const below = heap[child] as Timer
      if (!isBefore(below, last)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Makes this process's turns and stopwatch those of `clock`, until they are given back. */
function takeOver(clock: VirtualClock): { readonly setImmediate: (fn: () => void) => void; giveBack(): void } {
  const { setImmediate } = globalThis
  const now = performance.now.bind(performance)
  const queued = (fn: (...args: unknown[]) => void, ...args: unknown[]) => clock.immediate(() => fn(...args))
  globalThis.setImmediate = queued as unknown as typeof setImmediate
  performance.now = () => clock.exact
  return {
    setImmediate: (fn) => void setImmediate(fn),
    giveBack() {
      globalThis.setImmediate = setImmediate
      performance.now = now
    },
  }
}
