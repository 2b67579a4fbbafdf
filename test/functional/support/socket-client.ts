import { request as httpRequest } from 'node:http'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { MemberClient } from '../../../src/api/carriers/client.ts'

/** The contract as functions, through a socket in the file system (api-socket.ts). Events are not carried. */
export function socketClient(socketPath: string, { endpoint, token }: { readonly endpoint: string; readonly token: string }): MemberClient {
  return createORPCClient(
    new RPCLink({
      url: `http://${endpoint}/api/rpc`,
      headers: { authorization: `Bearer ${token}` },
      fetch: async (request) => {
        const body = new Uint8Array(await request.arrayBuffer())
        const { pathname, search, host } = new URL(request.url)
        const headers = { ...Object.fromEntries(request.headers), host, 'content-length': String(body.length) }
        return new Promise((resolve, reject) => {
          const asking = httpRequest({ socketPath, method: request.method, path: pathname + search, headers }, (answer) => {
            const parts: Buffer[] = []
            answer.on('data', (part: Buffer) => parts.push(part))
            answer.on('error', reject)
            answer.on('end', () =>
              resolve(
                new Response(Buffer.concat(parts), { status: answer.statusCode ?? 500, headers: { 'content-type': answer.headers['content-type'] ?? '' } }),
              ),
            )
          })
          asking.on('error', reject)
          asking.end(body)
        })
      },
    }),
  )
}
