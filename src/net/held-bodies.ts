import { toHex } from '../util/bytes.ts'
import { faultOfBody } from './blame.ts'
import type { NetContext } from './context.ts'
import { weightOf } from './meter.ts'
import type { Peer } from './peer.ts'

/** What comes above this is thrown away, and asked for again when its turn comes. (Far fewer are asked for at once, unless they are far bigger than those before.) */
const MAX_BYTES = 134_217_728

/** So much of what comes next is shown to the stack before its turn: some seconds' work for all cores. Decoded it takes several times as much. */
const MAX_SHOWN_BYTES = 2_097_152
/** After the store has failed, it is tried again in so long: what was fetched is kept. */
const RETRY_MS = 10_000

interface Held {
  readonly body: Uint8Array
  readonly from: Peer
  readonly parent: string
  /** Whoever gave it may not have checked all of it. */
  readonly unproven: boolean
}

export interface HeldEvents {
  /** After each body that was taken or refused. */
  progress(): void
  /** One that is not wanted any more; with its bytes and who gave it when the stack has taken it now. */
  done(smell: string, taken?: { readonly body: Uint8Array; readonly from: Peer }): void
}

/**
 * Bodies that arrived, until those below them are there; gives them to the stack one after the other. Those whose turn
 * comes soon are shown to it before, so that their signatures are verified on all cores while others are connected.
 */
export class HeldBodies {
  readonly #context: NetContext
  readonly #events: HeldEvents
  readonly #held = new Map<string, Held>()
  readonly #byParent = new Map<string, Set<string>>()
  readonly #ready: string[] = []
  /** Held bodies to be shown to the stack next, lower ones first: the one below each is there or was shown. */
  readonly #unshown: string[] = []
  readonly #shown = new Set<string>()
  #shownBytes = 0
  #bytes = 0
  #running: Promise<void> | undefined
  #stopped = false
  #cancelRetry: (() => void) | undefined

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

  /** Whoever gave what is still to be connected. */
  givers(): ReadonlySet<Peer> {
    return new Set([...this.#held.values()].map(({ from }) => from))
  }

  has(smell: string): boolean {
    return this.#held.has(smell)
  }

  /** @param unproven `from` passed it on before it had checked all its rules, as we asked it to */
  add(smell: string, body: Uint8Array, from: Peer, unproven = false): void {
    const entry = this.#context.chain.entry(smell)
    if (!entry || this.#held.has(smell) || this.#stopped) return
    const parent = toHex(entry.header.parent)
    const isReady = this.#context.chain.hasBody(parent)
    if (!isReady && this.#bytes + body.length > MAX_BYTES) return
    this.#held.set(smell, { body, from, parent, unproven })
    this.#bytes += body.length
    const siblings = this.#byParent.get(parent) ?? new Set()
    this.#byParent.set(parent, siblings.add(smell))
    if (isReady || this.#shown.has(parent)) this.#unshown.push(smell)
    this.#show()
    if (!isReady) return
    this.#ready.push(smell)
    this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    await this.#running
  }

  #run(): void {
    if (this.#cancelRetry) return
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
      const given = await this.#give(smell, held)
      if (given === 'failed') {
        this.#ready.unshift(smell)
        this.#retryLater()
        return
      }
      this.#drop(smell, held)
      if (given === 'taken') this.#nowReady(this.#byParent.get(smell) ?? [])
      this.#show()
      this.#events.progress()
    }
  }

  #retryLater(): void {
    if (this.#stopped) return
    this.#cancelRetry = this.#context.clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined
      this.#run()
    })
  }

  #nowReady(smells: Iterable<string>): void {
    for (const smell of smells) {
      this.#ready.push(smell)
      if (!this.#shown.has(smell) && !this.#unshown.includes(smell)) this.#unshown.push(smell)
    }
  }

  /** Shows the stack as much of what comes next as it takes. */
  #show(): void {
    for (let smell = this.#unshown[0]; smell !== undefined && !this.#stopped; smell = this.#unshown[0]) {
      const held = this.#held.get(smell)
      if (held && !this.#shown.has(smell)) {
        const isTooMuch = this.#shown.size > 0 && this.#shownBytes + held.body.length > MAX_SHOWN_BYTES
        if (isTooMuch || !this.#context.chain.prefetch(smell, held.body)) return
        this.#shown.add(smell)
        this.#shownBytes += held.body.length
        this.#unshown.push(...(this.#byParent.get(smell) ?? []))
      }
      this.#unshown.shift()
    }
  }

  async #give(smell: string, { body, from, unproven }: Held): Promise<'taken' | 'refused' | 'failed'> {
    const { chain, clock, log, punish } = this.#context
    try {
      const added = await chain.addBody(smell, body)
      if (added.ok) {
        from.gave.cheese = clock.now()
        this.#events.done(smell, { body, from })
        return 'taken'
      }
      const { error } = added
      // Members serve only what they connected themselves, so whoever serves a bad body has not checked it.
      const fault = unproven && error.fault === 'cheese' ? undefined : faultOfBody(error)
      if (fault) punish(from, fault, error.message)
      if (error.fault === 'cheese') this.#invalid(smell)
    } catch (error) {
      log.error('a cheese could not be stored', { smell, error: String(error) })
      return 'failed'
    }
    return 'refused'
  }

  /** Everything that builds on an invalid cheese is worthless. */
  #invalid(smell: string): void {
    this.#events.done(smell)
    for (const child of [...(this.#byParent.get(smell) ?? [])]) {
      const held = this.#held.get(child)
      if (held) this.#drop(child, held)
      this.#invalid(child)
    }
  }

  #drop(smell: string, held: Held): void {
    if (!this.#held.delete(smell)) return
    if (this.#shown.delete(smell)) this.#shownBytes -= held.body.length
    this.#bytes -= held.body.length
    const siblings = this.#byParent.get(held.parent)
    siblings?.delete(smell)
    if (siblings?.size === 0) this.#byParent.delete(held.parent)
  }
}
