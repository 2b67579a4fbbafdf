import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { httpFace, MAX_BODY_BYTES, pathOf } from '../api/carriers/http.ts'
import { serveWebSocket } from '../api/carriers/web-socket.ts'
import { Failure } from '../api/errors.ts'
import { SOCKET_PROTOCOL } from '../api/host.ts'
import { createRouter } from '../api/router.ts'
import type { MemberService } from '../api/service.ts'
import { isLoopback, parseHostPort, parseIp } from '../util/ip.ts'
import type { Logger } from '../util/ports.ts'
import { Access } from './access.ts'
import { type ApiFile, removeApiFile, writeApiFile } from './api-file.ts'
import { PageFiles } from './page-files.ts'
import { pageHeaders } from './page-policy.ts'

export interface ServerOptions {
  readonly service: MemberService
  /** `HOST:PORT` on this machine's loopback; port 0 picks a free one. */
  readonly listen: string
  readonly version: string
  /** Where `api.json` is left for the command line. */
  readonly dataDir: string
  readonly log: Logger
  /** The folder of the built page, when it is to be served too. */
  readonly page?: string
}

export interface MemberServer {
  /** `HOST:PORT` as bound. */
  readonly endpoint: string
  /** The link that opens the page, good for one browser; null when no page is served. */
  readonly link: string | null
  /** Lets running calls end, hangs up on the rest, takes `api.json` away. */
  close(): Promise<void>
}

/** How long running calls may take to end when the server closes, milliseconds. */
const GRACE_MS = 2000

/** The address to bind for `listen`; throws a `Failure` for one that others could reach. */
function loopback(listen: string): { readonly host: string; readonly port: number } {
  const parsed = parseHostPort(listen)
  if (!parsed.ok) throw new Failure('BAD_INPUT', parsed.error)
  const host = parsed.value.host === 'localhost' ? '127.0.0.1' : parsed.value.host
  const ip = parseIp(host)
  if (!ip || !isLoopback(ip)) {
    throw new Failure(
      'BAD_INPUT',
      `The control API listens on this machine alone, not at ${listen}: use 127.0.0.1:PORT, and reach it from elsewhere through an SSH tunnel (ssh -L).`,
    )
  }
  return { host, port: parsed.value.port }
}

/**
 * Opens the loopback face of a member: the control API and, if asked, the page.
 * Throws a `Failure`: BAD_INPUT (not a loopback address), PORT_IN_USE.
 */
export async function openServer(options: ServerOptions): Promise<MemberServer> {
  const { host, port } = loopback(options.listen)
  const page = options.page === undefined ? undefined : await PageFiles.open(options.page)
  const http = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, connectionsCheckingInterval: 2_000, maxHeaderSize: 16 * 1024 })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen(port, host, resolve)
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error
    throw new Failure(
      'PORT_IN_USE',
      `The control API cannot listen at ${options.listen}: the port is taken by another program, or kept for the system. Choose another one (0 picks a free one).`,
    )
  })
  const urlHost = host.includes(':') ? `[${host}]` : host
  const endpoint = `${urlHost}:${(http.address() as AddressInfo).port}`
  const access = new Access(urlHost, (http.address() as AddressInfo).port)
  const router = createRouter(options.service, options.log)
  const face = httpFace(router, options.version)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY_BYTES, perMessageDeflate: false, handleProtocols: () => SOCKET_PROTOCOL })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = pageHeaders([`ws://${request.headers.host}`])
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.setHeader('cache-control', 'no-store')
    const refusal = refuse(request, access)
    if (refusal) return end(response, ...refusal)
    const path = pathOf(request)
    if (path === '/api' || path.startsWith('/api/')) {
      // The router takes any method but GET for a call that may change something, HEAD among them.
      const changes = request.method !== 'GET'
      if (!access.caller(request.headers, changes))
        return end(response, 401, 'UNAUTHORIZED', 'Show the token of api.json (Authorization: Bearer …), or open a fresh link to the page.')
      if (await face(request, response)) return
    } else if (page && path === '/session' && request.method === 'POST') return redeem(request, response, access)
    else if (page && (request.method === 'GET' || request.method === 'HEAD')) {
      const file = await page.read(path)
      if (file) {
        response.writeHead(200, { 'content-type': file.type, 'cache-control': file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache' })
        return void response.end(request.method === 'HEAD' ? undefined : file.bytes)
      }
    }
    return end(response, 404, 'NOT_FOUND', 'There is nothing here.')
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // From here on the socket is ours alone: a caller that breaks off must not end the member.
    socket.on('error', (error) => options.log.debug('a caller broke off', { error }))
    const fits = refuse(request, access) === undefined && request.url === '/api/ws' && access.caller(request.headers, true) !== undefined
    if (!fits) return void socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', () => socket.destroy())
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', (error) => options.log.debug('a page broke off', { error }))
      serveWebSocket(router, ws)
    })
  }

  http.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      options.log.error('the control API failed', { error })
      if (!response.headersSent) end(response, 500, 'INTERNAL_SERVER_ERROR', 'Something went wrong; the log of the member says what.')
      else response.destroy()
    })
  })
  http.on('upgrade', upgrade)

  const file: ApiFile = { endpoint, token: access.token, pid: process.pid }
  await writeApiFile(options.dataDir, file).catch((error: unknown) => {
    http.close()
    throw error
  })
  return {
    endpoint,
    link: page ? `http://${endpoint}/#code=${access.issueCode()}` : null,
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()))
      for (const socket of sockets.clients) socket.close(1001)
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
        http.closeAllConnections()
      }, GRACE_MS)
      http.closeIdleConnections()
      await closed
      clearTimeout(timer)
      await removeApiFile(options.dataDir, file)
    },
  }
}

type Refusal = readonly [status: number, code: string, message: string]

function refuse(request: IncomingMessage, access: Access): Refusal | undefined {
  if (!access.hostFits(request.headers)) return [421, 'MISDIRECTED_REQUEST', 'This member does not go by that name: use 127.0.0.1 or localhost.']
  if (!access.originFits(request.headers)) return [403, 'FORBIDDEN', 'Pages of other sites may not talk to this member.']
  return undefined
}

function end(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' }).end(JSON.stringify({ code, message }))
}

/** The one-time code in the body of a `POST /session`; undefined when there is none of a sane size. */
async function codeIn(request: IncomingMessage): Promise<string | undefined> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > 1024) return undefined
  }
  try {
    const { code } = JSON.parse(text) as { code?: unknown }
    return typeof code === 'string' ? code : undefined
  } catch {
    return undefined
  }
}

async function redeem(request: IncomingMessage, response: ServerResponse, access: Access): Promise<void> {
  const code = request.headers.origin === undefined ? undefined : await codeIn(request)
  const bought = code === undefined ? undefined : access.redeem(code)
  if (!bought) return end(response, 403, 'FORBIDDEN', 'That link was used before or is of an earlier run: open a fresh one.')
  response.writeHead(200, { 'set-cookie': bought.cookie, 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify({ key: bought.key }))
}
