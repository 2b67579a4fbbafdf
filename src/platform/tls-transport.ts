import { createHash } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import { type ConnectionOptions, createServer, type TLSSocket, type TlsOptions, connect as tlsConnect } from 'node:tls'
import { isNetworkKey } from '../net/identity.ts'
import {
  type Connection,
  type ConnectionEvents,
  type Direction,
  formatHostPort,
  type HostPort,
  type Listener,
  type ListenOptions,
  type Transport,
  type TransportError,
  transportError,
} from '../net/transport.ts'
import type { Connect, Via } from '../tracker/post.ts'
import { toHex } from '../util/bytes.ts'
import { Emitter } from '../util/events.ts'
import { formatIp, isLoopback, parseIp } from '../util/ip.ts'
import { err, ok, type Result } from '../util/result.ts'
import { SocksError } from './socks.ts'

/** TLS of a stranger must be done within this time. */
const HANDSHAKE_MS = 10_000
/** `send` says false above this many waiting bytes. */
const HIGH_WATER = 1_048_576
/** Connections that came in, those in the middle of TLS among them: members have far fewer, but strangers may open as many as they like. */
const MAX_CONNECTIONS = 256
/** Of these one address may hold so many (this machine as many as it likes): the rest of the world must get in, too. */
const MAX_PER_HOST = 32
/** What was sent before `close` has this long to leave. */
const FLUSH_MS = 2_000

/**
 * TLS 1.3 over TCP, both sides with a self-signed P-256 certificate that nobody but we check: a member *is* its key.
 * Sessions are never resumed, since a resumed one shows no certificate.
 * @param identity key and certificate as PEM, and the id that goes with them
 * @param limits.perHost connections that one address may hold; 32, but any number from this machine, when left out
 * @param limits.via what opens the connection to an address, for those that are not dialled directly
 */
export function tlsTransport(
  identity: { readonly memberId: string; readonly keyPem: string; readonly certificatePem: string },
  limits: { readonly perHost?: number; readonly via?: Via } = {},
): Transport {
  const perHost = (host: string) => limits.perHost ?? (isLoopback(parseIp(host) ?? new Uint8Array(4)) ? Number.POSITIVE_INFINITY : MAX_PER_HOST)
  const tls = {
    key: identity.keyPem,
    cert: identity.certificatePem,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    // Chains mean nothing here: the key is checked in `member`.
    rejectUnauthorized: false,
  } as const satisfies TlsOptions & ConnectionOptions
  return {
    memberId: identity.memberId,
    async listen(options) {
      const ours = { ...tls, requestCert: true, handshakeTimeout: HANDSHAKE_MS }
      const listening = await listen(ours, options, perHost)
      // `::` takes IPv4 too, where this machine knows IPv6 at all.
      return listening.ok || options.host !== '::' || listening.error.code !== 'bad-address'
        ? listening
        : listen(ours, { ...options, host: '0.0.0.0' }, perHost)
    },
    connect: (endpoint, options) => dial(tls, endpoint, options, limits.via?.(endpoint)),
  }
}

function listen(tls: TlsOptions, options: ListenOptions, perHost: (host: string) => number): Promise<Result<Listener, TransportError>> {
  return new Promise((resolve) => {
    const server = createServer(tls)
    server.maxConnections = MAX_CONNECTIONS
    const raw = new Map<Socket, string>()
    server.on('connection', (socket: Socket) => {
      // Asked before the costly part: TLS begins only after this event.
      const host = cleanHost(socket.remoteAddress)
      const held = [...raw.values()].filter((other) => other === host).length
      if (held >= perHost(host) || !options.admit(host)) return void socket.destroy()
      raw.set(socket, host)
      socket.once('close', () => raw.delete(socket))
    })
    server.on('secureConnection', (socket) => {
      socket.on('error', () => undefined)
      const id = memberOf(socket)
      const host = cleanHost(socket.remoteAddress)
      if (!id || host === '') return void socket.destroy()
      options.onConnection(new TlsConnection(socket, 'in', id, { host, port: socket.remotePort ?? 0 }))
    })
    server.on('tlsClientError', (_error, socket) => socket.destroy())
    server.once('error', (error) => resolve(err(listenError(error, options))))
    server.listen({ host: options.host, port: options.port, exclusive: true }, () => {
      server.on('error', () => undefined)
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : options.port
      resolve(
        ok({
          endpoint: { host: options.host, port },
          close: () =>
            new Promise<void>((done) => {
              // Waits for no connection: those that are members' are ended by their owner.
              server.close(() => done())
              setTimeout(() => {
                for (const socket of raw.keys()) socket.destroy()
              }, FLUSH_MS).unref()
            }),
        }),
      )
    })
  })
}

function dial(
  tls: ConnectionOptions,
  endpoint: HostPort,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  connect: Connect | undefined,
): Promise<Result<Connection, TransportError>> {
  const name = formatHostPort(endpoint)
  return new Promise((resolve) => {
    let settled = false
    let socket: TLSSocket | undefined
    const settle = (result: Result<Connection, TransportError>) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', abort)
      if (!result.ok) socket?.destroy()
      resolve(result)
    }
    const abort = () => settle(err(transportError('aborted', `Dialling ${name} was called off.`)))
    const timer = setTimeout(
      () => settle(err(transportError('timeout', `${name} did not answer in time: check the address, and that it can be reached from here.`))),
      options.timeoutMs,
    )
    const begin = (where: ConnectionOptions, remote: (secured: TLSSocket) => string) => {
      const secured = tlsConnect({ ...tls, ...where })
      socket = secured
      secured.on('error', (error) => settle(err(dialError(error, name))))
      secured.once('close', () => settle(err(transportError('refused', `${name} hung up before it showed who it is.`))))
      secured.once('secureConnect', () => {
        const id = memberOf(secured)
        if (!id) return settle(err(transportError('not-a-member', `What answers at ${name} is not a member of any cheese stack.`)))
        settle(ok(new TlsConnection(secured, 'out', id, { host: remote(secured) || endpoint.host, port: endpoint.port })))
      })
    }
    if (options.signal?.aborted) return abort()
    options.signal?.addEventListener('abort', abort, { once: true })
    if (!connect) {
      begin({ host: endpoint.host, port: endpoint.port, ...(isIP(endpoint.host) ? { servername: '' } : {}) }, (secured) => cleanHost(secured.remoteAddress))
      return
    }
    // Behind a proxy the other end of the connection is the proxy; the name is told to nobody on the way.
    connect(endpoint, options).then(
      (opened) => (settled ? opened.destroy() : begin({ socket: opened, servername: '' }, () => cleanHost(endpoint.host))),
      (error: Error) => settle(err(error instanceof SocksError ? transportError(error.code, error.message) : dialError(error, name))),
    )
  })
}

/** The id of the far end, or undefined when its key is not of the one form that members use. */
function memberOf(socket: TLSSocket): string | undefined {
  if (socket.getProtocol() !== 'TLSv1.3' || socket.isSessionReused()) return undefined
  try {
    const spki = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' })
    if (!spki || !isNetworkKey(spki)) return undefined
    return toHex(createHash('sha256').update(spki).digest())
  } catch {
    return undefined
  }
}

/** An IP address in its one form: no zone, mapped IPv4 as IPv4. */
function cleanHost(address: string | undefined): string {
  const ip = parseIp((address ?? '').replace(/%.*$/, ''))
  return ip ? formatIp(ip) : ''
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : ''
}

function listenError(error: Error, at: HostPort): TransportError {
  const name = formatHostPort(at)
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return transportError('port-in-use', `Port ${at.port} is in use on this machine: choose another port, or end the program that holds it.`)
    case 'EACCES':
    case 'EPERM':
      return transportError('permission', `This user may not listen at ${name}: choose a port of 1024 or above.`)
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return transportError('bad-address', `${at.host} is not an address of this machine: listen at one of its own, for example 0.0.0.0.`)
    default:
      return transportError('failed', `Could not listen at ${name}: ${error.message}`)
  }
}

function dialError(error: Error, name: string): TransportError {
  const code = codeOf(error)
  switch (code) {
    case 'ECONNREFUSED':
      return transportError('refused', `Nothing listens at ${name}: check the address, and that the member runs.`)
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return transportError('unreachable', `The name in ${name} could not be looked up: check how it is written, and the connection to the internet.`)
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
      return transportError('unreachable', `${name} cannot be reached from here: check the address and the connection to the internet.`)
    case 'ECONNRESET':
    case 'EPIPE':
      return transportError('refused', `${name} hung up before it showed who it is.`)
    case 'ETIMEDOUT':
      return transportError('timeout', `${name} did not answer in time: check the address, and that it can be reached from here.`)
    default:
      if (/SSL|TLS|EPROTO|CERT/i.test(`${code} ${error.message}`))
        return transportError('not-a-member', `What answers at ${name} is not a member of any cheese stack.`)
      return transportError('failed', `${name} could not be dialled: ${error.message}`)
  }
}

class TlsConnection implements Connection {
  readonly remoteId: string
  readonly remote: HostPort
  readonly direction: Direction
  readonly events = new Emitter<ConnectionEvents>()
  bytesIn = 0
  bytesOut = 0
  readonly #socket: TLSSocket
  #closed = false
  #full = false
  #reason = 'the other side closed the connection'

  constructor(socket: TLSSocket, direction: Direction, remoteId: string, remote: HostPort) {
    this.#socket = socket
    this.direction = direction
    this.remoteId = remoteId
    this.remote = remote
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    socket.pause()
    socket.on('data', (chunk: Uint8Array) => {
      this.bytesIn += chunk.length
      if (!this.#closed) this.events.emit('data', chunk)
    })
    socket.on('drain', () => {
      this.#full = false
      if (!this.#closed) this.events.emit('drain', undefined)
    })
    socket.on('end', () => this.close('the other side closed the connection'))
    socket.on('error', (error) => {
      if (!this.#closed) this.#reason = error.message
    })
    socket.once('close', () => {
      this.#closed = true
      this.events.emit('close', this.#reason)
    })
  }

  get buffered(): number {
    return this.#socket.writableLength
  }

  send(bytes: Uint8Array): boolean {
    if (this.#closed || this.#socket.destroyed) return false
    this.bytesOut += bytes.length
    this.#socket.write(bytes)
    // Node's own mark is far too low for bodies of a megabyte; its `drain` comes all the same, when nothing waits any more.
    if (this.#socket.writableLength > HIGH_WATER) this.#full = true
    return !this.#full
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#reason = reason
    this.#socket.end()
    // A far end that reads no more, or never ends its side, is not waited for.
    this.#socket.resume()
    const timer = setTimeout(() => this.#socket.destroy(), FLUSH_MS)
    timer.unref()
    this.#socket.once('close', () => clearTimeout(timer))
  }
}
