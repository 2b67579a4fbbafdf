import { randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import { SocksClient } from 'socks'
import { formatHostPort, type HostPort, type TransportErrorCode } from '../net/transport.ts'
import type { Connect, Via } from '../tracker/post.ts'
import { isLoopback, parseIp } from '../util/ip.ts'

/** Why there is no way through the proxy; `proxy`: it is the proxy's own fault. The message says what happened and what to do. */
export class SocksError extends Error {
  readonly code: TransportErrorCode

  constructor(code: TransportErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * What dials for us: everything through the proxy that `proxy` names at that moment (undefined: nothing), but for this machine's own
 * addresses, which no packet leaves for. Names are looked up by the proxy, never here.
 */
export function outward(proxy: () => HostPort | undefined): Via {
  return ({ host }) => {
    const through = proxy()
    const ip = parseIp(host)
    return through === undefined || (ip && isLoopback(ip)) ? undefined : (endpoint, options) => socksConnect(through, endpoint, options)
  }
}

/**
 * A TCP connection to `endpoint` through a SOCKS5 proxy (RFC 1928). Each has a user name and password of its own, drawn at random: Tor keeps
 * streams with different ones on different circuits, so that two connections cannot be told to be one member's.
 * Rejects with a `SocksError`.
 */
export async function socksConnect(proxy: HostPort, endpoint: HostPort, options: Parameters<Connect>[1]): Promise<Socket> {
  const socket = new Socket()
  // The library takes its handlers away when it is done: what comes in between must not end the program.
  socket.on('error', () => undefined)
  const end = () => socket.destroy()
  const timer = setTimeout(end, options.timeoutMs)
  options.signal?.addEventListener('abort', end, { once: true })
  try {
    await opened(socket, proxy)
    await SocksClient.createConnection({
      proxy: { ...proxy, type: 5, userId: randomBytes(12).toString('hex'), password: randomBytes(12).toString('hex') },
      command: 'connect',
      destination: endpoint,
      existing_socket: socket,
      timeout: options.timeoutMs,
    })
    return socket
  } catch (error) {
    socket.destroy()
    if (error instanceof SocksError) throw error
    throw explain(error, formatHostPort(proxy), formatHostPort(endpoint))
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', end)
  }
}

function opened(socket: Socket, proxy: HostPort): Promise<void> {
  const name = formatHostPort(proxy)
  return new Promise((resolve, reject) => {
    const fail = (error?: Error) => {
      const code = error && 'code' in error ? String(error.code) : ''
      const what =
        code === 'ECONNREFUSED'
          ? `No proxy listens at ${name}`
          : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
            ? `The name of the proxy ${name} is not known`
            : `The proxy at ${name} does not answer`
      reject(new SocksError('proxy', `${what}: start it (for Tor, the Tor service), correct its address, or switch the proxy off.`))
    }
    socket.once('connect', () => {
      socket.off('error', fail)
      socket.off('close', fail)
      resolve()
    })
    socket.once('error', fail)
    socket.once('close', () => fail())
    socket.connect(proxy.port, proxy.host)
  })
}

/** What the library says: "Socks5 proxy rejected connection - HostUnreachable" (the codes of RFC 1928, section 6), or that it understands nothing. */
function explain(error: unknown, proxy: string, to: string): SocksError {
  const text = error instanceof Error ? error.message : String(error)
  if (/ConnectionRefused/.test(text)) return new SocksError('refused', `Nothing listens at ${to}: check the address, and that the member runs.`)
  if (/(Network|Host)Unreachable/.test(text)) return new SocksError('unreachable', `${to} cannot be reached through the proxy: check the address.`)
  if (/TTLExpired|timed out|Socket closed/i.test(text)) return new SocksError('timeout', `${to} did not answer in time through the proxy at ${proxy}.`)
  if (/NotAllowed|Auth/i.test(text)) return new SocksError('proxy', `The proxy at ${proxy} does not let this program through: check its settings.`)
  if (/rejected/i.test(text)) return new SocksError('unreachable', `The proxy at ${proxy} could not reach ${to}.`)
  return new SocksError('proxy', `What answers at ${proxy} is no SOCKS5 proxy: check the address of the proxy.`)
}
