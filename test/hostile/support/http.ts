import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { HostPort } from '../../../src/net/transport.ts'

export interface Answered {
  /** 0: there was no answer. */
  readonly status: number
  readonly body: string
}

/** One request on a connection of its own. */
export function ask(
  { host, port }: HostPort,
  method: string,
  path: string,
  body: string | Uint8Array = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  return new Promise((resolve) => {
    const asking = request({ host, port, method, path, agent: false, headers: { host: `${host}:${port}`, ...headers } }, (answer) => {
      text(answer).then(
        (read) => resolve({ status: answer.statusCode ?? 0, body: read }),
        () => resolve({ status: answer.statusCode ?? 0, body: '' }),
      )
    })
    asking.on('error', () => resolve({ status: 0, body: '' }))
    asking.end(body)
  })
}
