import { createSocket } from 'node:dgram'

/** Sent again after so long, twice as long each time (RFC 6886, section 3.1). */
const FIRST_AGAIN_MS = 250

export interface Question<T> {
  readonly host: string
  readonly port: number
  /** The address of ours to ask from; whichever leads there when undefined. */
  readonly from: string | undefined
  /** The datagram to send, made for the address that it leaves from. */
  readonly request: (local: string) => Uint8Array
  /** What an answer says; undefined for one that is not to this question. */
  readonly read: (answer: Uint8Array) => T | undefined
  readonly signal: AbortSignal
}

/**
 * Asks by UDP, again and again until an answer fits or `signal` aborts: then undefined, as when there is no way there. What others than the one
 * that was asked send does not get through (the socket is connected). Never rejects.
 */
export function udpAsk<T>({ host, port, from, request, read, signal }: Question<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    let timer: NodeJS.Timeout | undefined
    let done = false
    const end = (answer?: T) => {
      if (done) return
      done = true
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      socket.close()
      resolve(answer)
    }
    const abort = () => end()
    signal.addEventListener('abort', abort, { once: true })
    socket.on('error', () => undefined)
    socket.on('message', (answer) => {
      const said = read(answer)
      if (said !== undefined) end(said)
    })
    const ask = () =>
      socket.connect(port, host, (error?: Error) => {
        if (done) return
        if (error) return end()
        const bytes = request(socket.address().address.replace(/%.*$/, ''))
        const send = (wait: number) => {
          socket.send(bytes, () => undefined)
          timer = setTimeout(() => send(wait * 2), wait)
        }
        send(FIRST_AGAIN_MS)
      })
    socket.once('error', () => end())
    if (from === undefined) ask()
    else socket.bind({ address: from }, ask)
    if (signal.aborted) end()
  })
}

/** The address of ours from which `host` is reached; undefined when there is no way there. Nothing is sent. */
export function routedAddress(host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const end = (address?: string) => {
      socket.close()
      resolve(address)
    }
    socket.once('error', () => end())
    socket.connect(9, host, (error?: Error) => end(error ? undefined : socket.address().address))
  })
}
