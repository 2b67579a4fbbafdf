import { randomBytes } from 'node:crypto'
import type { MapFailure, Mapped, PortMapper } from '../net/port-mapping.ts'
import { equalBytes } from '../util/bytes.ts'
import { type Endpoint, normalizeIp, parseIp } from '../util/ip.ts'
import { err, ok, type Result } from '../util/result.ts'
import { WireReader, WireWriter } from '../util/wire.ts'
import { askAll, Epochs, type Gateway, type RouterOptions, watchRouter } from './router.ts'
import { udpAsk } from './udp-ask.ts'

/** The Port Control Protocol (RFC 6887), as much of it as a program needs that wants one TCP port: MAP, and the epoch in every answer. */

const VERSION = 2
const MAP = 1
const ANSWER = 0x80
const TCP = 6
const NONCE_BYTES = 12

/** Result codes (section 7.4) that say something to a person. */
const REFUSALS: Readonly<Record<number, string>> = {
  2: 'Your router does not allow programs to open ports: switch PCP or UPnP on in its settings.',
  7: 'Your router is not connected to the internet at the moment.',
  8: 'Your router has no port left to open.',
  10: 'Your router allows this computer no more open ports.',
  12: 'There is another router between this computer and the one that was asked: open the port on both.',
}

export interface MapRequest {
  /** Where it is sent from: 4 or 16 bytes. */
  readonly client: Uint8Array
  readonly nonce: Uint8Array
  readonly port: number
  /** Seconds; 0 gives the port back. */
  readonly lifetime: number
}

export interface MapAnswer {
  readonly code: number
  /** Seconds: of the mapping, or until it is worth asking again. */
  readonly lifetime: number
  /** Seconds since the router began to remember. */
  readonly epoch: number
  readonly external: Endpoint
}

/** IPv4 stands as an IPv4-mapped IPv6 address (section 5). */
function wide(ip: Uint8Array): Uint8Array {
  return ip.length === 16 ? ip : Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...ip)
}

/** A MAP request: sections 7.1 and 11.1. The external port that is wished for is the internal one. */
export function encodeMapRequest({ client, nonce, port, lifetime }: MapRequest): Uint8Array {
  const anywhere = client.length === 4 ? wide(new Uint8Array(4)) : new Uint8Array(16)
  const wish = lifetime === 0 ? 0 : port
  return new WireWriter()
    .u8(VERSION)
    .u8(MAP)
    .u16(0)
    .u32(lifetime)
    .bytes(wide(client), 16)
    .bytes(nonce, NONCE_BYTES)
    .u8(TCP)
    .bytes(new Uint8Array(3))
    .u16(port)
    .u16(wish)
    .bytes(anywhere)
    .done()
}

/** The answer to `request`: sections 7.2 and 11.1; undefined for anything else. A router that speaks NAT-PMP alone answers with version 0. */
export function decodeMapAnswer(bytes: Uint8Array, request: Pick<MapRequest, 'nonce' | 'port'>): MapAnswer | 'other-version' | undefined {
  const input = new WireReader(bytes)
  const version = input.u8()
  const opcode = input.u8()
  if (input.failed || (opcode & ANSWER) === 0) return undefined
  if (version !== VERSION) return 'other-version'
  input.u8()
  const code = input.u8()
  const lifetime = input.u32()
  const epoch = input.u32()
  input.bytes(12)
  const nonce = input.bytes(NONCE_BYTES)
  const protocol = input.u8()
  input.bytes(3)
  const [internal, external, ip] = [input.u16(), input.u16(), input.bytes(16)]
  // The nonce is what a neighbour who forges answers cannot know.
  if (input.failed || opcode !== (ANSWER | MAP) || !equalBytes(nonce, request.nonce) || protocol !== TCP || internal !== request.port) return undefined
  return { code, lifetime, epoch, external: { ip: normalizeIp(ip), port: external } }
}

/** Asks routers by PCP: the IPv4 one for a port, the IPv6 one to let others through to this machine's own addresses. */
export function pcpMapper(options: RouterOptions): PortMapper {
  // One nonce for as long as this runs: it is what entitles us to renew and give back (section 11.2).
  const nonce = Uint8Array.from(randomBytes(NONCE_BYTES))
  const epochs = new Epochs(options.now)

  async function ask({ address, from }: Gateway, port: number, lifetime: number, signal: AbortSignal): Promise<Result<Mapped, MapFailure>> {
    const answer = await udpAsk({
      host: address,
      port: options.port,
      from,
      signal,
      request: (local) => encodeMapRequest({ client: parseIp(local) ?? new Uint8Array(4), nonce, port, lifetime }),
      read: (bytes) => decodeMapAnswer(bytes, { nonce, port }),
    })
    if (answer === undefined || answer === 'other-version') return err({ code: 'silent', message: 'The router does not speak PCP.' })
    epochs.note(address, answer.epoch)
    if (answer.code === 0) return ok({ endpoints: [answer.external], lifetime: answer.lifetime })
    return err({ code: 'refused', message: REFUSALS[answer.code] ?? `Your router refused to open a port (PCP result ${answer.code}).` })
  }

  return {
    by: 'pcp',
    map: async (port, lifetime, signal) => askAll(await options.gateways(), (gateway) => ask(gateway, port, lifetime, signal)),
    async unmap(port, signal) {
      await askAll(await options.gateways(), (gateway) => ask(gateway, port, 0, signal))
    },
    watch: (lost) => watchRouter(options, epochs, lost),
  }
}
