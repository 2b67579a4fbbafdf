import { protocol, type Session } from 'electron'
import type { PageFiles } from '../server/page-files.ts'
import { pageHeaders } from '../server/page-policy.ts'
import { isOwn, SCHEME } from './origin.ts'

/** Makes our scheme one with an origin. Must run before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

/** Serves the built page on our scheme to the windows of `session`. */
export function servePage(session: Session, files: PageFiles): void {
  session.protocol.handle(SCHEME, async (request) => {
    const file = request.method === 'GET' && isOwn(request.url) ? await files.read(new URL(request.url).pathname) : undefined
    if (!file) return new Response('There is nothing here.', { status: 404, headers: { 'content-type': 'text/plain', ...pageHeaders() } })
    return new Response(file.bytes.slice().buffer, { headers: { 'content-type': file.type, ...pageHeaders() } })
  })
}
