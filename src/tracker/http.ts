import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type IpBytes, normalizeIp, parseHostPort, parseIp } from '../util/ip.ts'
import { err, ok, type Result } from '../util/result.ts'
import { addressKey } from './registry.ts'

/** Why a tracker cannot listen. The message says what happened and what to do. */
export interface ListenError {
  readonly code: 'port-in-use' | 'permission' | 'bad-address' | 'failed'
  readonly message: string
}

/** Most connections that one address may hold open. */
const MAX_CONNECTIONS_PER_ADDRESS = 32

/** A server with the limits that a service for strangers needs: times, sizes, connections. Not listening yet. */
export function createLimitedServer(handler: (request: IncomingMessage, response: ServerResponse) => void, unlimited: ReadonlySet<string>): Server {
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 8_192 },
    handler,
  )
  server.maxHeadersCount = 64
  server.maxConnections = 2_000
  server.maxRequestsPerSocket = 100
  const open = new Map<string, number>()
  server.on('connection', (socket) => {
    const ip = parseIp(bareIp(socket.remoteAddress))
    if (!ip || unlimited.has(bareIp(socket.remoteAddress))) return
    const key = addressKey(ip)
    const count = (open.get(key) ?? 0) + 1
    if (count > MAX_CONNECTIONS_PER_ADDRESS) {
      socket.destroy()
      return
    }
    open.set(key, count)
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1
      if (left > 0) open.set(key, left)
      else open.delete(key)
    })
  })
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    else socket.destroy()
  })
  return server
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

/**
 * Where a request comes from: the socket's far end, or, when that is a proxy of ours, the last address in X-Forwarded-For that is none.
 * undefined when it cannot be told.
 */
export function observedIp(request: IncomingMessage, proxies: ReadonlySet<string>): IpBytes | undefined {
  const direct = bareIp(request.socket.remoteAddress)
  const ip = parseIp(direct)
  if (!ip || !isProxy(direct, proxies)) return ip && normalizeIp(ip)
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  for (const part of forwarded.map((text) => text.trim()).reverse()) if (!isProxy(part, proxies)) return parseIp(part)
  return undefined
}

function isProxy(address: string, proxies: ReadonlySet<string>): boolean {
  return proxies.has(address) || proxies.has(address.replace(/^::ffff:/i, ''))
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
    request.once('end', () => resolve(new Uint8Array(Buffer.concat(parts))))
    request.once('close', () => resolve(undefined))
    request.once('error', () => resolve(undefined))
  })
}

const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A JSON answer. */
export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n`, headers }
}

/** Sends an answer, without its body to HEAD. Closes the connection where the request was not read to its end. */
export function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.headersSent || response.destroyed) return
  const body = Buffer.from(reply.body)
  const close = request.complete ? {} : { connection: 'close' }
  response.writeHead(reply.status, { ...COMMON_HEADERS, 'content-type': reply.type, 'content-length': body.length, ...close, ...reply.headers })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The CSP source of an inline style sheet. */
export function styleSource(css: string): string {
  return `'sha256-${createHash('sha256').update(css).digest('base64')}'`
}
