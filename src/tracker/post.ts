import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
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

/** Over node:http(s), with an end to everything: time, size, connections; no redirects, no proxies. */
export function nodePoster(): Poster {
  const settings = { keepAlive: true, maxSockets: 2, maxFreeSockets: 1, timeout: IDLE_MS }
  const agents = { 'http:': new HttpAgent(settings), 'https:': new HttpsAgent(settings) }
  const post: Post = async (url, json, options) => {
    const agent = agents[new URL(url).protocol === 'https:' ? 'https:' : 'http:']
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

function postOnce(url: string, json: unknown, { timeoutMs, signal }: Parameters<Post>[2], agent: HttpAgent | false): Promise<Posted | 'stale'> {
  return new Promise((resolve) => {
    const target = new URL(url)
    const body = Buffer.from(JSON.stringify(json))
    const limit = AbortSignal.timeout(timeoutMs)
    const options: RequestOptions = {
      method: 'POST',
      agent,
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
