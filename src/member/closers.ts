import type { Logger } from '../util/ports.ts'

/** What is to be closed, in the order in which it was opened; closed the other way round. */
export class Closers {
  readonly #jobs: { readonly what: string; readonly close: () => Promise<void> | void }[] = []

  add(what: string, close: () => Promise<void> | void): void {
    this.#jobs.push({ what, close })
  }

  /** Closes everything; what fails is logged and does not keep the rest open. */
  async closeAll(log: Logger): Promise<void> {
    for (const { what, close } of this.#jobs.splice(0).reverse()) {
      try {
        await close()
      } catch (error) {
        log.error(`could not close ${what} cleanly`, { error: String(error) })
      }
    }
  }
}
