import type { IncomingMessage } from 'node:http'
import { listingJson } from './answer-json.ts'
import { asciiReply, jsonReply, type Reply, readBody } from './http.ts'
import { parseNetwork } from './networks.ts'
import { MAX_ANNOUNCE_BYTES, type TrackerErrorCode } from './protocol.ts'
import type { Asker, TrackerService } from './service.ts'
import { prometheusText, type StoreState, type TrackerStats } from './stats.ts'

/** What each path of a tracker answers. */

const STATUS: Readonly<Record<TrackerErrorCode, number>> = {
  'bad-request': 400,
  'bad-card': 400,
  'bad-signature': 403,
  'wrong-host': 403,
  'wrong-time': 403,
  replayed: 409,
  'old-card': 409,
  'no-session': 409,
  'not-admitted': 403,
  'too-large': 413,
  'too-many': 429,
  full: 503,
  'not-found': 404,
  'not-allowed': 405,
  failed: 500,
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

const PATHS: Readonly<Record<string, readonly string[]>> = {
  '/v1/announce': ['POST'],
  '/v1/members': ['GET', 'HEAD'],
  '/stats.json': ['GET', 'HEAD'],
  '/metrics': ['GET', 'HEAD'],
  '/': ['GET', 'HEAD'],
}

export interface RoutesOptions {
  readonly service: TrackerService
  readonly stats: () => Promise<TrackerStats>
  readonly page: (host: string) => Promise<Reply>
  readonly store: () => StoreState
}

export class Routes {
  readonly #options: RoutesOptions

  constructor(options: RoutesOptions) {
    this.#options = options
  }

  /** @param ip where the request comes from; undefined when it cannot be told */
  async answer(request: IncomingMessage, ip: Asker['ip'] | undefined): Promise<Reply> {
    const { service } = this.#options
    const url = parseUrl(request.url ?? '')
    const path = url?.pathname ?? ''
    if (path === '/healthz') return this.#health()
    if (!url || !ip) return this.refuse('bad-request', 'This request cannot be understood.')
    const away = service.turnedAway(ip)
    if (away === 'not-admitted') return this.refuse(away, 'This tracker does not serve your address.')
    if (away) return this.refuse(away, 'Too many requests from this address: wait a minute.', { 'retry-after': '30' })
    const wanted = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined
    if (!wanted) return this.refuse('not-found', 'There is nothing here: see docs/protocol-tracker.md.')
    if (!wanted.includes(request.method ?? '')) return this.refuse('not-allowed', `Use ${wanted[0]} here.`, { allow: wanted.join(', ') })
    const host = request.headers.host ?? ''
    switch (path) {
      case '/v1/announce':
        return this.#announce(request, { ip, host })
      case '/v1/members':
        return this.#members(url.searchParams)
      case '/stats.json':
        return jsonReply(200, await this.#options.stats())
      case '/metrics':
        return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: prometheusText(await this.#options.stats()) }
      default:
        return this.#options.page(host)
    }
  }

  refuse(code: TrackerErrorCode, message: string, headers: Readonly<Record<string, string>> = {}): Reply {
    const { service } = this.#options
    service.counters.refuse(code)
    return jsonReply(STATUS[code], { error: { code, message }, now: service.now }, headers)
  }

  /** 200 as long as announces are answered, also while the store is away. */
  #health(): Reply {
    const { up, error } = this.#options.store()
    return { status: 200, type: 'text/plain; charset=utf-8', body: up ? 'ok\n' : `degraded: ${error ?? 'the store does not answer'}\n` }
  }

  async #announce(request: IncomingMessage, asker: Asker): Promise<Reply> {
    const body = await readBody(request, MAX_ANNOUNCE_BYTES)
    if (body === 'too-large') return this.refuse('too-large', `An announce has at most ${MAX_ANNOUNCE_BYTES} bytes.`)
    let json: unknown
    try {
      json = JSON.parse(utf8.decode(body))
    } catch {
      return this.refuse('bad-request', 'The body is not JSON.')
    }
    const answer = await this.#options.service.announce(json, asker)
    return answer.ok ? asciiReply(listingJson(answer.value)) : this.refuse(answer.error.code, answer.error.message)
  }

  async #members(query: URLSearchParams): Promise<Reply> {
    const network = parseNetwork(query.get('network') ?? '')
    const limit = query.get('limit') ?? '50'
    const without = query.get('without') ?? undefined
    if (network === undefined) return this.refuse('bad-request', 'Say which network: ?network=main, test, regtest or the hex of its blue cheese’s smell.')
    if (!/^[0-9]{1,4}$/.test(limit)) return this.refuse('bad-request', 'limit is a whole number.')
    if (without !== undefined && !/^[0-9a-f]{64}$/.test(without)) return this.refuse('bad-request', 'without is a member id: 64 hex digits.')
    return asciiReply(listingJson(await this.#options.service.members(network, Number(limit), without)))
  }
}

function parseUrl(path: string): URL | undefined {
  try {
    return new URL(path, 'http://tracker')
  } catch {
    return undefined
  }
}
