import { toHex } from '../util/bytes.ts'
import type { NetContext } from './context.ts'
import { weightOf } from './meter.ts'
import type { Peer } from './peer.ts'

/** What comes above this is thrown away, and asked for again when its turn comes. (Far fewer are asked for at once, unless they are far bigger than those before.) */
const MAX_BYTES = 134_217_728

interface Held {
  readonly body: Uint8Array
  readonly from: Peer
  readonly parent: string
}

export interface HeldEvents {
  /** After each body that was taken or refused. */
  progress(): void
  /** One that is not wanted any more; with its bytes when the stack has taken it now. */
  done(smell: string, body: Uint8Array | undefined): void
}

/** Bodies that arrived, until those below them are there; gives them to the stack one after the other. */
export class HeldBodies {
  readonly #context: NetContext
  readonly #events: HeldEvents
  readonly #held = new Map<string, Held>()
  readonly #byParent = new Map<string, Set<string>>()
  readonly #ready: string[] = []
  #bytes = 0
  #running: Promise<void> | undefined
  #stopped = false

  constructor(context: NetContext, events: HeldEvents) {
    this.#context = context
    this.#events = events
  }

  /** How many there are, their bytes, and what they will cost to connect. */
  get count(): number {
    return this.#held.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get weight(): number {
    return this.#held.size * weightOf(0) + this.#bytes
  }

  has(smell: string): boolean {
    return this.#held.has(smell)
  }

  add(smell: string, body: Uint8Array, from: Peer): void {
    const entry = this.#context.chain.entry(smell)
    if (!entry || this.#held.has(smell) || this.#stopped) return
    const parent = toHex(entry.header.parent)
    const isReady = this.#context.chain.hasBody(parent)
    if (!isReady && this.#bytes + body.length > MAX_BYTES) return
    this.#held.set(smell, { body, from, parent })
    this.#bytes += body.length
    const siblings = this.#byParent.get(parent) ?? new Set()
    this.#byParent.set(parent, siblings.add(smell))
    if (!isReady) return
    this.#ready.push(smell)
    this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  #run(): void {
    this.#running ??= this.#connect().finally(() => {
      this.#running = undefined
      if (this.#ready.length > 0) this.#run()
    })
  }

  async #connect(): Promise<void> {
    for (let smell = this.#ready.shift(); smell !== undefined; smell = this.#ready.shift()) {
      const held = this.#held.get(smell)
      if (!held) continue
      if (this.#stopped) return
      const taken = await this.#give(smell, held)
      this.#drop(smell, held)
      if (taken) this.#ready.push(...(this.#byParent.get(smell) ?? []))
      this.#events.progress()
    }
  }

  async #give(smell: string, { body, from }: Held): Promise<boolean> {
    const { chain, log, punish } = this.#context
    try {
      const added = await chain.addBody(smell, body)
      if (added.ok) {
        this.#events.done(smell, body)
        return true
      }
      const { error } = added
      // Members serve only what they connected themselves, so whoever serves a bad body has not checked it.
      if (error.fault !== 'early') punish(from, 'broken-body', error.message)
      if (error.fault === 'cheese') this.#invalid(smell)
    } catch (error) {
      log.error('a cheese could not be stored', { smell, error: String(error) })
    }
    return false
  }

  /** Everything that builds on an invalid cheese is worthless. */
  #invalid(smell: string): void {
    this.#events.done(smell, undefined)
    for (const child of [...(this.#byParent.get(smell) ?? [])]) {
      const held = this.#held.get(child)
      if (held) this.#drop(child, held)
      this.#invalid(child)
    }
  }

  #drop(smell: string, held: Held): void {
    if (!this.#held.delete(smell)) return
    this.#bytes -= held.body.length
    const siblings = this.#byParent.get(held.parent)
    siblings?.delete(smell)
    if (siblings?.size === 0) this.#byParent.delete(held.parent)
  }
}
