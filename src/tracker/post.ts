import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { normalizeIp, parseIp } from '../util/ip.ts'
import { err, ok, type Result } from '../util/result.ts'
import { MAX_ANSWER_BYTES } from './protocol.ts'

/** Why there was no answer: a sentence that says what happened and what to do. */
export interface PostError {
  readonly message: string
}

export interface PostAnswer {
  readonly status: number
  readonly body: string
  /** IP address at which the tracker was reached: 4 or 16 bytes. */
  readonly remote: Uint8Array | undefined
}

/** Opens a TCP connection in some other way than directly: through a proxy. Rejects with an error whose message says what to do. */
export type Connect = (
  endpoint: { readonly host: string; readonly port: number },
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
) => Promise<Socket>

/** What opens the connection to an address; undefined for those that are dialled directly. */
export type Via = (endpoint: { readonly host: string; readonly port: number }) => Connect | undefined

/** Posts JSON to a tracker. */
export type Post = (
  url: string,
  json: unknown,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
) => Promise<Result<PostAnswer, PostError>>

/** Posts over connections that are kept for the next announce, for as long as the tracker keeps them. */
export interface Poster {
  readonly post: Post
  /** Hangs up. */
  close(): void
}

/** A tracker says by itself how long it keeps an idle connection; one that does not is believed for so long, milliseconds. */
const IDLE_MS = 90_000

/** Over node:http(s), with an end to everything: time, size, connections; no redirects, no proxies but what `via` names. */
export function nodePoster(via: Via = () => undefined): Poster {
  const settings = { keepAlive: true, maxSockets: 2, maxFreeSockets: 1, timeout: IDLE_MS }
  const agents = { 'http:': new HttpAgent(settings), 'https:': new HttpsAgent(settings) }
  const post: Post = async (url, json, options) => {
    const { hostname, protocol, port } = new URL(url)
    const isSecure = protocol === 'https:'
    const endpoint = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (isSecure ? 443 : 80) }
    const connect = via(endpoint)
    // Kept connections are those of the direct way: a proxy may be another one by the next announce.
    if (connect) return postThrough(connect, endpoint, url, json, options)
    const agent = agents[isSecure ? 'https:' : 'http:']
    const first = await postOnce(url, json, options, agent)
    // A kept connection that the tracker gave up at this very moment says nothing about the tracker.
    return first === 'stale' ? ended(await postOnce(url, json, options, false)) : first
  }
  return {
    post,
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

type Posted = Result<PostAnswer, PostError>

function ended(posted: Posted | 'stale'): Posted {
  if (posted === 'stale') throw new Error('bug: a fresh connection cannot be stale')
  return posted
}

async function postThrough(connect: Connect, endpoint: Parameters<Connect>[0], url: string, json: unknown, options: Parameters<Post>[2]): Promise<Posted> {
  let socket: Socket
  try {
    socket = await connect(endpoint, options)
  } catch (error) {
    return err({ message: error instanceof Error ? error.message : String(error) })
  }
  const { host } = endpoint
  const isSecure = url.startsWith('https:')
  const posted = ended(await postOnce(url, json, options, false, () => (isSecure ? tlsConnect({ socket, servername: parseIp(host) ? '' : host }) : socket)))
  socket.destroy()
  // The other end of the connection is the proxy, which says nothing of where the tracker is.
  return posted.ok ? ok({ ...posted.value, remote: parseIp(host) }) : posted
}

/** @param open makes the connection, instead of `agent` */
function postOnce(
  url: string,
  json: unknown,
  { timeoutMs, signal }: Parameters<Post>[2],
  agent: HttpAgent | false,
  open?: () => Socket,
): Promise<Posted | 'stale'> {
  return new Promise((resolve) => {
    const target = new URL(url)
    const body = Buffer.from(JSON.stringify(json))
    const limit = AbortSignal.timeout(timeoutMs)
    const options: RequestOptions = {
      method: 'POST',
      ...(open ? { createConnection: open } : { agent }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      headers: { host: target.host, 'content-type': 'application/json', 'content-length': body.length, accept: 'application/json' },
      maxHeaderSize: 16_384,
    }
    let answered = false
    const fail = (error: NodeJS.ErrnoException) => {
      if (request.reusedSocket && !answered && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) resolve('stale')
      else resolve(err({ message: explain(error, target.host, limit.aborted) }))
    }
    const request = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, options, (response) => {
      answered = true
      const parts: Buffer[] = []
      let length = 0
      const remote = parseIp((response.socket.remoteAddress ?? '').replace(/%.*$/, ''))
      response.on('data', (part: Buffer) => {
        length += part.length
        parts.push(part)
        if (length <= MAX_ANSWER_BYTES) return
        request.destroy()
        resolve(err({ message: `What answers at ${target.host} sends too much for a tracker: check the address.` }))
      })
      response.once('error', fail)
      response.once('end', () =>
        resolve(ok({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8'), remote: remote && normalizeIp(remote) })),
      )
    })
    request.once('error', fail)
    request.end(body)
  })
}

function explain(error: NodeJS.ErrnoException, host: string, timedOut: boolean): string {
  if (timedOut) return `The tracker at ${host} does not answer: check the address, and that its firewall lets you through.`
  switch (error.code) {
    case 'ECONNREFUSED':
      return `No tracker listens at ${host}: check the address and the port, or ask its host to start it.`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name ${host} is not known: check its spelling and your connection to the internet.`
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return `There is no way to ${host}: check your connection to the network.`
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ABORT_ERR':
      return `The tracker at ${host} hung up: it is tried again by itself.`
    default:
      if (error.code?.startsWith('HPE_')) return `What answers at ${host} is not a tracker: check the address and the port.`
      return `The tracker at ${host} cannot be reached (${error.code ?? 'unknown error'}): check the address.`
  }
}
