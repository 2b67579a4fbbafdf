import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { httpClient, type MemberClient } from '../api/carriers/client.ts'
import { MAX_BODY_BYTES } from '../api/carriers/http.ts'
import { fakeService, oneStatus } from '../api/testing/fake-service.ts'
import { silent } from '../util/ports.ts'
import { readApiFile } from './api-file.ts'
import { type MemberServer, openServer } from './server.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

let folder: string
let server: MemberServer
let port: number
let token: string
let code: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cheese-server-'))
  const page = join(folder, 'page')
  await mkdir(join(page, 'assets'), { recursive: true })
  await writeFile(join(page, 'index.html'), '<!doctype html><title>page</title>')
  await writeFile(join(page, 'assets', 'a-123.js'), '1')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  server = await openServer({ service: fakeService({ events: oneStatus }), listen: '127.0.0.1:0', version: '1.2.3', dataDir: folder, log: silent, page })
  port = Number(server.endpoint.split(':')[1])
  token = (await readApiFile(folder))?.token ?? ''
  code = /#code=(.+)$/.exec(server.link ?? '')?.[1] ?? ''
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** Node's own client, since `fetch` would not let a test lie about `Host`. */
function call(path: string, headers: Record<string, string> = {}, method = 'GET', body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const bearer = () => ({ authorization: `Bearer ${token}` })
const own = () => ({ origin: `http://127.0.0.1:${port}` })
const exchange = (given: string, headers: Record<string, string> = own()) => call('/session', headers, 'POST', JSON.stringify({ code: given }))

async function signIn(): Promise<Record<string, string>> {
  const { headers, body } = await exchange(code)
  return { cookie: String(headers['set-cookie']).split(';')[0] ?? '', 'x-cheese-key': (JSON.parse(body) as { key: string }).key }
}

function dial({ 'x-cheese-key': key, ...headers }: Record<string, string>): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/ws`, key === undefined ? [] : ['cheese-stack', `key.${key}`], { headers })
    socket.once('open', () => resolve(socket)).once('error', reject)
  })
}

describe('the control API', () => {
  it('leaves its endpoint and token where only the owner can read them, and takes them away', async () => {
    const path = join(folder, 'api.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ endpoint: server.endpoint, token, pid: process.pid })
    await server.close()
    expect(await readApiFile(folder)).toBeUndefined()
  })

  it('answers our own client', async () => {
    expect(await httpClient({ endpoint: server.endpoint, token }).status()).toMatchObject({ network: 'regtest', height: 7 })
  })

  it('answers anybody who shows the token, by the paths of the contract', async () => {
    expect((await call('/api/status')).status).toBe(401)
    expect((await call('/api/status', { authorization: `Bearer ${token.slice(0, -1)}` })).status).toBe(401)
    const { status, body } = await call('/api/balance', bearer())
    expect([status, JSON.parse(body)]).toEqual([200, { spendable: '150000000', ripening: '0', pending: '1' }])
  })

  it('describes itself, to those who may call', async () => {
    expect((await call('/api/openapi.json')).status).toBe(401)
    const document = JSON.parse((await call('/api/openapi.json', bearer())).body) as { info: { version: string }; paths: Record<string, unknown> }
    expect(document.info.version).toBe('1.2.3')
    expect(Object.keys(document.paths)).toContain('/wallet/send')
    const page = await call('/api', bearer())
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.body).toContain('/api/wallet/send')
    expect(page.body).not.toContain('<script')
  })

  it('refuses a name that is not its own, whatever is shown (DNS rebinding)', async () => {
    for (const host of [`evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`]) {
      expect((await call('/api/status', { ...bearer(), host })).status, host).toBe(421)
      expect((await call('/', { host })).status, host).toBe(421)
    }
    expect((await call('/api/status', { ...bearer(), host: `localhost:${port}` })).status).toBe(200)
  })

  it('refuses pages of other sites, and never says that they may call', async () => {
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${port + 1}`, `https://127.0.0.1:${port}`]) {
      const { status, headers } = await call('/api/status', { ...bearer(), origin })
      expect(status, origin).toBe(403)
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  it('refuses a body that is larger than any call', async () => {
    const { status } = await call(
      '/api/wallet/restore',
      { ...bearer(), 'content-type': 'application/json' },
      'POST',
      JSON.stringify({ words: 'x'.repeat(MAX_BODY_BYTES) }),
    )
    expect(status).toBe(413)
  })

  it('listens on this machine alone', async () => {
    for (const listen of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'example.com:0']) {
      await expect(openServer({ service: fakeService(), listen, version: '', dataDir: folder, log: silent }), listen).rejects.toMatchObject({
        code: 'BAD_INPUT',
      })
    }
  })

  it('says so when the port is taken', async () => {
    await expect(openServer({ service: fakeService(), listen: server.endpoint, version: '', dataDir: folder, log: silent })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    })
    expect((await readApiFile(folder))?.token).toBe(token)
  })
})

describe('the page', () => {
  it('is served with a strict policy', async () => {
    const { status, headers, body } = await call('/')
    expect([status, body]).toEqual([200, '<!doctype html><title>page</title>'])
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self';")
    expect(policy).not.toContain('unsafe')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect((await call('/assets/a-123.js')).headers['cache-control']).toContain('immutable')
  })

  it('has no path out of its folder', async () => {
    for (const path of ['/../secret.txt', '/assets/../../secret.txt', '/%2e%2e/secret.txt', '//secret.txt', '/assets/', '/secret.txt']) {
      expect((await call(path)).status, path).toBe(404)
    }
  })

  it('trades the code of its link for a cookie and a key, once, and asks for both', async () => {
    expect((await exchange('wrong')).status).toBe(403)
    const first = await exchange(code)
    expect(first.status).toBe(200)
    const { key } = JSON.parse(first.body) as { key: string }
    const cookie = String(first.headers['set-cookie'])
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toContain('SameSite=Strict')
    expect((await exchange(code)).status).toBe(403)
    const shown = { cookie: cookie.split(';')[0] ?? '', 'x-cheese-key': key }
    expect((await call('/api/status', shown)).status).toBe(200)
    // The cookie alone is what a server at another port of this machine could get hold of.
    expect((await call('/api/status', { cookie: shown.cookie })).status).toBe(401)
    expect((await call('/api/status', { ...shown, 'x-cheese-key': `${key.slice(0, -1)}~` })).status).toBe(401)
    expect((await call('/api/status', { 'x-cheese-key': key })).status).toBe(401)
  })

  it('gives no cookie to a caller that no page of ours sent', async () => {
    expect((await exchange(code, {})).status).toBe(403)
    expect((await exchange(code, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await exchange(code)).status).toBe(200)
  })

  it('changes something only for a page that says who it is', async () => {
    const cookie = await signIn()
    expect((await call('/api/stop', cookie, 'POST')).status).toBe(401)
    expect((await call('/api/stop', { ...cookie, ...own() }, 'POST')).status).toBe(500) // reached the fake, which has no stop
    expect((await call('/api/status', { ...cookie, cookie: `${cookie.cookie?.slice(0, -1)}` })).status).toBe(401)
    // A page at another port of this machine is of the same site to a browser: its requests carry the cookie, and HEAD has no Origin.
    for (const method of ['HEAD', 'OPTIONS']) expect((await call('/api/rpc/stop', cookie, method)).status, method).toBe(401)
    expect((await call('/api/status', { ...cookie, 'sec-fetch-site': 'same-site' })).status).toBe(401)
    expect((await call('/api/status', { ...cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  it('outlives callers that ask for a WebSocket and break off', async () => {
    const problems: unknown[] = []
    const note = (error: unknown) => void problems.push(error)
    process.on('uncaughtException', note)
    for (let i = 0; i < 40; i++) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      const lines = ['GET /api/ws HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
      socket.write(`${lines.join('\r\n')}\r\n\r\n${'x'.repeat(1000)}`, () => socket.resetAndDestroy())
      await once(socket, 'close')
    }
    expect((await call('/api/status', bearer())).status).toBe(200)
    process.off('uncaughtException', note)
    expect(problems).toEqual([])
  })

  it('speaks the contract over a WebSocket that the cookie and our own origin open', async () => {
    const cookie = await signIn()
    for (const headers of [{}, cookie, { ...cookie, origin: 'https://evil.example' }, own()]) await expect(dial(headers)).rejects.toThrow(/40[13]/)
    const { 'x-cheese-key': _key, ...keyless } = cookie
    await expect(dial({ ...keyless, ...own() })).rejects.toThrow(/401/)
    const socket = await dial({ ...cookie, ...own() })
    const client: MemberClient = createORPCClient(new RPCLink({ websocket: socket as never }))
    expect(await client.balance()).toMatchObject({ pending: '1' })
    for await (const event of await client.events()) {
      expect(event.type).toBe('status')
      break
    }
    socket.close()
  })

  it('is not there when it was not asked for', async () => {
    const bare = await openServer({ service: fakeService(), listen: '127.0.0.1:0', version: '', dataDir: join(folder, 'bare'), log: silent })
    try {
      expect(bare.link).toBeNull()
      expect((await fetch(`http://${bare.endpoint}/`)).status).toBe(404)
      expect((await fetch(`http://${bare.endpoint}/session`, { method: 'POST', body: '{}' })).status).toBe(404)
    } finally {
      await bare.close()
    }
  })
})

describe('closing', () => {
  it('hangs up on pages that would stay for ever', async () => {
    const socket = await dial({ ...(await signIn()), ...own() })
    const gone = new Promise((resolve) => socket.once('close', resolve))
    await server.close()
    await gone
    await expect(call('/')).rejects.toThrow()
  })
})
