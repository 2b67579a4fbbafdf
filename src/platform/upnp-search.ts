import { createSocket } from 'node:dgram'
import { isGlobal, parseIp } from '../util/ip.ts'

/** Routers answer to the older name too, where they know the newer. */
const TARGETS = ['urn:schemas-upnp-org:device:InternetGatewayDevice:2', 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'] as const
/** Datagrams are lost: asked so often, so far apart. */
const TIMES = 3
const APART_MS = 700
/** Routers spread their answers over so many seconds. */
const SPREAD_SECONDS = 1
/** Descriptions of routers that are looked at. */
export const MAX_ROUTERS = 4

export interface SearchOptions {
  /** The group that routers listen to: 239.255.255.250, port 1900. */
  readonly to: { readonly host: string; readonly port: number }
  /** The address of ours in the router's network. */
  readonly from: string
  readonly signal: AbortSignal
}

/**
 * Searches for routers by SSDP (UPnP Device Architecture 1.1, section 1.3): the addresses of their descriptions, as they answer; ends when
 * `signal` aborts or when there are enough. A description must be at the address that answered, in the local network: whatever else a neighbour
 * names would have us knock at doors of its choice.
 */
export async function* searchRouters({ to, from, signal }: SearchOptions): AsyncGenerator<URL, void, undefined> {
  const socket = createSocket('udp4')
  const found: URL[] = []
  const seen = new Set<string>()
  let wake = () => {}
  let ended = signal.aborted
  const end = () => {
    ended = true
    wake()
  }
  signal.addEventListener('abort', end, { once: true })
  socket.on('error', end)
  socket.on('message', (bytes, { address }) => {
    const url = locationIn(bytes.toString('latin1'), address)
    if (!url || seen.has(url.href) || seen.size >= MAX_ROUTERS) return
    seen.add(url.href)
    found.push(url)
    wake()
  })
  const timers: NodeJS.Timeout[] = []
  socket.bind({ address: from }, () => {
    socket.setMulticastInterface(from)
    for (let i = 0; i < TIMES; i++) timers.push(setTimeout(() => ask(), i * APART_MS))
  })
  const ask = () => {
    for (const target of TARGETS) socket.send(searchFor(target, to), to.port, to.host, () => undefined)
  }
  try {
    for (;;) {
      const next = found.shift()
      if (next) yield next
      else if (ended) return
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    for (const timer of timers) clearTimeout(timer)
    signal.removeEventListener('abort', end)
    socket.close()
  }
}

function searchFor(target: string, { host, port }: SearchOptions['to']): Buffer {
  return Buffer.from(`M-SEARCH * HTTP/1.1\r\nHOST: ${host}:${port}\r\nMAN: "ssdp:discover"\r\nMX: ${SPREAD_SECONDS}\r\nST: ${target}\r\n\r\n`)
}

function locationIn(answer: string, address: string): URL | undefined {
  if (!/^HTTP\/1\.[01] 200 /.test(answer) || !/^ST:\s*urn:schemas-upnp-org:device:InternetGatewayDevice:[12]\s*$/im.test(answer)) return undefined
  const text = /^LOCATION:\s*(\S{1,300})\s*$/im.exec(answer)?.[1]
  const ip = parseIp(address)
  if (text === undefined || !ip || isGlobal(ip) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'http:' && url.hostname === address ? url : undefined
}
