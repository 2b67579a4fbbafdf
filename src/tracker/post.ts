import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
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

/** Over node:http(s), with an end to everything: time, size; no redirects, no kept connection, no proxies. */
export const nodePost: Post = (url, json, { timeoutMs, signal }) =>
  new Promise((resolve) => {
    const target = new URL(url)
    const body = Buffer.from(JSON.stringify(json))
    const limit = AbortSignal.timeout(timeoutMs)
    const options: RequestOptions = {
      method: 'POST',
      agent: false,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      headers: { host: target.host, 'content-type': 'application/json', 'content-length': body.length, accept: 'application/json' },
      maxHeaderSize: 16_384,
    }
    const fail = (error: NodeJS.ErrnoException) => resolve(err({ message: explain(error, target.host, limit.aborted) }))
    const request = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, options, (response) => {
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
