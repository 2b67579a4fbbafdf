import { type Endpoint, formatEndpoint, formatIp, isGlobal } from '../util/ip.ts'
import type { Clock, Logger } from '../util/ports.ts'
import type { MapFailure, MappedBy, PortMapper } from './port-mapping.ts'

/** Asked for; routers may give less. */
const LIFETIME_SECONDS = 3_600
/** Renewed at half of what was given, but not more often than that. */
const SHORTEST_RENEW_MS = 60_000
/** Each way of asking has so long. */
const LIMIT_MS: Readonly<Record<MappedBy, number>> = { pcp: 4_000, 'nat-pmp': 4_000, upnp: 10_000 }
/** After everything failed it is tried again so much later, twice as long each time. */
const FIRST_RETRY_MS = 60_000
const LAST_RETRY_MS = 3_600_000
/** A router that forgets all the time is believed so often. */
const LOST_EVERY_MS = 10_000
/** Goodbye to the router at quit takes no longer. */
const UNMAP_MS = 2_000

export interface MappingState {
  readonly state: 'off' | 'trying' | 'mapped' | 'failed'
  readonly by: MappedBy | null
  /** Where others can dial us, the router says; the first is for people. */
  readonly endpoints: readonly Endpoint[]
  /** Why there is none, and what to do. */
  readonly error: string | null
}

const OFF: MappingState = { state: 'off', by: null, endpoints: [], error: null }

export interface PortKeeperOptions {
  /** Tried in this order. */
  readonly mappers: readonly PortMapper[]
  readonly clock: Clock
  readonly log: Logger
  readonly onChange: () => void
}

/** Has the router hold a port open for as long as it is wanted: asked for, renewed, asked for anew when the router forgot, given back at the end. */
export class PortKeeper {
  readonly #options: PortKeeperOptions
  #state: MappingState = OFF
  #port: number | undefined
  /** What worked last is asked first. */
  #mapper: PortMapper | undefined
  #abort = new AbortController()
  #callOff = () => {}
  #endWatches: readonly (() => void)[] = []
  #failures = 0
  #lostAt = Number.NEGATIVE_INFINITY
  #work: Promise<void> = Promise.resolve()

  constructor(options: PortKeeperOptions) {
    this.#options = options
  }

  get state(): MappingState {
    return this.#state
  }

  /** Wants `port` mapped from now on, or none. Resolves when what was held before is given back. */
  async keep(port: number | undefined): Promise<void> {
    if (port === this.#port) return
    const [before, mapper] = [this.#port, this.#mapper]
    this.#port = port
    this.#mapper = undefined
    this.#callOff()
    this.#abort.abort()
    this.#abort = new AbortController()
    for (const end of this.#endWatches) end()
    this.#endWatches = []
    this.#set(port === undefined ? OFF : { ...OFF, state: 'trying' })
    if (port !== undefined) this.#endWatches = this.#options.mappers.map((one) => one.watch?.(() => this.#lost()) ?? (() => {}))
    // One after the other: what is given back late must not end what was asked for since.
    this.#work = this.#work.then(() => (before !== undefined && mapper ? this.#giveBack(mapper, before) : undefined))
    await this.#work
    if (port !== undefined && this.#port === port) this.again()
  }

  /** Asks now: the machine woke up, or is in another network. */
  again(): void {
    if (this.#port === undefined) return
    this.#failures = 0
    this.#callOff()
    const port = this.#port
    this.#work = this.#work.then(() => (this.#port === port ? this.#ask(port) : undefined))
  }

  /** Gives the port back. */
  async close(): Promise<void> {
    await this.keep(undefined)
  }

  #lost(): void {
    const now = this.#options.clock.now()
    if (now - this.#lostAt < LOST_EVERY_MS) return
    this.#lostAt = now
    this.#options.log.info('the router has forgotten what it was asked for')
    this.again()
  }

  async #ask(port: number): Promise<void> {
    const { mappers, clock, log } = this.#options
    const ordered = this.#mapper ? [this.#mapper, ...mappers.filter((one) => one !== this.#mapper)] : mappers
    const failures: MapFailure[] = []
    const { signal } = this.#abort
    for (const mapper of ordered) {
      const mapped = await this.#try(mapper, port, signal)
      if (signal.aborted) return
      if (!mapped.ok) {
        failures.push(mapped.error)
        log.debug('the router was asked in vain', { by: mapper.by, why: mapped.error.message })
        continue
      }
      const { endpoints, lifetime } = mapped.value
      this.#mapper = mapper
      this.#callOff = clock.after(Math.max(SHORTEST_RENEW_MS, lifetime * 500), () => this.again())
      const good = endpoints.filter(({ ip }) => isGlobal(ip))
      const [first] = endpoints
      if (good.length > 0) {
        if (this.#state.state !== 'mapped') log.info('the router lets others in', { by: mapper.by, at: good.map(formatEndpoint) })
        this.#set({ state: 'mapped', by: mapper.by, endpoints: good, error: null })
      } else
        this.#set({
          ...OFF,
          state: 'failed',
          by: mapper.by,
          error: first ? behindAnother(first) : 'Your router has no address of its own: is it connected to the internet?',
        })
      return
    }
    this.#mapper = undefined
    const refusal = failures.find(({ code }) => code === 'refused')
    this.#set({
      ...OFF,
      state: 'failed',
      error: refusal?.message ?? 'Your router answers neither PCP nor NAT-PMP nor UPnP: they may be switched off in its settings.',
    })
    this.#callOff = clock.after(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++), () => {
      const before = this.#failures
      this.again()
      this.#failures = before
    })
  }

  async #try(mapper: PortMapper, port: number, stop: AbortSignal): ReturnType<PortMapper['map']> {
    const abort = new AbortController()
    const end = () => abort.abort()
    const callOff = this.#options.clock.after(LIMIT_MS[mapper.by], end)
    stop.addEventListener('abort', end, { once: true })
    if (stop.aborted) end()
    try {
      return await mapper.map(port, LIFETIME_SECONDS, abort.signal)
    } catch (error) {
      return { ok: false, error: { code: 'silent', message: String(error) } }
    } finally {
      callOff()
      stop.removeEventListener('abort', end)
    }
  }

  async #giveBack(mapper: PortMapper, port: number): Promise<void> {
    const abort = new AbortController()
    const callOff = this.#options.clock.after(UNMAP_MS, () => abort.abort())
    await mapper.unmap(port, abort.signal).catch(() => undefined)
    callOff()
  }

  #set(state: MappingState): void {
    this.#state = state
    this.#options.onChange()
  }
}

/** A router whose own address is none of the internet: nobody out there can dial it, whatever it promises. */
function behindAnother({ ip }: Endpoint): string {
  const shared = ip.length === 4 && ip[0] === 100 && ((ip[1] as number) & 0xc0) === 64
  const why = shared
    ? 'your internet provider has several customers share one address. Ask it for an address of your own, or for IPv6.'
    : 'it is behind a second router. Open the port on that one as well, or let it pass everything on to the first.'
  return `Your router opened a port, but its own address (${formatIp(ip)}) is not one of the internet: ${why}`
}
