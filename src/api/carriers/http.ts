import type { IncomingMessage, ServerResponse } from 'node:http'
import { OpenAPIGenerator } from '@orpc/openapi'
import { OpenAPIHandler } from '@orpc/openapi/node'
import { BodyLimitPlugin, RPCHandler } from '@orpc/server/node'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import type { MemberRouter } from '../router.ts'
import { apiPage } from './api-page.ts'

/** Larger than any call needs to be: the longest is a restore with its words. */
export const MAX_BODY_BYTES = 64 * 1024

/** The path that a request asks for, without its query, as it was sent. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

/**
 * The contract over HTTP: `/api/rpc/…` for our own clients, `/api/…` with the contract's paths for everybody's, `/api/openapi.json`
 * and a page for people at `/api`. Who may call is for the server to decide before it comes here.
 * @returns a function that answers a request and says whether it knew the path
 */
export function httpFace(router: MemberRouter, version: string): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const rpc = new RPCHandler(router, { plugins: [new BodyLimitPlugin({ maxBodySize: MAX_BODY_BYTES })] })
  const open = new OpenAPIHandler(router, { plugins: [new BodyLimitPlugin({ maxBodySize: MAX_BODY_BYTES })] })
  let document: Promise<object> | undefined
  const openApi = () => {
    document ??= new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] }).generate(router, {
      info: { title: 'Cheese Stack member', version },
      servers: [{ url: '/api' }],
      security: [{ bearer: [] }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    })
    return document
  }

  return async (request, response) => {
    const path = pathOf(request)
    if (request.method === 'GET' && path === '/api/openapi.json') {
      answer(response, 'application/json; charset=utf-8', JSON.stringify(await openApi()))
      return true
    }
    if (request.method === 'GET' && (path === '/api' || path === '/api/')) {
      answer(response, 'text/html; charset=utf-8', apiPage(await openApi()))
      return true
    }
    if (path.startsWith('/api/rpc/')) return (await rpc.handle(request, response, { prefix: '/api/rpc', context: {} })).matched
    return (await open.handle(request, response, { prefix: '/api', context: {} })).matched
  }
}

function answer(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': type }).end(body)
}
