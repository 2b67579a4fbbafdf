import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A line to a member that carries only so much of what it sends: what a sync looks like far away from here. */
export interface SlowLine {
  /** `HOST:PORT` to dial instead. */
  readonly endpoint: string
  /** Bytes that may pass from the member to whoever dials, from now on. */
  allow(bytes: number): void
  close(): Promise<void>
}

export async function slowLine(target: string): Promise<SlowLine> {
  const [host = '', port = ''] = target.split(':')
  const sockets = new Set<Socket>()
  const waiting: { readonly to: Socket; readonly bytes: Buffer }[] = []
  let allowed = 0
  const pass = () => {
    while (waiting[0] && allowed > 0) {
      const { to, bytes } = waiting.shift() as (typeof waiting)[number]
      const now = bytes.subarray(0, allowed)
      allowed -= now.length
      to.write(now)
      if (now.length < bytes.length) waiting.unshift({ to, bytes: bytes.subarray(now.length) })
    }
  }
  const server = createServer((near) => {
    const far = connect({ host, port: Number(port) })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    near.pipe(far)
    far.on('data', (bytes) => {
      waiting.push({ to: near, bytes })
      pass()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    endpoint: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    allow(bytes) {
      allowed += bytes
      pass()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
