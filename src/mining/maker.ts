import { Pacer, runInTurns } from '../chain/pause.ts'
import { concatBytes, equalBytes } from '../util/bytes.ts'
import type { Clock, Logger } from '../util/ports.ts'
import { allAtOnce, type Steps } from '../util/steps.ts'
import type { MiningPorts } from './ports.ts'
import { type Template, templateSteps } from './template.ts'

/** Makes templates, one at a time, with pauses where one holds thousands of transfers. */
export class TemplateMaker {
  readonly #ports: MiningPorts
  readonly #clock: Clock
  readonly #log: Logger
  readonly #tag: Uint8Array
  #count = 0
  #builtAt = Number.NEGATIVE_INFINITY
  #buildMs = 0
  #cancel: (() => void) | undefined

  /** @param tag 8 bytes that tell our templates from those of other members that mine to the same address, and of our own earlier runs */
  constructor(ports: MiningPorts, clock: Clock, tag: Uint8Array, log: Logger) {
    this.#ports = ports
    this.#clock = clock
    this.#tag = tag
    this.#log = log
  }

  /** Whether one is being made by `make`. */
  get busy(): boolean {
    return this.#cancel !== undefined
  }

  /** When the last one was begun, milliseconds since 1970. */
  get builtAt(): number {
    return this.#builtAt
  }

  /** How long the last one took. */
  get buildMs(): number {
    return this.#buildMs
  }

  /** Makes one that pays `address`: mostly at once, in further turns of the event loop when it is much. Calls off one under way. */
  make(address: Uint8Array, done: (template: Template) => void): void {
    this.cancel()
    const { parent } = this.#ports.next()
    let over = false
    const finished = () => {
      over = true
      this.#cancel = undefined
    }
    const failed = (error: unknown) => {
      finished()
      this.#log.error('a template could not be made', { error: String(error) })
    }
    try {
      const cancel = runInTurns(
        this.#steps(address),
        (template) => {
          finished()
          done(template)
        },
        // When the tip has moved, somebody is about to tell the miner.
        { standing: () => equalBytes(this.#ports.next().parent, parent), failed },
      )
      if (!over) this.#cancel = cancel
    } catch (error) {
      // The stack may just be moving: what is read of it then means nothing.
      failed(error)
    }
  }

  /** Makes one that pays `address` and holds no transfers, at once; undefined when the stack cannot be read just now. */
  makeEmpty(address: Uint8Array): Template | undefined {
    const now = Math.floor(this.#clock.now() / 1000)
    try {
      return allAtOnce(templateSteps(this.#ports, address, this.#extra(), now, this.#log, true))
    } catch (error) {
      this.#log.error('a template without transfers could not be made', { error: String(error) })
      return undefined
    }
  }

  /** As `make`, for a caller who waits; begins anew when the tip moves meanwhile. */
  async makeNow(address: Uint8Array): Promise<Template> {
    for (;;) {
      const pacer = new Pacer()
      while (!this.#ports.ready()) await pacer.pause()
      const { parent } = this.#ports.next()
      const steps = this.#steps(address)
      for (let standing = true; standing; ) {
        const { done, value } = steps.next()
        if (done) return value
        if (!pacer.isLate) continue
        await pacer.pause()
        standing = equalBytes(this.#ports.next().parent, parent)
      }
    }
  }

  /** Calls off what `make` is at. */
  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  *#steps(address: Uint8Array): Steps<Template> {
    const now = this.#clock.now()
    this.#builtAt = now
    const template = yield* templateSteps(this.#ports, address, this.#extra(), Math.floor(now / 1000), this.#log)
    this.#buildMs = this.#clock.now() - now
    return template
  }

  /** Unlike that of any other template. */
  #extra(): Uint8Array {
    const counter = new Uint8Array(4)
    new DataView(counter.buffer).setUint32(0, ++this.#count)
    return concatBytes(this.#tag, counter)
  }
}
