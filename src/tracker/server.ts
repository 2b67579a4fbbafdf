import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { NetworkVerifier } from '../net/identity.ts'
import { Emitter } from '../util/events.ts'
import { formatEndpoint } from '../util/ip.ts'
import type { Clock, Logger, Random } from '../util/ports.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { DialBack } from './dial-back.ts'
import { createLimitedServer, jsonReply, type ListenError, listenAt, observedIp, type Reply, readBody, send } from './http.ts'
import { parseNetwork, paymentAddress } from './networks.ts'
import { peoplePage } from './page.ts'
import { MAX_ANNOUNCE_BYTES, type TrackerErrorCode } from './protocol.ts'
import { type Asker, TrackerService, type TrackerTuning } from './service.ts'
import { collectStats, prometheusText, type TrackerStats } from './stats.ts'
import { joinUrls } from './urls.ts'

export type { ListenError } from './http.ts'

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
  /** IP addresses of reverse proxies of ours, whose X-Forwarded-For is believed. */
  readonly proxies?: readonly string[]
  readonly tuning?: TrackerTuning
}

/** A member that is registered, for the window of whoever hosts the tracker. */
export interface RegisteredMember {
  readonly nickname: string
  readonly memberId: string
  /** Bech32m, or null for one that lists no payment address or is of an unknown network. */
  readonly address: string | null
  /** Hex of its network's blue smell. */
  readonly blueSmell: string
  readonly endpoint: string
  readonly reachable: boolean | null
  /** Unix seconds. */
  readonly lastSeen: number
  readonly height: number
  /** Its software, as it says. */
  readonly version: string
}

const STATUS: Readonly<Record<TrackerErrorCode, number>> = {
  'bad-request': 400,
  'bad-card': 400,
  'bad-signature': 403,
  'wrong-host': 403,
  'wrong-time': 403,
  replayed: 409,
  'old-card': 409,
  'too-large': 413,
  'too-many': 429,
  full: 503,
  'not-found': 404,
  'not-allowed': 405,
  failed: 500,
}

const SWEEP_MS = 1000
/** The window of the host is told of changes at most so often. */
const TELL_MS = 250

/** A tracker that runs. */
export class TrackerServer {
  readonly events = new Emitter<{ members: undefined }>()
  /** `HOST:PORT`, with the port chosen if 0 was asked for. */
  listen = ''
  readonly #options: TrackerServerOptions
  readonly #service: TrackerService
  readonly #server: Server
  readonly #proxies: ReadonlySet<string>
  readonly #openedAt: number
  #place = { host: '', port: 0 }
  #callOff: (() => void)[] = []
  #telling = false
  #closed = false

  private constructor(options: TrackerServerOptions) {
    this.#options = options
    this.#proxies = new Set(options.proxies ?? [])
    this.#service = new TrackerService({ ...options, verifier: options.verifier, hosts: options.hosts, tuning: options.tuning, onChange: () => this.#tell() })
    this.#server = createLimitedServer((request, response) => void this.#handle(request, response), this.#proxies)
    this.#openedAt = options.clock.now()
  }

  /** Starts one, or says why it cannot listen. */
  static async open(options: TrackerServerOptions): Promise<Result<TrackerServer, ListenError>> {
    const tracker = new TrackerServer(options)
    const place = await listenAt(tracker.#server, options.listen)
    if (!place.ok) return err(place.error)
    tracker.#place = place.value
    tracker.listen = `${place.value.host.includes(':') ? `[${place.value.host}]` : place.value.host}:${place.value.port}`
    tracker.#server.on('error', (error) => options.log.error('the tracker’s socket failed', { error }))
    tracker.#sweepLater()
    options.log.info('the tracker listens', { listen: tracker.listen })
    return ok(tracker)
  }

  get port(): number {
    return this.#place.port
  }

  /** Addresses that friends can join it by, best first: `http://HOST:PORT`. */
  urls(): string[] {
    return joinUrls(this.#place.host, this.#place.port)
  }

  /** Who is registered, latest first. */
  members(): RegisteredMember[] {
    return this.#service.registry.list().map((entry) => ({
      nickname: entry.card.nickname,
      memberId: entry.card.memberId,
      address: paymentAddress(entry.card.paymentKey, entry.network),
      blueSmell: entry.network,
      endpoint: formatEndpoint(entry.endpoint),
      reachable: entry.reachable,
      lastSeen: Math.floor(entry.lastSeen / 1000),
      height: entry.height,
      version: entry.card.software,
    }))
  }

  stats(): TrackerStats {
    const uptimeSeconds = Math.floor((this.#options.clock.now() - this.#openedAt) / 1000)
    const host = { version: this.#options.version, now: this.#service.now, uptimeSeconds }
    return collectStats(this.#service.registry, this.#service.counters, this.#service.dialBacks.counts, host)
  }

  /** Stops listening and drops every connection; what was registered is forgotten. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const callOff of this.#callOff) callOff()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  #sweepLater(): void {
    if (this.#closed) return
    this.#callOff[0] = this.#options.clock.after(SWEEP_MS, () => {
      this.#service.sweep()
      this.#sweepLater()
    })
  }

  #tell(): void {
    if (this.#telling || this.#closed) return
    this.#telling = true
    this.#callOff[1] = this.#options.clock.after(TELL_MS, () => {
      this.#telling = false
      this.events.emit('members', undefined)
    })
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(request, response, await this.#answer(request))
    } catch (error) {
      this.#options.log.error('a request failed', { error })
      send(request, response, this.#refuse('failed', 'The tracker made a mistake: try again later.'))
    }
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const url = parseUrl(request.url ?? '')
    const path = url?.pathname ?? ''
    const wanted = path === '/v1/announce' ? ['POST'] : ['GET', 'HEAD']
    if (path === '/healthz') return { status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' }
    const ip = observedIp(request, this.#proxies)
    if (!url || !ip) return this.#refuse('bad-request', 'This request cannot be understood.')
    if (!this.#service.mayAsk(ip)) return this.#refuse('too-many', 'Too many requests from this address: wait a minute.', { 'retry-after': '30' })
    if (!['/v1/announce', '/v1/members', '/stats.json', '/metrics', '/'].includes(path))
      return this.#refuse('not-found', 'There is nothing here: see docs/protocol-tracker.md.')
    if (!wanted.includes(request.method ?? '')) return this.#refuse('not-allowed', `Use ${wanted[0]} here.`, { allow: wanted.join(', ') })
    const asker = { ip, host: request.headers.host ?? '' }
    switch (path) {
      case '/v1/announce':
        return this.#announce(request, asker)
      case '/v1/members':
        return this.#members(url.searchParams)
      case '/stats.json':
        return jsonReply(200, this.stats())
      case '/metrics':
        return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: prometheusText(this.stats()) }
      default:
        return peoplePage(this.stats(), this.#service.registry.list(), asker.host)
    }
  }

  async #announce(request: IncomingMessage, asker: Asker): Promise<Reply> {
    const body = await readBody(request, MAX_ANNOUNCE_BYTES)
    if (body === 'too-large') return this.#refuse('too-large', `An announce has at most ${MAX_ANNOUNCE_BYTES} bytes.`)
    let json: unknown
    try {
      json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    } catch {
      return this.#refuse('bad-request', 'The body is not JSON.')
    }
    const answer = await this.#service.announce(json, asker)
    return answer.ok ? jsonReply(200, answer.value) : this.#refuse(answer.error.code, answer.error.message)
  }

  #members(query: URLSearchParams): Reply {
    const network = parseNetwork(query.get('network') ?? '')
    const limit = query.get('limit') ?? '50'
    const without = query.get('without') ?? undefined
    if (network === undefined) return this.#refuse('bad-request', 'Say which network: ?network=main, test, regtest or the hex of its blue cheese’s smell.')
    if (!/^[0-9]{1,4}$/.test(limit)) return this.#refuse('bad-request', 'limit is a whole number.')
    if (without !== undefined && !/^[0-9a-f]{64}$/.test(without)) return this.#refuse('bad-request', 'without is a member id: 64 hex digits.')
    return jsonReply(200, this.#service.members(network, Number(limit), without))
  }

  #refuse(code: TrackerErrorCode, message: string, headers: Readonly<Record<string, string>> = {}): Reply {
    this.#service.counters.refuse(code)
    return jsonReply(STATUS[code], { error: { code, message }, now: this.#service.now }, headers)
  }
}

function parseUrl(path: string): URL | undefined {
  try {
    return new URL(path, 'http://tracker')
  } catch {
    return undefined
  }
}

/** Opens a tracker: `TrackerServer.open`. */
export function openTrackerServer(options: TrackerServerOptions): Promise<Result<TrackerServer, ListenError>> {
  return TrackerServer.open(options)
}
