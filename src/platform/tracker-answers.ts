import { request } from 'node:http'
import type { Socket } from 'node:net'
import { formatHostPort, type HostPort } from '../net/transport.ts'
import type { Connect } from '../tracker/post.ts'

/** For everything together. */
const TIMEOUT_MS = 8_000
/** A tracker says `ok` and no more. */
const MAX_BYTES = 64

/**
 * Whether a tracker answers at an address: `GET /healthz` with 200 and `ok`. Never throws.
 * @param connect what opens the connection, where it is not opened directly
 */
export async function trackerAnswers(endpoint: HostPort, connect?: Connect): Promise<boolean> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  let socket: Socket | undefined
  try {
    socket = await connect?.(endpoint, { timeoutMs: TIMEOUT_MS, signal })
  } catch {
    return false
  }
  return new Promise((resolve) => {
    const asked = request({
      host: endpoint.host,
      port: endpoint.port,
      path: '/healthz',
      signal,
      headers: { host: formatHostPort(endpoint), connection: 'close' },
      maxHeaderSize: 8_192,
      ...(socket ? { createConnection: () => socket } : { agent: false }),
    })
    const end = (good: boolean) => {
      asked.destroy()
      socket?.destroy()
      resolve(good)
    }
    asked.once('error', () => end(false))
    asked.once('response', (answer) => {
      let text = ''
      answer.setEncoding('latin1')
      answer.once('error', () => end(false))
      answer.once('end', () => end(answer.statusCode === 200 && text.trim() === 'ok'))
      answer.on('data', (part: string) => {
        text += part
        if (text.length > MAX_BYTES) end(false)
      })
    })
    asked.end()
  })
}
