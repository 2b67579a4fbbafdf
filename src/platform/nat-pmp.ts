import type { MapFailure, Mapped, PortMapper } from '../net/port-mapping.ts'
import { err, ok, type Result } from '../util/result.ts'
import { WireReader, WireWriter } from '../util/wire.ts'
import { askAll, Epochs, type Gateway, type RouterOptions, watchRouter } from './router.ts'
import { udpAsk } from './udp-ask.ts'

/** NAT-PMP (RFC 6886): what came before PCP, for IPv4 alone. */

const EXTERNAL_ADDRESS = 0
const MAP_TCP = 2
const ANSWER = 128

const REFUSALS: Readonly<Record<number, string>> = {
  2: 'Your router does not allow programs to open ports: switch NAT-PMP or UPnP on in its settings.',
  3: 'Your router is not connected to the internet at the moment.',
  4: 'Your router has no port left to open.',
}

interface Answer {
  readonly code: number
  readonly epoch: number
  /** What comes after the header of eight bytes. */
  readonly rest: WireReader
}

/** An answer to `opcode`; undefined for anything else. */
function decodeAnswer(bytes: Uint8Array, opcode: number): Answer | undefined {
  const input = new WireReader(bytes)
  if (input.u8() !== 0 || input.u8() !== ANSWER + opcode) return undefined
  const [code, epoch] = [input.u16(), input.u32()]
  return input.failed ? undefined : { code, epoch, rest: input }
}

/** The external port and lifetime that a router gave for `port`; undefined for an answer to another question. */
function decodeMapped(bytes: Uint8Array, port: number): (Answer & { readonly external: number; readonly lifetime: number }) | undefined {
  const answer = decodeAnswer(bytes, MAP_TCP)
  // A refusal may be cut short after its code.
  if (answer?.code !== 0) return answer && { ...answer, external: 0, lifetime: 0 }
  const [internal, external, lifetime] = [answer.rest.u16(), answer.rest.u16(), answer.rest.u32()]
  return answer.rest.failed || internal !== port ? undefined : { ...answer, external, lifetime }
}

/** Asks the IPv4 router by NAT-PMP. */
export function natPmpMapper(options: RouterOptions): PortMapper {
  const epochs = new Epochs(options.now)
  const gateways = async () => (await options.gateways()).filter(({ address }) => !address.includes(':'))

  const refusal = (code: number) => err({ code: 'refused' as const, message: REFUSALS[code] ?? `Your router refused to open a port (NAT-PMP result ${code}).` })
  const silent = () => err({ code: 'silent' as const, message: 'The router does not speak NAT-PMP.' })

  async function ask({ address, from }: Gateway, port: number, lifetime: number, signal: AbortSignal): Promise<Result<Mapped, MapFailure>> {
    const to = { host: address, port: options.port, from, signal }
    const wish = lifetime === 0 ? 0 : port
    const map = new WireWriter().u8(0).u8(MAP_TCP).u16(0).u16(port).u16(wish).u32(lifetime).done()
    const mapped = await udpAsk({ ...to, request: () => map, read: (bytes) => decodeMapped(bytes, port) })
    if (!mapped) return silent()
    epochs.note(address, mapped.epoch)
    if (mapped.code !== 0) return refusal(mapped.code)
    if (lifetime === 0) return ok({ endpoints: [], lifetime: 0 })
    const where = await udpAsk({
      ...to,
      request: () => Uint8Array.of(0, EXTERNAL_ADDRESS),
      read(bytes) {
        const answer = decodeAnswer(bytes, EXTERNAL_ADDRESS)
        if (answer?.code !== 0) return answer && { code: answer.code, ip: new Uint8Array(4) }
        const ip = answer.rest.bytes(4)
        return answer.rest.failed ? undefined : { code: 0, ip }
      },
    })
    if (!where) return silent()
    if (where.code !== 0) return refusal(where.code)
    return ok({ endpoints: [{ ip: where.ip, port: mapped.external }], lifetime: mapped.lifetime })
  }

  return {
    by: 'nat-pmp',
    map: async (port, lifetime, signal) => askAll(await gateways(), (gateway) => ask(gateway, port, lifetime, signal)),
    async unmap(port, signal) {
      await askAll(await gateways(), (gateway) => ask(gateway, port, 0, signal))
    },
    watch: (lost) => watchRouter(options, epochs, lost),
  }
}
