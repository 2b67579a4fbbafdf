import type { MemberEvent, Status } from '../api/schemas.ts'
import type { Clock } from '../util/ports.ts'

/** The least time between two events of one type to one listener, so that a burst of cheeses does not flood a window. */
const GAP_MS = 200

/** One listener: what waits for it, the latest of each type, and whoever awaits more. */
class Listener {
  readonly #waiting = new Map<MemberEvent['type'], MemberEvent>()
  #wake: (() => void) | undefined
  #ended = false

  push(event: MemberEvent): void {
    const before = this.#waiting.get(event.type)
    const merged = event.type === 'stack' && before?.type === 'stack' ? { ...event, disconnected: event.disconnected + before.disconnected } : event
    this.#waiting.set(event.type, merged)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** What has come since the last call; empty only when it has ended. */
  async take(): Promise<MemberEvent[]> {
    while (this.#waiting.size === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    const events = [...this.#waiting.values()]
    this.#waiting.clear()
    return events
  }
}

/** Brings what changes in a member to its faces; a slow face gets fewer events, never a growing queue of the same one. */
export class EventHub {
  readonly #clock: Clock
  readonly #status: () => Promise<Status>
  readonly #onError: (error: unknown) => void
  readonly #listeners = new Set<Listener>()
  #statusDue = false
  #ended = false

  /**
   * @param status makes the status as it is now
   * @param onError told when that fails while the member is open
   */
  constructor(clock: Clock, status: () => Promise<Status>, onError: (error: unknown) => void) {
    this.#clock = clock
    this.#status = status
    this.#onError = onError
  }

  /** Tells every listener, and that the status may have changed. */
  emit(event: Exclude<MemberEvent, { type: 'status' }>): void {
    for (const listener of this.#listeners) listener.push(event)
    this.touch()
  }

  /** Something that the status shows may have changed: it is sent soon, once for all changes until then. */
  touch(): void {
    if (this.#statusDue || this.#listeners.size === 0 || this.#ended) return
    this.#statusDue = true
    this.#clock.after(GAP_MS, () => {
      this.#statusDue = false
      void this.#tellStatus()
    })
  }

  /** First the status, then whatever changes, until `signal` aborts or the hub ends. */
  async *subscribe(signal: AbortSignal | undefined): AsyncGenerator<MemberEvent, void> {
    const listener = new Listener()
    const abort = () => listener.end()
    signal?.addEventListener('abort', abort, { once: true })
    this.#listeners.add(listener)
    try {
      if (!this.#ended) yield { type: 'status', status: await this.#status() }
      while (!this.#ended && signal?.aborted !== true) {
        yield* await listener.take()
        // What comes meanwhile is told together: a face that looks everything up again at each event shall not drown.
        await new Promise<void>((resolve) => this.#clock.after(GAP_MS, resolve))
      }
    } finally {
      this.#listeners.delete(listener)
      signal?.removeEventListener('abort', abort)
    }
  }

  async #tellStatus(): Promise<void> {
    if (this.#ended || this.#listeners.size === 0) return
    try {
      const status = await this.#status()
      for (const listener of this.#listeners) listener.push({ type: 'status', status })
    } catch (error) {
      // While the member closes, parts of the status may be gone already.
      if (!this.#ended) this.#onError(error)
    }
  }

  /** Ends every subscription. */
  end(): void {
    this.#ended = true
    for (const listener of this.#listeners) listener.end()
  }
}
