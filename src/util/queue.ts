/** Runs async jobs one after the other, in the order they were given; a job that fails does not stop the next. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve()

  /** Resolves or rejects with what `job` does, once every earlier job has ended. */
  run<T>(job: () => T | Promise<T>): Promise<T> {
    const result = this.#tail.then(job)
    this.#tail = result.catch(() => undefined)
    return result
  }

  /** Resolves when everything given so far has ended. */
  async idle(): Promise<void> {
    await this.#tail
  }
}
