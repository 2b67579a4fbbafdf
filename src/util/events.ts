/** A typed event source. Handlers run in the order they were added; one that throws does not stop the others. */
export class Emitter<Events extends object> {
  readonly #handlers = new Map<keyof Events, Set<(payload: never) => void>>()
  readonly #onError: (error: unknown) => void

  /** @param onError told of what a handler throws; by default it is thrown again on its own turn, as an uncaught error */
  constructor(onError?: (error: unknown) => void) {
    this.#onError =
      onError ??
      ((error) => {
        queueMicrotask(() => {
          throw error
        })
      })
  }

  /** Calls `handler` at each `name` event, until the function that it returns is called. */
  on<K extends keyof Events>(name: K, handler: (payload: Events[K]) => void): () => void {
    const set = this.#handlers.get(name) ?? new Set()
    this.#handlers.set(name, set)
    set.add(handler)
    return () => set.delete(handler)
  }

  /** Tells every handler of `name`, at once and in order. */
  emit<K extends keyof Events>(name: K, payload: Events[K]): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) {
      try {
        ;(handler as (payload: Events[K]) => void)(payload)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
