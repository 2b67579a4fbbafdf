import type { PortMapper } from '../net/port-mapping.ts'
import { isGlobal, parseIp } from '../util/ip.ts'
import { findGateways, MAX_ADDRESSES } from './gateways.ts'
import { ownAddresses } from './interfaces.ts'
import { natPmpMapper } from './nat-pmp.ts'
import { pcpMapper } from './pcp.ts'
import type { RouterOptions } from './router.ts'
import { routedAddress } from './udp-ask.ts'
import { upnpMapper } from './upnp.ts'

/** Where routers take questions by PCP and NAT-PMP, and where they tell everybody (RFC 6887, section 19). */
const ROUTER_PORT = 5351
const ANNOUNCEMENTS = { port: 5350, group: '224.0.0.1' } as const
/** Where routers are searched for by UPnP. */
const SSDP = { host: '239.255.255.250', port: 1900 } as const

/** The ways to have the router open a port, the best first. */
export function portMappers(): PortMapper[] {
  const router: RouterOptions = { gateways: findGateways, port: ROUTER_PORT, announcements: ANNOUNCEMENTS, now: () => Date.now() }
  return [
    pcpMapper(router),
    natPmpMapper(router),
    upnpMapper({
      search: SSDP,
      async own() {
        const gateway = (await findGateways()).find(({ address }) => !address.includes(':'))
        const ip = gateway && parseIp(gateway.address)
        // Beyond a router that is in the internet itself there is nobody to be asked by multicast.
        return ip && !isGlobal(ip) ? routedAddress(gateway.address) : undefined
      },
      ownGlobal: () => ownAddresses().filter(isGlobalV6).slice(0, MAX_ADDRESSES),
      description: 'Cheese Stack',
    }),
  ]
}

function isGlobalV6(address: string): boolean {
  const ip = parseIp(address)
  return ip?.length === 16 && isGlobal(ip)
}
