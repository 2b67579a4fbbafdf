import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { NetworkVerifier } from '../net/identity.ts'
import { Emitter } from '../util/events.ts'
import type { Files } from '../util/files.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import { Details, type RegisteredMember } from './details.ts'
import type { DialBack } from './dial-back.ts'
import { History } from './history.ts'
import { createLimitedServer, type HttpLimits, type ListenError, listenAt, observedIp, pem, send } from './http.ts'
import { peoplePage } from './page.ts'
import { type IpRange, IpRanges, parseRange } from './places.ts'
import { Registry } from './registry.ts'
import { Routes } from './routes.ts'
import { TrackerService, type TrackerTuning, tableLimits } from './service.ts'
import { Snapshots } from './snapshot.ts'
import { collectStats, type StoreState, type TrackerStats } from './stats.ts'
import type { MemberTable, NetworkCount } from './table.ts'
import { joinUrls } from './urls.ts'
import { WatchedFiles } from './watched.ts'

export type { RegisteredMember } from './details.ts'
export type { ListenError } from './http.ts'

/** A table that other trackers share, and how it is. Opened by whoever opens the tracker. */
export interface SharedTable extends MemberTable {
  readonly state: StoreState
  close(): Promise<void>
}

export interface TrackerServerOptions {
  /** `HOST:PORT`; port 0 picks a free one. */
  readonly listen: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Dials members back: net/probe.ts. */
  readonly dialBack: DialBack
  /** Version of the software, shown in statistics. */
  readonly version: string
  /** A faster verifier of network signatures (platform/network-verify.ts). */
  readonly verifier?: NetworkVerifier
  /** The `HOST:PORT`s by which this tracker is known, as members type them; announces for any other are refused. Left out: whatever the request's `Host` says. */
  readonly hosts?: readonly string[]
  /** Addresses and ranges of reverse proxies of ours, whose X-Forwarded-For is believed. */
  readonly proxies?: readonly string[]
  /** Ranges, or files of ranges: who is served alone, and who is not. Files are looked at again while it runs. */
  readonly allow?: readonly string[]
  readonly block?: readonly string[]
  /** Names of PEM files with the certificate chain and its key: then it speaks https alone. Looked at again while it runs. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** The machine's files; needed for lists, certificate and folder. */
  readonly files?: Files
  /** Where its table is kept over a restart; left out: nowhere. */
  readonly folder?: string
  /** Makes the table that is shared with other trackers around this one's own; left out: its own alone. */
  readonly shared?: (own: Registry) => SharedTable
  readonly tuning?: TrackerTuning
  readonly http?: HttpLimits
}

const SWEEP_MS = 1000
/** Files are looked at again so often. */
const LOOK_MS = 30_000
/** The window of the host is told of changes at most so often; a long list more seldom. */
const TELL_MS = 250
const TELL_LONG_MS = 2_000
/** A list longer than this is long, and a window, which asks at each change, is not given more: it helps nobody. */
const LONG_LIST = 500
/** Members that the page shows of each network. */
const SHOWN = 200
const SHOWN_NETWORKS = 6

const NO_FILES: Files = { read: async () => undefined, write: async () => undefined, remove: async () => undefined, list: async () => [] }

/** A tracker that runs. */
export class TrackerServer {
  readonly events = new Emitter<{ members: undefined }>()
  /** `HOST:PORT`, with the port chosen if 0 was asked for. */
  listen = ''
  readonly #options: TrackerServerOptions
  readonly #registry: Registry
  readonly #shared: SharedTable | undefined
  readonly #service: TrackerService
  readonly #history: History
  readonly #details = new Details()
  readonly #snapshots: Snapshots | undefined
  readonly #watched: WatchedFiles
  readonly #proxies: IpRanges
  readonly #routes: Routes
  readonly #openedAt: number
  #server: Server | undefined
  #place = { host: '', port: 0 }
  #callOff: (() => void)[] = []
  #counted: { readonly at: number; readonly counts: Promise<readonly NetworkCount[]> } | undefined
  #connections = 0
  #telling = false
  #lookAt = 0
  #closed = false

  private constructor(options: TrackerServerOptions, proxies: readonly IpRange[]) {
    const { clock, random, files = NO_FILES, folder, log } = options
    this.#options = options
    this.#proxies = new IpRanges(proxies)
    this.#registry = new Registry(clock, random, tableLimits(options.tuning))
    this.#shared = options.shared?.(this.#registry)
    this.#service = new TrackerService({ ...options, table: this.#shared ?? this.#registry, onChange: () => this.#tell() })
    this.#snapshots = folder === undefined || this.#shared ? undefined : new Snapshots({ files, path: `${folder}/members.snapshot`, clock, log })
    this.#watched = new WatchedFiles({ files, log, allow: options.allow, block: options.block, tls: options.tls })
    this.#routes = new Routes({ service: this.#service, stats: () => this.stats(), page: (host) => this.#page(host), store: () => this.#store })
    this.#openedAt = clock.now()
    this.#history = new History(this.#service.now)
  }

  /** Starts one, or says why it cannot listen. */
  static async open(options: TrackerServerOptions): Promise<Result<TrackerServer, ListenError>> {
    const proxies = (options.proxies ?? []).map(parseRange)
    if (proxies.includes(undefined)) return err({ code: 'bad-address', message: 'A proxy is an address, or a range such as 192.0.2.0/24.' })
    const tracker = new TrackerServer(options, proxies as IpRange[])
    const opened = await tracker.#open()
    if (opened.ok) return ok(tracker)
    await tracker.#shared?.close()
    return opened
  }

  async #open(): Promise<Result<void, ListenError>> {
    const { clock, listen, log, http } = this.#options
    const watched = await this.#watched.open()
    if (!watched.ok) return err({ code: 'bad-address', message: watched.error })
    this.#service.admit(watched.value.admission)
    let server: Server
    try {
      server = createLimitedServer(
        (request, response) => void this.#handle(request, response),
        (ip) => this.#proxies.has(ip),
        watched.value.tls,
        http,
      )
    } catch (error) {
      return err({ code: 'bad-address', message: `The certificate and its key cannot be used: ${error instanceof Error ? error.message : String(error)}.` })
    }
    const saved = await this.#snapshots?.load()
    if (saved) {
      this.#history.restore(saved.points)
      const count = this.#registry.restore(saved.entries, saved.gone)
      log.info('members listed before the restart are listed again', { count })
    }
    const place = await listenAt(server, listen)
    if (!place.ok) return err(place.error)
    this.#server = server
    this.#place = place.value
    this.listen = `${place.value.host.includes(':') ? `[${place.value.host}]` : place.value.host}:${place.value.port}`
    server.on('connection', (socket) => {
      this.#connections++
      socket.once('close', () => this.#connections--)
    })
    server.on('error', (error) => log.error('the tracker’s socket failed', { error }))
    this.#lookAt = clock.now() + LOOK_MS
    this.#sweepLater()
    log.info('the tracker listens', { listen: this.listen })
    return ok(undefined)
  }

  get port(): number {
    return this.#place.port
  }

  /** Addresses that friends can join it by, best first: `http://HOST:PORT`, or https. */
  urls(): string[] {
    const urls = joinUrls(this.#place.host, this.#place.port)
    return this.#options.tls ? urls.map((url) => url.replace(/^http:/, 'https:')) : urls
  }

  /** Who is registered (where the table is shared: who announced itself here), latest first, the first few hundred of each network. */
  members(): RegisteredMember[] {
    return this.#registry.networks().flatMap((network) => this.#registry.latest(network, LONG_LIST).map((entry) => this.#details.of(entry)))
  }

  /** How many of a network (hex of its blue smell) are registered here. */
  count(network: string): number {
    return this.#registry.count(network)
  }

  async stats(): Promise<TrackerStats> {
    const { version, clock } = this.#options
    const dialBacks = { ...this.#service.dialBacks.counts, pending: this.#service.dialBacks.pending }
    return collectStats(await this.#counts(), this.#service.counters, {
      version,
      now: this.#service.now,
      uptimeSeconds: Math.floor((clock.now() - this.#openedAt) / 1000),
      dialBacks,
      connections: this.#connections,
      store: this.#store,
    })
  }

  /** Looks at its files again now: lists and certificate. */
  async reload(): Promise<void> {
    this.#lookAt = this.#options.clock.now() + LOOK_MS
    await this.#watched.look({
      admission: (admission) => this.#service.admit(admission),
      tls: (tls) => {
        try {
          ;(this.#server as TlsServer | undefined)?.setSecureContext(pem(tls))
          this.#options.log.info('the certificate was read again')
        } catch (error) {
          this.#options.log.error('the certificate stays as it was: the new one does not fit its key', { error })
        }
      },
    })
  }

  /** Stops listening and drops every connection; keeps what is to be kept. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const callOff of this.#callOff) callOff()
    await new Promise<void>((resolve) => {
      if (!this.#server) return resolve()
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
    await this.#snapshots?.save(
      () => this.#registry.dump(),
      () => this.#history.points(this.#service.now),
    )
    await this.#shared?.close()
  }

  get #store(): StoreState {
    return this.#shared?.state ?? { kind: 'memory', up: true, error: null }
  }

  /** Counted at most once a second: whoever asks more often gets the same. */
  #counts(): Promise<readonly NetworkCount[]> {
    const now = this.#options.clock.now()
    if (this.#counted && Math.abs(now - this.#counted.at) < 1000 && this.#counted.at <= now) return this.#counted.counts
    const counts = Promise.resolve(this.#service.table.counts())
    this.#counted = { at: now, counts }
    return counts
  }

  async #page(host: string) {
    const stats = await this.stats()
    const shown = stats.networks.slice(0, SHOWN_NETWORKS)
    const members = await Promise.all(shown.map(async ({ blueSmell }) => this.#service.table.latest(blueSmell, SHOWN)))
    const networks = shown.map((network, i) => ({ ...network, latest: (members[i] ?? []).map((entry) => this.#details.of(entry)) }))
    return peoplePage({ stats, networks, points: this.#history.points(this.#service.now), host, secure: this.#options.tls !== undefined })
  }

  #sweepLater(): void {
    if (this.#closed) return
    this.#callOff[0] = this.#options.clock.after(SWEEP_MS, () => {
      this.#sweep().catch((error: unknown) => this.#options.log.error('the tracker could not tidy up', { error }))
      this.#sweepLater()
    })
  }

  async #sweep(): Promise<void> {
    const { clock } = this.#options
    const now = this.#service.now
    if (clock.now() >= this.#lookAt) void this.reload()
    await this.#service.sweep()
    if (this.#closed) return
    if (this.#history.isDue(now)) this.#history.note(now, await this.#counts(), this.#service.counters.announces)
    this.#snapshots?.saveNowAndThen(
      () => this.#registry.dump(),
      () => this.#history.points(now),
    )
  }

  #tell(): void {
    if (this.#telling || this.#closed) return
    this.#telling = true
    this.#callOff[1] = this.#options.clock.after(this.#registry.size > LONG_LIST ? TELL_LONG_MS : TELL_MS, () => {
      this.#telling = false
      this.events.emit('members', undefined)
    })
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(
        request,
        response,
        await this.#routes.answer(
          request,
          observedIp(request, (ip) => this.#proxies.has(ip)),
        ),
      )
    } catch (error) {
      this.#options.log.error('a request failed', { error })
      send(request, response, this.#routes.refuse('failed', 'The tracker made a mistake: try again later.'))
    }
  }
}

/** Opens a tracker: `TrackerServer.open`. */
export function openTrackerServer(options: TrackerServerOptions): Promise<Result<TrackerServer, ListenError>> {
  return TrackerServer.open(options)
}
