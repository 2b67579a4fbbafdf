import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { HostPort } from '../../net/transport.ts'
import { formatIp } from '../../util/ip.ts'

/** One CONNECT as the proxy saw it. */
export interface Asked extends HostPort {
  /** Whether the host came as a name, for the proxy to look up. */
  readonly named: boolean
  /** User name and password, or empty. */
  readonly user: string
}

export interface TestSocks {
  readonly endpoint: HostPort
  readonly asked: Asked[]
  close(): Promise<void>
}

/**
 * A small SOCKS5 proxy (RFC 1928, 1929) on loopback.
 * @param route where a destination really is; a number is the reply code with which it is refused
 */
export async function openTestSocks(route: (asked: Asked) => HostPort | number): Promise<TestSocks> {
  const asked: Asked[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    sockets.add(client)
    client.on('error', () => client.destroy())
    client.once('close', () => sockets.delete(client))
    void serve(client, asked, route).catch(() => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function serve(client: Socket, asked: Asked[], route: (asked: Asked) => HostPort | number): Promise<void> {
  const read = reader(client)
  const [, methods] = await read(2)
  const offered = await read(methods ?? 0)
  const wantsUser = offered.includes(2)
  client.write(Uint8Array.of(5, wantsUser ? 2 : 0))
  const user = wantsUser ? await readUser(client, read) : ''
  const [, , , kind] = await read(4)
  const named = kind === 3
  const host = named ? Buffer.from(await read((await read(1))[0] ?? 0)).toString() : formatIp(await read(kind === 1 ? 4 : 16))
  const [high, low] = await read(2)
  const one: Asked = { host, port: ((high ?? 0) << 8) | (low ?? 0), named, user }
  asked.push(one)
  const to = route(one)
  if (typeof to === 'number') return void client.end(Uint8Array.of(5, to, 0, 1, 0, 0, 0, 0, 0, 0))
  const far = connect(to.port, to.host)
  far.on('error', () => client.destroy())
  client.once('close', () => far.destroy())
  await once(far, 'connect')
  client.write(Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0))
  client.pipe(far).pipe(client)
}

async function readUser(client: Socket, read: (count: number) => Promise<Uint8Array>): Promise<string> {
  const [, length] = await read(2)
  const name = await read(length ?? 0)
  const password = await read((await read(1))[0] ?? 0)
  client.write(Uint8Array.of(1, 0))
  return `${Buffer.from(name)}:${Buffer.from(password)}`
}

/** Reads exactly so many bytes, and leaves the rest in the socket. */
function reader(socket: Socket): (count: number) => Promise<Uint8Array> {
  return async (count) => {
    for (;;) {
      if (count === 0) return new Uint8Array()
      const chunk: Buffer | null = socket.read(count)
      if (chunk) return chunk
      await once(socket, 'readable')
    }
  }
}
