import multicastDns, { type MulticastDNS, type Options } from 'multicast-dns'
import type { LanMessage, OpenLanWire } from '../net/lan.ts'
import type { Logger } from '../util/ports.ts'

/** Members in the local network by mDNS and DNS-SD (RFC 6762, 6763): a service of the type `_cheese-stack._tcp`. */

const SERVICE = '_cheese-stack._tcp.local'
/** How long others may remember what is announced, seconds. */
const TTL = 120
/** Of a packet so many records are looked at. */
const MAX_RECORDS = 16
/** Digits of the member id in the name that other programs show. */
const NAME_DIGITS = 16

type Packet = Parameters<MulticastDNS['respond']>[0]
interface Record {
  readonly name?: unknown
  readonly type?: unknown
  readonly ttl?: unknown
  readonly data?: unknown
}

/** Opens mDNS on all interfaces of this machine; what goes wrong with it is logged, and no reason to end. */
export function lanWire(log: Logger, options: Options = {}): OpenLanWire {
  return (onMessage) => {
    const mdns = multicastDns({ ...options, bind: '0.0.0.0' })
    let closed = false
    let isWarned = false
    const warn = (error: Error) => {
      if (!isWarned) log.info('members in the local network may not be found', { why: error.message })
      isWarned = true
    }
    mdns.on('error', warn)
    mdns.on('warning', warn)
    mdns.on('query', ({ questions }, { address }) => {
      if ((questions as readonly Record[]).slice(0, MAX_RECORDS).some(({ name, type }) => isService(name) && (type === 'PTR' || type === 'ANY')))
        onMessage({ kind: 'question' }, address)
    })
    mdns.on('response', ({ answers, additionals }, { address }) => {
      const message = readAnswer([...(answers as readonly Record[]), ...((additionals ?? []) as readonly Record[])])
      if (message) onMessage(message, address)
    })
    return {
      send(message) {
        if (closed) return
        if (message.kind === 'question') mdns.query({ questions: [{ name: SERVICE, type: 'PTR' }] })
        else mdns.respond(answerOf(message))
      },
      close: () =>
        new Promise((resolve) => {
          closed = true
          // What was said last leaves first.
          setImmediate(() => mdns.destroy(() => resolve()))
        }),
    }
  }
}

function isService(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === SERVICE
}

/** As records: the name of the service leads to the member's, and that to its port and its text. Where it is shows the packet itself. */
export function answerOf({ kind, memberId, blue, port }: Exclude<LanMessage, { kind: 'question' }>): Packet {
  const short = memberId.slice(0, NAME_DIGITS)
  const name = `${short}.${SERVICE}`
  const ttl = kind === 'gone' ? 0 : TTL
  return {
    answers: [
      { name: SERVICE, type: 'PTR', ttl, data: name },
      { name, type: 'SRV', ttl, data: { port, target: `${short}.local` } },
      { name, type: 'TXT', ttl, data: [`id=${memberId}`, `blue=${blue}`] },
    ],
  }
}

/** What records of anybody's say, if they are such an announcement. Nothing in them is trusted to be of any type. */
export function readAnswer(records: readonly Record[]): LanMessage | undefined {
  const ours = records.slice(0, MAX_RECORDS).filter(({ name }) => typeof name === 'string' && name.toLowerCase().endsWith(`.${SERVICE}`))
  const server = ours.find(({ type }) => type === 'SRV')
  const data = server?.data
  const port = typeof data === 'object' && data !== null && 'port' in data && typeof data.port === 'number' ? data.port : undefined
  const text = textOf(ours.find(({ type }) => type === 'TXT')?.data)
  const [memberId, blue] = [text.get('id'), text.get('blue')]
  if (port === undefined || memberId === undefined || blue === undefined) return undefined
  return { kind: server?.ttl === 0 ? 'gone' : 'here', memberId, blue, port }
}

function textOf(data: unknown): ReadonlyMap<string, string> {
  const parts = (Array.isArray(data) ? data : [data])
    .slice(0, MAX_RECORDS)
    .flatMap((part) => (part instanceof Uint8Array ? [Buffer.from(part).toString('latin1')] : typeof part === 'string' ? [part] : []))
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1, 100)]))
}
