import { Failure } from '../api/errors.ts'
import type { HostedTracker, JoinedTracker } from '../api/schemas.ts'
import type { MemberService } from '../api/service.ts'
import type { Params } from '../consensus/params.ts'
import type { Identity, NetworkVerifier } from '../net/identity.ts'
import { probe } from '../net/probe.ts'
import type { Transport } from '../net/transport.ts'
import { TrackerClient } from '../tracker/client.ts'
import type { Self } from '../tracker/link.ts'
import { openTrackerServer, type TrackerServer } from '../tracker/server.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { SerialQueue } from '../util/queue.ts'
import type { MemberSettings } from './settings.ts'

/** Dialling a member back takes no longer. */
const DIAL_BACK_MS = 8_000
/** Goodbyes to trackers at quit take no longer. */
const GOODBYE_MS = 2_000

export interface TrackersDeps {
  readonly self: Self
  readonly identity: Identity
  readonly transport: Transport
  readonly params: Params
  readonly settings: MemberSettings
  readonly verifier: NetworkVerifier
  readonly version: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Called when anything that `status` shows has changed. */
  readonly changed: () => void
}

/** The tracker that this member hosts, and those that it has joined. */
export class Trackers {
  readonly client: TrackerClient
  readonly #deps: TrackersDeps
  readonly #queue = new SerialQueue()
  #server: TrackerServer | undefined

  constructor(deps: TrackersDeps) {
    this.#deps = deps
    const { self, params, clock, random, log, verifier } = deps
    this.client = new TrackerClient({ self, params, clock, random, log: log.child('tracker'), verifier })
    this.client.events.on('state', deps.changed)
  }

  /** Joins the trackers of the command line and those that were joined before; hosts again what was hosted. Problems are returned as sentences. */
  async start(urls: readonly string[]): Promise<string[]> {
    const { settings, log } = this.#deps
    const problems: string[] = []
    for (const url of [...urls, ...settings.values.trackers]) {
      const joined = this.client.join(url)
      if (!joined.ok && urls.includes(url)) throw new Failure('BAD_INPUT', joined.error)
    }
    const { hosting } = settings.values
    if (hosting !== null) {
      await this.#host(hosting).catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        log.warn('the tracker could not be hosted again', { error: message })
        problems.push(`Your tracker is not running. ${message}`)
      })
    }
    return problems
  }

  get hosting(): string | null {
    return this.#server?.listen ?? null
  }

  joined(): JoinedTracker[] {
    return this.client.states().map((state) => ({ ...state }))
  }

  readonly service: MemberService['tracker'] = {
    status: async () => ({ hosting: this.#server ? this.#view(this.#server) : null, joined: this.joined() }),
    host: async ({ listen }) => {
      const server = await this.#queue.run(async () => {
        if (this.#server) throw new Failure('BUSY', `A tracker is hosted already, at ${this.#server.listen}: stop it first.`)
        return this.#host(listen)
      })
      await this.#deps.settings.change({ hosting: listen })
      return this.#view(server)
    },
    unhost: async () => {
      await this.#queue.run(() => this.#unhost())
      await this.#deps.settings.change({ hosting: null })
      return { stopped: true }
    },
    join: async ({ url }) => {
      const joined = this.client.join(url)
      if (!joined.ok) throw new Failure('BAD_INPUT', joined.error)
      const { settings } = this.#deps
      if (!settings.values.trackers.includes(joined.value)) await settings.change({ trackers: [...settings.values.trackers, joined.value] })
      const state = this.client.states().find((tracker) => tracker.url === joined.value)
      if (!state) throw new Error('bug: a tracker that was joined has no state')
      return { ...state }
    },
    leave: async ({ url }) => {
      const { settings } = this.#deps
      const known = this.client.states().find((tracker) => tracker.url === url)
      if (!known) throw new Failure('NOT_FOUND', `This member has not joined ${url}. See the list of trackers for those it has.`)
      await settings.change({ trackers: settings.values.trackers.filter((kept) => kept !== url) })
      await this.client.leave(url, GOODBYE_MS)
      return { left: true }
    },
  }

  /** Says goodbye to the trackers joined, and stops the one hosted (which is hosted again at the next start). */
  async close(): Promise<void> {
    await this.client.close(GOODBYE_MS)
    await this.#queue.run(() => this.#unhost())
  }

  async #host(listen: string): Promise<TrackerServer> {
    const { transport, clock, random, log, verifier, version, changed } = this.#deps
    const opened = await openTrackerServer({
      listen,
      clock,
      random,
      log: log.child('hosted tracker'),
      verifier,
      version,
      dialBack: ({ endpoint, blueSmell }) => probe({ transport, endpoint, blueSmell, timeoutMs: DIAL_BACK_MS, clock, random }),
    })
    if (!opened.ok)
      throw new Failure(opened.error.code === 'port-in-use' || opened.error.code === 'permission' ? 'PORT_IN_USE' : 'BAD_INPUT', opened.error.message)
    this.#server = opened.value
    opened.value.events.on('members', changed)
    // The host is a member too: it is in its own list from the start.
    const self = this.#selfUrl(opened.value)
    this.client.join(self)
    changed()
    return opened.value
  }

  async #unhost(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    await this.client.leave(this.#selfUrl(server), GOODBYE_MS)
    await server.close()
    this.#deps.changed()
  }

  #selfUrl(server: TrackerServer): string {
    const host = server.listen.slice(0, server.listen.lastIndexOf(':'))
    const own = host === '0.0.0.0' || host === '[::]' ? '127.0.0.1' : host
    return `http://${own}:${server.port}`
  }

  #view(server: TrackerServer): HostedTracker {
    const blue = this.#deps.params.blueSmellHex
    return {
      listen: server.listen,
      urls: server.urls(),
      members: server
        .members()
        .filter(({ blueSmell }) => blueSmell === blue)
        .map(({ blueSmell: _, reachable, ...member }) => ({ ...member, reachable: reachable === true })),
    }
  }
}
