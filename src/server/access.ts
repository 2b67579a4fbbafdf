import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { KEY_PROTOCOL } from '../api/host.ts'

const secret = () => randomBytes(32).toString('base64url')

/** Whether `given` is `expected`, in a time that tells nothing about either. */
function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

export type Caller = 'token' | 'session'

/**
 * Who may call. A program shows the run's token; a browser trades the one-time code of its link for a cookie and a key. Nothing
 * of it outlives the run.
 *
 * Cookies do not tell ports apart: another user's server on this machine gets ours from a browser that visits it. So the page
 * must show its key too, which it keeps where only pages of our own port can read it.
 *
 * A page of another site can make a browser send requests here, also under a name of its own that it points at 127.0.0.1
 * (DNS rebinding): so `Host` must be ours, and `Origin`, where there is one, too.
 */
export class Access {
  readonly token = secret()
  readonly #session = secret()
  readonly #key = secret()
  readonly #hosts: ReadonlySet<string>
  readonly #cookie: string
  #code: string | undefined

  /** @param host the address that the server listens at, as in a URL (IPv6 in brackets) */
  constructor(host: string, port: number) {
    this.#hosts = new Set([`${host}:${port}`, `127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
    // Cookies do not tell ports apart: two members on one machine need two names.
    this.#cookie = `cheese-session-${port}`
  }

  /** Whether the request is addressed to us by a name that is ours. */
  hostFits(headers: IncomingHttpHeaders): boolean {
    return headers.host !== undefined && this.#hosts.has(headers.host.toLowerCase())
  }

  /** Whether the request comes from a page of ours, or from no page at all. */
  originFits(headers: IncomingHttpHeaders): boolean {
    return headers.origin === undefined || this.#ownOrigin(headers)
  }

  #ownOrigin(headers: IncomingHttpHeaders): boolean {
    return headers.origin === `http://${headers.host?.toLowerCase()}`
  }

  /**
   * Who makes this request, or undefined. A session counts for a request that changes nothing, or that says which page it comes
   * from: browsers do so for every other one.
   */
  caller(headers: IncomingHttpHeaders, changes: boolean): Caller | undefined {
    const bearer = /^Bearer ([\w-]+)$/.exec(headers.authorization ?? '')?.[1]
    if (bearer !== undefined) return same(bearer, this.token) ? 'token' : undefined
    const cookie = cookieOf(headers.cookie, this.#cookie)
    const key = keyOf(headers)
    if (cookie === undefined || key === undefined || !same(cookie, this.#session) || !same(key, this.#key)) return undefined
    if (this.#ownOrigin(headers)) return 'session'
    // Pages at other ports of this machine are of the same site, so their requests carry the cookie too; browsers say so.
    const site = headers['sec-fetch-site']
    const isOurs = site === undefined || site === 'same-origin' || site === 'none'
    return changes || !isOurs ? undefined : 'session'
  }

  /** A new one-time code; the one before is void. */
  issueCode(): string {
    this.#code = secret()
    return this.#code
  }

  /** What `code` buys, once: a `Set-Cookie` value and the page's key; undefined when it is not the code. */
  redeem(code: string): { readonly cookie: string; readonly key: string } | undefined {
    if (this.#code === undefined || !same(code, this.#code)) return undefined
    this.#code = undefined
    return { cookie: `${this.#cookie}=${this.#session}; Path=/api; HttpOnly; SameSite=Strict`, key: this.#key }
  }
}

/** The page's key: in a header of its own, or among the subprotocols of a WebSocket, whose headers a page cannot choose. */
function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const header = headers['x-cheese-key']
  if (typeof header === 'string') return header
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim())
  return offered?.find((name) => name.startsWith(KEY_PROTOCOL))?.slice(KEY_PROTOCOL.length)
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=')
    if (part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return undefined
}
