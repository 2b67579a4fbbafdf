import type { Clock, Logger, Random } from '../util/ports.ts'
import { SerialQueue } from '../util/queue.ts'
import type { Ledger } from './ledger.ts'
import type { Sends } from './sends.ts'

/** Unconfirmed transfers of ours are announced again so often, ms. */
const RESHARE_MS = 10 * 60_000

export interface SharingDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly sends: Sends
  /** Undefined while no account is known. */
  readonly ledger: () => Promise<Ledger | undefined>
  /** Runs with each round of announcements. */
  readonly alsoThen: () => Promise<void>
}

/** Sees to it that what was sent stays known to others until it is in a cheese. */
export class Sharing {
  readonly #deps: SharingDeps
  readonly #queue = new SerialQueue()
  #callOff: () => void = () => {}
  #closed = false
  /** What the job in the queue will do: while a thousand cheeses connect, one is enough. */
  #wanted: boolean | undefined

  constructor(deps: SharingDeps) {
    this.#deps = deps
    this.#later()
  }

  /** Submits our unconfirmed transfers that the mempool lacks; with `all`, announces the others again too. */
  share(all: boolean): void {
    const queued = this.#wanted !== undefined
    this.#wanted = all || this.#wanted === true
    if (queued) return
    this.#run('unconfirmed transfers could not be shared again', async () => {
      const wanted = this.#wanted === true
      this.#wanted = undefined
      const ledger = await this.#deps.ledger()
      await ledger?.refresh()
      if (ledger && !this.#closed) await this.#deps.sends.reshare(ledger, wanted)
    })
  }

  /** No more rounds; resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#closed = true
    this.#callOff()
    await this.#queue.idle()
  }

  #later(): void {
    const { clock, random, alsoThen } = this.#deps
    // Jittered, so that its regular return does not say whose transfer it is.
    this.#callOff = clock.after(RESHARE_MS * (0.75 + random.fraction() / 2), () => {
      this.share(true)
      this.#run('the certificate could not be renewed', alsoThen)
      this.#later()
    })
  }

  #run(problem: string, job: () => Promise<void>): void {
    this.#queue
      .run(async () => {
        if (!this.#closed) await job()
      })
      .catch((error: unknown) => this.#deps.log.error(problem, { error: String(error) }))
  }
}
