import { randomInt } from 'node:crypto'
import type { MapFailure, Mapped, PortMapper } from '../net/port-mapping.ts'
import { type Endpoint, parseIp } from '../util/ip.ts'
import { err, ok, type Result } from '../util/result.ts'
import { MAX_ROUTERS, searchRouters } from './upnp-search.ts'
import { call, type Service, servicesAt, UpnpError } from './upnp-soap.ts'

/** Internet gateway devices of UPnP, of both generations: WANIPConnection 1 and 2, WANPPPConnection 1, and for IPv6 WANIPv6FirewallControl 1. */

const CONNECTIONS = ['WANIPConnection:2', 'WANIPConnection:1', 'WANPPPConnection:1'].map((name) => `urn:schemas-upnp-org:service:${name}`)
const FIREWALL = 'urn:schemas-upnp-org:service:WANIPv6FirewallControl:1'
const TCP = 6
/** Ports tried when the one wished for is somebody else's. */
const MAX_PORTS = 4
/** The search goes on until a router is found, but leaves so much of the time for talking to it. */
const SEARCH_MS = 4_000
/** Codes of WANIPConnection. */
const CONFLICT = 718
const NOT_THIS_PORT = 724
const PERMANENT_ONLY = 725
const NOT_AUTHORIZED = 606

export interface UpnpOptions {
  readonly search: { readonly host: string; readonly port: number }
  /** The address of ours in the router's network; undefined when there is no network. */
  readonly own: () => Promise<string | undefined>
  /** Global IPv6 addresses of ours that others are to be let through to. */
  readonly ownGlobal: () => readonly string[]
  /** What people see in their router's list. */
  readonly description: string
}

/** A router that opened something, and how to close it again. */
interface Held {
  readonly connection: Service
  readonly external: number
  readonly firewall: Service | undefined
  readonly holes: readonly string[]
}

/** Asks routers by UPnP. */
export function upnpMapper(options: UpnpOptions): PortMapper {
  let held: Held | undefined

  async function find(from: string, signal: AbortSignal): Promise<{ readonly services: readonly Service[]; readonly connection: Service } | undefined> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(SEARCH_MS)])
    let left = MAX_ROUTERS
    for await (const location of searchRouters({ to: options.search, from, signal: limit })) {
      const services = await servicesAt(location, signal).catch(() => [])
      const connection = CONNECTIONS.flatMap((type) => services.find((service) => service.type === type) ?? [])[0]
      if (connection) return { services, connection }
      if (--left === 0) return undefined
    }
    return undefined
  }

  async function open(
    connection: Service,
    port: number,
    lifetime: number,
    own: string,
    signal: AbortSignal,
  ): Promise<{ readonly external: number; readonly lifetime: number }> {
    let external = held?.external ?? port
    let lease = lifetime
    for (let tries = 1; ; tries++) {
      try {
        return { external: await add(connection, external, port, lease, own, signal), lifetime: lease === 0 ? lifetime : lease }
      } catch (error) {
        if (!(error instanceof UpnpError) || tries > MAX_PORTS) throw error
        if (error.code === PERMANENT_ONLY && lease !== 0) lease = 0
        else if (error.code === CONFLICT) external = randomInt(10_000, 60_000)
        else if (error.code === NOT_THIS_PORT && external !== port) external = port
        else throw error
      }
    }
  }

  async function add(connection: Service, external: number, port: number, lease: number, own: string, signal: AbortSignal): Promise<number> {
    const second = connection.type.endsWith(':2')
    const answer = await call(
      connection,
      second ? 'AddAnyPortMapping' : 'AddPortMapping',
      [
        ['NewRemoteHost', ''],
        ['NewExternalPort', external],
        ['NewProtocol', 'TCP'],
        ['NewInternalPort', port],
        ['NewInternalClient', own],
        ['NewEnabled', 1],
        ['NewPortMappingDescription', options.description],
        ['NewLeaseDuration', lease],
      ],
      signal,
    )
    const reserved = Number(answer('NewReservedPort'))
    return second && Number.isInteger(reserved) && reserved > 0 && reserved < 65_536 ? reserved : external
  }

  /** Lets others through to our IPv6 addresses; a router that does not is no failure. */
  async function openHoles(
    firewall: Service | undefined,
    port: number,
    lifetime: number,
    signal: AbortSignal,
  ): Promise<{ endpoints: Endpoint[]; holes: string[] }> {
    const endpoints: Endpoint[] = []
    const holes: string[] = []
    for (const own of firewall ? options.ownGlobal() : []) {
      const ip = parseIp(own)
      if (!firewall || !ip) continue
      const args = [
        ['RemoteHost', ''],
        ['RemotePort', 0],
        ['InternalClient', own],
        ['InternalPort', port],
        ['Protocol', TCP],
        ['LeaseTime', lifetime],
      ] as const
      const id = await call(firewall, 'AddPinhole', args, signal).then(
        (answer) => answer('UniqueID'),
        () => undefined,
      )
      if (id === undefined) continue
      holes.push(id)
      endpoints.push({ ip, port })
    }
    return { endpoints, holes }
  }

  async function map(port: number, lifetime: number, signal: AbortSignal): Promise<Result<Mapped, MapFailure>> {
    const own = await options.own()
    const router = own === undefined ? undefined : await find(own, signal)
    if (own === undefined || !router) return err({ code: 'silent', message: 'No router answers by UPnP.' })
    const { connection, services } = router
    try {
      const opened = await open(connection, port, lifetime, own, signal)
      const firewall = services.find(({ type }) => type === FIREWALL)
      held = { connection, external: opened.external, firewall, holes: [] }
      const { endpoints, holes } = await openHoles(firewall, port, lifetime, signal)
      held = { ...held, holes }
      const ip = parseIp((await call(connection, 'GetExternalIPAddress', [], signal))('NewExternalIPAddress') ?? '')
      return ok({ endpoints: [...(ip?.length === 4 ? [{ ip, port: opened.external }] : []), ...endpoints], lifetime: opened.lifetime })
    } catch (error) {
      if (!(error instanceof UpnpError)) return err({ code: 'silent', message: 'The router does not answer by UPnP as it should.' })
      const why =
        error.code === NOT_AUTHORIZED
          ? 'Your router does not allow programs to open ports: allow it for this computer in its settings.'
          : `Your router refused to open a port (UPnP ${error.code === 0 ? 'without a reason' : `error ${error.code}`}).`
      return err({ code: 'refused', message: why })
    }
  }

  return {
    by: 'upnp',
    map,
    async unmap(_port, signal) {
      const last = held
      held = undefined
      if (!last) return
      const { connection, external, firewall, holes } = last
      const args = [
        ['NewRemoteHost', ''],
        ['NewExternalPort', external],
        ['NewProtocol', 'TCP'],
      ] as const
      await Promise.allSettled([
        call(connection, 'DeletePortMapping', args, signal),
        ...holes.map(async (id) => firewall && call(firewall, 'DeletePinhole', [['UniqueID', id]], signal)),
      ])
    },
  }
}
