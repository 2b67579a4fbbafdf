import { createHash } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { type IpBytes, normalizeIp, parseHostPort, parseIp } from '../util/ip.ts'
import { err, ok, type Result } from '../util/result.ts'
import { addressKey, subnetKey } from './places.ts'

/** Why a tracker cannot listen. The message says what happened and what to do. */
export interface ListenError {
  readonly code: 'port-in-use' | 'permission' | 'bad-address' | 'failed'
  readonly message: string
}

/** How long things may take, milliseconds, and how many connections there may be. */
export interface HttpLimits {
  /** From the first byte of a request to the end of its headers, and to its end. */
  readonly headersMs: number
  readonly requestMs: number
  /** Between two requests of a connection. */
  readonly idleMs: number
  /** Without a byte in either direction, while something is due: whoever does not take its answer. */
  readonly silentMs: number
  readonly connections: number
  readonly perAddress: number
  readonly perSubnet: number
  /** Requests on one connection, after which it is closed. */
  readonly requests: number
}

export const HTTP_LIMITS: HttpLimits = {
  headersMs: 5_000,
  requestMs: 10_000,
  idleMs: 75_000,
  silentMs: 20_000,
  connections: 4_000,
  perAddress: 32,
  perSubnet: 256,
  requests: 1_000,
}

/** Certificate chain and key, PEM. */
export interface TlsFiles {
  readonly cert: Uint8Array
  readonly key: Uint8Array
}

/** A server with the limits that a service for strangers needs: times, sizes, connections. Not listening yet. Throws when `tls` is no certificate with its key. */
export function createLimitedServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  unlimited: (ip: IpBytes) => boolean,
  tls?: TlsFiles,
  limits: HttpLimits = HTTP_LIMITS,
): Server {
  const options: ServerOptions = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    maxHeaderSize: 8_192,
    noDelay: true,
  }
  const server = tls
    ? createHttpsServer({ ...options, ...pem(tls), minVersion: 'TLSv1.2', handshakeTimeout: limits.headersMs }, handler)
    : createHttpServer(options, handler)
  server.maxHeadersCount = 64
  server.maxRequestsPerSocket = limits.requests
  server.timeout = limits.silentMs
  boundConnections(server, unlimited, limits)
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    else socket.destroy()
  })
  return server
}

/** `cert` and `key` as node:tls takes them. */
export function pem(tls: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) }
}

function boundConnections(server: Server, unlimited: (ip: IpBytes) => boolean, limits: HttpLimits): void {
  const open = new Map<string, number>()
  let all = 0
  const change = (key: string, by: 1 | -1) => {
    const count = (open.get(key) ?? 0) + by
    if (count > 0) open.set(key, count)
    else open.delete(key)
  }
  server.on('connection', (socket: Socket) => {
    const seen = parseIp(bareIp(socket.remoteAddress))
    if (!seen) return socket.destroy()
    const ip = normalizeIp(seen)
    const keys = unlimited(ip) ? [] : [addressKey(ip), subnetKey(ip)]
    const [atAddress, inSubnet] = keys.map((key) => open.get(key) ?? 0)
    if ((atAddress ?? 0) >= limits.perAddress || (inSubnet ?? 0) >= limits.perSubnet) return socket.destroy()
    // Those that ask nothing make room for those that do.
    if (all >= limits.connections * 0.9) server.closeIdleConnections()
    if (all >= limits.connections) return socket.destroy()
    all++
    for (const key of keys) change(key, 1)
    socket.once('close', () => {
      all--
      for (const key of keys) change(key, -1)
    })
    return undefined
  })
}

/** Listens at `HOST:PORT`; gives the place with the port chosen, if 0 was asked for. */
export async function listenAt(server: Server, listen: string): Promise<Result<{ readonly host: string; readonly port: number }, ListenError>> {
  const parsed = parseHostPort(listen)
  if (!parsed.ok) return err({ code: 'bad-address', message: parsed.error })
  const { host, port } = parsed.value
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException) => resolve(err(listenError(error, listen, port)))
    server.once('error', onError)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', onError)
      const address = server.address()
      resolve(ok({ host, port: typeof address === 'object' && address ? address.port : port }))
    })
  })
}

function listenError(error: NodeJS.ErrnoException, listen: string, port: number): ListenError {
  switch (error.code) {
    case 'EADDRINUSE':
      return { code: 'port-in-use', message: `Port ${port} is in use by another program: quit that one, or choose another port for the tracker.` }
    case 'EACCES':
    case 'EPERM':
      return { code: 'permission', message: `This user may not listen at ${listen}: choose a port of 1024 or above.` }
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return { code: 'bad-address', message: `${listen} is not an address of this machine: use 0.0.0.0:${port} to listen on all of them.` }
    default:
      return { code: 'failed', message: `The tracker could not listen at ${listen}: ${error.message}.` }
  }
}

/** An address as node:net writes it, without its zone. */
function bareIp(address: string | undefined): string {
  return (address ?? '').replace(/%.*$/, '')
}

/** Most of an X-Forwarded-For that is looked at: our own proxies write its end. */
const MAX_HOPS = 16

/**
 * Where a request comes from: the socket's far end, or, when that is a proxy of ours, the last address in X-Forwarded-For that is none.
 * undefined when it cannot be told: what a proxy of ours put there is an address, or something is wrong.
 */
export function observedIp(
  request: Pick<IncomingMessage, 'headers'> & { readonly socket: Pick<Socket, 'remoteAddress'> },
  isProxy: (ip: IpBytes) => boolean,
): IpBytes | undefined {
  const seen = parseIp(bareIp(request.socket.remoteAddress))
  const direct = seen && normalizeIp(seen)
  if (!direct || !isProxy(direct)) return direct
  const hops = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  for (const hop of hops.slice(-MAX_HOPS).reverse()) {
    const ip = forwardedIp(hop.trim())
    if (!ip || !isProxy(ip)) return ip
  }
  return undefined
}

/** An address as proxies write it: bare, or (some of them) with brackets and a port. */
function forwardedIp(text: string): IpBytes | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5})$/.exec(text)
  const ip = parseIp(match?.[1] ?? match?.[2] ?? text)
  return ip && normalizeIp(ip)
}

/** The body of a request, or `too-large` as soon as it is longer than `max` (what comes after is thrown away); undefined when it was cut off. */
export function readBody(request: IncomingMessage, max: number): Promise<Uint8Array | 'too-large' | undefined> {
  return new Promise((resolve) => {
    if (Number(request.headers['content-length'] ?? 0) > max) resolve('too-large')
    let parts: Buffer[] = []
    let length = 0
    request.on('data', (part: Buffer) => {
      length += part.length
      if (length <= max) parts.push(part)
      else {
        parts = []
        resolve('too-large')
      }
    })
    request.once('end', () => resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)))
    request.once('close', () => resolve(undefined))
    request.once('error', () => resolve(undefined))
  })
}

const JSON_TYPE = 'application/json; charset=utf-8'
const COMMON_HEADERS = [
  'cache-control',
  'no-store',
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'no-referrer',
  'cross-origin-resource-policy',
  'same-origin',
]
const STRICT_POLICY = "default-src 'none'; frame-ancestors 'none'"

export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
  /** The body is ASCII alone: it is sent without being looked through. */
  readonly ascii?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

/** A JSON answer. */
export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(value)}\n`, headers }
}

/** A good answer that is JSON already, of ASCII alone. */
export function asciiReply(body: string): Reply {
  return { status: 200, type: JSON_TYPE, body, ascii: true }
}

/** Sends an answer, without its body to HEAD. Closes the connection where the request was not read to its end. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.headersSent || response.destroyed) return
  const { body, ascii = false } = reply
  const headers = [...COMMON_HEADERS, 'content-type', reply.type, 'content-length', String(ascii ? body.length : Buffer.byteLength(body))]
  if (!request.complete) headers.push('connection', 'close')
  const { 'content-security-policy': policy = STRICT_POLICY, ...more } = reply.headers ?? {}
  headers.push('content-security-policy', policy)
  for (const [name, value] of Object.entries(more)) headers.push(name, value)
  response.writeHead(reply.status, headers)
  if (request.method === 'HEAD') response.end()
  // Head and body go out as one text.
  else response.end(body, ascii ? 'latin1' : 'utf8')
}

/** The CSP source of an inline style sheet. */
export function styleSource(css: string): string {
  return `'sha256-${createHash('sha256').update(css).digest('base64')}'`
}
